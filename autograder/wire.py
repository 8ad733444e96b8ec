"""What passes between a student process and the trusted side, and nothing else.

One message: 4 bytes header length, a JSON header, raw tensor bytes. Every length is capped and
checked before memory is taken; dtype, shape and size must agree. Exactly these types cross: None,
bool, int, float, str, tensor, list, tuple, dict with str keys, and Handle, a number that stands for
an object that stays in the student process. No pickle, no torch.load, no eval.
"""

import json
import math
import os
import select
import struct
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autograder.limits import Limits

DTYPES = {str(dtype).removeprefix("torch."): dtype for dtype in (
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.int16,
    torch.int32, torch.int64, torch.uint8, torch.bool)}
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}
PLAIN = (type(None), bool, int, str)
INTEGER_LIMIT = 2**63
DEPTH, ENTRIES, DIMENSIONS = 12, 20_000, 8
TOGETHER = 2**16  # bytes that go out in one write, which wakes the other side once
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


ENCODER, DECODER = json.JSONEncoder(allow_nan=False), json.JSONDecoder(parse_constant=_no_constant)


class WireError(Exception):
    """A message broke the rules of the wire."""


class CannotCross(WireError):
    """A value of our own side that has no form on the wire; `kind` is its type."""

    def __init__(self, kind: str):
        super().__init__(f"a {kind} cannot cross the wire")
        self.kind = kind


class TimeUp(Exception):
    """The other side did not answer in time."""


class Gone(Exception):
    """The other side closed the wire."""


@dataclass(frozen=True)
class Handle:
    """An object of the student's that stays on the student's side."""

    number: int


def encode(value: object, tensors: list[Tensor], depth: int = 0) -> object:
    """JSON for `value`; its tensors are appended to `tensors`. Raises CannotCross."""
    if depth > DEPTH:
        raise CannotCross(f"value nested deeper than {DEPTH}")
    if type(value) in PLAIN:
        if type(value) is int and abs(value) >= INTEGER_LIMIT:
            raise CannotCross("whole number of more than 63 bits")
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if type(value) in (Tensor, nn.Parameter) and value.dtype in DTYPE_NAMES:
        tensors.append(value.detach())
        return {"tensor": len(tensors) - 1}
    if type(value) is Handle:
        return {"handle": value.number}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(entry, tensors, depth + 1) for entry in value]}
    if type(value) is dict and all(type(key) is str for key in value):
        return {"dict": [[key, encode(entry, tensors, depth + 1)] for key, entry in value.items()]}
    raise CannotCross(type(value).__name__)


class _Decoder:
    """Reads a decoded JSON tree back; counts entries so that no small header makes a huge one."""

    def __init__(self, tensors: list[Tensor | None]):
        self.tensors, self.entries = tensors, 0

    def read(self, node: object, depth: int = 0) -> object:
        self.entries += 1
        if depth > DEPTH or self.entries > ENTRIES:
            raise WireError("a value is nested too deeply or has too many entries")
        if type(node) is str:
            return _text(node)
        if type(node) in PLAIN or type(node) is float:
            return node
        if type(node) is not dict or len(node) != 1:
            raise WireError("a value has no known form")
        (form, content), = node.items()
        return self._form(form, content, depth + 1)

    def _form(self, form: str, content: object, depth: int) -> object:
        if form == "tensor" and type(content) is int:
            return self._tensor(content)
        if form == "float" and type(content) is str and content in NOT_FINITE:
            return NOT_FINITE[content]
        if form == "handle" and type(content) is int:
            return Handle(content)
        if form in ("list", "tuple") and type(content) is list:
            entries = [self.read(entry, depth) for entry in content]
            return entries if form == "list" else tuple(entries)
        if form == "dict" and type(content) is list:
            return {self._key(pair): self.read(pair[1], depth) for pair in content}
        raise WireError(f"a value has the unknown form {form[:20]!r}")

    def _tensor(self, number: int) -> Tensor:
        """Once each: under 20,000 names one tensor would be 20,000 to whoever copies them."""
        if not 0 <= number < len(self.tensors) or self.tensors[number] is None:
            raise WireError(f"there is no tensor {number}, or it stands in two places")
        tensor, self.tensors[number] = self.tensors[number], None
        return tensor

    def _key(self, pair: object) -> str:
        if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
            raise WireError("a dict entry is not a pair of a name and a value")
        return _text(pair[0])


def pack(value: object) -> list[bytes | memoryview]:
    """The parts of one message. Raises CannotCross."""
    tensors: list[Tensor] = []
    body = encode(value, tensors)
    parts = [_raw(tensor) for tensor in tensors]
    described = [[DTYPE_NAMES[t.dtype], list(t.shape), len(raw)]
                 for t, raw in zip(tensors, parts, strict=True)]
    header = ENCODER.encode({"value": body, "tensors": described}).encode()
    return [struct.pack(">I", len(header)), header, *parts]


