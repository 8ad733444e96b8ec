"""The trusted end of one submission: its student processes, clocks and replays."""

import json
import os
import secrets
import select
import signal
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from attnlab.check.outcomes import CheckFailed, CouldNotRun, StudentRaised
from autograder.limits import Limits
from autograder.wire import CannotCross, Gone, TimeUp, Wire, WireError


class Refused(Exception):
    """The student process could not be locked in well enough."""


class Lost(Exception):
    """One of our own processes is gone; the submission has to be graded again."""


class Cell(NamedTuple):
    """A cell that belongs into the student process."""

    name: str
    text: str


@dataclass
class Usage:
    """What the student processes of one submission took: seconds and bytes."""

    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    processes: int = 0


@dataclass
class Session:
    """Keeps one student process at work; after a time-out or a death a new one takes over."""

    zygote: socket.socket
    limits: Limits
    unsafe: bool
    isolation: dict[str, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)

    def __post_init__(self):
        self.ends = time.monotonic() + self.limits.total_seconds
        self.done: list[Cell] = []  # ran well; replayed in a new process
        self.ran: list[Cell] = []  # ran well once
        self.slow: set[str] = set()  # names that have run out of time once
        self.training = False  # whether the test that asks now does
        self.trains = False  # whether all tests from now on do
        self.forbids: tuple[str, ...] = ()  # of the test that asks now
        self.generation = 0  # handles of an older process mean nothing
        self.wire: Wire | None = None
        self.heard: deque[str] = deque(maxlen=12)  # calls of the test at work, and their answers

    def begin_training(self) -> None:
        """The tests that train get a process, a clock and a budget of processor time anew."""
        self.stop()
        self.done = list(self.ran)  # also those for whose replay there was no time left
        self.trains = True
        self.ends = time.monotonic() + self.limits.train_total_seconds

    def run_cell(self, cell: Cell) -> None:
        """Runs a cell. Raises StudentRaised or CouldNotRun, and then replays without it."""
        self.ask({"do": "cell", "name": cell.name, "text": cell.text}, self.limits.cell_seconds,
                 f"cell {cell.name}")
        self.done.append(cell)
        if cell not in self.ran:
            self.ran.append(cell)

    def step(self, request: dict, name: str) -> object:
        """The value that the student's `name` answers a test's request with."""
        limits = self.limits
        seconds = limits.train_seconds if self.training else limits.step_seconds
        if name in self.slow:
            seconds = limits.retry_seconds
        if self.forbids:
            request = request | {"forbids": self.forbids}
        try:
            return self.ask(request, seconds, name)
        except CouldNotRun as error:
            if error.reason == "timeout":
                self.slow.add(name)
            raise

    def ask(self, request: dict, seconds: float, what: str) -> object:
        """One request and its checked reply. A broken wire or clock ends the student process."""
        if time.monotonic() >= self.ends:
            whole = "all tests that train" if self.trains else "the whole submission"
            raise CouldNotRun("timeout", f"the time for {whole} was used up")
        if self.wire is None:
            self.start()
        deadline = min(time.monotonic() + seconds, self.ends)
        try:
            reply = self._exchange(request, deadline)
        except CannotCross as error:
            raise CouldNotRun("not on the wire", f"the test passes {what} a value of type "
                              f"{error.kind}; pass tensors and plain values") from None
        except TimeUp:
            self.stop()
            raise CouldNotRun("timeout", f"{what} did not finish within {seconds:g} s") from None
        except WireError as error:
            self.stop()
            raise CouldNotRun("died", f"{what} answered with something that is not an answer: "
                              f"{error}") from None
        except Gone:
            raise self._ending(what) from None
        return self._judged(reply, what)

    def start(self, gpu: bool = False) -> None:
        """A fresh student process, with the good cells run again; with `gpu` it opens one first."""
        ours, theirs = socket.socketpair()
        with theirs:
            order = self._order(gpu)
            socket.send_fds(self.zygote, [json.dumps(order).encode()], [theirs.fileno()])
        self.wire = Wire(ours.detach(), self.limits)
        self.handle, self.told = self._handles(order["number"])
        self._meet()
        self.generation += 1
        self.usage.processes += 1
        replay, self.done = self.done, []
        for cell in replay:
            try:
                self.run_cell(cell)
            except (CheckFailed, CouldNotRun):
                if self.wire is None:  # it ran once and does not run again: go on without it
                    self.start()

    def _order(self, gpu: bool) -> dict:
        """What the zygote hears of the process it is to fork."""
        return {"number": secrets.randbits(60), "unsafe": self.unsafe, "gpu": gpu,
                "trains": self.trains}

    def _handles(self, number: int) -> tuple[int, int]:
        """The handle on the new process and the pipe that tells how it ends."""
        while select.select([self.zygote], [], [], self.limits.start_seconds)[0]:
            message, found, _, _ = socket.recv_fds(self.zygote, 64, 2)
            if not message:
                break
            if json.loads(message) == number:
                return tuple(found)
            for late in found:  # of a process that an earlier submission gave up waiting for
                os.close(late)
        raise ChildProcessError("no student process was started")

    def _meet(self) -> None:
        """Hears that the new process is locked in."""
        try:
            greeting = self.wire.receive(time.monotonic() + self.limits.start_seconds)
        except (Gone, TimeUp, WireError) as error:
            self.stop()
            raise Lost(f"the student process did not start: {error!r}") from None
        if "refused" in greeting:
            self.stop()
            raise Refused(greeting["refused"])
        self.isolation |= greeting["ready"]

    def renew(self) -> None:
        """Replaces the process, so that nothing an earlier request left behind is there."""
        self.stop()
        self.start()

    def open_gpu(self) -> str:
        """Replaces the process by one that opens the GPU; its name, or "no: ..." and why not."""
        self.stop()
        try:
            self.start(gpu=True)
        except CouldNotRun as error:
            return f"no: {error}"
        return self.isolation["gpu"]

    def stop(self) -> dict:
        """Ends the student process and returns how it ended."""
        if self.wire is None:
            return {}
        try:
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended by itself
        self.wire.close()
        self.wire = None
        ending = self._told()
        os.close(self.handle)
        os.close(self.told)
        self.usage.cpu_seconds += ending.get("cpu", 0.0)
        self.usage.peak_bytes = max(self.usage.peak_bytes, ending.get("peak", 0))
        return ending

    def _told(self) -> dict:
        ready = select.select([self.told], [], [], self.limits.start_seconds)[0]
        told = os.read(self.told, 2**16) if ready else b""
        return json.loads(told) if told else {}

    def _exchange(self, request: dict, deadline: float) -> object:
        """The reply to this very request: a number that nobody could know before comes with it."""
        turn = secrets.randbits(60)
        if not self.wire.quiet():
            raise WireError("it spoke without being asked")
        self.wire.send((turn, request), deadline)
        answer = self.wire.receive(deadline)
        if type(answer) is not tuple or len(answer) != 2 or answer[0] != turn:
            raise WireError("it answered out of turn")
        return answer[1]

    def _ending(self, what: str) -> CouldNotRun:
        """The words for a process that ended in the middle of a request."""
        dying = select.select([self.handle], [], [], 1)[0]  # its own exit code counts
        ending = self.stop()
        if not ending:
            raise Lost(f"{what}: the keeper of the student process was lost")
        code = ending["exit"]
        if not dying:
            return CouldNotRun("died", f"{what}: the student process hung up")
        if code == -signal.SIGKILL:
            return CouldNotRun("memory", f"{what}: the student process was ended for using more "
                               f"than its share of memory, threads or processor time")
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return CouldNotRun("died", f"{what}: the student process died ({how})")

    def _judged(self, reply: object, what: str) -> object:
        """The value in a reply, or the exception that it tells of. Trusts no part of it."""
        if type(reply) is not dict:
            raise CouldNotRun("died", f"{what} gave no answer")
        if "value" in reply:
            return reply["value"]
        if "missing" in reply:
            raise CouldNotRun("missing name", f"{what} is not defined")
        if type(reply.get("raised")) is dict:
            raise _raised(reply["raised"], what)
        if type(reply.get("failed")) is str:
            raise CheckFailed(cleaned(reply["failed"]))
        reason, text = reply.get("could not run"), cleaned(reply.get("text"))
        if reason in ("memory", "not on the wire"):
            raise CouldNotRun(reason, text)
        raise CouldNotRun("died", f"{what} gave no answer")


def cleaned(text: object, longest: int = 2000) -> str:
    """The student side's words: one type, bounded, printable."""
    if type(text) is not str:
        return ""
    return "".join(c for c in text[:longest] if c.isprintable() or c == "\n")


WALLS = ("[Errno 1] Operation not permitted", "[Errno 13] Permission denied")
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "Cannot allocate memory")


def _raised(story: dict, what: str) -> Exception:
    kind, text, code = (cleaned(story.get(key)) for key in ("kind", "text", "code"))
    if kind == "MemoryError" or any(words in text for words in OUT_OF_MEMORY):
        return CouldNotRun("memory", f"{what} ran out of memory")
    if any(words in text for words in WALLS):
        return CouldNotRun("not allowed", f"{what} asked for what the grader does not allow: new "
                           f"processes, programs, the network or files outside its folder ({kind})")
    line = story.get("line")
    line = line if type(line) is int and 0 < line < 10**6 else None
    called = cleaned(story.get("called")) or what
    return StudentRaised(called, kind or "an exception", text or "(no message)", line, code)
