"""The student process: runs the student's cells and answers what tests ask of its names.

Everything that leaves here is a claim, not evidence: the trusted side checks form and size of each
answer and decides alone what it is worth.
"""

import ast
import builtins
import contextlib
import linecache
import sys
import traceback
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from attnlab.check.outcomes import CheckFailed, CouldNotRun, StudentRaised
from attnlab.check.probe import LocalProbe
from autograder.crossing import plain, torch_kind
from autograder.forbidden import Refusing
from autograder.gpu import opened
from autograder.limits import Limits
from autograder.profile import CPU, Profile
from autograder.sandbox import TooOpen, lock_in
from autograder.wire import CannotCross, Gone, Handle, Wire, encode

CELL_FILE = "<cell "
BODY_MAGICS = ("time", "timeit", "prun", "capture")
LONGEST = 2000  # characters of a message
ITEMS = 1000  # of one iteration
BLOCK_METHODS = ("parameters", "buffers", "push", "forward", "gradient")
PROBE_METHODS = ("call", "build", "train", "predict", "costs")


class Shell:
    """What `get_ipython()` gives here: magics are taken and do nothing, timed bodies run."""

    def __init__(self, names: dict):
        self.names = names

    def run_line_magic(self, name: str, line: str, *_: object) -> None:
        if name in BODY_MAGICS:
            exec(compile(line, f"{CELL_FILE}%{name}>", "exec"), self.names)

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        if name in BODY_MAGICS:
            exec(compile(body, f"{CELL_FILE}%%{name}>", "exec"), self.names)

    def system(self, command: str) -> None:
        """Shell commands are not run."""

    getoutput = getoutput_quiet = system


def plain_python(text: str) -> str:
    """A cell's text with its magics turned into calls, as IPython does it."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(text)


def run_cell(name: str, text: str, names: dict) -> None:
    """Executes a cell in `names`. Whatever it raises comes out."""
    file = f"{CELL_FILE}{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(parsed(text, file), file, "exec"), names)


def parsed(text: str, file: str) -> ast.Module:
    """The tree of a cell; IPython's rewriting takes longer than all else and is rarely needed."""
    try:
        return ast.parse(text, file)
    except SyntaxError:
        return ast.parse(plain_python(text), file)


