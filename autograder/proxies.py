"""Objects that stay in the student process, as an ordinary test cell holds them.

A test builds, calls, reads, indexes and iterates them; numbers, texts and tensors come back as they
are. What would be decided here about an object that is there (comparing it, setting its attributes)
is refused in words, for it would go wrong without them.
"""

from collections.abc import Callable
from textwrap import shorten
from typing import NoReturn

import torch
from torch import nn

from attnlab.check.compare import described
from attnlab.check.outcomes import CheckFailed, CouldNotRun, StudentRaised
from attnlab.check.probe import written
from autograder.session import Session, cleaned
from autograder.wire import Handle

# What a test may catch by its name.
CAUGHT = {error.__name__: error for error in (
    ArithmeticError, AttributeError, FloatingPointError, IndexError, KeyError, LookupError,
    NameError, NotImplementedError, OverflowError, RecursionError, RuntimeError, TypeError,
    ValueError, ZeroDivisionError)}
OPERATORS = """eq ne lt le gt ge add radd sub rsub mul rmul truediv rtruediv floordiv mod pow rpow
matmul rmatmul and or neg abs round int float index complex array""".split()
ASKED = ("__name__", "__doc__")  # the only names with a leading _ that are asked for


class Private(CouldNotRun, AttributeError):
    """An attribute that tests cannot read; to `hasattr` and `copy` it is not there."""


class RemoteObject:  # without a docstring: __doc__ is the student's
    def __init__(self, session: Session, name: str, handle: Handle, label: str):
        own = {"_session": session, "_name": name, "_handle": handle, "_label": label,
               "_generation": session.generation}
        for attribute, value in own.items():
            object.__setattr__(self, attribute, value)

    @property
    def __doc__(self) -> object:
        return self._ask(".__doc__", do="attribute", name="__doc__")

    @property
    def __class__(self) -> type:
        """For `isinstance`: the class of torch.nn that the object is of, as its side says."""
        _, name = self._kind()
        found = getattr(nn, name, None)
        is_module = isinstance(found, type) and issubclass(found, nn.Module)
        return found if is_module else type(self)

    def __repr__(self) -> str:
        return f"<{self._label} of the student's>"

    __hash__ = object.__hash__

    def __call__(self, *args: object, **kwargs: object) -> object:
        told = written(tuple(map(said, args)), {key: said(x) for key, x in kwargs.items()})
        return self._ask("(...)", f"({told})", do="call", args=outgoing(args),
                         kwargs=outgoing(kwargs))

    def __getattr__(self, attribute: str) -> object:
        if attribute.startswith("_") and attribute not in ASKED:
            raise Private("not on the wire", f"the test reads {self._label}.{attribute}; names "
                          f"that begin with _ are not asked for")
        return self._ask(f".{attribute}", do="attribute", name=attribute)

    def __setattr__(self, attribute: str, value: object) -> NoReturn:
        raise CouldNotRun("not on the wire", f"the test sets {self._label}.{attribute}, which "
                          f"does not reach the student's object; give values as arguments, and "
                          f"weights by load_state_dict")

    def __delattr__(self, attribute: str) -> NoReturn:
        self.__setattr__(attribute, None)

    def __getitem__(self, key: object) -> object:
        return self._ask("[...]", f"[{key!r}]", do="item", key=outgoing(key))

    def __setitem__(self, key: object, value: object) -> NoReturn:
        self.__setattr__(f"[{key!r}]", value)

    def __iter__(self):
        entries = self._sure(list, do="items")
        return iter([self._incoming(entry, "[...]") for entry in entries])

    def __len__(self) -> int:
        return max(0, self._sure(int, do="length"))

    def __bool__(self) -> bool:
        return self._sure(bool, do="truth")

    @classmethod
    def __torch_function__(cls, function: Callable, types: object, args: tuple = (),
                           kwargs: dict | None = None) -> NoReturn:
        given = [*args, *(kwargs or {}).values()]
        entries = [entry for value in given
                   for entry in (value if type(value) in (list, tuple) else [value])]
        next(entry for entry in entries if issubclass(type(entry), RemoteObject))._refuse()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        """The student gave something that is no value, where the test needs one."""
        kind, _ = self._kind()
        raise CheckFailed(f"{self._label} is of type {kind}; the test needs a number, a text, a "
                          f"tensor, or a list, tuple or dict of these")

    def _kind(self) -> tuple[str, str]:
        """The object's type and the class of torch.nn nearest to it, as the student's side says."""
        found = self._sure(tuple, do="kind")
        if [type(part) for part in found] == [str, str]:
            return cleaned(found[0], 80), found[1]
        raise CouldNotRun("died", f"{self._label} gave no answer")

    def _sure(self, kind: type, **request: object) -> object:
        """An answer of the one type that an honest process gives it."""
        found = self._step(**request)
        if type(found) is kind:
            return found
        raise CouldNotRun("died", f"{self._label} gave no answer")

    def _ask(self, suffix: str, words: str = "", **request: object) -> object:
        """What the object answers; the session keeps what was asked, in words, and what came."""
        asked, heard = f"{self._label}{words or suffix}", self._session.heard
        heard.append(asked)
        came = self._incoming(self._step(**request), suffix)
        heard[-1] = f"{asked} gave {shorten(described(said(came)), 200)}"
        return came

    def _step(self, **request: object) -> object:
        if self._generation != self._session.generation:
            raise CouldNotRun("died", f"{self._label} was lost with the process that it was in")
        try:
            return self._session.step({"target": self._handle, **request}, self._name)
        except StudentRaised as error:
            raise by_its_name(error) from None

    def _incoming(self, value: object, suffix: str) -> object:
        """What came, with proxies in the place of handles."""
        if type(value) is Handle:
            return RemoteObject(self._session, self._name, value, self._label + suffix)
        return value


for operator in OPERATORS:
    setattr(RemoteObject, f"__{operator}__", RemoteObject._refuse)


class Said(str):
    """Words that are shown as they are."""

    __repr__ = str.__str__


def said(value: object) -> object:
    """A value to be shown; for a proxy its words, so that nothing more is asked of it."""
    return Said(repr(value)) if issubclass(type(value), RemoteObject) else value


def outgoing(value: object) -> object:
    """An argument of a test's, with handles in the place of proxies."""
    if issubclass(type(value), RemoteObject):
        return value._handle
    if type(value) in (list, tuple, torch.Size):
        entries = [outgoing(entry) for entry in value]
        return entries if type(value) is list else tuple(entries)
    if type(value) is dict:
        return {key: outgoing(entry) for key, entry in value.items()}
    return value


def by_its_name(error: StudentRaised) -> StudentRaised:
    """The same error in a form that a test's `except ValueError` takes as well."""
    builtin = CAUGHT.get(error.kind)
    if builtin is None:
        return error
    kind = type(error.kind, (StudentRaised, builtin), {"__str__": BaseException.__str__})
    return kind(error.called, error.kind, error.text, error.line, error.code)
