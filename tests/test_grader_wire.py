"""The wire: what may cross does, unchanged; whatever breaks its rules is refused, whole."""

import json
import math
import os
import socket
import struct
import time

import pytest
import torch
from grader_world import FIND_WIRE, live_session
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.check.outcomes import CouldNotRun
from autograder.limits import Limits
from autograder.session import Cell
from autograder.wire import DTYPES, CannotCross, Gone, Handle, TimeUp, Wire, WireError, pack

LIMITS = Limits(header=100_000, payload=1_000_000)
PLAIN = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=20) | (
    st.floats(allow_nan=False))
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.text(max_size=5), inner, max_size=3) | st.lists(inner, max_size=3).map(tuple), max_leaves=8)


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    return Wire(ours.detach(), LIMITS), Wire(theirs.detach(), LIMITS)


def through(value: object) -> object:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Wire(ours.fileno(), LIMITS).send(value, time.monotonic() + 5)
        return Wire(theirs.fileno(), LIMITS).receive(time.monotonic() + 5)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_plain_values_arrive_as_they_are(value):
    came = through(value)
    assert came == value
    assert type(came) is type(value)


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 1)])
def test_tensors_arrive_bit_for_bit(name, shape):
    tensor = torch.randint(0, 2, shape).to(DTYPES[name])
    came = through({"x": [tensor, tensor.mT if tensor.dim() > 1 else tensor]})["x"]
    assert came[0].dtype == tensor.dtype
    assert torch.equal(came[0], tensor)
    assert came[0].shape == tensor.shape


def test_what_json_cannot_say_arrives():
    came = through([math.inf, -math.inf, math.nan, Handle(3), "\u4e2d\0"])
    assert came[:2] == [math.inf, -math.inf]
    assert math.isnan(came[2])
    assert came[3:] == [Handle(3), "\u4e2d\0"]


class Sly(torch.Tensor):
    pass


class SlyInt(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize("value", [
    object(), {1: 2}, {"x"}, 2**63, b"x", torch.zeros(2).as_subclass(Sly), SlyInt(1),
    torch.zeros(2, dtype=torch.complex64), torch.nn.Linear(1, 1), [[[[[[[[[[[[[[1]]]]]]]]]]]]]],
], ids=lambda value: type(value).__name__)
def test_no_other_type_is_sent(value):
    with pytest.raises(CannotCross, match="cannot cross the wire"):
        pack(value)


def message(header: object, payload: bytes = b"") -> bytes:
    body = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">I", len(body)) + body + payload


def tensor(dtype: object = "float32", shape: object = (2,), size: object = 8) -> dict:
    return {"value": {"tensor": 0}, "tensors": [[dtype, shape, size]]}


BAD = {
    "not JSON": message(b"{"),
    "not UTF-8": message(b"\xff\xfe{}"),
    "NaN": message(b'{"value": NaN, "tensors": []}'),
    "infinity": message(b'{"value": -Infinity, "tensors": []}'),
    "endless integer": message(b'{"value": ' + b"9" * 10_000 + b', "tensors": []}'),
    "no header": message([]),
    "more keys": message({"value": 1, "tensors": [], "and": 1}),
    "deep nesting": message(b"[" * 50_000),
    "deep lists": message(b'{"tensors": [], "value": ' + b'{"list": [' * 40 + b"]}" * 40 + b"}"),
    "wide": message({"value": {"list": [1] * 30_000}, "tensors": []}),
    "unknown form": message({"value": {"eval": "1"}, "tensors": []}),
    "two forms": message({"value": {"list": [], "tuple": []}, "tensors": []}),
    "bare list": message({"value": [1], "tensors": []}),
    "missing tensor": message({"value": {"tensor": 1}, "tensors": []}),
    "negative tensor": message({"value": {"tensor": -1}, "tensors": []}),
    "true tensor": message({"value": {"tensor": True}, "tensors": []}),
    "dict key": message({"value": {"dict": [[1, 2]]}, "tensors": []}),
    "half a surrogate": message(b'{"value": "\\ud800", "tensors": []}'),
    "dtype": message(tensor(dtype="object"), b"12345678"),
    "dtype type": message(tensor(dtype=["float32"]), b"12345678"),
    "shape too large": message(tensor(shape=[3]), b"12345678"),
    "shape too small": message(tensor(shape=[1]), b"12345678"),
    "negative shape": message(tensor(shape=[-2, -1]), b"12345678"),
    "float shape": message(tensor(shape=[2.0]), b"12345678"),
    "true shape": message(tensor(shape=[True, 2]), b"12345678"),
    "shape is text": message(tensor(shape="2"), b"12345678"),
    "overflowing shape": message(tensor(shape=[2**31, 2**31, 4], size=0)),
    "overflowing empty": message(tensor(shape=[2**31, 2**31, 2**31, 0], size=0)),
    "many dimensions": message(tensor(shape=[1] * 9 + [2], size=8), b"12345678"),
    "oversized": message(tensor(shape=[2**20], size=2**22)),
    "a truth value of 7": message(tensor(dtype="bool", shape=[1], size=1), b"\7"),
    "long header": struct.pack(">I", 2**31) + b"{}",
}


