"""Wrong double attentions. Every class differs from Plain, a right one, in what it overrides."""

import torch.nn.functional as F
from torch import nn


class Plain(nn.Module):
    def __init__(self, channels, features, maps):
        super().__init__()
        self.gather = nn.Conv2d(channels, features, 1)
        self.attend = nn.Conv2d(channels, maps, 1)
        self.distribute = nn.Conv2d(channels, maps, 1)
        self.out = nn.Conv2d(features, channels, 1)

    def lists(self, x):
        return self.over_positions(self.attend(x).flatten(2)), self.over_descriptors(
            self.distribute(x).flatten(2)
        )

    def over_positions(self, logits):
        return logits.softmax(dim=2)

    def over_descriptors(self, logits):
        return logits.softmax(dim=1)

    def values(self, x):
        return self.gather(x).flatten(2)

    def descriptors(self, values, gathering):
        return values @ gathering.mT

    def handed_out(self, descriptors, sharing):
        return descriptors @ sharing

    def term(self, x):
        gathering, sharing = self.lists(x)
        z = self.handed_out(self.descriptors(self.values(x), gathering), sharing)
        return self.out(z.unflatten(2, x.shape[2:]))

    def forward(self, x):
        return x + self.term(x)


class SharesOverPositions(Plain):
    def over_descriptors(self, logits):
        return logits.softmax(dim=2)


class ListsOverDescriptors(Plain):
    def over_positions(self, logits):
        return logits.softmax(dim=1)


class AxesExchanged(Plain):
    def over_positions(self, logits):
        return logits.softmax(dim=1)

    def over_descriptors(self, logits):
        return logits.softmax(dim=2)


class MeanOfMeans(Plain):
    def descriptors(self, values, gathering):
        return values @ gathering.mT / values.shape[2]


class Reshaped(Plain):
    def descriptors(self, values, gathering):
        return values @ gathering.reshape(len(values), values.shape[2], -1)


class RawLists(Plain):
    def over_positions(self, logits):
        return logits


class RawShares(Plain):
    def over_descriptors(self, logits):
        return logits


class SigmoidShares(Plain):
    def over_descriptors(self, logits):
        return logits.sigmoid()


class OneListForAll(Plain):
    def over_positions(self, logits):
        return logits.flatten(1).softmax(dim=1).view_as(logits)


class RolesExchanged(Plain):
    def lists(self, x):
        attend, distribute = self.attend(x).flatten(2), self.distribute(x).flatten(2)
        return self.over_positions(distribute), self.over_descriptors(attend)


class SharesOfTheGathering(Plain):
    def lists(self, x):
        logits = self.attend(x).flatten(2)
        return self.over_positions(logits), self.over_descriptors(logits)


class Scaled(Plain):
    def over_positions(self, logits):
        return (logits * logits.shape[1] ** -0.5).softmax(dim=2)


class Largest(Plain):
    def descriptors(self, values, gathering):
        return (values[:, :, None] * gathering[:, None]).amax(dim=3)


class ReluOnValues(Plain):
    def values(self, x):
        return F.relu(self.gather(x)).flatten(2)


class Scrambled(Plain):
    def term(self, x):
        gathering, sharing = self.lists(x)
        z = self.handed_out(self.descriptors(self.values(x), gathering), sharing)
        return self.out(z.mT.reshape(len(x), -1, *x.shape[2:]))


class OneForAll(Plain):
    def handed_out(self, descriptors, sharing):
        return (descriptors @ sharing).mean(dim=2, keepdim=True).expand(-1, -1, sharing.shape[2])


class NoSum(Plain):
    def forward(self, x):
        return self.term(x)


class Gates(Plain):
    def forward(self, x):
        return x * self.term(x).sigmoid()


class TwiceX(Plain):
    def forward(self, x):
        return 2 * x + self.term(x)


class MixesImages(Plain):
    def descriptors(self, values, gathering):
        own = values @ gathering.mT
        return own.mean(dim=0, keepdim=True).expand_as(own)


class MapsIgnored(Plain):
    def __init__(self, channels, features, maps):
        super().__init__(channels, features, features)


class NoBias(nn.Module):
    def __init__(self, channels, features, maps):
        super().__init__()
        self.gather = nn.Conv2d(channels, features, 1, bias=False)
        self.attend = nn.Conv2d(channels, maps, 1, bias=False)
        self.distribute = nn.Conv2d(channels, maps, 1, bias=False)
        self.out = nn.Conv2d(features, channels, 1, bias=False)

    def forward(self, x):
        gathering = self.attend(x).flatten(2).softmax(dim=2)
        z = self.gather(x).flatten(2) @ gathering.mT @ self.distribute(x).flatten(2).softmax(dim=1)
        return x + self.out(z.unflatten(2, x.shape[2:]))


class OneLayerForBoth(nn.Module):
    def __init__(self, channels, features, maps):
        super().__init__()
        self.gather = nn.Conv2d(channels, features, 1)
        self.attend = nn.Conv2d(channels, maps, 1)
        self.out = nn.Conv2d(features, channels, 1)

    def forward(self, x):
        logits = self.attend(x).flatten(2)
        z = self.gather(x).flatten(2) @ logits.softmax(dim=2).mT @ logits.softmax(dim=1)
        return x + self.out(z.unflatten(2, x.shape[2:]))


class NoWayBack(nn.Module):
    def __init__(self, channels, features, maps):
        super().__init__()
        self.gather = nn.Conv2d(channels, channels, 1)
        self.attend = nn.Conv2d(channels, maps, 1)
        self.distribute = nn.Conv2d(channels, maps, 1)

    def forward(self, x):
        gathering = self.attend(x).flatten(2).softmax(dim=2)
        z = self.gather(x).flatten(2) @ gathering.mT @ self.distribute(x).flatten(2).softmax(dim=1)
        return x + z.unflatten(2, x.shape[2:])


class MutatesInput(Plain):
    def forward(self, x):
        return x.add_(self.term(x))
