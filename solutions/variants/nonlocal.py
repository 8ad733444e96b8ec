"""Right answers to the non-local exercise, each written by other means than the reference."""

import torch
import torch.nn.functional as F
from torch import nn

# Loops: one query, one key, one number at a time.


def shapes_loops(B, C, H, W, inner=None, pool=False):
    d = inner if inner else C // 2
    keys = [(i, j) for i in range(0, H - 1, 2) for j in range(0, W - 1, 2)]
    if not pool:
        keys = [(i, j) for i in range(H) for j in range(W)]
    out = {name: (B, d, H * W) for name in ("theta", "y")}
    for name in ("phi", "g"):
        out[name] = (B, d, len(keys))
    out["affinity"] = (B, H * W, len(keys))
    out["z"] = (B, C, H, W)
    return {name: out[name] for name in ("theta", "phi", "g", "affinity", "y", "z")}


def gaussian_loops(q, k, scale=1.0):
    a = q.new_zeros(len(q), q.shape[2], k.shape[2])
    for b in range(len(q)):
        for i in range(q.shape[2]):
            powers = [torch.exp(scale * torch.dot(q[b, :, i], key)) for key in k[b].T]
            for j, power in enumerate(powers):
                a[b, i, j] = power / sum(powers)
    return a


def concatenation_loops(q, k, w):
    a = q.new_zeros(len(q), q.shape[2], k.shape[2])
    for b in range(len(q)):
        for i in range(q.shape[2]):
            for j in range(k.shape[2]):
                pair = torch.cat([q[b, :, i], k[b, :, j]])
                a[b, i, j] = max(0.0, float(w @ pair)) / k.shape[2]
    return a


class LoopsNonLocal(nn.Module):
    def __init__(self, channels, mode="embedded_gaussian", inner=None, scale=None, pool=None):
        super().__init__()
        d = channels // 2 if inner is None else inner
        self.mode, self.pool = mode, pool
        self.sharpness = d**-0.5 if scale else 1.0
        if mode != "gaussian":
            self.theta, self.phi = nn.Linear(channels, d), nn.Linear(channels, d)
        self.g = nn.Linear(channels, d)
        if mode == "concatenation":
            self.w = nn.Linear(2 * d, 1, bias=False)
        self.back = nn.Linear(d, channels)
        self.norm = nn.BatchNorm1d(channels)
        self.norm.weight.data.fill_(0)

    def rows(self, t):
        """(B, H, W, d) -> (B, L, d); of every window the largest."""
        height, width = t.shape[1:3]
        if self.pool is None:
            return t.flatten(1, 2)
        windows = [(i, j) for i in range(0, height - 1, 2) for j in range(0, width - 1, 2)]
        return torch.stack([t[:, i : i + 2, j : j + 2].amax((1, 2)) for i, j in windows], 1)

    def compare(self, query, keys):
        if self.mode == "concatenation":
            pairs = torch.cat([query[:, None].expand_as(keys), keys], 2)
            return torch.relu(self.w(pairs))[:, :, 0]
        return self.sharpness * (query[:, None] * keys).sum(2)

    def forward(self, x):
        last = x.permute(0, 2, 3, 1)
        own = self.mode == "gaussian"
        queries, keys = (last, last) if own else (self.theta(last), self.phi(last))
        keys, values = self.rows(keys), self.rows(self.g(last))
        found = []
        for query in queries.flatten(1, 2).unbind(1):  # one place after the other
            f = self.compare(query, keys)
            f = f.softmax(1) if "gaussian" in self.mode else f / keys.shape[1]
            found.append((f[:, :, None] * values).sum(1))
        z = self.norm(self.back(torch.stack(found, 1)).mT)
        return x + z.unflatten(2, x.shape[2:])


def overtakes_loops(channels):
    d, n = channels // 2, 1
    while 4 * channels * d * n + 2 * d * n * n <= 9 * channels * channels * n:
        n += 1
    return n


