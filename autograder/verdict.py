"""The verdict zygote: forks one verdict process a submission.

It holds the reference, the secret cases, the seeds and the clocks; what a student process answers
is data here.
"""

import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path

from attnlab.check.cases import make_cases
from attnlab.check.training import UNGRADED
from autograder import lines
from autograder.judge import Judge, warm_cells
from autograder.limits import Limits
from autograder.outcome import Result
from autograder.profile import choose
from autograder.session import Refused, Session
from autograder.source import Plan
from autograder.warm import die_with_parent, importing

GRACE = 10.0  # seconds beyond a submission's own clock before a verdict process is given up


class VerdictZygote:
    """Holds everything warm that a verdict needs; forks one verdict process a submission."""

    def __init__(self, control: socket.socket, students: socket.socket, limits: Limits,
                 root: Path):
        self.control, self.students, self.limits, self.root = control, students, limits, root

    def serve(self) -> None:
        try:
            self._warm(lines.take(self.control))
            while True:
                lines.put(self.control, self._judged(lines.take(self.control)))
        except lines.Closed:
            return

    def _warm(self, order: dict) -> None:
        """Imports the reference and draws this run's secret cases, once for all submissions."""
        sys.path.insert(0, str(self.root))
        self.plan, self.seed = Plan.from_dict(order["plan"]), order["seed"]
        self.unsafe = order["unsafe"]
        with importing():
            self.cases = secret_cases(self.root, self.plan.key, self.seed)
            warm_cells(self.plan)
        lines.put(self.control, {"warm": True})

    def _judged(self, job: dict) -> dict:
        """The answer of a fresh verdict process, or words on why there is none."""
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            self._become_verdict(job, told, tell)
        os.close(tell)
        answer = self._listen(told)
        os.close(told)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return json.loads(answer) if answer else {"error": "the verdict process did not finish"}

    def _become_verdict(self, job: dict, told: int, tell: int) -> None:
        """Never returns."""
        try:
            die_with_parent()
            os.close(told)
            with os.fdopen(tell, "w") as out:
                json.dump(self._verdict(job), out)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)

    def _verdict(self, job: dict) -> dict:
        started = time.monotonic()
        session = Session(self.students, self.limits, self.unsafe)
        result = Result(job["student"], self.plan.key, seed=self.seed)
        try:
            judge = Judge(self.plan, session, job["texts"], self.cases, self.seed,
                          job["explain"])
            result.tasks = judge.results()
        except Refused as error:
            return {"refused": str(error)}
        finally:
            session.stop()
        result.notes = not_graded(result)
        result.isolation = session.isolation and {
            **session.isolation, "profile": choose(self.plan.gpu).words(self.plan.gpu)}
        result.cpu_seconds = round(session.usage.cpu_seconds, 3)
        result.peak_bytes = session.usage.peak_bytes
        result.seconds = round(time.monotonic() - started, 3)
        return {"result": result.to_dict()}

    def _listen(self, told: int) -> bytes:
        """All that the verdict process writes, or nothing when it hangs or nobody waits for it."""
        found, ends = bytearray(), time.monotonic() + self.limits.longest + GRACE
        while True:
            left = max(0.0, ends - time.monotonic())
            ready = select.select([told, self.control], [], [], left)[0]
            if told not in ready:
                return b""  # out of time, or the parent is gone
            chunk = os.read(told, 2**20)
            if not chunk:
                return bytes(found)
            found += chunk


def not_graded(result: Result) -> list[str]:
    """A note for the student on each task that CIFAR-10 was missing for."""
    return [f"{task.title}: {task.message.splitlines()[0].removeprefix('✓ ')}"
            for task in result.tasks if UNGRADED in task.message]


def secret_cases(root: Path, key: str, seed: int) -> dict:
    """Fresh cases of every task of one exercise; none where its tests use plain asserts only."""
    if not (root / "solutions" / "mistakes" / f"{key}.py").is_file():
        return {}
    return make_cases(importlib.import_module(f"solutions.mistakes.{key}").TASKS, seed)
