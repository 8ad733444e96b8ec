"""Each core mechanism once more, in loops over images, channels and positions: slow and plain.

An oracle takes a block of `solutions/` for its weights and settings, and x (B, C, H, W). It uses no
matrix product, no softmax, no convolution and no pooling of torch, but stays differentiable.
"""

import itertools

import torch
from torch import Tensor


def places(height: int, width: int) -> list[tuple[int, int]]:
    return list(itertools.product(range(height), range(width)))


def dot(a, b) -> Tensor:
    """The sum of products of two equally long sequences of numbers."""
    total = torch.zeros((), dtype=torch.float64)
    for left, right in zip(a, b, strict=True):
        total = total + left * right
    return total


def apply(layer, vector) -> list[Tensor]:
    """A linear layer or 1x1 convolution on one vector, number by number."""
    weight = layer.weight.reshape(len(layer.weight), -1)
    bias = [0.0] * len(weight) if layer.bias is None else layer.bias
    return [dot(row, vector) + b for row, b in zip(weight, bias, strict=True)]


def normalise(logits: dict) -> dict:
    """Softmax over the values of a dictionary."""
    powers = {key: value.exp() for key, value in logits.items()}
    total = sum(powers.values())
    return {key: power / total for key, power in powers.items()}


def sigmoid(value: Tensor) -> Tensor:
    return 1 / (1 + (-value).exp())


def pooled(values: list[Tensor], kind: str) -> Tensor:
    if kind == "avg":
        return sum(values) / len(values)
    if kind == "max":
        return max(values, key=Tensor.item)
    if kind == "avg+max":
        return (sum(values) / len(values) + max(values, key=Tensor.item)) / 2
    if kind == "lp":
        return sum(value**2 for value in values) ** 0.5
    return sum(value.exp() for value in values).log()


def gated(x: Tensor, gates: list[list[Tensor]]) -> Tensor:
    return torch.stack([
        torch.stack([gate * channel for gate, channel in zip(gates_b, image, strict=True)])
        for gates_b, image in zip(gates, x, strict=True)
    ])  # fmt: skip


def bottleneck(layers, z) -> list[Tensor]:
    return apply(layers.expand, [value.clamp(min=0) for value in apply(layers.reduce, z)])


def channel_pool(image: Tensor, kind: str) -> list[Tensor]:
    return [pooled(list(channel.flatten()), kind) for channel in image]


def se(block, x: Tensor) -> Tensor:
    gates = [bottleneck(block, channel_pool(image, "avg")) for image in x]
    return gated(x, [[sigmoid(u) for u in image] for image in gates])


def eca(block, x: Tensor) -> Tensor:
    (k,), channels = block.conv.kernel_size, x.shape[1]
    gates = []
    for image in x:
        z, sums = channel_pool(image, "avg"), []
        for c in range(channels):
            total = 0.0 if block.conv.bias is None else block.conv.bias[0 if block.shared else c]
            for j in range(k):
                at = c + j - k // 2
                if block.mode == "circular" or 0 <= at < channels:
                    w = block.conv.weight[0 if block.shared else c, 0, j]
                    total = total + w * z[at % channels]
            sums.append(total)
        gates.append([sigmoid(total) for total in sums])
    return gated(x, gates)


def channel_gate(gate, x: Tensor) -> Tensor:
    gates = []
    for image in x:
        parts = [bottleneck(gate, channel_pool(image, kind)) for kind in gate.pools]
        gates.append([sigmoid(sum(at)) for at in zip(*parts, strict=True)])
    return gated(x, gates)


def spatial_gate(gate, x: Tensor) -> Tensor:
    _, _, height, width = x.shape
    half, images = gate.conv.kernel_size[0] // 2, []
    for image in x:
        maps = [{p: pooled(list(image[:, *p]), kind) for p in places(height, width)}
                for kind in gate.maps]  # fmt: skip
        row = []
        for i, j in places(height, width):
            total = 0.0 if gate.conv.bias is None else gate.conv.bias[0]
            for m, (a, b) in itertools.product(range(len(maps)), places(*gate.conv.kernel_size)):
                if (i + a - half, j + b - half) in maps[m]:
                    value = maps[m][i + a - half, j + b - half]
                    total = total + gate.conv.weight[0, m, a, b] * value
            if hasattr(gate.bn, "running_mean"):
                spread = (gate.bn.running_var[0] + gate.bn.eps) ** 0.5
                total = (total - gate.bn.running_mean[0]) / spread
                total = total * gate.bn.weight[0] + gate.bn.bias[0]
            row.append(sigmoid(total))
        images.append(torch.stack(row).view(height, width) * image)
    return torch.stack(images)


def cbam(block, x: Tensor) -> Tensor:
    for name in block.gates:
        x = {"channel": channel_gate, "spatial": spatial_gate}[name](getattr(block, name), x)
    return x


