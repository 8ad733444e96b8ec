"""Right answers to the criss-cross exercise, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: one position at a time, its keys collected in a list.


def shapes_loops(B, C, H, W):
    queries = {"non-local": (B, H * W), "columns": (B * W, H), "rows": (B * H, W)}
    found = {"criss-cross": (B, H, W, H + W)}
    for name, shape in queries.items():
        found[name] = (*shape, shape[-1])
    return found


def weights_loops(q, k):
    batch, _, height, width = q.shape
    maps = q.new_zeros(batch, height, width, height + width)
    for i in range(height):
        for j in range(width):
            logits = [(q[:, :, i, j] * k[:, :, m, j]).sum(1) for m in range(height)]
            logits[i] = torch.full_like(logits[i], -torch.inf)
            logits += [(q[:, :, i, j] * k[:, :, i, n]).sum(1) for n in range(width)]
            maps[:, i, j] = torch.stack(logits, dim=1).softmax(dim=1)
    return maps


class LoopsCC(nn.Module):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__()
        self.asks = nn.Conv2d(channels, channels // reduction, 1)
        self.shows = nn.Conv2d(channels, channels // reduction, 1)
        self.gives = nn.Conv2d(channels, channels, 1)
        self.factor = nn.Parameter(torch.zeros(1))
        self.times = passes

    def look(self, x):
        q, k, v = self.asks(x), self.shows(x), self.gives(x)
        height, width = x.shape[2:]
        sums = []
        for i in range(height):
            for j in range(width):
                cross = [(m, j) for m in range(height) if m != i] + [(i, n) for n in range(width)]
                keys = torch.stack([k[:, :, m, n] for m, n in cross], dim=2)
                values = torch.stack([v[:, :, m, n] for m, n in cross], dim=2)
                share = (q[:, :, i, j, None] * keys).sum(1, keepdim=True).softmax(dim=2)
                sums.append((share * values).sum(2))
        return x + self.factor * torch.stack(sums, dim=2).view(x.shape)

    def forward(self, x):
        for _ in range(self.times):
            x = self.look(x)
        return x


def reach_loops(height, width, i, j, passes):
    reached = torch.zeros(height, width, dtype=torch.bool)
    reached[i, j] = True
    for _ in range(passes):
        grown = reached.clone()
        for a in range(height):
            for b in range(width):
                if reached[a, b]:
                    grown[a] = True
                    grown[:, b] = True
        reached = grown
    return reached


def routes_loops(height, width, i, j):
    ways = torch.zeros(height, width, dtype=torch.int64)
    for a in range(height):
        for b in range(width):
            if a == i or b == j:
                ways[a] += 1
                ways[:, b] += 1
                ways[a, b] -= 1
    return ways


def pays_loops(channels, passes=2):
    c = channels // 8
    for side in range(1, 10_000):
        n = side * side
        once = n * (2 * channels * c + channels * channels)
        cross = passes * (once + n * 2 * side * (channels + c))
        if cross < once + n * n * (channels + c):
            return side
    return None


# Einsum: weights held as parameters, logits spelt out by their letters.


def weights_einsum(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    height = q.shape[2]
    silent = torch.zeros(height, 1, height, dtype=q.dtype).masked_fill_(
        torch.eye(height, dtype=torch.bool)[:, None], -torch.inf
    )
    return F.softmax(torch.cat([column + silent, row], dim=3), dim=3)


class EinsumCC(nn.Module):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__()
        inner = channels // reduction
        self.passes = passes
        self.q_weight = nn.Parameter(torch.randn(inner, channels) * channels**-0.5)
        self.q_bias = nn.Parameter(torch.zeros(inner))
        self.k_weight = nn.Parameter(torch.randn(inner, channels) * channels**-0.5)
        self.k_bias = nn.Parameter(torch.zeros(inner))
        self.v_weight = nn.Parameter(torch.randn(channels, channels) * channels**-0.5)
        self.v_bias = nn.Parameter(torch.zeros(channels))
        self.scale = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        height = x.shape[2]
        own = torch.eye(height, dtype=torch.bool, device=x.device)
        for _ in range(self.passes):
            q = torch.einsum("dc,bcij->bdij", self.q_weight, x) + self.q_bias[:, None, None]
            k = torch.einsum("dc,bcij->bdij", self.k_weight, x) + self.k_bias[:, None, None]
            v = torch.einsum("dc,bcij->bdij", self.v_weight, x) + self.v_bias[:, None, None]
            column = torch.einsum("bdij,bdmj->bjim", q, k).masked_fill(own, -torch.inf)
            row = torch.einsum("bdij,bdin->bijn", q, k)
            a = torch.cat([column.transpose(1, 2), row], dim=3).softmax(dim=3)
            y = torch.einsum("bijm,bcmj->bcij", a[..., :height], v)
            y = y + torch.einsum("bijn,bcin->bcij", a[..., height:], v)
            x = torch.einsum("k,bcij->bcij", self.scale, y) + x
        return x


class EinsumMended(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels // 8, 1)
        self.key = nn.Conv2d(channels, channels // 8, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        column = torch.einsum("bcij,bcmj->bijm", q, k)
        for i in range(x.shape[2]):
            column[:, i, :, i] = -torch.inf
        row = torch.einsum("bcij,bcin->bijn", q, k)
        a = torch.softmax(torch.cat([column, row], dim=-1), dim=-1)
        column, row = a[..., : x.shape[2]], a[..., x.shape[2] :]
        y = torch.einsum("bijm,bcmj->bcij", column, v) + torch.einsum("bijn,bcin->bcij", row, v)
        return x + self.gamma * y


def routes_einsum(height, width, i, j):
    rows, columns = torch.arange(height), torch.arange(width)
    line, post = (rows[:, None] == rows).long(), (columns[:, None] == columns).long()
    step = torch.einsum("am,bn->abmn", line, torch.ones_like(post))
    step = step + torch.einsum("am,bn->abmn", torch.ones_like(line), post)
    step = step - torch.einsum("am,bn->abmn", line, post)
    return torch.einsum("ab,abmn->mn", step[i, j], step)


def transferred_einsum(weights):
    w = {name.replace(".weight", ""): value for name, value in weights.items()}
    names = {"query": "theta", "key": "phi"}
    moved = {f"{new}.weight": w[old] for new, old in names.items()}
    moved |= {f"{new}.bias": w[f"{old}.bias"] for new, old in names.items()}
    moved["value.weight"] = torch.einsum("od,dc->oc", w["out"], w["g"])
    moved["value.bias"] = torch.einsum("od,d->o", w["out"], w["g.bias"]) + w["out.bias"]
    moved["gamma"] = torch.ones(1, dtype=w["out"].dtype)
    return moved


# All pairs, as in a non-local block, with everything off the cross silenced.


class MaskedCC(nn.Module):
    def __init__(self, channels, passes=2, reduction=8):
        super().__init__()
        self.layers = nn.ModuleDict({
            "query": nn.Linear(channels, channels // reduction),
            "key": nn.Linear(channels, channels // reduction),
            "value": nn.Linear(channels, channels),
        })  # fmt: skip
        self.gamma = nn.Parameter(torch.zeros(1))
        self.passes = passes

    def forward(self, x):
        height, width = x.shape[2:]
        at = torch.arange(height * width, device=x.device)
        row, column = at // width, at % width
        off = (row[:, None] != row) & (column[:, None] != column)
        flat = x.flatten(2).mT  # (B, N, C)
        for _ in range(self.passes):
            q, k, v = (layer(flat) for layer in self.layers.values())
            a = torch.bmm(q, k.mT).masked_fill(off, -torch.inf).softmax(dim=2)
            flat = flat + self.gamma * torch.bmm(a, v)
        return flat.mT.reshape(x.shape)


def weights_masked(q, k):
    height, width = q.shape[2:]
    row = (q.permute(0, 2, 3, 1) @ k.permute(0, 2, 1, 3)).exp()
    column = (q.permute(0, 3, 2, 1) @ k.permute(0, 3, 1, 2)).exp()
    column = column * (1 - torch.eye(height, dtype=q.dtype))
    total = row.sum(-1) + column.sum(-1).mT
    return torch.cat([column.transpose(1, 2), row], -1) / total.view(-1, height, width, 1)


def reach_masked(height, width, i, j, passes):
    rows = torch.arange(height).view(-1, 1).repeat(1, width)
    columns = torch.arange(width).repeat(height, 1)
    return (rows != i).int() + (columns != j).int() <= passes


def macs_masked(channels, height, width, passes=2):
    positions, c = height * width, channels // 8
    layers = positions * channels * (c + c + channels)
    columns = width * (height * height * c + height * height * channels)
    rows = height * (width * width * c + width * width * channels)
    return passes * (layers + columns + rows)


def pays_closed(channels, passes=2):
    project, meet = 2 * channels * (channels // 8) + channels**2, channels + channels // 8
    more = (passes - 1) * project / meet
    return int(passes + (passes**2 + more) ** 0.5) + 1


def agree_masked(height, width):
    return height + width - 1 == height * width


VARIANTS = {
    "loops": {
        "affinity_shapes": shapes_loops, "cross_weights": weights_loops,
        "CrissCrossBlock": LoopsCC, "reach": reach_loops, "routes": routes_loops,
        "pays_from": pays_loops,
    },
    "einsum": {
        "cross_weights": weights_einsum, "CrissCrossBlock": EinsumCC, "routes": routes_einsum,
        "transferred": transferred_einsum, "MendedCrissCross": EinsumMended,
    },
    "all pairs masked": {
        "cross_weights": weights_masked, "CrissCrossBlock": MaskedCC, "reach": reach_masked,
        "macs": macs_masked, "pays_from": pays_closed, "agree": agree_masked,
    },
}  # fmt: skip
