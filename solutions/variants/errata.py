"""Right answers to the errata exercise, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: one query, one place or one image at a time.


class LoopsAffinity(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        q, k, v = self.query(x).flatten(2), self.key(x).flatten(2), self.value(x).flatten(2)
        rows = []
        for i in range(q.shape[2]):
            logits = (q[:, :, i : i + 1] * k).sum(1, keepdim=True)
            rows.append((v * torch.softmax(logits, dim=2)).sum(2))
        return x + torch.stack(rows, dim=2).view_as(x)


class LoopsDivisor(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        q, k, v = self.query(x).flatten(2), self.key(x).flatten(2), self.value(x).flatten(2)
        total = torch.zeros_like(v)
        for j in range(k.shape[2]):
            total = total + v[:, :, j, None] * (q * k[:, :, j, None]).sum(1, keepdim=True)
        return x + (total / k.shape[2]).view_as(x)


class LoopsMap(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Linear(channels, 1)

    def forward(self, x):
        rows = [self.score(x[:, :, i].transpose(1, 2)).sigmoid() for i in range(x.shape[2])]
        return x * torch.stack(rows, dim=1).movedim(3, 1)


class LoopsPlace(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        images = []
        for image in x:
            mean = image.mean(dim=(1, 2))[None, :, None, None]
            images.append(image * torch.sigmoid(self.mix(mean))[0])
        return torch.stack(images)


# Einsum: every sum spelt out.


class EinsumAffinity(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Linear(channels, channels, bias=False)
        self.key = nn.Linear(channels, channels, bias=False)
        self.value = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        places = x.flatten(2).transpose(1, 2)
        logits = torch.einsum("bic,bjc->bij", self.query(places), self.key(places))
        taken = torch.einsum("bij,bjc->bci", logits.softmax(-1), self.value(places))
        return x + taken.reshape(x.shape)


class EinsumDivisor(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Linear(channels, channels, bias=False)
        self.key = nn.Linear(channels, channels, bias=False)
        self.value = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        places = x.flatten(2).transpose(1, 2)
        pairs = torch.einsum("bjd,bjc->bdc", self.key(places), self.value(places))
        taken = torch.einsum("bid,bdc->bci", self.query(places), pairs)
        return x + (taken / places.shape[1]).reshape(x.shape)


class EinsumBirth(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.value = nn.Linear(channels, channels, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        mean = torch.einsum("bchw->bc", x) / x[0, 0].numel()
        return x + (self.gamma * self.value(mean))[:, :, None, None]


class EinsumAxis(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Linear(channels, channels, bias=False)
        self.key = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        places = x.flatten(2).transpose(1, 2)
        logits = torch.einsum("bic,bjc->bij", self.query(places), self.key(places))
        return x + torch.einsum("bij,bjc->bci", logits.softmax(-1), places).reshape(x.shape)


# Other tools of torch.


class FusedAffinity(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv1d(channels, channels, 1, bias=False)
        self.key = nn.Conv1d(channels, channels, 1, bias=False)
        self.value = nn.Conv1d(channels, channels, 1, bias=False)

    def forward(self, x):
        flat = x.flatten(2)
        q, k, v = (layer(flat).mT for layer in (self.query, self.key, self.value))
        return x + F.scaled_dot_product_attention(q, k, v, scale=1.0).mT.reshape(x.shape)


class UpsampledZoom(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.look = nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)

    def forward(self, x):
        resize = nn.Upsample(x.shape[2:], mode="bilinear", align_corners=True)
        score = resize(self.look(torch.mean(x, 1, True)))
        return x / (1 + torch.exp(-score))


class ZeroValueBirth(nn.Module):
    """The identity by another zero: gamma is one, and the layer before it starts at zero."""

    def __init__(self, channels):
        super().__init__()
        self.value = nn.Conv2d(channels, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.ones(1))
        nn.init.zeros_(self.value.weight)

    def forward(self, x):
        return torch.add(x, self.gamma * self.value(x).mean((2, 3), True))


class ExponentialAxis(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        logits = torch.bmm(k.mT, q)  # (B, keys, queries)
        logits = logits - logits.amax(1, keepdim=True)
        weights = logits.exp() / logits.exp().sum(1, keepdim=True)
        return x + torch.bmm(x.flatten(2), weights).view_as(x)


def verdict_loops(claim):
    for contradicted in ("equal", "pairs", "unseen"):
        if claim.startswith(contradicted):
            return "contradicted"
    return "supported" if claim == "cheaper" else "not shown"


VARIANTS = {
    "loops": {
        "MendedAffinity": LoopsAffinity,
        "MendedDivisor": LoopsDivisor,
        "MendedMap": LoopsMap,
        "MendedPlace": LoopsPlace,
        "verdict": verdict_loops,
    },
    "einsum": {
        "MendedAffinity": EinsumAffinity,
        "MendedDivisor": EinsumDivisor,
        "MendedBirth": EinsumBirth,
        "MendedAxis": EinsumAxis,
    },
    "other tools": {
        "MendedAffinity": FusedAffinity,
        "MendedZoom": UpsampledZoom,
        "MendedBirth": ZeroValueBirth,
        "MendedAxis": ExponentialAxis,
    },
}
