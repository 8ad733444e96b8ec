"""The temporal interaction-aggregation-update block in loops over frames, parts and positions.

Written from what a film's nodes are and whom they hear; it shares no line with `solutions/iau.py`.
"""

import torch
from block_oracles import apply, dot, normalise, sigmoid
from torch import Tensor


def normed(layer, vector, *, relu: bool = False) -> list[Tensor]:
    """A 1x1 convolution and BatchNorm in evaluation, on one vector."""
    bn, out = layer.bn, []
    for j, value in enumerate(apply(layer.conv, vector)):
        value = (value - bn.running_mean[j]) / (bn.running_var[j] + bn.eps) ** 0.5
        value = value * bn.weight[j] + bn.bias[j]
        out.append(value.clamp(min=0) if relu else value)
    return out


def mixed(block, film: Tensor) -> Tensor:
    """x + the mix of all channels of all frames: (C, T, N)."""
    maps = [film[c, t] for c in range(film.shape[0]) for t in range(film.shape[1])]
    rows = []
    for own in maps:
        weights = normalise({j: dot(own, other) for j, other in enumerate(maps)})
        rows.append(sum(weights[j] * other for j, other in enumerate(maps)))
    rows = torch.stack(rows).view(film.shape)
    terms = [[normed(block.ciau, rows[:, t, n]) for n in range(film.shape[2])]
             for t in range(film.shape[1])]  # fmt: skip
    return film + torch.stack([torch.stack([torch.stack(v) for v in t]) for t in terms]).permute(
        2, 0, 1
    )


def summed(block, film: Tensor) -> dict[tuple[int, int], list[Tensor]]:
    """Each node (frame, part): the sum of positions by how much they are of that part."""
    nodes = {}
    for t in range(film.shape[1]):
        shares = [[sigmoid(a) for a in normed(block.parts, v)] for v in film[:, t].T]
        for p in range(len(shares[0])):
            total = sum(share[p] * v for share, v in zip(shares, film[:, t].T, strict=True))
            nodes[t, p] = apply(block.reduce, total)
    return nodes


def hears(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Another part of the same frame, or the same part of another frame."""
    return (a[0] == b[0]) != (a[1] == b[1])


def updated(block, nodes: dict, whole: list[Tensor]) -> dict:
    """Each node after one message from those that it hears."""
    out = {}
    for a, own in nodes.items():
        logits = {}
        for b in (b for b in nodes if hears(a, b)):
            apart = [(x - y).abs() for x, y in zip(own, nodes[b], strict=True)]
            (logits[b],) = normed(block.edge, [*apart, *whole])
        weights = normalise(logits)
        heard = [sum(weights[b] * nodes[b][j] for b in logits) for j in range(len(own))]
        out[a] = normed(block.update, [*own, *heard], relu=True)
    return out


def iau(block, x: Tensor) -> Tensor:
    """(B, C, T, H, W), or (B, C, H, W) as a film of one frame."""
    out = []
    for image in x:
        frames = image.shape[1] if image.ndim == 4 else 1
        film = mixed(block, image.reshape(len(image), frames, -1))
        whole = apply(block.reduce, [channel.sum() / channel.numel() for channel in film])
        nodes = updated(block, summed(block, film), whole)
        heard = []
        for t in range(frames):
            parts = [nodes[node] for node in nodes if node[0] == t]
            mean = [sum(values) / len(parts) for values in zip(*parts, strict=True)]
            term = torch.stack(normed(block.siau, [*mean, *whole]))
            heard.append(film[:, t] + term[:, None])
        out.append(torch.stack(heard, 1).view(image.shape))
    return torch.stack(out)
