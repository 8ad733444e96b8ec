"""The zoo's gates for channels once more, in loops: as in `block_oracles`, slow and plain."""

import itertools
import math

import torch
from block_oracles import apply, channel_pool, dot, gated, normalise, places, sigmoid
from torch import Tensor


def normed(bn, c: int, value: Tensor) -> Tensor:
    """One number through channel c of a batch normalisation in evaluation mode."""
    spread = (bn.running_var[c] + bn.eps) ** 0.5
    return (value - bn.running_mean[c]) / spread * bn.weight[c] + bn.bias[c]


def convolved(conv, image: Tensor) -> Tensor:
    """A convolution of one image with zeros around, any step, dilation and number of groups."""
    (step, _), (pad, _), far = conv.stride, conv.padding, conv.dilation[0]
    channels, height, width = image.shape
    wide = torch.zeros(channels, height + 2 * pad, width + 2 * pad, dtype=image.dtype)
    wide[:, pad : pad + height, pad : pad + width] = image
    reach = [far * (side - 1) for side in conv.kernel_size]
    per_group, out = conv.in_channels // conv.groups, []
    for o, kernels in enumerate(conv.weight):
        first = o * conv.groups // conv.out_channels * per_group
        total = 0.0 if conv.bias is None else conv.bias[o]
        for c, (a, b) in itertools.product(range(per_group), places(*conv.kernel_size)):
            rows = slice(far * a, wide.shape[1] - reach[0] + far * a, step)
            columns = slice(far * b, wide.shape[2] - reach[1] + far * b, step)
            total = total + kernels[c, a, b] * wide[first + c, rows, columns]
        out.append(total)
    return torch.stack(out)


def normed_map(bn, image: Tensor) -> Tensor:
    return torch.stack([normed(bn, c, channel) for c, channel in enumerate(image)])


def rectified(values: list[Tensor]) -> list[Tensor]:
    return [value.clamp(min=0) for value in values]


