"""What the registry says of one mechanism: a paper, its costs and its place in the family."""

import ast
import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

# One letter for each quantity that several formulas share; a name that is not here is its own word.
WORDS = {
    "C": "channels",
    "H": "height",
    "W": "width",
    "N": "positions",
    "r": "reduction",
    "h": "hidden",
    "k": "kernel",
    "d": "inner",
    "c": "key_channels",
    "v": "value_channels",
    "o": "out_channels",
    "m": "features",
    "n": "maps",
    "M": "branches",
    "G": "groups",
    "S": "anchors",
    "K": "classes",
    "P": "parts",
    "Q": "queries",
    "L": "keys",
    "E": "embedding",
    "R": "passes",
}
SHARED = {word: letter for letter, word in WORDS.items()} | {"bias": "bias"}
FUNCTIONS = {"max": max}


@dataclass(frozen=True)
class Paper:
    """Where a mechanism was published. `bibkey` is its entry in the book's bibliography."""

    bibkey: str
    authors: tuple[str, ...]
    year: int
    venue: str
    title: str
    url: str

    def cite(self) -> str:
        """A short citation: `Hu et al., CVPR 2018`."""
        names = [author.rpartition(" ")[2] for author in self.authors]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        return f"{who}, {self.venue} {self.year}"


@dataclass(frozen=True)
class Formula:
    """A cost in closed form: the text that is printed is the text that is evaluated.

    `text` is Python arithmetic over the letters of `WORDS`. `where` derives letters from others
    (`h = C // r`); a caller may give such a letter instead. Call it with words:
    `formula(channels=64, reduction=16)`. A word of `WORDS` that it does not depend on is allowed,
    so that one setting serves all formulas. Raises TypeError for a missing or an unknown word,
    and ValueError for a value that is not a whole number of at least 0.
    """

    text: str
    where: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, **given: int) -> int:
        values = dict(self.defaults) | {self._letter(w): _whole(w, v) for w, v in given.items()}
        for letter, expression in self.where.items():
            if letter not in values and letter in self._needed(values):
                values[letter] = self._evaluate(expression, values)
        return self._evaluate(self.text, values)

    def __str__(self) -> str:
        settings = {**self.where, **{k: str(v) for k, v in self.defaults.items()}}
        notes = "; ".join(f"{letter} = {value}" for letter, value in settings.items())
        return f"{self.text} with {notes}" if notes else self.text

    def for_map(self, channels: int, height: int, width: int, **given: int) -> int:
        """The cost on a map of this size, of a block that may also take words or regions.

        Queries and keys that the formula leaves open are as many as the map has places, and any
        other letter that it leaves open is as large as the map has channels.
        """
        size = {"height": height, "width": width, "queries": height * width, "keys": height * width}
        settled = {*self.where, *self.defaults}
        free = [word for word, letter in self.words.items() if letter not in settled]
        return self(**{word: size.get(word, channels) for word in free} | given)

    @cached_property
    def words(self) -> dict[str, str]:
        """The words this formula takes, each with its letter: `{"channels": "C", ...}`."""
        letters = set().union(*map(_letters, (self.text, *self.where.values())), self.where)
        return {WORDS.get(letter, letter): letter for letter in sorted(letters)}

    def _needed(self, values: Mapping[str, int]) -> set[str]:
        """The letters that must be known for `text`, through those derivations still to be made."""
        needed = _letters(self.text)
        for letter, expression in reversed(self.where.items()):
            if letter in needed and letter not in values:
                needed |= _letters(expression)
        return needed

    def _letter(self, word: str) -> str:
        letter = self.words.get(word, SHARED.get(word))
        if letter is not None:
            return letter
        near = get_close_matches(word, self.words, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise TypeError(f"'{self.text}' takes {', '.join(self.words)}; got '{word}'{hint}")

    def _evaluate(self, expression: str, values: Mapping[str, int]) -> int:
        missing = sorted(_letters(expression) - set(values))
        if missing:
            words = ", ".join(WORDS.get(letter, letter) for letter in missing)
            raise TypeError(f"'{self.text}' also needs {words}; give {words} as keyword arguments")
        return eval(expression, {"__builtins__": {}, **FUNCTIONS}, dict(values))


@dataclass(frozen=True)
class Descent:
    """An older mechanism, and the one change that leads from it to this one."""

    parent: str
    change: str


@dataclass(frozen=True)
class Mechanism:
    """One published way to attend. All costs are per image and per block.

    parameters: trained numbers of the block. multiply_adds: products of its convolutions, linear
    layers and matrix products; biases and activations are not counted. pooling: numbers read by
    its pools. rescale: products that put the gate onto the map. affinity: weights held at once,
    None where there is no map of pairs. A cost that we do not know in closed form is None.
    status: taught with a chapter and an exercise of its own; described in a section of `page`,
    whose label is `zoo-<key>`; planned; or named, where an article only touches it.
    """

    key: str
    title: str
    family: Literal["channels", "space", "pairs", "classes", "origins"]
    paper: Paper
    attends: str
    form: Literal["gate", "pairs", "crop"]
    reach: Literal["global", "local"]
    articles: tuple[str, ...]
    parameters: Formula | None = None
    multiply_adds: Formula | None = None
    pooling: Formula | None = None
    rescale: Formula | None = None
    affinity: Formula | None = None
    descends_from: tuple[Descent, ...] = ()
    status: Literal["taught", "described", "planned", "named"] = "planned"
    page: str | None = None
    exercise: str | None = None
    note: str = ""


def _letters(expression: str) -> set[str]:
    names = {n.id for n in ast.walk(ast.parse(expression, mode="eval")) if isinstance(n, ast.Name)}
    return names - set(FUNCTIONS)


def _whole(word: str, value: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -math.inf
    if number < 0:
        raise ValueError(f"{word} must be a whole number of at least 0, got {value!r}")
    return number
