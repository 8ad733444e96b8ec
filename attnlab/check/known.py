"""Known-answer files: cases as arrays and JSON in one .npz, read without pickle."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from zlib import compress, decompress

import numpy as np
import torch
from torch import Tensor

from attnlab.check import cases as shapes_of_cases
from attnlab.check.cases import Cases

FOLDER = Path(__file__).parent.parent / "known"
Provider = Callable[[str], dict[str, Cases]]


class UnknownCheck(KeyError):
    """No check has this name; the message offers the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


def save(path: Path, cases: dict[str, Cases], sources: dict[str, str], made_from: str) -> None:
    """Writes the cases of every task of one mechanism, and the digest of what they come from.

    sources: the text of each reference, by the student's name; packed, so that nobody reads an
    answer by accident.
    """
    arrays: list[np.ndarray] = []
    text = json.dumps(_packed(cases, arrays))
    named = {f"t{i}": array for i, array in enumerate(arrays)}
    packed = np.frombuffer(text.encode(), dtype=np.uint8)
    sealed = np.frombuffer(compress(json.dumps(sources).encode()), dtype=np.uint8)
    np.savez_compressed(path, json=packed, made_from=made_from, sealed=sealed, **named)


def load(path: Path) -> dict[str, Cases]:
    """Reads what `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return _unpacked(json.loads(file["json"].tobytes()), file)


def load_sources(path: Path) -> dict[str, str]:
    """The reference's texts that `save` packed."""
    with np.load(path, allow_pickle=False) as file:
        return json.loads(decompress(file["sealed"].tobytes()))


@lru_cache(maxsize=4)
def from_file(key: str) -> dict[str, Cases]:
    """The known answers that come with attnlab. Raises UnknownCheck for a key without a file."""
    return load(path_of(key))


def path_of(key: str) -> Path:
    """The known-answer file of a mechanism. Raises UnknownCheck if there is none."""
    path = FOLDER / f"{key}.npz"
    if not path.is_file():
        known = sorted(file.stem for file in FOLDER.glob("*.npz"))
        raise UnknownCheck(f"no known answers for {key!r}{did_you_mean(key, known)}")
    return path


_provider: Provider = from_file


@contextmanager
def use_cases(provider: Provider) -> Iterator[None]:
    """Inside, every check takes its cases from provider(key): the grader's fresh ones."""
    global _provider
    before, _provider = _provider, provider
    try:
        yield
    finally:
        _provider = before


def are_fresh() -> bool:
    """Whether checks take their cases from elsewhere than the files that students have."""
    return _provider is not from_file


def cases_of(name: str) -> Cases:
    """The cases of a check such as "se.block". Raises UnknownCheck for an unknown name."""
    key, _, task = name.partition(".")
    tasks = _provider(key)
    if task not in tasks:
        raise UnknownCheck(f"no check {name!r}{did_you_mean(name, [f'{key}.{t}' for t in tasks])}")
    return tasks[task]


def did_you_mean(word: str, words: list[str]) -> str:
    """The nearest word as a question, else the whole list."""
    near = get_close_matches(word, words, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; choose one of {', '.join(words)}"


def _packed(value: object, arrays: list[np.ndarray]) -> object:
    """JSON for value; its tensors go to `arrays`."""
    if isinstance(value, Tensor):
        arrays.append(value.numpy())
        return {"$tensor": len(arrays) - 1}
    if is_dataclass(value):
        packed = {f.name: _packed(getattr(value, f.name), arrays) for f in fields(value)}
        return {"$class": type(value).__name__, "$fields": packed}
    if isinstance(value, dict):
        return {key: _packed(entry, arrays) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        entries = [_packed(entry, arrays) for entry in value]
        return {"$tuple": entries} if isinstance(value, tuple) else entries
    return value


def _unpacked(value: object, file: np.lib.npyio.NpzFile) -> object:
    if isinstance(value, list):
        return [_unpacked(entry, file) for entry in value]
    if not isinstance(value, dict):
        return value
    if "$tensor" in value:
        return torch.from_numpy(file[f"t{value['$tensor']}"])
    if "$tuple" in value:
        return tuple(_unpacked(entry, file) for entry in value["$tuple"])
    if "$class" in value:
        cls = getattr(shapes_of_cases, value["$class"])
        return cls(**{k: _unpacked(v, file) for k, v in value["$fields"].items()})
    return {key: _unpacked(entry, file) for key, entry in value.items()}
