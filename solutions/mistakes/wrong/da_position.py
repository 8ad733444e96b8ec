"""Wrong position attentions. Each differs from Plain, a right block, in what it overrides."""

import torch
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, reduction=8):
        super().__init__()
        narrow = max(channels // reduction, 1)
        self.query = nn.Conv2d(channels, narrow, 1)
        self.key = nn.Conv2d(channels, narrow, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def looks(self, x):
        return self.query(x).flatten(2), self.key(x).flatten(2)

    def affinity(self, x):
        q, k = self.looks(x)
        return q.transpose(1, 2) @ k

    def weights(self, x):
        return torch.softmax(self.affinity(x), dim=-1)

    def sums(self, x):
        return self.value(x).flatten(2) @ self.weights(x).transpose(1, 2)

    def forward(self, x):
        return x + self.gamma * self.sums(x).view(x.shape)


class SoftmaxOverQueries(Plain):
    def weights(self, x):
        return torch.softmax(self.affinity(x), dim=1)


class SoftmaxOverBatch(Plain):
    def weights(self, x):
        return torch.softmax(self.affinity(x), dim=0)


class NoSoftmax(Plain):
    def weights(self, x):
        return self.affinity(x)


class DividesByPositions(Plain):
    def weights(self, x):
        return self.affinity(x) / (x.shape[2] * x.shape[3])


class Scaled(Plain):
    def affinity(self, x):
        q, k = self.looks(x)
        return q.transpose(1, 2) @ k / q.shape[1] ** 0.5


class RolesExchanged(Plain):
    def affinity(self, x):
        q, k = self.looks(x)
        return k.transpose(1, 2) @ q


class ViewForTranspose(Plain):
    def affinity(self, x):
        q, k = self.looks(x)
        return q.reshape(len(x), -1, q.shape[1]) @ k


class ReadsColumns(Plain):
    def sums(self, x):
        return self.value(x).flatten(2) @ self.weights(x)


class LeftTransposed(Plain):
    def sums(self, x):
        return self.weights(x) @ self.value(x).flatten(2).transpose(1, 2)

    def forward(self, x):
        return x + self.gamma * self.sums(x).reshape(x.shape)


class ValuesOfKeys(Plain):
    def sums(self, x):
        return x.flatten(2) @ self.weights(x).transpose(1, 2)


class NoValues(Plain):
    def __init__(self, channels, reduction=8):
        super().__init__(channels, reduction)
        del self.value

    def sums(self, x):
        return x.flatten(2) @ self.weights(x).transpose(1, 2)


class WideQueries(Plain):
    def __init__(self, channels, reduction=8):
        super().__init__(channels, 1)


class NoBiases(Plain):
    def __init__(self, channels, reduction=8):
        super().__init__(channels, reduction)
        for layer in (self.query, self.key, self.value):
            layer.bias = None


class NoGamma(Plain):
    def __init__(self, channels, reduction=8):
        super().__init__(channels, reduction)
        del self.gamma

    def forward(self, x):
        return x + self.sums(x).view(x.shape)


class GammaPerChannel(Plain):
    def __init__(self, channels, reduction=8):
        super().__init__(channels, reduction)
        self.gamma = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return x + self.gamma[:, None, None] * self.sums(x).view(x.shape)


class GammaOne(Plain):
    def __init__(self, channels, reduction=8):
        super().__init__(channels, reduction)
        self.gamma = nn.Parameter(torch.ones(1))


class GammaOnTheSum(Plain):
    def forward(self, x):
        return self.gamma * (x + self.sums(x).view(x.shape))


class NoResidual(Plain):
    def forward(self, x):
        return self.gamma * self.sums(x).view(x.shape)


class MutatesInput(Plain):
    def forward(self, x):
        x += self.gamma * self.sums(x).view(x.shape)
        return x
