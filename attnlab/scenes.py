"""Scenes of the question bench: square things on grey noise, and how they are painted."""

from dataclasses import dataclass

import numpy as np

TEXTURES = ("rows", "columns", "checks", "diagonals", "solid")
SOLID = TEXTURES.index("solid")  # what a cue wears
COLOURS = ("red", "green", "blue", "yellow", "white")
WHITE = COLOURS.index("white")
_DARK, _BRIGHT, _NOISE = 0.1, 0.9, 0.05  # every pixel stays in [0, 1] without clipping
_PALETTE = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]], bool)


@dataclass(frozen=True)
class Scene:
    """What is where in n images of k things; thing 0 is the cue, where the question has one.

    All arrays are (n, k) integers: `top` and `left` in pixels, `texture` and `colour` as indices
    of `TEXTURES` and `COLOURS`. `asked` (n,) is the thing that the question is about.
    """

    roles: tuple[str, ...]
    top: np.ndarray
    left: np.ndarray
    texture: np.ndarray
    colour: np.ndarray
    asked: np.ndarray


def side(size: int) -> int:
    """Height and width in pixels of every thing in an image of `size` pixels."""
    return max(3, size // 4)


def _patterns(height: int) -> np.ndarray:
    """(texture, phase, height, height) bool: the bright pixels; about half, all in "solid"."""
    phase, i, j = np.ogrid[:4, :height, :height]
    every = np.ones((4, height, height), bool)
    rows, columns = (i + phase) % 2 == 0, (j + phase) % 2 == 0
    checks, diagonals = (i + j + phase) % 2 == 0, (i + j + phase) % 4 < 2
    return np.stack([every & rows, every & columns, checks, diagonals, every])


def pixels(scene: Scene, k: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Index arrays of shapes (n, 1, 1), (n, h, 1), (n, 1, h) of the pixels of thing k."""
    offsets = np.arange(height)
    ys = scene.top[:, k, None, None] + offsets[:, None]
    xs = scene.left[:, k, None, None] + offsets[None, :]
    return np.arange(len(ys))[:, None, None], ys, xs


def paint(rng: np.random.Generator, scene: Scene, size: int) -> np.ndarray:
    """Render the scene on grey noise: float32 (n, 3, size, size)."""
    n, height = len(scene.top), side(size)
    images = rng.random((n, 3, size, size), dtype=np.float32)
    images *= 2 * _NOISE
    images += 0.5 - _NOISE
    patterns = _patterns(height)
    for k in range(len(scene.roles)):
        bright = patterns[scene.texture[:, k], rng.integers(0, 4, n)]  # (n, h, h)
        lit = bright[:, None] & _PALETTE[scene.colour[:, k]][:, :, None, None]  # (n, 3, h, h)
        where, ys, xs = pixels(scene, k, height)
        for channel in range(3):
            tone = np.where(lit[:, channel], _BRIGHT - 0.5, _DARK - 0.5).astype(np.float32)
            images[where, channel, ys, xs] += tone
    return images
