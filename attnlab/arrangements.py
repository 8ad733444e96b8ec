"""Where the things of each question lie and what they wear; `attnlab.questions` asks about them.

Each function takes a generator, int64 labels (n,) and the images' size in pixels, and returns the
Scene of n images.
"""

import numpy as np

from attnlab.scenes import SOLID, WHITE, Scene, side


def gap(size: int) -> int:
    """The least number of pixels between a cue and an object, or between the two of *same*."""
    return 3 * size // 8


def local(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    """One object; its texture is the label."""
    place = rng.integers(0, size - side(size) + 1, (2, len(labels), 1))
    colour = rng.integers(0, 4, (len(labels), 1))
    return Scene(("object",), *place, labels[:, None], colour, np.zeros_like(labels))


def rule(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    """A cue and a white object; texture plus colour of the cue, modulo 4, is the label."""
    n = len(labels)
    texture = rng.integers(0, 4, n)
    cue = (labels - texture) % 4
    free = rng.integers(0, size - side(size) + 1, (n, 2))
    top, left = _turn(rng, free, _apart(rng, n, size, 1))
    textures = np.stack([np.full(n, SOLID), texture], 1)
    colours = np.stack([cue, np.full(n, WHITE)], 1)
    return Scene(("cue", "object"), top, left, textures, colours, np.ones_like(labels))


def same(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    """Two objects; the label says whether they share a texture."""
    n = len(labels)
    first = rng.integers(0, 4, n)
    second = np.where(labels == 1, first, (first + rng.integers(1, 4, n)) % 4)
    free = rng.integers(0, size - side(size) + 1, (n, 2))
    top, left = _turn(rng, free, _apart(rng, n, size, 1))
    textures, colours = np.stack([first, second], 1), rng.integers(0, 4, (n, 2))
    return Scene(("object", "object"), top, left, textures, colours, np.ones_like(labels))


def key(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    """A cue and three objects, one of which has the cue's colour and the label's texture."""
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


def row(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    """A cue and four objects, one of which lies on the cue's row and has the label's texture."""
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


def beside(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    """A cue and two objects; the nearer of them has the label's texture."""
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


def fetch(rng: np.random.Generator, labels: np.ndarray, size: int) -> Scene:
    """Two cues of different colours and two objects, each of which has the colour of one cue."""
    n = len(labels)
    textures, colours = rng.integers(0, 4, (n, 2)), _permutations(rng, n, 4)[:, :2]
    clear, last = side(size) + gap(size), size - side(size)
    cues = rng.integers(0, last - clear + 1, (n, 2))
    objects = rng.integers(cues.max(1, keepdims=True) + clear, last + 1, (n, 2))
    across = np.concatenate([cues, objects], 1)
    across = np.where(rng.integers(0, 2, (n, 1), dtype=bool), last - across, across)
    along = np.concatenate([_bands(rng, n, size, 2), _bands(rng, n, size, 2)], 1)
    top, left = _turn(rng, along, across)
    return Scene(
        ("cue", "cue", "object", "object"), top, left,
        np.concatenate([np.full((n, 2), SOLID), textures], 1),
        np.concatenate([colours, colours], 1), np.zeros_like(labels),
    )  # fmt: skip


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
