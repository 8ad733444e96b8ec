"""Right answers to the exercise on channels and places, each by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: channel by channel, place by place.


class LoopsSCSE(nn.Module):
    def __init__(self, channels, reduction=2):
        super().__init__()
        self.first = nn.Linear(channels, channels // reduction)
        self.second = nn.Linear(channels // reduction, channels)
        self.here = nn.Linear(channels, 1)

    def forward(self, x):
        means = torch.stack([x[:, c].mean(dim=(1, 2)) for c in range(x.shape[1])], dim=1)
        of_channel = self.second(torch.relu(self.first(means))).sigmoid()
        out = torch.zeros_like(x)
        for i in range(x.shape[2]):
            for j in range(x.shape[3]):
                of_place = self.here(x[:, :, i, j]).sigmoid()
                out[:, :, i, j] = of_channel * x[:, :, i, j] + of_place * x[:, :, i, j]
        return out


class LoopsRegions(nn.Module):
    def __init__(self, channels, parts=4, scale=(1, 0.25)):
        super().__init__()
        self.locate = nn.Linear(channels, 2 * parts)
        self.wide, self.high = scale

    def forward(self, x):
        numbers = self.locate(x.mean((2, 3))).tanh()
        height, width = x.shape[2:]
        rows, columns = torch.arange(height).to(x), torch.arange(width).to(x)
        out = []
        for part in range(numbers.shape[1] // 2):
            across, down = numbers[:, 2 * part, None], numbers[:, 2 * part + 1, None]
            u = (across + self.wide * (2 * columns / (width - 1) - 1) + 1) * (width - 1) / 2
            v = (down + self.high * (2 * rows / (height - 1) - 1) + 1) * (height - 1) / 2
            near_u = F.relu(1 - (u[:, :, None] - columns).abs())  # (B, W, W)
            near_v = F.relu(1 - (v[:, :, None] - rows).abs())
            out.append(near_v[:, None] @ x @ near_u[:, None].mT)
        return torch.stack(out, dim=1)


class LoopsMasked(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Conv2d(channels, channels, 3, padding=1)
        inner = channels // 2
        layers = nn.Conv2d(channels, inner, 3, padding=1), nn.Conv2d(inner, channels, 1)
        self.mask = nn.ModuleList(layers)

    def forward(self, x):
        far = F.pad(x, (1, 1, 1, 1), value=-torch.inf)
        tops, lefts = range(0, x.shape[2], 2), range(0, x.shape[3], 2)
        small = torch.stack(
            [torch.stack([far[:, :, i : i + 3, j : j + 3].amax((2, 3)) for j in lefts], dim=2)
             for i in tops], dim=2,
        )  # fmt: skip
        small = self.mask[0](small).relu()
        size = list(x.shape[2:])
        gates = self.mask[1](F.interpolate(small, size, mode="bilinear", align_corners=True))
        y = self.body(x)
        return y + y * gates.sigmoid()


def costs_loops(channels, height, width, reduction=16):
    h = channels // reduction
    once = [(channels, h, 1), (h, channels, 1)]
    everywhere = [(channels, h, 1), (h, h, 9), (h, h, 9), (h, 1, 1)]
    weights = work = 0
    for inputs, outputs, taps in once + everywhere:
        weights += inputs * outputs * taps + outputs
    for _ in range(4):
        weights += 2 * h
    for inputs, outputs, taps in once:
        work += inputs * outputs * taps
    for inputs, outputs, taps in everywhere:
        work += inputs * outputs * taps * height * width
    return weights, work


def heard_loops(dilations):
    reach = sum(dilations)
    row = [place == reach for place in range(2 * reach + 1)]
    for d in dilations:
        row = [any(row[max(0, at - d) : at + d + 1 : d]) if at >= d else
               any(row[at : at + d + 1 : d]) for at in range(len(row))]  # fmt: skip
    return [place - reach for place, reached in enumerate(row) if reached]


def gapless_loops(kernels):
    dilations, heard = [], 1
    for _ in range(kernels):
        dilations.append(heard)
        heard *= 3
    return dilations


def crossing_loops(table):
    best = torch.zeros((), dtype=table.dtype)
    channels, places = table.shape
    for c, d in [(c, d) for c in range(channels) for d in range(channels)]:
        for p, q in [(p, q) for p in range(places) for q in range(places)]:
            best = torch.maximum(best, table[c, p] + table[d, q] - table[c, q] - table[d, p])
    return best


def flat_loops(way):
    if "product" in way:
        return "logarithm" if way.endswith("gates") else "none"
    return "gate" if way.endswith("gates") else "logit"


# Einsum: gates and sums as products of named axes.


class EinsumSCSE(nn.Module):
    def __init__(self, channels, reduction=2):
        super().__init__()
        hidden = channels // reduction
        self.w1 = nn.Parameter(torch.randn(hidden, channels))
        self.b1 = nn.Parameter(torch.zeros(hidden))
        self.w2 = nn.Parameter(torch.randn(channels, hidden))
        self.b2 = nn.Parameter(torch.zeros(channels))
        self.w = nn.Parameter(torch.randn(1, channels))
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        z = torch.einsum("bchw->bc", x) / x[0, 0].numel()
        u = torch.einsum("hc,bc->bh", self.w1, z) + self.b1
        s = torch.einsum("ch,bh->bc", self.w2, u.clamp(min=0)) + self.b2
        q = torch.einsum("oc,bchw->bohw", self.w, x) + self.b
        first = torch.einsum("bchw,bc->bchw", x, 1 / (1 + torch.exp(-s)))
        return first + torch.einsum("bchw,bohw->bchw", x, 1 / (1 + torch.exp(-q)))


class EinsumBAM(nn.Module):
    def __init__(self, channels, reduction=16, dilation=4):
        super().__init__()
        h = channels // reduction
        self.d = dilation
        self.inner, self.bn_inner = nn.Linear(channels, h), nn.BatchNorm1d(h)
        self.outer = nn.Linear(h, channels)
        self.narrow, self.bn_narrow = nn.Linear(channels, h), nn.BatchNorm2d(h)
        self.far_a, self.bn_a = nn.Conv2d(h, h, 3), nn.BatchNorm2d(h)
        self.far_b, self.bn_b = nn.Conv2d(h, h, 3), nn.BatchNorm2d(h)
        self.last = nn.Linear(h, 1)

    def far(self, conv, u):
        d, (height, width) = self.d, u.shape[2:]
        wide = F.pad(u, (d, d, d, d))
        out = conv.bias[:, None, None]
        for p, q in [(p, q) for p in range(3) for q in range(3)]:
            tap = wide[:, :, p * d : p * d + height, q * d : q * d + width]
            out = out + torch.einsum("oc,bchw->bohw", conv.weight[:, :, p, q], tap)
        return out

    def forward(self, x):
        a = self.outer(self.bn_inner(self.inner(x.mean((2, 3)))).relu())
        u = self.narrow(x.movedim(1, -1)).movedim(-1, 1)
        u = self.bn_a(self.far(self.far_a, self.bn_narrow(u).relu())).relu()
        u = self.bn_b(self.far(self.far_b, u)).relu()
        logit = a[:, :, None, None] + self.last(u.movedim(1, -1)).movedim(-1, 1)
        return x * (1 + logit.sigmoid())


def crossing_einsum(table):
    ones = torch.ones_like(table)
    rows = torch.einsum("cp,dp->cdp", table, ones) - torch.einsum("cp,dp->cdp", ones, table)
    return torch.stack([(row[:, None] - row[None]).max() for row in rows.flatten(0, 1)]).max()


def slopes_einsum(x, a, b, g):
    gate = 1 / (1 + torch.exp(-a - b))
    each = torch.einsum("bchw,bchw,bchw->bchw", g, x, gate - gate**2)
    of_a, of_b = torch.einsum("bchw->bc", each), torch.einsum("bchw->bhw", each)
    return of_a[:, :, None, None], of_b[:, None]


# Layers and functions of the library, as published code has it.


class LayersSCSE(nn.Module):
    def __init__(self, channels, reduction=2):
        super().__init__()
        self.cse = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels // reduction, 1), nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1), nn.Sigmoid(),
        )  # fmt: skip
        self.sse = nn.Sequential(nn.Conv2d(channels, 1, 1), nn.Sigmoid())

    def forward(self, x):
        return self.cse(x) * x + self.sse(x) * x


class LayersBAM(nn.Module):
    def __init__(self, channels, reduction=16, dilation=4):
        super().__init__()
        h = channels // reduction
        self.mlp_in, self.mlp_norm = nn.Linear(channels, h), nn.BatchNorm1d(h)
        self.mlp_out = nn.Linear(h, channels)
        self.places = nn.Sequential(nn.Conv2d(channels, h, 1), nn.BatchNorm2d(h), nn.ReLU())
        for n in range(2):
            conv = nn.Conv2d(h, h, 3, padding=dilation, dilation=dilation)
            self.places.add_module(f"far{n}", nn.Sequential(conv, nn.BatchNorm2d(h), nn.ReLU()))
        self.places.add_module("final", nn.Conv2d(h, 1, 1))

    def forward(self, x):
        z = F.adaptive_avg_pool2d(x, 1).flatten(1)
        channel = self.mlp_out(F.relu(self.mlp_norm(self.mlp_in(z))))
        logits = channel[..., None, None].expand_as(x) + self.places(x).expand_as(x)
        return (1 + torch.sigmoid(logits)) * x


class LayersMasked(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.trunk = nn.Conv2d(channels, channels, (3, 3), padding="same")
        self.encoder = nn.Sequential(
            nn.MaxPool2d(3, 2, 1), nn.Conv2d(channels, channels // 2, 3, 1, 1), nn.ReLU()
        )
        self.decoder = nn.Sequential(nn.Conv2d(channels // 2, channels, 1), nn.Sigmoid())

    def forward(self, x):
        features = nn.UpsamplingBilinear2d(size=tuple(x.shape[2:]))(self.encoder(x))
        trunk = self.trunk(x)
        return torch.addcmul(trunk, self.decoder(features), trunk)


class LayersRegions(nn.Module):
    def __init__(self, channels, parts=4, scale=(1, 0.25)):
        super().__init__()
        self.parts, self.scale = parts, scale
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(channels, 2 * parts)

    def forward(self, x):
        theta = torch.tanh(self.fc(self.pool(x).flatten(1))).view(-1, self.parts, 2)
        crops = []
        for part in range(self.parts):
            matrix = x.new_zeros(len(x), 2, 3)
            matrix[:, 0, 0], matrix[:, 1, 1] = self.scale
            matrix = matrix + F.pad(theta[:, part, :, None], (2, 0))
            grid = F.affine_grid(matrix, x.size(), align_corners=True)
            crops.append(F.grid_sample(x, grid, align_corners=True))
        return torch.stack(crops, dim=1)


VARIANTS = {
    "loops": {
        "SCSEBlock": LoopsSCSE, "MaskedTrunk": LoopsMasked, "Regions": LoopsRegions,
        "costs": costs_loops, "heard": heard_loops, "gapless": gapless_loops,
        "crossing": crossing_loops, "flat_on": flat_loops,
    },
    "einsum": {
        "SCSEBlock": EinsumSCSE, "BAMBlock": EinsumBAM, "crossing": crossing_einsum,
        "slopes": slopes_einsum,
    },
    "layers": {
        "SCSEBlock": LayersSCSE, "BAMBlock": LayersBAM, "MaskedTrunk": LayersMasked,
        "Regions": LayersRegions,
    },
}  # fmt: skip