def shrunk(image: Tensor) -> Tensor:
    """The largest of each 2x2 window, what is left over dropped."""
    channels, height, width = image.shape
    windows = [[image[c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].flatten() for i, j in
                places(height // 2, width // 2)] for c in range(channels)]  # fmt: skip
    largest = [torch.stack([pooled(list(window), "max") for window in row]) for row in windows]
    return torch.stack(largest).view(channels, height // 2, width // 2)


def projected(layer, image: Tensor) -> Tensor:
    columns = [torch.stack(apply(layer, vector)) for vector in image.flatten(1).T]
    return torch.stack(columns, 1).view(-1, *image.shape[1:])


def keys_and_values(block, image: Tensor, layer) -> list[Tensor]:
    if block.sampling == "before":
        image = shrunk(image)
    image = image if layer is None else projected(layer, image)
    if block.sampling == "after":
        image = shrunk(image)
    return list(image.flatten(1).T)


def non_local(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        embedded = block.mode != "gaussian"
        queries = projected(block.query, image) if embedded else image
        keys = keys_and_values(block, image, block.key if embedded else None)
        values, mixed = keys_and_values(block, image, block.value), []
        for query in queries.flatten(1).T:
            f = {}
            for j, key in enumerate(keys):
                f[j] = dot(query, key) * (block.scale if block.mode == "embedded_gaussian" else 1)
                if block.mode == "concatenation":
                    pair = torch.cat([query, key])
                    f[j] = dot(block.pair.weight.flatten(), pair).clamp(min=0)
            gaussian = "gaussian" in block.mode
            f = normalise(f) if gaussian else {j: value / len(keys) for j, value in f.items()}
            y = sum(f[j] * value for j, value in enumerate(values))
            mixed.append(torch.stack(apply(block.out, y)))
        out.append(torch.stack(mixed, 1).view(image.shape))
    z = torch.stack(out)
    if hasattr(block.bn, "running_mean"):
        bn = block.bn
        scale, shift = bn.weight / (bn.running_var + bn.eps) ** 0.5, bn.running_mean
        z = (z - shift[:, None, None]) * scale[:, None, None] + bn.bias[:, None, None]
    return x + z


def context(mask, image: Tensor) -> list[Tensor]:
    if mask is None:
        return channel_pool(image, "avg")
    vectors = list(image.flatten(1).T)
    weights = normalise({j: apply(mask, vector)[0] for j, vector in enumerate(vectors)})
    return list(sum(weights[j] * vector for j, vector in enumerate(vectors)))


def transformed(layers, z) -> Tensor:
    hidden = apply(layers.reduce, z)
    mean = sum(hidden) / len(hidden)
    spread = (sum((h - mean) ** 2 for h in hidden) / len(hidden) + layers.ln.eps) ** 0.5
    scaled = [(h - mean) / spread * w + b for h, w, b in
              zip(hidden, layers.ln.weight, layers.ln.bias, strict=True)]  # fmt: skip
    return torch.stack(apply(layers.expand, [h.clamp(min=0) for h in scaled]))[:, None, None]


def gc(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        z, y = context(block.mask, image), image
        if block.mul is not None:
            y = y * sigmoid(transformed(block.mul, z))
        if block.add is not None:
            y = y + transformed(block.add, z)
        out.append(y)
    return torch.stack(out)


def snl(block, x: Tensor) -> Tensor:
    terms = [torch.stack(apply(block.value, context(block.mask, image))) for image in x]
    return torch.stack([image + t[:, None, None] for image, t in zip(x, terms, strict=True)])


def gathered(block, image: Tensor, sees) -> Tensor:
    """x + γ Σ softmax(q·k) v over the positions that `sees` lets a position see."""
    q, k, v = (projected(layer, image) for layer in (block.query, block.key, block.value))
    out, everywhere = torch.zeros_like(image), places(*image.shape[1:])
    for p in everywhere:
        near = [other for other in everywhere if sees(p, other)]
        weights = normalise({other: dot(q[:, *p], k[:, *other]) for other in near})
        y = sum(weights[other] * v[:, *other] for other in near)
        mark = torch.zeros(image.shape[1:], dtype=image.dtype)
        mark[p] = 1
        out = out + y[:, None, None] * mark
    return image + block.gamma * out


def cc(block, x: Tensor) -> Tensor:
    for _ in range(block.passes):
        x = torch.stack([
            gathered(block, image, lambda p, o: p[0] == o[0] or p[1] == o[1]) for image in x
        ])  # fmt: skip
    return x


def pam(block, x: Tensor) -> Tensor:
    return torch.stack([gathered(block, image, lambda p, other: True) for image in x])


def cam(block, x: Tensor) -> Tensor:
    out = []
    for image in x:
        rows = []
        for own in image:
            energy = {c: block.sign * dot(own.flatten(), other.flatten())
                      for c, other in enumerate(image)}  # fmt: skip
            weights = normalise(energy)
            rows.append(sum(weights[c] * other for c, other in enumerate(image)))
        out.append(image + block.gamma * torch.stack(rows))
    return torch.stack(out)
