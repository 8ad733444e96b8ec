"""The question bench: images drawn from a seed, each task a question that some blocks can answer.

An image is grey noise with a few square *things* on it. An **object** is a two-tone texture in
some colour (white in *rule*); a **cue** is a plain square of one colour. Every question but *local*
needs two things that lie at least `gap(size)` pixels apart, further than the bench host can see in
one place (`attnlab.host.Host.reach`), and questions and host are such that nothing simpler helps:

- The plain host ends in global average pooling and one linear layer, so its logits are a *sum* over
  places of what is seen there. Every question but *local* is drawn so that each thing alone, and
  each sum over things, says nothing about the label: the best such sum is a constant, chance.
- *rule* asks for a product of two facts (texture, cue colour). A channel gate is made of that: the
  cue's colour, averaged over the whole map, rescales the channels that see the object's texture.
- *same* and *key* ask to match two things by what they look like, wherever they are; pairwise
  (non-local) attention compares every place with every other. A channel gate learns much of *key*
  too: it can dim the channels of the colours that are not asked for.
- *row* asks to match by where they are: criss-cross attention looks along rows and columns.
- *beside* asks for the nearer of two. Both objects are in every image, so averages over the map,
  and gates made of them, know nothing; a gate for each place must look further than the host does.
- *mark* asks what *key* asks, for every pixel; there the gate of *key* is enough.

>>> batch = draw("rule", 8, seed=0)
>>> batch.images.shape, batch.labels.shape
(torch.Size([8, 3, 32, 32]), torch.Size([8]))
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import torch
from torch import Tensor

from attnlab.scenes import COLOURS, SOLID, TEXTURES, WHITE, Scene, paint, pixels, side

__all__ = [
    "COLOURS", "QUESTIONS", "SOLID", "TEXTURES", "Batch", "Question", "Scene", "UnknownQuestion",
    "draw", "gap", "side",
]  # fmt: skip
SMALLEST = 12  # pixels: four things of three pixels side by side


class UnknownQuestion(KeyError):
    """A question that is not in `QUESTIONS`; the message names the nearest one."""

    def __str__(self) -> str:
        return self.args[0]


@dataclass(frozen=True)
class Batch:
    """Images float32 (N, 3, size, size) in [0, 1], their int64 labels, the scene behind them.

    Labels are (N,), or (N, size, size) for a dense question.
    """

    question: str
    images: Tensor
    labels: Tensor
    scene: Scene

    @property
    def size(self) -> int:
        """Height and width of an image in pixels."""
        return self.images.shape[-1]

    def masks(self) -> Tensor:
        """int64 (N, size, size): 0 on the background, 1 + k on thing k."""
        masks = np.zeros((len(self.labels), self.size, self.size), np.int64)
        for k in range(len(self.scene.roles)):
            n, ys, xs = pixels(self.scene, k, side(self.size))
            masks[n, ys, xs] = k + 1
        return torch.from_numpy(masks)


@dataclass(frozen=True)
class Question:
    """One question of the bench: how it is asked, how often a guess is right, how it is drawn."""

    title: str
    classes: int
    sentence: str
    why: str
    arrange: Callable[[np.random.Generator, np.ndarray, int], Scene]
    dense: bool = False

    @property
    def chance(self) -> float:
        """The share of right answers of a guess, for the questions whose labels are balanced."""
        return 1 / self.classes


def gap(size: int) -> int:
    """The least number of pixels between a cue and an object, or between the two of *same*."""
    return 3 * size // 8


def draw(question: str, n: int, seed: int, size: int = 32) -> Batch:
    """Draw `n` images of a question; the same arguments give the same bits.

    Labels (of *mark*, the texture asked for) are balanced to within one image. Raises
    UnknownQuestion, or ValueError for a size below 12 pixels or a negative number of images.
    """
    asked = _find(question)
    if size < SMALLEST:
        raise ValueError(f"draw({question!r}): size must be at least {SMALLEST} pixels, got {size}")
    if n < 0:
        raise ValueError(f"draw({question!r}): the number of images must not be negative, got {n}")
    rng = np.random.default_rng([seed, zlib.crc32(question.encode())])
    labels = rng.permutation(np.arange(n, dtype=np.int64) % asked.classes)
    scene = asked.arrange(rng, labels, size)
    images = torch.from_numpy(paint(rng, scene, size))
    batch = Batch(question, images, torch.from_numpy(labels), scene)
    return replace(batch, labels=_marks(batch)) if asked.dense else batch


def _marks(batch: Batch) -> Tensor:
    """(N, size, size): 0 on the background, 1 on the thing that is asked for, 2 on the others."""
    masks = batch.masks()
    asked = torch.from_numpy(batch.scene.asked + 1)[:, None, None]
    return torch.where(masks == asked, 1, 2 * (masks > 0))


def _find(name: str) -> Question:
    if name in QUESTIONS:
        return QUESTIONS[name]
    near = get_close_matches(name, QUESTIONS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the questions are {', '.join(QUESTIONS)}"
    raise UnknownQuestion(f"no question {name!r}; {hint}")


def _local(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    place = rng.integers(0, size - side(size) + 1, (2, len(labels), 1))
    colour = rng.integers(0, 4, (len(labels), 1))
    return Scene(("object",), *place, labels[:, None], colour, np.zeros_like(labels))


def _rule(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    n = len(labels)
    texture = rng.integers(0, 4, n)
    cue = (labels - texture) % 4
    free = rng.integers(0, size - side(size) + 1, (n, 2))
    top, left = _turn(rng, free, _apart(rng, n, size, 1))
    textures = np.stack([np.full(n, SOLID), texture], 1)
    colours = np.stack([cue, np.full(n, WHITE)], 1)
    return Scene(("cue", "object"), top, left, textures, colours, np.ones_like(labels))


def _same(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    n = len(labels)
    first = rng.integers(0, 4, n)
    second = np.where(labels == 1, first, (first + rng.integers(1, 4, n)) % 4)
    free = rng.integers(0, size - side(size) + 1, (n, 2))
    top, left = _turn(rng, free, _apart(rng, n, size, 1))
    textures, colours = np.stack([first, second], 1), rng.integers(0, 4, (n, 2))
    return Scene(("object", "object"), top, left, textures, colours, np.ones_like(labels))


def _key(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    n = len(labels)
    textures = _permutations(rng, n, 3)
    colours = _permutations(rng, n, 3)
    asked = np.argmax(textures == labels[:, None], 1)
    cue = np.take_along_axis(colours, asked[:, None], 1)
    cue_free = rng.integers(0, size - side(size) + 1, (n, 1))
    free = np.concatenate([cue_free, _bands(rng, n, size, 3)], 1)
    top, left = _turn(rng, free, _apart(rng, n, size, 3))
    return Scene(
        ("cue", "object", "object", "object"), top, left,
        _with_cue(textures), np.concatenate([cue, colours], 1), asked + 1,
    )  # fmt: skip


def _row(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    n = len(labels)
    textures = _permutations(rng, n, 4)
    asked = np.argmax(textures == labels[:, None], 1)
    tops = _bands(rng, n, size, 4)
    top = np.concatenate([np.take_along_axis(tops, asked[:, None], 1), tops], 1)
    left = _apart(rng, n, size, 4)
    return Scene(
        ("cue", "object", "object", "object", "object"), top, left,
        _with_cue(textures), rng.integers(0, 4, (n, 5)), asked + 1,
    )  # fmt: skip


def _beside(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    n = len(labels)
    across, along = _apart(rng, n, size, 2), _apart(rng, n, size, 2)
    along[:, 1] = size - side(size) - along[:, 1]  # the asked object goes back to the cue's end
    top, left = _turn(rng, across, along)
    order = np.concatenate([np.zeros((n, 1), np.int64), 1 + _permutations(rng, n, 2)], 1)
    textures = _with_cue(np.stack([labels, 1 - labels], 1))
    top, left, textures = (np.take_along_axis(a, order, 1) for a in (top, left, textures))
    colours = rng.integers(0, 4, (n, 3))
    roles = ("cue", "object", "object")
    return Scene(roles, top, left, textures, colours, np.argmax(order == 1, 1))


QUESTIONS: dict[str, Question] = {
    "local": Question(
        "local", 4, "Which texture has the one object?",
        "A convolution sees the object whole; every host answers it.", _local,
    ),
    "rule": Question(
        "rule", 4, "Object's texture plus cue's colour, modulo 4: the cue says how to read.",
        "One fact from anywhere must change how another is read: a gate made from the whole map.",
        _rule,
    ),
    "same": Question(
        "same", 2, "Do two distant objects share a texture, whatever their colours?",
        "Two places must be compared with each other: pairwise attention.", _same,
    ),
    "key": Question(
        "key", 3, "Which texture has the object of the cue's colour?",
        "The cue must find its match by colour among three, then report its texture: a look-up.",
        _key,
    ),
    "row": Question(
        "row", 4, "Which texture has the object on the cue's row?",
        "The match is by place: attention along rows and columns.", _row,
    ),
    "beside": Question(
        "beside", 2, "Which texture, rows or columns, has the object beside the cue?",
        "The other object lies slantwise from it. Each place must look further than the host does.",
        _beside,
    ),
    "mark": Question(
        "mark", 3, "Which pixels are of the object of the cue's colour?",
        "The answer to key, at its place: every place must know what the cue asks for.",
        _key, dense=True,
    ),
}  # fmt: skip


def _apart(rng: np.random.Generator, n: int, size: int, objects: int) -> np.ndarray:
    """(n, 1 + objects) offsets along one axis: the first at least `gap` away from all others."""
    clear = side(size) + gap(size)
    last = size - side(size)
    cue = rng.integers(0, last - clear + 1, (n, 1))
    rest = rng.integers(cue + clear, last + 1, (n, objects))
    offsets = np.concatenate([cue, rest], 1)
    mirror = rng.integers(0, 2, (n, 1), dtype=bool)
    return np.where(mirror, last - offsets, offsets)


def _bands(rng: np.random.Generator, n: int, size: int, bands: int) -> np.ndarray:
    """(n, bands) offsets, one in each of `bands` equal bands of the image, in random order."""
    height = size // bands
    within = rng.integers(0, height - side(size) + 1, (n, bands))
    return _permutations(rng, n, bands) * height + within


def _turn(rng: np.random.Generator, first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Exchange rows and columns in a random half of the images."""
    turned = rng.integers(0, 2, (len(first), 1), dtype=bool)
    return [np.where(turned, first, second), np.where(turned, second, first)]


def _permutations(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    return np.argsort(rng.random((n, k)), 1)


def _with_cue(objects: np.ndarray) -> np.ndarray:
    return np.concatenate([np.full((len(objects), 1), SOLID), objects], 1)
