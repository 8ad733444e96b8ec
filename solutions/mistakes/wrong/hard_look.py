"""Wrong soft looks. Each class differs from a right one in what it overrides."""

import torch
import torch.nn.functional as F
from torch import nn


class PlainLook(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.region = nn.Linear(channels, hidden, bias=False)
        self.state = nn.Linear(channels, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.value = nn.Linear(channels, channels, bias=False)

    def places(self, x):
        return x.flatten(2).transpose(1, 2)

    def mean(self, places):
        return places.mean(dim=1, keepdim=True)

    def act(self, pairs):
        return torch.tanh(pairs)

    def scores(self, places):
        return self.score(self.act(self.region(places) + self.state(self.mean(places))))

    def weights(self, scores):
        return scores.softmax(dim=1)

    def seen(self, places):
        return (self.weights(self.scores(places)) * places).sum(dim=1)

    def told(self, x):
        return self.value(self.seen(self.places(x)))[:, :, None, None]

    def forward(self, x):
        return x + self.told(x)


class NoTanhLook(PlainLook):
    def act(self, pairs):
        return pairs


class ReluLook(PlainLook):
    def act(self, pairs):
        return F.relu(pairs)


class TanhApart(PlainLook):
    def scores(self, places):
        state = torch.tanh(self.state(self.mean(places)))
        return self.score(torch.tanh(self.region(places)) + state)


class SoftmaxOverBatch(PlainLook):
    def weights(self, scores):
        return scores.softmax(dim=0)


class SoftmaxOverOne(PlainLook):
    def weights(self, scores):
        return scores.softmax(dim=2)


class SigmoidWeights(PlainLook):
    def weights(self, scores):
        return scores.sigmoid()


class EvenWeights(PlainLook):
    def seen(self, places):
        return places.mean(dim=1)


class LikeliestPlace(PlainLook):
    def seen(self, places):
        best = self.scores(places).argmax(dim=1, keepdim=True)
        return places.gather(1, best.expand(-1, -1, places.shape[2]))[:, 0]


class MeanOfBatch(PlainLook):
    def mean(self, places):
        return places.mean(dim=(0, 1), keepdim=True)


class StateOfOwnPlace(PlainLook):
    def mean(self, places):
        return places


class StateForgotten(PlainLook):
    def mean(self, places):
        return torch.zeros_like(places[:, :1])


class MaximumState(PlainLook):
    def mean(self, places):
        return places.amax(dim=1, keepdim=True)


class DividedByPlaces(PlainLook):
    def seen(self, places):
        return super().seen(places) / places.shape[1]


class LookerOnly(PlainLook):
    def forward(self, x):
        places = self.places(x)
        shares = self.weights(self.scores(places))  # (B, N, 1)
        told = shares * self.value(places)
        return x + told.transpose(1, 2).view_as(x)


class WithoutX(PlainLook):
    def forward(self, x):
        return self.told(x).expand_as(x)


class ScalesX(PlainLook):
    def forward(self, x):
        return x * self.told(x)


class ScoreBias(PlainLook):
    def __init__(self, channels, hidden):
        super().__init__(channels, hidden)
        self.score = nn.Linear(hidden, 1)


class NoStateBias(PlainLook):
    def __init__(self, channels, hidden):
        super().__init__(channels, hidden)
        self.state = nn.Linear(channels, hidden, bias=False)


class ReshapedPlaces(PlainLook):
    def places(self, x):
        return x.reshape(x.shape[0], -1, x.shape[1])


class AddsInPlace(PlainLook):
    def forward(self, x):
        return x.add_(self.told(x))