@pytest.mark.parametrize("name", BAD)
def test_a_message_that_breaks_the_rules_is_refused(name, ends):
    ours, theirs = ends
    os.write(theirs.descriptor, BAD[name][:200_000])
    with pytest.raises(WireError, match=r"\w+ \w+"):
        ours.receive(time.monotonic() + 5)


def test_half_a_message_runs_out_of_time(ends):
    ours, theirs = ends
    whole = b"".join(pack(torch.ones(1000)))
    os.write(theirs.descriptor, whole[:-1])
    with pytest.raises(TimeUp):
        ours.receive(time.monotonic() + 0.05)
    theirs.close()
    with pytest.raises(Gone, match="closed"):
        ours.receive(time.monotonic() + 5)


def test_nobody_reads(ends):
    ours, _ = ends
    with pytest.raises(TimeUp):
        ours.send(torch.zeros(200_000), time.monotonic() + 0.05)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_noise_never_comes_through(noise):
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(noise)
        with pytest.raises((WireError, Gone)):
            Wire(ours.fileno(), LIMITS).receive(time.monotonic() + 5)


FORGERIES = {
    "speaks unasked": "os.write(door, message)",
    "writes noise": "os.write(door, b'\\xff' * 4000)",
    "promises and leaves": "os.write(door, message[:10]); os._exit(0)",
}
MESSAGE = """
answer = {"tuple": [1, {"dict": [["value", 42]]}]}
body = json.dumps({"value": answer, "tensors": []}).encode()
message = struct.pack(">I", len(body)) + body
"""


@pytest.fixture(scope="module")
def session():
    with live_session(Limits(step_seconds=20, cell_seconds=20)) as session:
        yield session


@pytest.mark.parametrize("name", FORGERIES)
def test_a_student_who_writes_to_the_wire_harms_only_himself(name, session):
    session.done.clear()
    with pytest.raises(CouldNotRun, match=r"not an answer: .* (out of turn|JSON|bytes)|died"):
        session.run_cell(Cell("forge", FIND_WIRE + MESSAGE + FORGERIES[name]))
    session.run_cell(Cell("next", "alive = 1"))
    assert session.step({"do": "get", "name": "alive"}, "alive") == 1


REPLIES = {
    "no reply": "[]",
    "a reason of its own": "{'could not run': 'our own error', 'text': 'pay me'}",
    "a raise of odd types": "{'raised': {'kind': 7, 'text': ['x'], 'line': 'x', 'code': None}}",
}


@pytest.mark.parametrize("name", REPLIES)
def test_replies_are_read_with_care(name, session):
    session.done.clear()
    session.renew()
    session.run_cell(Cell("patch", "import autograder.student as student\n"
                          f"student.Desk.answer = lambda self, request: {REPLIES[name]}"))
    with pytest.raises((CouldNotRun, AssertionError)) as caught:
        session.step({"do": "get", "name": "x"}, "x")
    assert "pay me" not in str(caught.value)
    assert getattr(caught.value, "reason", "died") == "died"
