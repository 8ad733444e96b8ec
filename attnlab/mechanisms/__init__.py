"""The registry of mechanisms: the one list that tables, tests, figures and pages loop over.

>>> mechanism("se").parameters(channels=64, reduction=16)
512
>>> print(mechanism("se").parameters)
2*C*h + bias*(h + C) with h = C // r; r = 16; bias = 0

Standard library only, so that every tool can read it. `python -m attnlab.mechanisms` prints it.
"""

import re
from difflib import get_close_matches

from attnlab.mechanisms import channels, classes, fewer_pairs, origins, pairs, space
from attnlab.mechanisms.record import WORDS, Descent, Formula, Mechanism, Paper

__all__ = [
    "ARTICLES",
    "MECHANISMS",
    "WORDS",
    "Descent",
    "Formula",
    "Mechanism",
    "Paper",
    "UnknownKey",
    "in_order",
    "mechanism",
]

# The five articles the course starts from, by the numbers that `Mechanism.articles` uses.
ARTICLES = {
    "000": "一文搞懂卷积网络之四（空间注意力Non-local）",
    "001": "图像中的注意力机制详解（SEBlock|ECABlock|CBAM）",
    "002": "local注意力怎么生成",
    "003": "一文看尽深度学习中的各种注意力机制",
    "004": "NAM注意力机制的有点",
}

MECHANISMS: dict[str, Mechanism] = {
    record.key: record
    for family in (channels, space, pairs, fewer_pairs, classes, origins)
    for record in family.RECORDS
}


def in_order(keys: set[str]) -> list[str]:
    """Keys of exercises as the course lists them: by the registry, then the others by name."""
    return [*(key for key in MECHANISMS if key in keys), *sorted(keys - MECHANISMS.keys())]


class UnknownKey(KeyError):
    """No mechanism has this key; the message names the nearest one."""

    def __str__(self) -> str:
        return str(self.args[0])


def mechanism(key: str) -> Mechanism:
    """The record of `key`. Raises UnknownKey, with the nearest key, for any other word."""
    if key in MECHANISMS:
        return MECHANISMS[key]
    near = _nearest(re.sub(r"[-_ ]?(net|block|layer|module)$", "", str(key).lower()))
    hint = f"did you mean '{near}'?" if near else f"known: {', '.join(MECHANISMS)}"
    raise UnknownKey(f"no mechanism '{key}'; {hint}")


def _nearest(word: str) -> str | None:
    """The key whose spelling, or whose title, is close to `word`; of equals the same length."""
    spellings = {key: key for key in MECHANISMS}
    spellings |= {record.title.lower(): record.key for record in MECHANISMS.values()}
    near = get_close_matches(word, spellings, n=3, cutoff=0.6)
    return spellings[min(near, key=lambda s: abs(len(s) - len(word)))] if near else None
