"""Wrong ECA blocks. Every class differs from Plain, a right block, in the method it overrides."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from solutions.eca import kernel_size


class Plain(nn.Module):
    def __init__(self, channels, k=None):
        super().__init__()
        self.k = self.size(channels, k)
        self.conv = nn.Conv1d(1, 1, self.k, bias=False)

    def size(self, channels, k):
        return kernel_size(channels) if k is None else k

    def pool(self, x):
        return x.mean(dim=(2, 3))

    def padded(self, z):
        return F.pad(z, (self.k // 2, self.k // 2))

    def logit(self, z):
        return self.conv(self.padded(z)[:, None])[:, 0]

    def gate(self, z):
        return torch.sigmoid(self.logit(z))

    def forward(self, x):
        return x * self.gate(self.pool(x))[:, :, None, None]


class NoSigmoid(Plain):
    def gate(self, z):
        return self.logit(z)


class SoftmaxGate(Plain):
    def gate(self, z):
        return torch.softmax(self.logit(z), dim=1)


class ReluFirst(Plain):
    def gate(self, z):
        return torch.sigmoid(F.relu(self.logit(z)))


class MaxPool(Plain):
    def pool(self, x):
        return x.amax(dim=(2, 3))


class SumPool(Plain):
    def pool(self, x):
        return x.sum(dim=(2, 3))


class PoolsColumns(Plain):
    def forward(self, x):
        gates = [self.gate(x[..., j].mean(dim=2)) for j in range(x.shape[3])]
        return x * torch.stack(gates, dim=2)[:, :, None]


class NoPool(Plain):
    def forward(self, x):
        flat = x.flatten(2).movedim(2, 1)  # (B, N, C)
        gates = self.gate(flat.flatten(0, 1)).view_as(flat)
        return x * gates.movedim(1, 2).view_as(x)


class NoPadding(Plain):
    def padded(self, z):
        return z


class PadsOne(Plain):
    def padded(self, z):
        return F.pad(z, (1, 1))


class PadsInFront(Plain):
    def padded(self, z):
        return F.pad(z, (self.k - 1, 0))


class Ring(Plain):
    def padded(self, z):
        half = self.k // 2
        return torch.cat([z[:, len(z[0]) - half :], z, z[:, :half]], dim=1)


class RepeatsEnds(Plain):
    def padded(self, z):
        return F.pad(z[:, None], (self.k // 2, self.k // 2), mode="replicate")[:, 0]


class Flipped(Plain):
    def logit(self, z):
        return F.conv1d(self.padded(z)[:, None], self.conv.weight.flip(2))[:, 0]


class WithBias(Plain):
    def __init__(self, channels, k=None):
        super().__init__(channels, k)
        self.conv = nn.Conv1d(1, 1, self.k)


class Dense(Plain):
    def __init__(self, channels, k=None):
        super().__init__(channels, k)
        self.conv = nn.Conv1d(channels, channels, self.k, padding=self.k // 2, bias=False)

    def logit(self, z):
        return self.conv(z[:, :, None])[:, :, 0]


class Depthwise(Plain):
    def __init__(self, channels, k=None):
        super().__init__(channels, k)
        pad = self.k // 2
        self.conv = nn.Conv1d(channels, channels, self.k, padding=pad, groups=channels, bias=False)

    def logit(self, z):
        return self.conv(z[:, :, None])[:, :, 0]


class ItselfOnly(Plain):
    def logit(self, z):
        alone = self.padded(z.reshape(-1, 1))  # one channel of one image in each row
        return self.conv(alone[:, None]).view_as(z)


class AlongBatch(Plain):
    def logit(self, z):
        return self.conv(self.padded(z.T)[:, None])[:, 0].T


class IgnoresK(Plain):
    def size(self, channels, k):
        return kernel_size(channels)


class AlwaysThree(Plain):
    def size(self, channels, k):
        return 3 if k is None else k


class AtLeastThree(Plain):
    def size(self, channels, k):
        return max(kernel_size(channels), 3) if k is None else k


class AddsX(Plain):
    def forward(self, x):
        return x + x * self.gate(self.pool(x))[:, :, None, None]


class AddsGate(Plain):
    def forward(self, x):
        return x + self.gate(self.pool(x))[:, :, None, None]


class GateOnly(Plain):
    def forward(self, x):
        return self.gate(self.pool(x))


class GateMap(Plain):
    def forward(self, x):
        return self.gate(self.pool(x))[:, :, None, None]


class MutatesInput(Plain):
    def forward(self, x):
        return x.mul_(self.gate(self.pool(x))[:, :, None, None])


class EvenWindow(Plain):
    def size(self, channels, k):
        return int((math.log2(channels) + 1) / 2) if k is None else k

    def padded(self, z):
        return F.pad(z, (self.k // 2, (self.k - 1) // 2))


class OddBelow(Plain):
    def size(self, channels, k):
        whole = int((math.log2(channels) + 1) / 2)
        return whole if whole % 2 else whole - 1


class AlwaysOneMore(Plain):
    def size(self, channels, k):
        return int((math.log2(channels) + 1) / 2) + 1

    def padded(self, z):
        return F.pad(z, (self.k // 2, (self.k - 1) // 2))


class Own(nn.Module):
    """A right block with a kernel for each channel, for the mistakes in ECANS."""

    def __init__(self, channels, k):
        super().__init__()
        self.k = k
        self.weight = nn.Parameter(torch.randn(channels, k))

    def padded(self, z):
        return F.pad(z, (self.k // 2, self.k // 2))

    def gate(self, z):
        return torch.sigmoid((self.padded(z).unfold(1, self.k, 1) * self.weight).sum(2))

    def forward(self, x):
        return x * self.gate(x.mean(dim=(2, 3)))[:, :, None, None]


class OneKernel(Own):
    def __init__(self, channels, k):
        super().__init__(channels, k)
        self.weight = nn.Parameter(torch.randn(k))


class OneKernelConv(Own):
    def __init__(self, channels, k):
        super().__init__(channels, k)
        self.weight = nn.Parameter(torch.randn(1, 1, k))

    def gate(self, z):
        return torch.sigmoid(F.conv1d(self.padded(z)[:, None], self.weight)[:, 0])


class OwnDepthwise(Own):
    def gate(self, z):
        return torch.sigmoid(z * self.weight[:, self.k // 2])


class OwnOfSender(Own):
    def gate(self, z):
        sent = z[:, :, None] * self.weight.flip(1)  # (B, C, k): what each channel sends
        total = torch.zeros_like(F.pad(z, (self.k // 2, self.k // 2)))
        for j in range(self.k):
            total[:, j : j + z.shape[1]] = total[:, j : j + z.shape[1]] + sent[:, :, j]
        return torch.sigmoid(total[:, self.k // 2 : self.k // 2 + z.shape[1]])


class OwnWithBias(Own):
    def __init__(self, channels, k):
        super().__init__(channels, k)
        self.bias = nn.Parameter(torch.zeros(channels))

    def gate(self, z):
        windows = self.padded(z).unfold(1, self.k, 1)
        return torch.sigmoid((windows * self.weight).sum(2) + self.bias)


class OwnRing(Own):
    def padded(self, z):
        half = self.k // 2
        return torch.cat([z[:, len(z[0]) - half :], z, z[:, :half]], dim=1)
