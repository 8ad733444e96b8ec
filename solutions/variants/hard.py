"""Right answers to the exercise on hard attention, each written by other means."""

import math

import torch
import torch.nn.functional as F
from torch import nn

# Loops: one pixel, one place, one look at a time.


def glimpse_loops(x, where, side, scales):
    images, channels, height, width = x.shape
    seen = x.new_zeros(images, scales, channels, side, side)
    for n in range(images):
        i = math.floor((where[n, 0].item() + 1) * width / 2)
        j = math.floor((where[n, 1].item() + 1) * height / 2)
        for k in range(scales):
            zoom = 2**k
            for a in range(side * zoom):
                for b in range(side * zoom):
                    row, column = j - side * zoom // 2 + a, i - side * zoom // 2 + b
                    if 0 <= row < height and 0 <= column < width:
                        seen[n, k, :, a // zoom, b // zoom] += x[n, :, row, column] / zoom**2
    return seen


def costs_loops(channels, side, scales, hidden):
    numbers = 0
    for _ in range(scales):
        numbers += channels * side * side
    parameters = work = 0
    for a, b in ((numbers, hidden), (2, hidden), (hidden, 2 * hidden), (hidden, 2 * hidden)):
        parameters += a * b + b
        work += a * b
    return parameters, work


def overtakes_loops(channels, side, scales, hidden, height, width):
    look = (channels * scales * side**2 + 2 + 4 * hidden) * hidden
    looks = 1
    while looks * look <= 9 * channels * hidden * height * width:
        looks += 1
    return looks


class LoopsLocator(nn.Module):
    def __init__(self, size, std):
        super().__init__()
        self.proposal = nn.Linear(size, 2)
        self.spread = torch.distributions.Normal
        self.std = std

    def forward(self, state, noise):
        rows = []
        for h, n in zip(state.detach(), noise, strict=True):
            mu = self.proposal(h).tanh()
            with torch.no_grad():
                drawn = mu + n * self.std
            chance = self.spread(mu, self.std).log_prob(drawn)
            clamped = [min(max(v, -1.0), 1.0) for v in drawn.tolist()]
            rows.append(torch.cat([drawn.new_tensor(clamped), (chance[0] + chance[1]).view(1)]))
        return torch.stack(rows)


class LoopsReinforce(nn.Module):
    def forward(self, chances, reward, baseline):
        total = 0.0
        for n in range(chances.shape[0]):
            for t in range(chances.shape[1]):
                gain = reward[n].detach() - baseline[n, t].detach()
                total = total - gain * chances[n, t]
        return total / chances.shape[0]


def best_baseline_loops(pi, rewards):
    above = below = 0.0
    for k in range(len(pi)):
        length = 0.0
        for place in range(len(pi)):
            length += ((1.0 if place == k else 0.0) - pi[place].item()) ** 2
        above += pi[k].item() * length * rewards[k].item()
        below += pi[k].item() * length
    return above / below


def unbiased_loops(pi, rewards, estimates):
    mean = sum(p * r for p, r in zip(pi.tolist(), rewards.tolist(), strict=True))
    for place in range(len(pi)):
        came = sum(pi[k].item() * estimates[k, place].item() for k in range(len(pi)))
        if abs(came - pi[place].item() * (rewards[place].item() - mean)) > 1e-6:
            return False
    return True


def gap_loops(regions, weights, w):
    hard, z = 0.0, torch.zeros_like(regions[0])
    for region, weight in zip(regions, weights, strict=True):
        hard += weight.item() * max(0.0, torch.dot(region, w).item())
        z = z + weight * region
    return hard - max(0.0, torch.dot(z, w).item())


def agrees_loops(after):
    for curved in ("largest", "square", "softmax", "sigmoid"):
        if after == curved:
            return False
    return True


class LoopsCrop(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.out = out

    def forward(self, x, box):
        height, width = x.shape[2:]
        crops = []
        for image, (across, down, s) in zip(x, box, strict=True):
            rows = []
            for a in range(self.out):
                v = (down + s * (2 * a + 1 - self.out) / self.out + 1) * height / 2 - 0.5
                for b in range(self.out):
                    u = (across + s * (2 * b + 1 - self.out) / self.out + 1) * width / 2 - 0.5
                    rows.append(self.read(image, u, v))
            crops.append(torch.stack(rows, dim=1).view(-1, self.out, self.out))
        return torch.stack(crops)

    def read(self, image, u, v):
        left, top = math.floor(u.item()), math.floor(v.item())
        total = torch.zeros_like(image[:, 0, 0])
        for row in (top, top + 1):
            for column in (left, left + 1):
                if 0 <= row < image.shape[1] and 0 <= column < image.shape[2]:
                    near = (1 - (u - column).abs()) * (1 - (v - row).abs())
                    total = total + near * image[:, row, column]
        return total


# Einsum: tables of what belongs to what, and one sum.


def glimpse_einsum(x, where, side, scales):
    height, width = x.shape[2:]
    place = torch.stack([(where[:, 1] + 1) * height / 2, (where[:, 0] + 1) * width / 2]).long()

    def table(middle, length, wide, zoom):
        """(B, side, length): the share of each row or column of the image in each of the look."""
        at = torch.arange(length) - middle[:, None] + wide // 2
        cells = torch.arange(side)[:, None]
        return (at[:, None].div(zoom, rounding_mode="floor") == cells).to(x.dtype) / zoom

    looks = []
    for k in range(scales):
        rows = table(place[0], height, side * 2**k, 2**k)
        columns = table(place[1], width, side * 2**k, 2**k)
        looks.append(torch.einsum("bai,bcij,bdj->bcad", rows, x, columns))
    return torch.stack(looks, dim=1)


class EinsumReinforce(nn.Module):
    def forward(self, chances, reward, baseline):
        with torch.no_grad():
            gain = reward.unsqueeze(1) - baseline
        return torch.einsum("bt,bt->", chances, -gain / len(chances))


def best_baseline_einsum(pi, rewards):
    scores = torch.eye(len(pi), dtype=pi.dtype) - pi
    squares = torch.einsum("k,kl,kl->k", pi, scores, scores)
    return float(squares @ rewards / squares.sum())


def unbiased_einsum(pi, rewards, estimates):
    scores = torch.eye(len(pi), dtype=pi.dtype) - pi
    exact = torch.einsum("k,k,kl->l", pi, rewards, scores)
    return (torch.einsum("k,kl->l", pi, estimates) - exact).abs().max().item() < 1e-6


class EinsumCrop(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.out = out

    def shares(self, middle, s, length):
        """(B, out, length): how much of each row or column each row or column of the crop takes."""
        steps = (2 * torch.arange(self.out, dtype=s.dtype) + 1 - self.out) / self.out
        at = (middle[:, None] + s[:, None] * steps + 1) * length / 2 - 0.5
        return F.relu(1 - (at[..., None] - torch.arange(length, dtype=s.dtype)).abs())

    def forward(self, x, box):
        rows = self.shares(box[:, 1], box[:, 2], x.shape[2])
        columns = self.shares(box[:, 0], box[:, 2], x.shape[3])
        return torch.einsum("bai,bcij,bdj->bcad", rows, x, columns)


class EinsumLook(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.region = nn.Parameter(torch.randn(hidden, channels) * channels**-0.5)
        self.state = nn.Linear(channels, hidden)
        self.score = nn.Parameter(torch.randn(1, hidden) * hidden**-0.5)
        self.value = nn.Parameter(torch.randn(channels, channels) * channels**-0.5)

    def forward(self, x):
        pairs = torch.einsum("hc,bcij->bijh", self.region, x)
        pairs = torch.tanh(pairs + self.state(x.mean((2, 3)))[:, None, None])
        scores = torch.einsum("oh,bijh->bij", self.score, pairs).exp()
        seen = torch.einsum("bij,bcij->bc", scores, x) / scores.sum((1, 2))[:, None]
        return x + torch.einsum("dc,bc->bd", self.value, seen)[..., None, None]


# Layers and samplers of torch.


def glimpse_layers(x, where, side, scales):
    size = x.new_tensor([x.shape[3], x.shape[2]])
    columns, rows = ((where + 1) * size / 2).long().T.tolist()
    most = side * 2 ** (scales - 1)
    padded = nn.ZeroPad2d(most)(x)
    looks = []
    for n, (i, j) in enumerate(zip(columns, rows, strict=True)):
        squares = []
        for k in range(scales):
            wide = side << k
            top, left = j + most - wide // 2, i + most - wide // 2
            square = padded[n, :, top:, left:][:, :wide, :wide]
            squares.append(F.adaptive_avg_pool2d(square, side))
        looks.append(torch.stack(squares))
    return torch.stack(looks)


class LayersLocator(nn.Module):
    def __init__(self, size, std):
        super().__init__()
        self.middle = nn.Sequential(nn.Linear(size, 2), nn.Tanh())
        self.std = std

    def forward(self, state, noise):
        mu = self.middle(state.data)
        place = torch.add(mu, noise, alpha=self.std).detach()
        spread = torch.full_like(mu, self.std**2)
        loss = F.gaussian_nll_loss(mu, place, spread, full=True, reduction="none")
        return torch.hstack([F.hardtanh(place), -loss.sum(1, keepdim=True)])


class LayersReinforce(nn.Module):
    def forward(self, chances, reward, baseline):
        gain = torch.sub(reward.data.view(-1, 1), baseline.data)
        return torch.mul(gain, chances).mean(0).sum().neg()


class LayersCrop(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.out = out

    def forward(self, x, box):
        steps = torch.linspace(-1, 1, 2 * self.out + 1, dtype=x.dtype)[1::2]
        down, across = torch.meshgrid(steps, steps, indexing="ij")
        grid = torch.stack([across, down], dim=-1)
        grid = box[:, None, None, :2] + box[:, None, None, 2:] * grid
        return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


class LayersLook(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.region = nn.Conv2d(channels, hidden, 1, bias=False)
        self.state = nn.Conv2d(channels, hidden, 1)
        self.score = nn.Conv2d(hidden, 1, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        m = F.adaptive_avg_pool2d(x, 1)
        scores = self.score((self.region(x) + self.state(m)).tanh()).flatten(1)
        z = torch.bmm(x.flatten(2), F.softmax(scores, dim=-1).unsqueeze(2))
        return torch.add(x, self.value(z.unsqueeze(3)))


VARIANTS = {
    "loops": {
        "glimpse": glimpse_loops, "costs": costs_loops, "overtakes": overtakes_loops,
        "Locator": LoopsLocator, "Reinforce": LoopsReinforce, "best_baseline": best_baseline_loops,
        "unbiased": unbiased_loops, "gap": gap_loops, "agrees": agrees_loops, "Crop": LoopsCrop,
    },
    "einsum": {
        "glimpse": glimpse_einsum, "Reinforce": EinsumReinforce, "unbiased": unbiased_einsum,
        "best_baseline": best_baseline_einsum, "Crop": EinsumCrop, "SoftLook": EinsumLook,
    },
    "layers": {
        "glimpse": glimpse_layers, "Locator": LayersLocator, "Reinforce": LayersReinforce,
        "Crop": LayersCrop, "SoftLook": LayersLook,
    },
}  # fmt: skip