class Desk:
    """Answers one request after the other."""

    def __init__(self):
        module = type(sys)("__main__")
        sys.modules["__main__"] = module
        self.names = module.__dict__
        shell = Shell(self.names)
        builtins.get_ipython = lambda: shell
        builtins.display = lambda *_, **__: None
        self.objects: list[object] = []
        self.answers: dict[str, Callable] = {
            "cell": self.cell, "get": self.get, "call": self.call, "attribute": self.attribute,
            "item": self.item, "items": self.items, "length": self.length,
            "truth": self.truth, "kind": self.kind, "probe": self.probe, "block": self.block,
        }

    def answer(self, request: dict) -> dict:
        """The reply to one request; what the student's code raises is part of it."""
        words = tuple(request.pop("forbids", ()))
        try:
            with Refusing(words) if words else contextlib.nullcontext():
                return self.answers[request.pop("do")](**request)
        except (CheckFailed, CouldNotRun) as error:
            return self._known(error)
        except BaseException as error:
            return {"raised": self._story(error)}

    def cell(self, name: str, text: str) -> dict:
        run_cell(name, text, self.names)
        return {"value": None}

    def get(self, name: str) -> dict:
        if name not in self.names:
            return {"missing": name}
        return self._reply(self.names[name])

    def call(self, target: Handle, args: tuple, kwargs: dict) -> dict:
        given = [self._own(arg) for arg in args]
        named = {key: self._own(value) for key, value in kwargs.items()}
        return self._reply(self._own(target)(*given, **named))

    def attribute(self, target: Handle, name: str) -> dict:
        return self._reply(getattr(self._own(target), name))

    def item(self, target: Handle, key: object) -> dict:
        return self._reply(self._own(target)[self._own(key)])

    def items(self, target: Handle) -> dict:
        found = list(islice(self._own(target), ITEMS + 1))
        if len(found) > ITEMS:
            raise CouldNotRun("not on the wire", f"more than {ITEMS:,} entries")
        return {"value": [self._crossing(entry) for entry in found]}

    def length(self, target: Handle) -> dict:
        return {"value": len(self._own(target))}

    def truth(self, target: Handle) -> dict:
        return {"value": bool(self._own(target))}

    def kind(self, target: Handle) -> dict:
        found = self._own(target)
        return {"value": (type(found).__name__[:80], torch_kind(found))}

    def probe(self, name: str, method: str, args: tuple, kwargs: dict) -> dict:
        if name not in self.names:
            return {"missing": name}
        if method not in PROBE_METHODS:
            raise ValueError(f"a probe has no method {method!r}")
        result = getattr(LocalProbe(self.names[name], name), method)(*args, **kwargs)
        return {"value": self._keep(result) if method == "build" else result}

    def block(self, target: Handle, method: str, args: tuple, kwargs: dict) -> dict:
        if method not in BLOCK_METHODS:
            raise ValueError(f"a block has no method {method!r}")
        result = getattr(self._own(target), method)(*args, **kwargs)
        return {"value": result._asdict() if hasattr(result, "_asdict") else result}

    def _own(self, value: object) -> object:
        """What came over the wire, with objects of this side in the place of their handles."""
        if type(value) is Handle:
            return self.objects[value.number]
        if type(value) in (list, tuple):
            return type(value)(self._own(entry) for entry in value)
        if type(value) is dict:
            return {key: self._own(entry) for key, entry in value.items()}
        return value

    def _keep(self, value: object) -> Handle:
        self.objects.append(value)
        return Handle(len(self.objects) - 1)

    def _crossing(self, value: object) -> object:
        """The value itself where it may cross, else a handle on it."""
        crossing = plain(value)
        try:
            encode(crossing, [])
        except CannotCross:
            return self._keep(value)
        return crossing

    def _reply(self, value: object) -> dict:
        return {"value": self._crossing(value)}

    def _known(self, error: CheckFailed | CouldNotRun) -> dict:
        if isinstance(error, StudentRaised):
            return {"raised": {"called": error.called[:LONGEST], "kind": error.kind[:80],
                               "text": error.text[:LONGEST], "line": error.line,
                               "code": error.code[:LONGEST]}}
        if isinstance(error, CouldNotRun):
            return {"could not run": error.reason, "text": str(error)[:LONGEST]}
        return {"failed": str(error)[:LONGEST]}

    def _story(self, error: BaseException) -> dict:
        """Kind, words and the line of the student's own code."""
        frames = [frame for frame in traceback.extract_tb(error.__traceback__)
                  if frame.filename.startswith(CELL_FILE)]
        line, code = (frames[-1].lineno, frames[-1].line or "") if frames else (None, "")
        if isinstance(error, SyntaxError):
            line, code = error.lineno, (error.text or "").strip()
        return {"called": "", "kind": type(error).__name__[:80], "text": _words(error)[:LONGEST],
                "line": line, "code": code[:LONGEST]}


def _words(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)
    try:
        return str(error)
    except Exception:
        return "(its message could not be read)"


def serve(descriptor: int, folder: Path, active: dict[str, str], limits: Limits,
          unsafe: bool, profile: Profile = CPU, gpu: bool = False) -> int:
    """Locks this process in, says so, and answers until the wire closes. Returns an exit code.

    With `gpu` it opens CUDA first, and says which GPU it has, or why none.
    """
    wire = Wire(descriptor, limits)
    try:
        active |= lock_in(folder, descriptor, limits, unsafe, profile)
    except TooOpen as error:
        wire.send({"refused": str(error)})
        return 3
    if gpu:
        active["gpu"] = opened()
    wire.send({"ready": active})
    desk = Desk()
    while True:
        try:
            turn, request = wire.receive()
        except Gone:
            return 0
        reply = desk.answer(request)
        try:
            wire.send((turn, reply))
        except CannotCross as error:
            wire.send((turn, {"could not run": "not on the wire", "text": str(error)}))