def sk(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        maps = [normed_map(b.bn, convolved(b.conv, image)).clamp(min=0) for b in block.branches]
        s = channel_pool(sum(maps), "avg")
        z = rectified([normed(block.bn, i, v) for i, v in enumerate(apply(block.reduce, s))])
        logits, channels = apply(block.select, z), []
        for c in range(len(image)):
            shares = normalise({m: logits[m * len(image) + c] for m in range(len(maps))})
            channels.append(sum(shares[m] * maps[m][c] for m in shares))
        out.append(torch.stack(channels))
    return torch.stack(out)


def window_means(channel: Tensor, e: int) -> Tensor:
    """Means over windows of 2e - 1 every e places, of what lies on the map."""
    height, width = channel.shape
    rows, columns = range(0, height, e), range(0, width, e)
    means = []
    for i in rows:
        for j in columns:
            near = channel[max(i - e + 1, 0) : i + e, max(j - e + 1, 0) : j + e]
            means.append(near.sum() / near.numel())
    return torch.stack(means).view(len(rows), len(columns))


def gathered(block, image: Tensor) -> Tensor:
    """ξ of gather-excite: a small map (C, h, w)."""
    if block.gather is None and block.extent is None:
        return torch.stack(channel_pool(image, "avg"))[:, None, None]
    if block.gather is None:
        return torch.stack([window_means(channel, block.extent) for channel in image])
    for layer in block.gather:
        if isinstance(layer, torch.nn.Conv2d):
            image = convolved(layer, image)
        elif isinstance(layer, torch.nn.ReLU):
            image = image.clamp(min=0)
        else:
            image = normed_map(layer, image)
    return image


def ge(block, x: Tensor) -> Tensor:
    _, _, height, width = x.shape
    out = []
    for image in x:
        u = gathered(block, image)
        if block.mlp:
            u = convolved(block.reduce, u.clamp(min=0) if block.relu else u).clamp(min=0)
            u = convolved(block.expand, u)
        rows, columns = u.shape[1:]
        near = [u[:, i * rows // height, j * columns // width] for i, j in places(height, width)]
        out.append(image * sigmoid(torch.stack(near, 1).view(image.shape)))
    return torch.stack(out)


def fields(channel: Tensor, size: tuple[int, int]) -> list[Tensor]:
    """Means on a grid, field after field; neighbours overlap where sides do not divide."""
    height, width = channel.shape
    means = []
    for i, j in places(*size):
        top, bottom = i * height // size[0], math.ceil((i + 1) * height / size[0])
        left, right = j * width // size[1], math.ceil((j + 1) * width / size[1])
        means.append(channel[top:bottom, left:right].sum() / (bottom - top) / (right - left))
    return means


def two_layers(block, z: list[Tensor]) -> list[Tensor]:
    return [sigmoid(u) for u in apply(block.expand, rectified(apply(block.reduce, z)))]


def spa(block, x: Tensor) -> Tensor:
    gates = []
    for image in x:
        if block.project is not None:
            image = normed_map(block.bn, convolved(block.project, image)).clamp(min=0)
        z = [mean for n in block.pools for channel in image for mean in fields(channel, (n, n))]
        gates.append(two_layers(block, z))
    return gated(x, gates)


def fca(block, x: Tensor, pairs: list[tuple[int, int]]) -> Tensor:
    """pairs: the frequency (u, v) of each channel on the block's grid."""
    height, width = block.dct.shape[1:]
    gates = []
    for image in x:
        z = []
        for (u, v), channel in zip(pairs, image, strict=True):
            total, scale = 0.0, 1.0
            for frequency, length in ((u, height), (v, width)):
                scale *= math.sqrt((1 if frequency == 0 else 2) / length)
            for (i, j), mean in zip(
                places(height, width), fields(channel, (height, width)), strict=True
            ):
                wave = math.cos(math.pi * u * (2 * i + 1) / (2 * height))
                total = total + mean * wave * math.cos(math.pi * v * (2 * j + 1) / (2 * width))
            z.append(scale * total)
        gates.append(two_layers(block, z))
    return gated(x, gates)


def reduced(layers, image: Tensor) -> Tensor:
    return normed_map(layers.bn, convolved(layers.conv, image.clamp(min=0)))


def second_order(block, rows: list[Tensor], count: int) -> list[Tensor]:
    """Four numbers for each row, from the covariance of rows of equally many numbers."""
    n, hidden = len(rows), []
    for i, row in enumerate(rows):
        centred = row - row.sum() / count
        line = [normed(block.row.bn, i, dot(centred, other) / count) for other in rows]
        weights = block.row.conv.weight.view(n, 4, n)[i]
        hidden += [dot(w, line) + b for w, b in
                   zip(weights, block.row.conv.bias.view(n, 4)[i], strict=True)]  # fmt: skip
    return hidden


def gsop(block, x: Tensor) -> Tensor:
    gates = []
    for image in x:
        rows = [channel.flatten().clamp(min=0) for channel in reduced(block.reduce, image)]
        hidden = second_order(block, rows, rows[0].numel())
        gates.append([sigmoid(u) for u in apply(block.expand, hidden)])
    return gated(x, gates)


def gsop_positions(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        channels = [fields(channel, block.grid) for channel in reduced(block.reduce, image)]
        rows = [torch.stack(row) for row in zip(*channels, strict=True)]
        hidden = rectified(second_order(block, rows, block.count))
        gates = torch.stack([sigmoid(u) for u in apply(block.expand, hidden)]).view(block.grid)
        gates = torch.stack(fields(gates, image.shape[1:])).view(image.shape[1:])
        out.append((image * gates).clamp(min=0))
    return torch.stack(out)


def nam(block, x: Tensor) -> Tensor:
    scales = block.bn.weight.detach() if block.detach else block.bn.weight
    total = sum(scale.abs() for scale in scales)
    return torch.stack([
        torch.stack([
            channel * sigmoid(normed(block.bn, c, channel) * scales[c].abs() / total)
            for c, channel in enumerate(image)
        ]) for image in x
    ])  # fmt: skip


def nam_positions(block, x: Tensor) -> Tensor:
    bn, (_, _, height, width) = block.inner.bn, x.shape
    total = sum(scale.abs() for scale in bn.weight.detach())
    out = torch.zeros_like(x)
    for p, (i, j) in enumerate(places(height, width)):
        mark = torch.zeros(height, width, dtype=x.dtype)
        mark[i, j] = 1
        share = bn.weight[p].detach().abs() / total
        gate = sigmoid(normed(bn, p, x[:, :, i, j]) * share)
        out = out + (x[:, :, i, j] * gate)[:, :, None, None] * mark
    return out
