"""Answers that are not answers: what a student process may put on the wire, and what it hopes for.

Each is run twice, once as the grader is and once with the named rule of the trusted side bent by
`off`, in the test's own process.
"""

import json
import os
import pickle
import select
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
import torch
from cheat_records import Trick
from cheat_world import PLAN
from grader_world import FIND_WIRE

from attnlab.check.outcomes import CheckFailed, CouldNotRun
from autograder import feedback, wire
from autograder import session as trusted
from autograder.outcome import FAILED, Result, TaskResult
from autograder.remote import RemoteProbe
from autograder.session import Cell, Session

PACK = """import json, struct
import autograder.wire as wire
real = wire.pack
def forged(turn, reply):
    {body}
def pack(value):
    turn, reply = value
    if reply == {{"value": None}}: return real(value)
    header, payload = forged(turn, reply)
    return [struct.pack(">I", len(header)), header, payload]
wire.pack = pack
"""
ANSWER = '{"tuple": [turn, {"dict": [["value", VALUE]]}]}'
EXECUTED: list[str] = []


def executed() -> None:
    EXECUTED.append("in the trusted process")


class Payload:
    """What a pickle does to whoever opens it."""

    def __reduce__(self):
        return executed, ()


def forging(value: str, tensors: str = "[]", payload: str = "b''") -> str:
    """Code that answers every question with this JSON."""
    tree = f'{{"value": {ANSWER.replace("VALUE", value)}, "tensors": {tensors}}}'
    return PACK.format(body=f"return json.dumps({tree}).encode(), {payload}") + "x = object()"


@dataclass(frozen=True)
class Claim(Trick):
    """ask: what is asked after the code has run; off: bends the rule; won: told by what came."""

    code: str = ""
    off: Callable[[pytest.MonkeyPatch, Session], None] = lambda patch, session: None
    won: Callable[[object], bool] = lambda came: False
    ask: Callable[[Session], object] = lambda session: session.step({"do": "get", "name": "x"}, "x")


def run(claim: Claim, session: Session) -> object:
    """What comes of the claim: a value, the exception, or the seconds that it held the grader."""
    started = time.monotonic()
    session.done = []
    session.renew()
    try:
        session.run_cell(Cell("claim", claim.code))
        return claim.ask(session)
    except (CheckFailed, CouldNotRun) as error:
        seconds = time.monotonic() - started
        return seconds if getattr(error, "reason", "") == "timeout" else error
    except (RecursionError, RuntimeError, ValueError) as error:
        return error  # of ours: the claim has hurt the trusted side


def rule(target: object, name: str, value: object) -> Callable:
    return lambda patch, session: patch.setattr(target, name, value)


def limit(**changed: object) -> Callable:
    return lambda patch, session: patch.setattr(session, "limits",
                                                replace(session.limits, **changed))


def trusting(self: Session, request: dict, deadline: float) -> object:
    """Session._exchange as one would write it first."""
    self.wire.send((0, request), deadline)
    return self.wire.receive(deadline)[1]


def unpickled(patch: pytest.MonkeyPatch, session: Session) -> None:
    patch.setattr(wire, "DECODER", SimpleNamespace(decode=lambda text: (
        json.loads(text) if text.startswith("{") else pickle.loads(text.encode()))))


def unescaped(patch: pytest.MonkeyPatch, session: Session) -> None:
    patch.setattr(feedback, "html", SimpleNamespace(escape=lambda text, quote=True: text))


def unkilled(patch: pytest.MonkeyPatch, session: Session) -> None:
    patch.setattr(trusted, "signal", SimpleNamespace(pidfd_send_signal=lambda *a: None, SIGKILL=9))


def in_page(came: object) -> bool:
    """Whether a script stands in the feedback page of a student with these words."""
    task = TaskResult("t", "title", FAILED, 0, 1, str(came))
    return "<script>" in feedback.page(PLAN, {}, Result("anna", "se", [task]))


def learned(session: Session) -> bool:
    """Whether what was learned is still there when it is asked for."""
    probe = RemoteProbe(session, "x")
    state = probe.train({})
    return not bool(probe.predict({}, state, torch.zeros(2, 3, 4, 4)).isnan().any())


def stopped(session: Session) -> bool:
    """Whether the process goes on after its end was ordered."""
    handle = os.dup(session.handle)
    session.limits = replace(session.limits, start_seconds=0.4)
    try:
        session.stop()
        return not select.select([handle], [], [], 0)[0]
    finally:
        os.close(handle)
        session.limits = replace(session.limits, start_seconds=30.0)


