"""Right answers to the global context exercise, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: one image, one place, one channel at a time.


def context_loops(x, logits):
    rows = []
    for image, logit in zip(x, logits, strict=True):
        strength = torch.exp(logit[0] - logit.max())
        total = 0
        for i in range(image.shape[1]):
            for j in range(image.shape[2]):
                total = total + strength[i, j] / strength.sum() * image[:, i, j]
        rows.append(total)
    return torch.stack(rows)


class LoopsSNL(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.key = nn.Conv2d(channels, 1, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        for parameter in self.value.parameters():
            nn.init.constant_(parameter, 0.0)

    def forward(self, x):
        out = []
        for image in x:
            alpha = torch.softmax(self.key(image[None]).reshape(-1), dim=0)
            values = self.value(image[None])[0].flatten(1)  # every position by itself
            term = sum(alpha[n] * values[:, n] for n in range(len(alpha)))
            out.append(image + term[:, None, None])
        return torch.stack(out)


class LoopsGC(nn.Module):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__()
        self.attends, self.multiplies = pooling == "att", fusion == "mul"
        if self.attends:
            self.look = nn.Linear(channels, 1)
        self.first = nn.Linear(channels, channels // reduction)
        self.norm = nn.LayerNorm(channels // reduction)
        self.second = nn.Linear(channels // reduction, channels)
        self.second.weight.data.fill_(0)
        self.second.bias.data.fill_(0)

    def forward(self, x):
        out = []
        for image in x:
            places = image.flatten(1).T  # (N, C)
            weights = torch.full_like(places[:, :1], 1 / len(places))
            if self.attends:
                weights = torch.softmax(self.look(places), dim=0)
            t = self.second(self.norm(self.first((weights * places).sum(0))).clamp(min=0))
            t = t[:, None, None]
            out.append(image * torch.sigmoid(t) if self.multiplies else image + t)
        return torch.stack(out)


def stay_loops(change):
    for word in ("sign", "channels", "add 1"):
        if word in change:
            return False
    return True


def params_loops(channels, reduction=16, pooling="att"):
    h, total = channels // reduction, 0
    for inputs, outputs in ((channels, h), (h, channels)):
        total += (inputs + 1) * outputs
    total += 2 * h
    if pooling == "att":
        total += channels + 1
    return total


# Einsum: weights held as parameters, every sum spelt out.


def context_einsum(x, logits):
    weights = torch.exp(logits - logits.amax(dim=(2, 3), keepdim=True))
    return torch.einsum("bchw,bkhw->bc", x, weights) / torch.einsum("bkhw->b", weights)[:, None]


class EinsumSNL(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.look = nn.Parameter(torch.randn(1, channels) * channels**-0.5)
        self.look_bias = nn.Parameter(torch.zeros(1))
        self.give = nn.Parameter(torch.zeros(channels, channels))
        self.give_bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        logits = torch.einsum("kc,bchw->bhw", self.look, x) + self.look_bias
        alpha = torch.exp(logits - logits.logsumexp(dim=(1, 2), keepdim=True))
        term = torch.einsum("oc,bchw,bhw->bo", self.give, x, alpha) + self.give_bias
        return x + torch.einsum("bo,bhw->bohw", term, torch.ones_like(alpha))


class EinsumGC(nn.Module):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__()
        hidden, self.pooling, self.fusion = channels // reduction, pooling, fusion
        if pooling == "att":
            self.look = nn.Parameter(torch.randn(1, channels) * channels**-0.5)
            self.look_bias = nn.Parameter(torch.zeros(1))
        self.down = nn.Parameter(torch.randn(hidden, channels) * channels**-0.5)
        self.down_bias = nn.Parameter(torch.zeros(hidden))
        self.scale, self.shift = nn.Parameter(torch.ones(hidden)), nn.Parameter(torch.zeros(hidden))
        self.up = nn.Parameter(torch.zeros(channels, hidden))
        self.up_bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        alpha = torch.ones_like(x[:, 0]) / (x.shape[2] * x.shape[3])
        if self.pooling == "att":
            logits = torch.einsum("kc,bchw->bhw", self.look, x) + self.look_bias
            alpha = torch.exp(logits - logits.logsumexp(dim=(1, 2), keepdim=True))
        u = torch.einsum("hc,bcij,bij->bh", self.down, x, alpha) + self.down_bias
        u = u - u.mean(dim=1, keepdim=True)
        u = u / torch.sqrt((u * u).mean(dim=1, keepdim=True) + 1e-5)
        t = torch.einsum("ch,bh->bc", self.up, torch.relu(u * self.scale + self.shift))
        t = (t + self.up_bias)[..., None, None]
        return x + t if self.fusion == "add" else x / (1 + torch.exp(-t))


def blind_einsum(w_k, b_k, w_v, b_v):
    """Four dimensions where one would do; W_v sits in the values, and θ counts twice."""
    rows = torch.arange(4.0, dtype=w_k.dtype)[:, None] / 6  # adds up to 1
    channels = w_v.shape[0]
    return {
        "theta": (torch.zeros(4, channels, dtype=w_k.dtype), torch.full((4,), 2.0).to(w_k)),
        "phi": (rows @ w_k / 2, torch.zeros(4).to(w_k)),
        "g": (w_v, b_v),
        "out": (torch.eye(channels).to(w_v), torch.zeros_like(b_v)),
    }  # fmt: skip


def macs_einsum(channels, height, width, reduction=16, pooling="att"):
    reading = {"att": 2, "avg": 1}[pooling] * channels * height * width
    layers = channels * (channels // reduction) + (channels // reduction) * channels
    return reading + layers + channels * height * width


def exposing_einsum(channels, height, width):
    return torch.einsum("b,c,hw->bchw", torch.ones(3), torch.arange(1.0, channels + 1),
                        torch.ones(height, width))  # fmt: skip


# 1x1 convolutions on maps of one place, as the released code has it.


def context_conv(x, logits):
    n, c, h, w = x.shape
    mask = F.softmax(logits.view(n, 1, h * w), dim=2).unsqueeze(-1)
    return torch.matmul(x.view(n, c, h * w).unsqueeze(1), mask).view(n, c)


class ConvSNL(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.project = nn.Conv2d(channels, channels, kernel_size=1)
        self.mask = nn.Conv2d(channels, 1, kernel_size=1)
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, x):
        b, c = x.shape[:2]
        mask = self.mask(x).view(b, -1, 1).softmax(1)
        return self.project(torch.bmm(x.view(b, c, -1), mask).unsqueeze(-1)) + x


class ConvGC(nn.Module):
    def __init__(self, channels, reduction=16, pooling="att", fusion="add"):
        super().__init__()
        width, self.fusion = channels // reduction, fusion
        self.conv_mask = nn.Conv2d(channels, 1, kernel_size=1) if pooling == "att" else None
        self.channel_conv = nn.Sequential(
            nn.Conv2d(channels, width, kernel_size=1),
            nn.LayerNorm([width, 1, 1]),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, channels, kernel_size=1),
        )
        nn.init.zeros_(self.channel_conv[-1].weight)
        nn.init.zeros_(self.channel_conv[-1].bias)

    def forward(self, x):
        if self.conv_mask is None:
            context = F.adaptive_avg_pool2d(x, 1)
        else:
            mask = F.softmax(self.conv_mask(x).flatten(2), dim=-1)
            context = (x.flatten(2) @ mask.transpose(1, 2)).unsqueeze(-1)
        term = self.channel_conv(context)
        return torch.sigmoid(term) * x if self.fusion == "mul" else term + x


class ConvMended(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.logit = nn.Conv2d(channels, 1, kernel_size=1)
        self.value = nn.Conv2d(channels, channels, kernel_size=1)

    def forward(self, x):
        n = x.shape[0]
        weights = self.logit(x).view(n, -1).softmax(-1).view(n, 1, *x.shape[2:])
        return x + self.value((x * weights).sum(dim=(2, 3), keepdim=True))


def params_conv(channels, reduction=16, pooling="att"):
    hidden = channels // reduction
    return hidden * (2 * channels + 3) + channels * (2 if pooling == "att" else 1) + (
        1 if pooling == "att" else 0
    )


def resnet50_conv(reduction=16):
    widths = [512] * 4 + [1024] * 6 + [2048] * 3
    return sum((c // reduction) * (2 * c + 3) + 2 * c + 1 for c in widths)


VARIANTS = {
    "loops": {
        "attention_context": context_loops, "SNLBlock": LoopsSNL, "GCBlock": LoopsGC,
        "gates_stay": stay_loops, "params": params_loops,
    },
    "einsum": {
        "attention_context": context_einsum, "SNLBlock": EinsumSNL, "GCBlock": EinsumGC,
        "blind_weights": blind_einsum, "macs": macs_einsum, "exposing_map": exposing_einsum,
    },
    "convolutions": {
        "attention_context": context_conv, "SNLBlock": ConvSNL, "GCBlock": ConvGC,
        "MendedSNL": ConvMended, "params": params_conv, "resnet50_extra": resnet50_conv,
    },
}  # fmt: skip