def bytes_loops(batch, height, width, pool=False):
    total = 0
    for _ in range(batch):
        for _ in range(height * width):
            total += 4 * ((height // 2) * (width // 2) if pool else height * width)
    return total


# Einsum: every sum spelt out.


def gaussian_einsum(q, k, scale=1.0):
    v = torch.einsum("bdi,bdj->bij", q, k) * scale
    power = torch.exp(v - v.amax(2, keepdim=True))
    return power / torch.einsum("bij->bi", power)[..., None]


def dot_product_einsum(q, k):
    return torch.einsum("bdi,bdj->bij", q, k) / k.size(-1)


def concatenation_einsum(q, k, w):
    d = q.shape[1]
    left, right = torch.einsum("d,bdi->bi", w[:d], q), torch.einsum("d,bdj->bj", w[d:], k)
    return (left.unsqueeze(2) + right.unsqueeze(1)).clamp(min=0).div(k.shape[2])


class EinsumNonLocal(nn.Module):
    def __init__(self, channels, mode="embedded_gaussian", inner=None, scale=None, pool=None):
        super().__init__()
        d = inner or channels // 2
        self.form, self.pool, self.root = mode, pool, scale is not None
        roles = ["value"] if mode == "gaussian" else ["query", "key", "value"]
        self.layers = nn.ModuleDict({role: nn.Conv2d(channels, d, 1) for role in roles})
        if mode == "concatenation":
            self.pair = nn.Parameter(torch.randn(1, 2 * d) * d**-0.5)
        self.out = nn.Conv2d(d, channels, 1)
        self.bn = nn.BatchNorm2d(channels)
        nn.init.constant_(self.bn.weight, 0)

    def forward(self, x):
        q, k, v = (self.layers[r](x) if r in self.layers else x for r in ("query", "key", "value"))
        if self.pool == "after":
            k, v = nn.functional.max_pool2d(k, 2), nn.functional.max_pool2d(v, 2)
        keys = k.shape[2] * k.shape[3]
        if self.form == "concatenation":
            w, u = self.pair[0].chunk(2)
            left, right = torch.einsum("d,bdhw->bhw", w, q), torch.einsum("d,bdij->bij", u, k)
            a = torch.relu(left[..., None, None] + right[:, None, None]) / keys
        else:
            a = torch.einsum("bdhw,bdij->bhwij", q, k)
            a = a / q.shape[1] ** 0.5 if self.root else a
            soft = "gaussian" in self.form
            a = a.flatten(3).softmax(-1).view_as(a) if soft else a / keys
        return self.bn(self.out(torch.einsum("bhwij,bdij->bdhw", a, v))) + x


def fused_einsum(q, k, v, scale=1.0):
    logits = scale * torch.einsum("bdi,bdj->bij", q, k)
    return torch.einsum("bij,bej->bei", torch.softmax(logits, dim=2), v)


class EinsumMended(nn.Module):
    def __init__(self, channels):
        super().__init__()
        names = ("theta", "phi", "g")
        layers = {name: nn.Conv2d(channels, channels // 2, 1, bias=False) for name in names}
        self.maps = nn.ModuleDict(layers)
        self.restore = nn.Conv2d(channels // 2, channels, 1, bias=False)

    def forward(self, x):
        q, k, v = (self.maps[n](x).flatten(2) for n in ("theta", "phi", "g"))
        a = torch.einsum("bdi,bdj->bij", q, k).softmax(2)
        return x + self.restore(torch.einsum("bij,bdj->bdi", a, v).view(len(x), -1, *x.shape[2:]))


def transferred_einsum(film):
    d = film["theta.weight"].shape[0]
    slope = film["W.1.weight"] * (film["W.1.running_var"] + 1e-5).rsqrt()
    out, bias = film["W.0.weight"].squeeze(), film["W.0.bias"] - film["W.1.running_mean"]
    return {
        "query.weight": film["theta.weight"].squeeze() / d**0.5,
        "key.weight": film["phi.weight"].squeeze(),
        "value.weight": film["g.weight"].squeeze(),
        "out.weight": torch.einsum("c,cd->cd", slope, out),
        "query.bias": film["theta.bias"] / d**0.5,
        "key.bias": film["phi.bias"],
        "value.bias": film["g.bias"],
        "out.bias": torch.einsum("c,c->c", slope, bias) + film["W.1.bias"],
    }


# Linear layers, bmm and the fused kernel: positions before channels throughout.


class FusedNonLocal(nn.Module):
    def __init__(self, channels, mode="embedded_gaussian", inner=None, scale=None, pool=None):
        super().__init__()
        d = {None: channels // 2}.get(inner, inner)
        self.kind, self.scale = mode, {None: 1.0}.get(scale, d**-0.5)
        self.pool = nn.Identity() if pool is None else nn.MaxPool2d(2)
        own = mode == "gaussian"
        self.q = nn.Identity() if own else nn.Conv2d(channels, d, kernel_size=1)
        self.k = nn.Identity() if own else nn.Conv2d(channels, d, kernel_size=1)
        self.v = nn.Conv2d(channels, d, kernel_size=1)
        if mode == "concatenation":
            self.joint = nn.Conv2d(2 * d, 1, kernel_size=1, bias=False)
        self.w = nn.Sequential(nn.Conv2d(d, channels, kernel_size=1), nn.BatchNorm2d(channels))
        nn.init.zeros_(self.w[-1].weight)

    def forward(self, x):
        q = self.q(x).flatten(2).transpose(1, 2)
        k, v = (self.pool(t).flatten(2).transpose(1, 2) for t in (self.k(x), self.v(x)))
        if self.kind in ("gaussian", "embedded_gaussian"):
            y = F.scaled_dot_product_attention(q, k, v, scale=self.scale)
        elif self.kind == "dot_product":
            y = torch.bmm(torch.bmm(q, k.transpose(1, 2)), v) / k.size(1)
        else:
            n, m = q.size(1), k.size(1)
            rows = q.unsqueeze(2).expand(-1, -1, m, -1), k.unsqueeze(1).expand(-1, n, -1, -1)
            pairs = torch.cat(rows, dim=3).permute(0, 3, 1, 2)
            y = torch.bmm(F.relu(self.joint(pairs)).squeeze(1) / m, v)
        return x + self.w(y.transpose(1, 2).reshape(x.size(0), -1, x.size(2), x.size(3)))


def gaussian_logs(q, k, scale=1.0):
    return torch.bmm(q.transpose(1, 2) * scale, k).log_softmax(2).exp()


def dot_product_bmm(q, k):
    return torch.bmm(q.transpose(1, 2), k).div(k.size(2))


def fused_plain(q, k, v, scale=1.0):
    y = F.scaled_dot_product_attention(
        q.transpose(-1, -2)[:, None], k.transpose(-1, -2)[:, None], v.transpose(-1, -2)[:, None],
        scale=scale,
    )  # fmt: skip
    return y.squeeze(1).transpose(1, 2)


def overtakes_ceiling(channels):
    half = channels // 2
    return int((9 * channels - 4 * half) * channels / (2 * half)) + 1


def prediction_rule(change, pool=False):
    if change in ("shuffle the channels", "add 1 everywhere"):
        return False
    keeps_windows = "mirror" in change or "turn" in change or "two" in change
    return keeps_windows or not pool


class LinearMended(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.looks = nn.Linear(channels, channels // 2, bias=False)
        self.shows = nn.Linear(channels, channels // 2, bias=False)
        self.gives = nn.Linear(channels, channels // 2, bias=False)
        self.back = nn.Linear(channels // 2, channels, bias=False)

    def forward(self, x):
        rows = x.flatten(2).mT
        y = F.scaled_dot_product_attention(
            self.looks(rows), self.shows(rows), self.gives(rows), scale=1.0
        )
        return x + self.back(y).mT.view_as(x)


def exposing_corner(channels, height, width):
    x = torch.rand(1, channels, height, width)
    x[..., : width // 2] = 0.0
    return x


VARIANTS = {
    "loops": {
        "shapes": shapes_loops, "gaussian_weights": gaussian_loops,
        "concatenation_weights": concatenation_loops, "NonLocalBlock": LoopsNonLocal,
        "overtakes": overtakes_loops, "affinity_bytes": bytes_loops,
    },
    "einsum": {
        "gaussian_weights": gaussian_einsum, "dot_product_weights": dot_product_einsum,
        "concatenation_weights": concatenation_einsum, "NonLocalBlock": EinsumNonLocal,
        "fused_attention": fused_einsum, "MendedNonLocal": EinsumMended,
        "transferred": transferred_einsum,
    },
    "fused": {
        "gaussian_weights": gaussian_logs, "dot_product_weights": dot_product_bmm,
        "fused_attention": fused_plain, "NonLocalBlock": FusedNonLocal,
        "overtakes": overtakes_ceiling, "prediction": prediction_rule,
        "MendedNonLocal": LinearMended, "exposing_input": exposing_corner,
    },
}  # fmt: skip