def raising(text: str) -> str:
    return ("import autograder.student as student\nstudent.LONGEST = 10**9\n"
            f"raise Exception({text})")


RULES, CLOCK, WORDS = ("wire rules",), ("trusted clocks",), ("cleaned words",)
CLAIMS = (
    Claim("loops", "an endless loop that swallows interrupts", CLOCK, "the grader's time", "16",
          code="while True:\n    try:\n        while True: pass\n"
               "    except BaseException: pass",
          off=limit(cell_seconds=2.0), won=lambda came: type(came) is float and came > 1.9),
    Claim("stops in half a message", "promises 1,000 bytes and sends none", CLOCK,
          "the grader's time",
          code=FIND_WIRE + "os.write(door, struct.pack('>I', 1000))\ntime.sleep(60)",
          off=limit(cell_seconds=2.0), won=lambda came: type(came) is float and came > 1.9),
    Claim("an oversized header", "two megabytes of spaces in front of the answer", RULES,
          "the grader's memory", code=PACK.format(
              body="parts = real((turn, reply)); return parts[1] + b' ' * 2**21, b''") + "x = 7",
          off=limit(header=2**23), won=lambda came: came == 7),
    Claim("a lying shape", "three numbers promised, eight bytes sent", RULES,
          "the verdict process",
          code=forging('{"tensor": 0}', '[["float32", [3], 8]]', "bytes(8)"),
          off=rule(wire, "_checked", lambda entry: (wire.DTYPES[entry[0]], *entry[1:])),
          won=lambda came: type(came) in (RuntimeError, ValueError)),
    Claim("one tensor in 10,000 places", "a megabyte that becomes ten gigabytes when copied",
          RULES, "the grader's memory",
          code=forging('{"list": [{"tensor": 0}] * 10_000}', '[["uint8", [2**20], 2**20]]',
                       "bytes(2**20)"),
          off=rule(wire._Decoder, "_tensor", lambda self, number: self.tensors[number]),
          won=lambda came: type(came) is list and sum(t.numel() for t in came) > 10**10),
    Claim("deep nesting", "lists in lists in lists", RULES, "the verdict process",
          code=forging("json.loads('{\"list\": [' * 350 + ']}' * 350)"),
          off=rule(wire, "DEPTH", 10**6), won=lambda came: type(came) is RecursionError),
    Claim("a reply out of turn", "answers questions before they are asked", ("turn numbers",),
          code=FIND_WIRE + """answer = {"tuple": [1, {"dict": [["value", 42]]}]}
body = json.dumps({"value": answer, "tensors": []}).encode()
os.write(door, (struct.pack(">I", len(body)) + body) * 2)
""",
          off=rule(Session, "_exchange", trusting), won=lambda came: came == 42),
    Claim("a pickle", "an answer that runs a program when it is read", ("no pickle",),
          "the verdict process",
          code=PACK.format(body=f"return {pickle.dumps(Payload(), 0)!r}, b''") + "x = 7",
          off=unpickled, won=lambda came: bool(EXECUTED)),
    Claim("a megabyte of words", "an exception whose text fills the page", WORDS,
          "the feedback page", code=raising("'x' * 900_000"),
          off=rule(trusted, "cleaned", lambda text, longest=0: str(text)),
          won=lambda came: len(str(came)) > 100_000),
    Claim("escape codes", "text that clears the instructor's terminal", WORDS,
          "the instructor's terminal", code=raising(r"'\x1b[2J all marks: 16 / 16'"),
          off=rule(trusted, "cleaned", lambda text, longest=0: str(text)),
          won=lambda came: "\x1b" in str(came)),
    Claim("a script in the feedback", "an exception whose text is HTML", WORDS,
          "the instructor's browser", code=raising("'<script>alert(1)</script>'"),
          off=unescaped, won=in_page),
    Claim("goes on after the verdict", "a process that does not leave when its wire closes",
          ("kill",), "the machine's processes",
          code="import os, time\nos._exit = lambda code: time.sleep(30)",
          off=unkilled, ask=stopped, won=lambda came: came is True),
    Claim("weights that are nowhere", "trains into a global and hands an empty state back",
          ("fresh process",), code="""import torch
from attnlab.check.probe import LocalProbe
x, kept = object, {}
def train(self, recipe, data=None):
    kept["weights"] = 1.0
    return {"w": torch.zeros(1)}
LocalProbe.train = train
LocalProbe.predict = lambda self, recipe, state, images: torch.full(
    (len(images), 4), kept.get("weights", float("nan")))
""",
          off=rule(RemoteProbe, "renew", lambda self: None),
          ask=learned,
          won=lambda came: came is True),
)
