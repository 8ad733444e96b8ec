"""Saliency: what differs from its surroundings is looked at, one place after the other.

Source: L. Itti, C. Koch and E. Niebur, "A Model of Saliency-Based Visual Attention for Rapid Scene
Analysis", IEEE TPAMI 20(11), 1998, <https://doi.org/10.1109/34.730558>: pyramids of 9 scales,
centre minus surround for c in {2, 3, 4} and s = c + {3, 4}, 42 maps, the operator N, sums at
scale 4.

`saliency` follows the paper. Two simplifications are ours: its two-layer network of neurons, in
which the strongest place fires first, is taken at its limit, so that the winner is the largest
number; and what was looked at recovers by a factor a look in place of a time constant.

`Port` computes what akisatok/pySaliencyMap gives at commit b7aee8a, which is a variant: one-sided
colours divided by the largest, (1 - mean of the largest of 16x16 fields)^2 for N, sums at the
image's own size, another weight for each kind of map (a fifth for motion, of which a single image
has none), and a filter at the end. One number of its 45 degree kernel is ten times too large; it is
here as `slip`.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CENTRES, DELTAS = (2, 3, 4), (3, 4)
ANGLES = (0, 45, 90, 135)
WEIGHTS = {"intensity": 0.3, "color": 0.3, "orient": 0.2}  # of the port; 0.2 is for motion


def mirrored(x: Tensor, border: int) -> Tensor:
    """(..., H, W) with a border that mirrors the map, however small: the edge is not repeated."""
    for axis in (-2, -1):
        last = x.shape[axis] - 1
        at = torch.arange(-border, last + 1 + border, device=x.device)
        at = at.abs() % max(2 * last, 1)  # there and back again
        x = x.index_select(axis, torch.minimum(at, 2 * last - at))
    return x


def filtered(x: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """Each map (B, M, H, W) under one odd kernel (k, k), mirrored at the border."""
    padded = mirrored(x, len(kernel) // 2).flatten(0, 1)[:, None]
    return F.conv2d(padded, kernel[None, None].to(x), stride=stride).unflatten(0, x.shape[:2])[
        :, :, 0
    ]


def pyramid(x: Tensor, levels: int = 9) -> list[Tensor]:
    """(B, M, H, W) -> maps of half the size each, smoothed by the 5x5 binomial filter."""
    line = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    maps = [x]
    for _ in range(levels - 1):
        maps.append(filtered(maps[-1], torch.outer(line, line), stride=2))
    return maps


def resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(x, size, mode="bilinear", align_corners=False)


def centre_surround(centre: list[Tensor], surround: list[Tensor] | None = None) -> list[Tensor]:
    """|centre at c - surround at c + δ|: six maps, of sizes at scales 2, 2, 3, 3, 4, 4."""
    surround = centre if surround is None else surround
    return [
        (centre[c] - resized(surround[c + delta], centre[c].shape[2:])).abs()
        for c in CENTRES
        for delta in DELTAS
    ]


def gabor(degrees: float, side: int = 9) -> Tensor:
    """A cosine under a Gaussian, (side, side), 1 in the middle.

    A wave of 3.75 pixels; 0 has upright stripes, which turn anticlockwise; widths as in the port's
    tables.
    """
    v, u = torch.meshgrid(*[torch.arange(side, dtype=torch.float64) - side // 2] * 2, indexing="ij")
    turn = math.radians(degrees)
    across = u * math.cos(turn) - v * math.sin(turn)
    along = v * math.cos(turn) + u * math.sin(turn)
    envelope = torch.exp(-0.4312088 * across.square() - 0.3880879 * along.square())
    return envelope * torch.cos(2 * math.pi / 3.75 * across)


def local_maxima(x: Tensor) -> Tensor:
    """(B, 1, H, W) -> booleans: at least as large as the eight around, and above the least."""
    around = F.max_pool2d(x, 3, stride=1, padding=1)
    return (x == around) & (x > x.amin(dim=(2, 3), keepdim=True))


def promoted(x: Tensor) -> Tensor:
    """The operator N: (B, 1, H, W) scaled to [0, 1], times (1 - mean of other local maxima)^2.

    A map with one peak keeps it; one with many equal peaks is all but silenced. A map that is the
    same everywhere is 0.
    """
    low, high = x.amin(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
    x = (x - low) / (high - low).clamp(min=torch.finfo(x.dtype).tiny)
    others = local_maxima(x) & (x < 1)
    count = others.sum(dim=(2, 3), keepdim=True)
    # Peaks as high as the highest are other peaks too, all but one.
    twins = ((x == 1).sum(dim=(2, 3), keepdim=True) - 1).clamp(min=0)
    total = (x * others).sum(dim=(2, 3), keepdim=True) + twins
    return x * (1 - total / (count + twins).clamp(min=1)).square()


def opponents(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Red minus green and blue minus yellow, tuned as in the paper: (B, 3, H, W) -> (B, 1, H, W).

    Hues count where the image is at least a tenth as bright as at its brightest.
    """
    light = rgb.mean(dim=1, keepdim=True)
    bright = light > 0.1 * light.amax(dim=(2, 3), keepdim=True)
    r, g, b = torch.where(bright, rgb / light.clamp(min=1e-12), 0).split(1, dim=1)
    red, green = r - (g + b) / 2, g - (r + b) / 2
    blue, yellow = b - (r + g) / 2, (r + g) / 2 - (r - g).abs() / 2 - b
    red, green, blue, yellow = (hue.clamp(min=0) for hue in (red, green, blue, yellow))
    return red - green, blue - yellow


