"""A worker: one pair of zygotes. Grades submissions one after the other, never in this process.

Nothing here imports torch or runs anything of a student's; it hands over text and takes results.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from autograder import lines
from autograder.limits import Limits
from autograder.outcome import Result, ungraded
from autograder.profile import PROFILE, choose
from autograder.source import Plan

WARM_SECONDS = 120.0
ATTEMPTS = 3
# Of the environment; a student process gets nothing of it.
KEPT = ("HOME", "TMPDIR", PROFILE)
# Memory in pages of 2 MiB where the kernel grants them: a fork then copies 500 times fewer entries.
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
PHOTOS = "ATTNLAB_CIFAR10"  # a folder; `data` where it is not set, as attnlab.cifar10 has it


class CannotGrade(RuntimeError):
    """This machine, or the exercise, does not let anything be graded; the words say why."""


class TooOpenHere(CannotGrade):
    """The walls that untrusted code needs are missing here."""


class Nursery:
    """The process that forks the zygotes of all workers of one exercise; started when needed.

    root: the folder that holds `solutions`.  log: where the trusted side's own troubles go.
    """

    program = ("-m", "autograder.zygote")
    kept = KEPT

    def __init__(self, root: Path, plan: Plan, limits: Limits, log: IO | None = None):
        self.plan, self.log, self.profile = plan, log, choose(plan.gpu)
        self.order = {"root": str(root), "limits": self.profile.bounded(limits).to_dict(),
                      "imports": plan.imports, "profile": self.profile.name,
                      "trains": any(cell.trains for cell in plan.cells)}
        self.process: subprocess.Popen | None = None
        self.control: socket.socket | None = None
        self.lock = threading.Lock()
        self.closed = False

    def fork(self, *sockets: socket.socket) -> None:
        """One socket makes a student zygote, two a verdict zygote."""
        with self.lock:
            if self.closed:
                raise lines.Closed
            if self.process is None or self.process.poll() is not None:
                self.stop()
                self._start()
            try:
                socket.send_fds(self.control, [b"fork"], [end.fileno() for end in sockets])
            except OSError:
                raise lines.Closed from None

    def _start(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept = (*self.kept, *self.profile.environment)
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        if environment.get(PROFILE) == "gpu":
            del environment[PROFILE]  # each test that asks for a GPU is given one here, if any is
        environment[PHOTOS] = os.path.abspath(os.environ.get(PHOTOS) or "data")
        environment |= {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1",
                        "MPLBACKEND": "Agg"} | HUGE_PAGES
        command = [sys.executable, "-P", *self.program, str(theirs.fileno()),
                   json.dumps(self.order)]
        with theirs:
            self.process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=environment, cwd="/",
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log,
                start_new_session=True)

    def stop(self) -> None:
        """Ends everything below; the kernel ends zygotes with their nursery."""
        if self.process is not None:
            self.control.close()
            self.process.wait()
            self.process = self.control = None

    def close(self) -> None:
        """From now on nothing is started, not even for a worker that lost its zygotes."""
        with self.lock:
            self.closed = True

    def where(self) -> str:
        """Where the trusted side's own troubles are written."""
        return str(getattr(self.log, "name", "standard error"))


class Worker:
    """A student zygote and a verdict zygote for one exercise, and the socket to them."""

    def __init__(self, nursery: Nursery, seed: int, unsafe: bool = False):
        self.nursery, self.seed, self.unsafe = nursery, seed, unsafe
        self.plan = nursery.plan
        self.control: socket.socket | None = None

    def start(self) -> None:
        """Starts both zygotes and waits until they are warm. Raises CannotGrade."""
        students, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control, verdicts = socket.socketpair()
        try:
            with students, theirs, verdicts:
                self.nursery.fork(theirs)
                self.nursery.fork(verdicts, students)
            lines.put(self.control, {"plan": self.plan.to_dict(), "seed": self.seed,
                                     "unsafe": self.unsafe})
            lines.take(self.control, WARM_SECONDS)
        except (lines.Closed, TimeoutError):
            self.stop()
            raise CannotGrade(f"the grader's processes for {self.plan.key!r} did not start; "
                              f"{self.nursery.where()} tells more") from None

    def grade(self, student: str, texts: dict[str, str], explain: bool = False) -> Result:
        """The result for one submission. Raises TooOpenHere; anything else becomes a result.

        explain: lost tasks tell what was asked and compared, see autograder.asserted.
        """
        for _ in range(ATTEMPTS):
            try:
                if self.control is None:
                    self.start()
                lines.put(self.control, {"student": student, "texts": texts,
                                         "explain": explain})
                answer = lines.take(self.control)
            except lines.Closed:
                answer = {}
            if "refused" in answer:
                raise TooOpenHere(answer["refused"])
            if "result" in answer:
                return Result.from_dict(answer["result"])
            self.stop()  # a zygote was lost, or is of no use: a new pair tries once more
        return ungraded(student, self.plan, "our own error", f"the grader could not finish this "
                        f"submission; {self.nursery.where()} tells more")

    def stop(self) -> None:
        """Lets both zygotes end: their sockets close."""
        control, self.control = self.control, None
        if control is not None:
            with contextlib.suppress(OSError):
                control.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for an answer
            control.close()
