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
- *fetch* has two cues that ask at once, for every pixel: what is opened for one is wrong for the
  other, so that every place must look for itself. Objects answer for themselves, which teaches
  the textures; without that hardly any training finds the look-up.

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

from attnlab import arrangements
from attnlab.arrangements import gap
from attnlab.scenes import COLOURS, SOLID, TEXTURES, Scene, paint, pixels, side

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
    mark: Callable[[Scene], np.ndarray] | None = None  # of a dense question: (n, k) classes

    @property
    def dense(self) -> bool:
        """Whether every pixel has a label: the class of the thing there, 0 on the background."""
        return self.mark is not None

    @property
    def chance(self) -> float:
        """The share of right answers of a guess, for the questions whose labels are balanced."""
        return 1 / self.classes


def draw(question: str, n: int, seed: int, size: int = 32) -> Batch:
    """Draw `n` images of a question; the same arguments give the same bits.

    Labels (of *mark*, the texture asked for) are balanced to within one image; *fetch* draws its
    textures at random. Raises UnknownQuestion, or ValueError for a size below 12 pixels or a
    negative number of images.
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
    return replace(batch, labels=_dense(batch, asked.mark(scene))) if asked.dense else batch


def _dense(batch: Batch, classes: np.ndarray) -> Tensor:
    """(N, size, size): the class of the thing at each pixel, 0 on the background."""
    with_background = torch.from_numpy(np.pad(classes, ((0, 0), (1, 0))))
    masks = batch.masks()
    return with_background.gather(1, masks.flatten(1)).view_as(masks)


def _asked(scene: Scene) -> np.ndarray:
    """1 for the thing that is asked for, 2 for the others."""
    things = np.arange(len(scene.roles))
    return np.where(things == scene.asked[:, None], 1, 2)


def _fetched(scene: Scene) -> np.ndarray:
    """1 to 4 for the textures of the objects; at the cues 5 to 8, those of their matches."""
    own = scene.texture[:, 2:]
    return np.concatenate([5 + own, 1 + own], 1)


def _find(name: str) -> Question:
    if name in QUESTIONS:
        return QUESTIONS[name]
    near = get_close_matches(name, QUESTIONS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the questions are {', '.join(QUESTIONS)}"
    raise UnknownQuestion(f"no question {name!r}; {hint}")


QUESTIONS: dict[str, Question] = {
    "local": Question(
        "local", 4, "Which texture has the one object?",
        "A convolution sees the object whole; every host answers it.", arrangements.local,
    ),
    "rule": Question(
        "rule", 4, "Object's texture plus cue's colour, modulo 4: the cue says how to read.",
        "One fact from anywhere must change how another is read: a gate made from the whole map.",
        arrangements.rule,
    ),
    "same": Question(
        "same", 2, "Do two distant objects share a texture, whatever their colours?",
        "Two places must be compared with each other: pairwise attention.", arrangements.same,
    ),
    "key": Question(
        "key", 3, "Which texture has the object of the cue's colour?",
        "The cue must find its match by colour among three, then report its texture: a look-up.",
        arrangements.key,
    ),
    "row": Question(
        "row", 4, "Which texture has the object on the cue's row?",
        "The match is by place: attention along rows and columns.", arrangements.row,
    ),
    "beside": Question(
        "beside", 2, "Which texture, rows or columns, has the object beside the cue?",
        "The other object lies slantwise from it. Each place must look further than the host does.",
        arrangements.beside,
    ),
    "mark": Question(
        "mark", 3, "Which pixels are of the object of the cue's colour?",
        "The answer to key, at its place: every place must know what the cue asks for.",
        arrangements.key, _asked,
    ),
    "fetch": Question(
        "fetch", 9, "For each of two cues: which texture has the object of its colour?",
        "Two look-ups at once: what is true for one place of the map is wrong for another.",
        arrangements.fetch, _fetched,
    ),
}  # fmt: skip