def features(rgb: Tensor) -> dict[str, list[Tensor]]:
    """All 42 maps by what they show: 6 of intensity, 6 each of rg and by, 6 for each angle."""
    light = pyramid(rgb.mean(dim=1, keepdim=True))
    maps = {"intensity": centre_surround(light)}
    for name, hue in zip(("rg", "by"), opponents(rgb), strict=True):
        levels = pyramid(hue)
        maps[name] = centre_surround(levels, [-level for level in levels])  # the pair turned round
    for angle in ANGLES:
        kernel = gabor(angle)
        kernel = kernel - kernel.mean()  # not in the paper: an even surface has no orientation
        maps[f"{angle}"] = centre_surround([filtered(level, kernel) for level in light])
    return maps


def conspicuity(maps: list[Tensor], size: tuple[int, int]) -> Tensor:
    """N of each map, brought to one size and added: (B, 1, *size)."""
    return sum(resized(promoted(x), size) for x in maps)


def saliency(rgb: Tensor) -> Tensor:
    """(B, 3, H, W), from 0 to 1 -> (B, 1, h, w) at scale 4, a sixteenth of each side."""
    maps = features(rgb)
    size = maps["intensity"][-1].shape[2:]
    light = conspicuity(maps["intensity"], size)
    colour = conspicuity(maps["rg"] + maps["by"], size)
    lines = sum(promoted(conspicuity(maps[f"{angle}"], size)) for angle in ANGLES)
    return (promoted(light) + promoted(colour) + promoted(lines)) / 3


def scanpath(saliency: Tensor, looks: int, radius: float, recovery: float = 0.9) -> Tensor:
    """Winner-take-all with inhibition of return: (B, 1, h, w) -> (B, looks, 2), (row, column).

    Each look goes to the most salient place; a disc around it is silenced, and comes back by the
    factor `recovery` a look: 1 never, 0 at once.
    """
    height, width = saliency.shape[2:]
    flat, silenced = saliency.flatten(1), torch.zeros_like(saliency.flatten(1))
    rows = torch.arange(height, device=saliency.device).repeat_interleave(width)
    columns = torch.arange(width, device=saliency.device).repeat(height)
    seen = []
    for _ in range(looks):
        winner = (flat * (1 - silenced)).argmax(dim=1, keepdim=True)
        at = torch.cat([rows[winner], columns[winner]], dim=1)
        near = (rows - at[:, :1]) ** 2 + (columns - at[:, 1:]) ** 2 <= radius**2
        silenced = torch.where(near, 1.0, recovery * silenced)
        seen.append(at)
    return torch.stack(seen, dim=1)


