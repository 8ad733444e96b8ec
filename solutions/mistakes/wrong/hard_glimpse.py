"""Wrong glimpses, then what to say of each of them.

The table holds (wrong version, name, sentence, symptom, section to reread).
"""

import torch
import torch.nn.functional as F


def glimpse_swapped(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (top, left) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            half = side * 2**k // 2
            cut = F.pad(image, [half] * 4)[:, j : j + 2 * half, i : i + 2 * half]
            squares.append(F.avg_pool2d(cut, 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_square(x, where, side, scales):
    height = x.shape[2]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * height / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            half = side * 2**k // 2
            padded = F.pad(image, [half, half + 4 * height, half, half])
            squares.append(F.avg_pool2d(padded[:, j : j + 2 * half, i : i + 2 * half], 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_strided(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            half = side * 2**k // 2
            cut = F.pad(image, [half] * 4)[:, j : j + 2 * half, i : i + 2 * half]
            squares.append(cut[:, :: 2**k, :: 2**k])
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_maxima(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            half = side * 2**k // 2
            cut = F.pad(image, [half] * 4)[:, j : j + 2 * half, i : i + 2 * half]
            squares.append(F.max_pool2d(cut, 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_corner(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            wide = side * 2**k
            cut = F.pad(image, [0, wide, 0, wide])[:, j : j + wide, i : i + wide]
            squares.append(F.avg_pool2d(cut, 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_edges(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            half = side * 2**k // 2
            padded = F.pad(image[None], [half] * 4, mode="replicate")[0]
            squares.append(F.avg_pool2d(padded[:, j : j + 2 * half, i : i + 2 * half], 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_kept_inside(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            wide = side * 2**k
            a = max(0, min(j - wide // 2, height - wide))
            b = max(0, min(i - wide // 2, width - wide))
            padded = F.pad(image, [0, wide, 0, wide])
            squares.append(F.avg_pool2d(padded[:, a : a + wide, b : b + wide], 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_one_place(x, where, side, scales):
    height, width = x.shape[2:]
    left, top = where[0].tolist()
    i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
    squares = []
    for k in range(scales):
        half = side * 2**k // 2
        cut = F.pad(x, [half] * 4)[:, :, j : j + 2 * half, i : i + 2 * half]
        squares.append(F.avg_pool2d(cut, 2**k))
    return torch.stack(squares, dim=1)


def glimpse_coarse_first(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in reversed(range(scales)):
            half = side * 2**k // 2
            cut = F.pad(image, [half] * 4)[:, j : j + 2 * half, i : i + 2 * half]
            squares.append(F.avg_pool2d(cut, 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


def glimpse_one_size(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        half = side // 2
        cut = F.pad(image, [half] * 4)[:, j : j + side, i : i + side]
        looks.append(torch.stack([cut] * scales))
    return torch.stack(looks)


def glimpse_from_zero(x, where, side, scales):
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int(max(0, left) * width), int(max(0, top) * height)
        squares = []
        for k in range(scales):
            half = side * 2**k // 2
            cut = F.pad(image, [half] * 4)[:, j : j + 2 * half, i : i + 2 * half]
            squares.append(F.avg_pool2d(cut, 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


GLIMPSES = "recurrent-glimpses"

GLIMPSE = (
    ("glimpse_swapped", "x and y swapped",
     "the place is read as (y, x). x comes first and goes to the right.",
     "right for places on the diagonal of a square image", GLIMPSES),
    ("glimpse_square", "both axes by the height",
     "the column is counted with the height of the image. It takes the width.",
     "right for square images", GLIMPSES),
    ("glimpse_strided", "every second pixel",
     "pixels are left out where means belong: what lies between them is never seen.",
     "thin lines vanish in the coarse squares", GLIMPSES),
    ("glimpse_maxima", "maxima for means",
     "the squares are shrunk by maxima. Take means.",
     "coarse squares too bright", GLIMPSES),
    ("glimpse_corner", "the square begins at the place",
     "the place is the upper left corner of the squares. It is their middle: they begin w / 2 "
     "before it.",
     "what lies left of the place and above it is never seen", GLIMPSES),
    ("glimpse_edges", "the border is repeated",
     "beyond the border the outermost pixels are repeated. There are zeros.",
     "right in the middle of the image", GLIMPSES),
    ("glimpse_kept_inside", "pushed inside",
     "a square that would leave the image is pushed back inside, and so lies around another "
     "place. Fill up with zeros.",
     "near the border the place is not in the middle", GLIMPSES),
    ("glimpse_one_place", "one place for all images",
     "all images are cut at the place of the first one.",
     "right for batches of one", GLIMPSES),
    ("glimpse_coarse_first", "coarse first",
     "the largest square comes first. Square 0 is the smallest.",
     "right for one scale", GLIMPSES),
    ("glimpse_one_size", "no larger squares",
     "all squares are side pixels wide. Square k is side · 2ᵏ wide, and shrunk.",
     "the same picture several times", GLIMPSES),
    ("glimpse_from_zero", "places from 0 to 1",
     "x is taken for a share of the width. It runs from −1 to 1: (x + 1) / 2 is the share.",
     "places on the left all lie on the border", GLIMPSES),
)
