"""A worker: one pair of zygotes. Grades submissions one after the other, never in this process.

Nothing here imports torch or runs anything of a student's; it hands over text and takes results.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO

from autograder import lines
from autograder.limits import Limits
from autograder.outcome import Result, ungraded
from autograder.source import Plan
from autograder.zygote import MESSAGE

WARM_SECONDS = 120.0
ATTEMPTS = 2
KEPT = ("HOME", "TMPDIR")  # of the environment; a student process gets not even these


class CannotGrade(RuntimeError):
    """This machine, or the exercise, does not let anything be graded; the words say why."""


class TooOpenHere(CannotGrade):
    """The walls that untrusted code needs are missing here."""


class Worker:
    """A student zygote and a verdict zygote for one exercise, and the sockets to them.

    root: the folder that holds `solutions`.  log: where the trusted side's own troubles go.
    """

    def __init__(self, root: Path, plan: Plan, seed: int, limits: Limits, *,
                 unsafe: bool = False, log: IO | None = None):
        self.root, self.plan, self.seed, self.limits = root, plan, seed, limits
        self.unsafe, self.log = unsafe, log
        self.zygotes: list[subprocess.Popen] = []

    def start(self) -> None:
        """Starts both zygotes; the first job waits until they are warm."""
        students, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control, verdicts = socket.socketpair()
        with students, theirs, verdicts:
            trains = any(cell.trains for cell in self.plan.cells)
            students.send(json.dumps({"do": "warm", "imports": self.plan.imports,
                                      "trains": trains}).encode())
            lines.put(self.control, {"root": str(self.root), "plan": self.plan.to_dict(),
                                     "seed": self.seed, "unsafe": self.unsafe})
            self.zygotes = [self._zygote("student", theirs),
                            self._zygote("verdict", verdicts, students)]
            theirs.close()
            verdicts.close()
            self._await_warmth(students)

    def _zygote(self, role: str, control: socket.socket,
                students: socket.socket | None = None) -> subprocess.Popen:
        passed = [s.fileno() for s in (control, students) if s]
        command = [sys.executable, "-P", "-m", "autograder.zygote", role, str(passed[0]),
                   json.dumps(self.limits.to_dict()), *map(str, passed[1:])]
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1",
                        "MPLBACKEND": "Agg"}
        return subprocess.Popen(command, pass_fds=passed, env=environment, cwd="/",
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=self.log, start_new_session=True)

    def _await_warmth(self, students: socket.socket) -> None:
        students.settimeout(WARM_SECONDS)
        try:
            warm = bool(students.recv(MESSAGE))
            lines.take(self.control, WARM_SECONDS)
        except (lines.Closed, TimeoutError, ConnectionError):
            warm = False
        if not warm:
            self.stop()
            raise CannotGrade(f"the grader's processes for {self.plan.key!r} did not start; "
                              f"{self._where()} tells more")

    def grade(self, student: str, texts: dict[str, str]) -> Result:
        """The result for one submission. Raises TooOpenHere; anything else becomes a result."""
        for _ in range(ATTEMPTS):
            try:
                if not self.zygotes:
                    self.start()
                lines.put(self.control, {"student": student, "texts": texts})
                answer = lines.take(self.control)
            except lines.Closed:  # a zygote was lost: a new pair tries once more
                self.stop()
                continue
            if "refused" in answer:
                raise TooOpenHere(answer["refused"])
            if "result" in answer:
                return Result.from_dict(answer["result"])
            break
        return ungraded(student, self.plan, "our own error",
                        f"the grader could not finish this submission; {self._where()} tells more")

    def _where(self) -> str:
        return str(getattr(self.log, "name", "standard error"))

    def stop(self) -> None:
        """Ends both zygotes; their end of file ends everything below them."""
        zygotes, self.zygotes = self.zygotes, []
        if zygotes:
            with contextlib.suppress(OSError):
                self.control.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for an answer
            self.control.close()
        for zygote in zygotes:
            try:
                zygote.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(zygote.pid, signal.SIGKILL)
                zygote.wait()