class Port(nn.Module):
    """What the port gives for an image (H, W, 3) of whole numbers, blue, green, red, to 255.

    Returns every map by name, 2-D: intensity.0 to .5, rg, by, orient.0 to .23, consp.intensity,
    .color and .orient, and saliency. Raises ValueError for images under 257 pixels a side, whose
    scale 4 has no field of 16x16.
    """

    def __init__(self, *, slip: bool = True) -> None:
        super().__init__()
        kernels = [gabor(angle) for angle in (0, 45, 90, 135)]
        if slip:
            kernels[1][5, 1] = 0.003899160
        self.register_buffer("kernels", torch.stack(kernels), persistent=False)

    def features(self, bgr: Tensor) -> dict[str, list[Tensor]]:
        b, g, r = (bgr[None].movedim(3, 1) / 255).split(1, dim=1)
        top = torch.maximum(torch.maximum(r, g), b)
        top = torch.where(top <= 0, 1e-4, top)
        light = pyramid(0.299 * r + 0.587 * g + 0.114 * b)
        hues = {"rg": (r - g) / top, "by": (b - torch.minimum(r, g)) / top}
        maps = {"intensity": centre_surround(light)}
        for name, hue in hues.items():
            maps[name] = centre_surround(pyramid(hue.clamp(min=0)))
        maps["orient"] = []
        for kernel in self.kernels:
            maps["orient"] += centre_surround([filtered(level, kernel) for level in light])
        return maps

    def promoted(self, x: Tensor, field: int = 16) -> Tensor:
        """To [0, 1], times (1 - the mean of the largest of each field)^2; the last row and column
        of fields are left out, even where they are whole."""
        low, high = x.amin(), x.amax()
        x = (x - low) / (high - low) if high > low else x - low
        rows, columns = ((side - 1) // field * field for side in x.shape[2:])
        if min(rows, columns) == 0:
            raise ValueError(f"Port: a map of {tuple(x.shape[2:])} has no field of {field} pixels")
        fields = x[:, :, :rows, :columns].unflatten(3, (-1, field)).unflatten(2, (-1, field))
        return x * (1 - fields.amax(dim=(3, 5)).mean()).square()

    def forward(self, bgr: Tensor) -> dict[str, Tensor]:
        size, maps = bgr.shape[:2], self.features(bgr)
        total = {name: sum(resized(self.promoted(x), size) for x in maps[name])
                 for name in ("intensity", "rg", "by")}  # fmt: skip
        lines = [maps["orient"][i : i + 6] for i in range(0, 24, 6)]
        orient = sum(self.promoted(sum(resized(self.promoted(x), size) for x in group))
                     for group in lines)  # fmt: skip
        shown = {"intensity": total["intensity"], "color": total["rg"] + total["by"]}
        shown["orient"] = orient
        whole = sum(weight * shown[name] for name, weight in WEIGHTS.items())
        whole = (whole - whole.amin()) / (whole.amax() - whole.amin())
        found = {f"{name}.{i}": x for name in maps for i, x in enumerate(maps[name])}
        found |= {f"consp.{name}": x for name, x in shown.items()}
        return {name: x[0, 0] for name, x in (found | {"saliency": smoothed(whole)}).items()}


def smoothed(x: Tensor, radius: int = 3, shade: float = 3.0, space: float = 1.55) -> Tensor:
    """The bilateral filter: means of a disc, weighted by distance and by likeness, mirrored."""
    padded, total, weights = mirrored(x, radius), 0.0, 0.0
    height, width = x.shape[2:]
    for i in range(-radius, radius + 1):
        for j in range(-radius, radius + 1):
            if i * i + j * j <= radius * radius:
                other = padded[:, :, radius + i :, radius + j :][:, :, :height, :width]
                weight = torch.exp(
                    -(i * i + j * j) / (2 * space**2) - (other - x).square() / (2 * shade**2)
                )
                total, weights = total + weight * other, weights + weight
    return total / weights