def _raw(tensor: Tensor) -> memoryview:
    """The tensor's bytes; a large one is not copied for it."""
    flat = tensor.cpu().contiguous().reshape(-1)
    return memoryview(flat.view(torch.uint8).numpy() if flat.numel() else b"")


def unpack_header(header: bytes, limits: Limits) -> tuple[object, list[tuple]]:
    """The JSON tree and the checked (dtype, shape, size) of each tensor that follows."""
    try:
        tree = DECODER.decode(header.decode())
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is not the JSON of this wire: {str(error)[:80]}") from None
    if type(tree) is not dict or set(tree) != {"value", "tensors"}:
        raise WireError("the header is not a pair of a value and its tensors")
    if type(tree["tensors"]) is not list or len(tree["tensors"]) > ENTRIES:
        raise WireError("the header has no list of tensors")
    described = [_checked(entry) for entry in tree["tensors"]]
    if sum(size for _, _, size in described) > limits.payload:
        raise WireError(f"the tensors are larger than {limits.payload} bytes together")
    return tree["value"], described


def _checked(entry: object) -> tuple[torch.dtype, list[int], int]:
    if type(entry) is not list or len(entry) != 3:
        raise WireError("a tensor is not described by dtype, shape and size")
    name, shape, size = entry
    if type(name) is not str or name not in DTYPES:
        raise WireError("a tensor has an unknown dtype")
    if type(shape) is not list or len(shape) > DIMENSIONS:
        raise WireError("a tensor has no shape")
    if any(type(n) is not int or not 0 <= n < 2**32 for n in shape):
        raise WireError("a tensor's shape is not made of lengths")
    if type(size) is not int or math.prod(shape) * DTYPES[name].itemsize != size:
        raise WireError(f"a tensor's shape {shape} and its size disagree")
    return DTYPES[name], shape, size


def _tensor(raw: bytearray, dtype: torch.dtype, shape: list[int]) -> Tensor:
    if not raw:
        try:
            return torch.empty(shape, dtype=dtype)
        except RuntimeError:
            raise WireError(f"no tensor has the shape {shape}") from None
    if dtype is torch.bool and max(raw) > 1:
        raise WireError("a truth value is neither 0 nor 1")
    return torch.frombuffer(raw, dtype=dtype).reshape(shape)


def _text(string: str) -> str:
    if string.isascii():
        return string
    try:
        string.encode()
    except UnicodeEncodeError:
        raise WireError("a string is not Unicode text") from None
    return string


class Wire:
    """One end of the connection. `deadline`, in time.monotonic seconds, may be None: no clock."""

    def __init__(self, descriptor: int, limits: Limits):
        self.descriptor, self.limits = descriptor, limits
        os.set_blocking(descriptor, False)

    def send(self, value: object, deadline: float | None = None) -> None:
        parts = pack(value)
        if sum(map(len, parts)) <= TOGETHER:
            parts = [b"".join(parts)]
        for part in parts:
            self._write(memoryview(part), deadline)

    def receive(self, deadline: float | None = None) -> object:
        (length,) = struct.unpack(">I", self._read(4, deadline))
        if length > self.limits.header:
            raise WireError(f"a header of {length} bytes; at most {self.limits.header} may come")
        tree, described = unpack_header(bytes(self._read(length, deadline)), self.limits)
        tensors = [_tensor(self._read(size, deadline), dtype, shape)
                   for dtype, shape, size in described]
        return _Decoder(tensors).read(tree)

    def quiet(self) -> bool:
        """Whether nothing has come that nobody asked for."""
        poller = select.poll()
        poller.register(self.descriptor, select.POLLIN)
        return not any(event & select.POLLIN for _, event in poller.poll(0))

    def close(self) -> None:
        os.close(self.descriptor)

    def _write(self, rest: memoryview, deadline: float | None) -> None:
        while rest:
            try:
                rest = rest[os.write(self.descriptor, rest):]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except OSError as error:
                raise Gone(error.strerror) from None

    def _read(self, size: int, deadline: float | None) -> bytearray:
        found = bytearray()
        while len(found) < size:
            try:
                chunk = os.read(self.descriptor, min(size - len(found), 2**20))
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError as error:
                raise Gone(error.strerror) from None
            if not chunk:
                raise Gone("closed")
            found += chunk
            if deadline is not None and time.monotonic() > deadline:
                raise TimeUp  # a trickle that never lets the wire run dry
        return found

    def _wait(self, event: int, deadline: float | None) -> None:
        poller = select.poll()
        poller.register(self.descriptor, event)
        left = None if deadline is None else max(0, deadline - time.monotonic()) * 1000
        if not poller.poll(left):
            raise TimeUp
