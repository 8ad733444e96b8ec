"""The zoo's gates for positions once more, in loops: as in `block_oracles`, slow and plain."""

import math

import torch
from block_oracles import apply, channel_pool, places, se, sigmoid
from channel_oracles import convolved, normed, normed_map, rectified
from torch import Tensor


def bam(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        c, s = block.channel, block.spatial
        hidden = apply(c.reduce, channel_pool(image, "avg"))
        hidden = rectified([normed(c.bn, i, value) for i, value in enumerate(hidden)])
        channels = torch.stack(apply(c.expand, hidden))[:, None, None]
        inner = image
        for conv, bn in ((s.reduce, s.bn0), (s.dil1, s.bn1), (s.dil2, s.bn2)):
            inner = normed_map(bn, convolved(conv, inner)).clamp(min=0)
        positions = convolved(s.final, inner)
        both = channels + positions if block.combine == "add" else channels * positions
        out.append(image * (1 + sigmoid(both)))
    return torch.stack(out)


def sse(block, x: Tensor) -> Tensor:
    gates = []
    for image in x:
        logits = [apply(block.conv, image[:, i, j])[0] for i, j in places(*image.shape[1:])]
        gates.append(sigmoid(torch.stack(logits)).view(image.shape[1:]))
    return torch.stack([gate * image for gate, image in zip(gates, x, strict=True)])


def scse(block, x: Tensor) -> Tensor:
    channels, positions = se(block.c, x), sse(block.s, x)
    if block.combine == "add":
        return channels + positions
    return channels.where(channels > positions, positions)


def at_place(image: Tensor, i: float, j: float) -> Tensor:
    """A map read between its places, (C,): 0 beyond them."""
    value = torch.zeros(len(image), dtype=image.dtype)
    for row in (math.floor(i), math.floor(i) + 1):
        for column in (math.floor(j), math.floor(j) + 1):
            if 0 <= row < image.shape[1] and 0 <= column < image.shape[2]:
                near = (1 - abs(i - row)) * (1 - abs(j - column))
                value = value + near * image[:, row, column]
    return value


def stretched(image: Tensor, height: int, width: int) -> Tensor:
    """The map with its corners on the corners of (C, height, width)."""
    down = (image.shape[1] - 1) / max(height - 1, 1)
    along = (image.shape[2] - 1) / max(width - 1, 1)
    read = [at_place(image, i * down, j * along) for i, j in places(height, width)]
    return torch.stack(read, 1).view(-1, height, width)


def halved(image: Tensor) -> Tensor:
    """The largest of each 3x3 window, every second row and column, beyond the map nothing."""
    out = []
    for channel in image:
        for i, j in places(-(-image.shape[1] // 2), -(-image.shape[2] // 2)):
            out.append(channel[max(2 * i - 1, 0) : 2 * i + 2, max(2 * j - 1, 0) : 2 * j + 2].max())
    return torch.stack(out).view(len(image), -(-image.shape[1] // 2), -1)


def unit(layers, image: Tensor) -> Tensor:
    y = image
    for bn, conv in ((layers.bn1, layers.conv1), (layers.bn2, layers.conv2),
                     (layers.bn3, layers.conv3)):  # fmt: skip
        y = convolved(conv, normed_map(bn, y).clamp(min=0))
    return image + y


def ra(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        image = unit(block.pre, image)
        trunk = unit(block.trunk2, unit(block.trunk1, image))
        mask = unit(block.mask2, unit(block.mask1, halved(image)))
        mask = stretched(mask, *image.shape[1:]) + (trunk if block.port else 0)
        for bn, conv in ((block.head.bn1, block.head.conv1), (block.head.bn2, block.head.conv2)):
            mask = convolved(conv, normed_map(bn, mask).clamp(min=0))
        gates = sigmoid(mask) + (1 if block.mixing == "residual" else 0)
        out.append(unit(block.post, gates * trunk))
    return torch.stack(out)


def conv_norm(layers, image: Tensor) -> Tensor:
    y = normed_map(layers.bn, convolved(layers.conv, image))
    return y.clamp(min=0) if layers.act else y


def soft(block, x: Tensor) -> Tensor:
    attention, out = block.attention, []
    for image in x:
        mean = sum(image)[None] / len(image)
        positions = stretched(conv_norm(attention.spatial.conv1, mean), *image.shape[1:])
        positions = conv_norm(attention.spatial.conv2, positions)
        channels = torch.stack(channel_pool(image, "avg"))[:, None, None]
        channels = conv_norm(attention.channel.conv2, conv_norm(attention.channel.conv1, channels))
        out.append(image * sigmoid(conv_norm(attention.mix, positions * channels)))
    return torch.stack(out)


def read(image: Tensor, down: Tensor, along: Tensor) -> Tensor:
    """A map read at one place, with the place's gradient: (C,)."""
    value = torch.zeros(len(image), dtype=image.dtype)
    for i, j in places(*image.shape[1:]):
        near = (1 - (down - i).abs()).clamp(min=0) * (1 - (along - j).abs()).clamp(min=0)
        value = value + near * image[:, i, j]
    return value


def crop(block, image: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """One region: theta maps the target's coordinates, from -1 to 1, onto those of the map."""
    _, height, width = image.shape
    numbers = []
    for i, j in places(height, width):
        at = []
        for k, length, scale, centre in (
            (i, height, block.scale[1], down),
            (j, width, block.scale[0], across),
        ):
            if block.align_corners:
                at.append((scale * (2 * k / (length - 1) - 1) + centre + 1) / 2 * (length - 1))
            else:
                at.append(((scale * ((2 * k + 1) / length - 1) + centre + 1) * length - 1) / 2)
        numbers.append(read(image, *at))
    return torch.stack(numbers, 1).view(image.shape)


def hard(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        t = [torch.tanh(value) for value in apply(block.fc, channel_pool(image, "avg"))]
        centres = zip(t[::2], t[1::2], strict=True)
        out.append(torch.stack([crop(block, image, *centre) for centre in centres]))
    return torch.stack(out)
