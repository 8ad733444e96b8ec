"""Wrong relation-aware blocks. Each class differs from RelationAware in what it overrides."""

import torch

from solutions.rga import RelationAware, RelationGate


class Wrong(RelationAware):
    """A block whose gates are of the class `gate`."""

    gate = RelationGate

    def __init__(self, channels, positions, gates=RelationAware.GATES, **ratios):
        super().__init__(channels, positions, gates, **ratios)
        for name in gates:
            getattr(self, name).__class__ = self.gate


class SoftmaxGate(RelationGate):
    def affinity(self, x):
        return super().affinity(x).softmax(dim=2)


class Softmaxed(Wrong):
    gate = SoftmaxGate


class ScaledGate(RelationGate):
    def affinity(self, x):
        theta = self.theta(x)
        return theta.mT @ self.phi(x) * theta.shape[1] ** -0.5


class Scaled(Wrong):
    gate = ScaledGate


class GateOf(RelationGate):
    """A gate whose relation vectors are made by `vectors` from r."""

    def vectors(self, r):
        return torch.cat([r.mT, r], dim=1)

    def own(self, x):
        return self.embed(x).mean(dim=1, keepdim=True)

    def forward(self, x):
        relations = self.relation(self.vectors(self.affinity(x)))
        y = torch.cat([self.own(x), relations], dim=1)
        return self.att2(self.att1(y)).sigmoid()


class RowTwiceGate(GateOf):
    def vectors(self, r):
        return torch.cat([r.mT, r.mT], dim=1)


class RowTwice(Wrong):
    gate = RowTwiceGate


class ExchangedGate(GateOf):
    def vectors(self, r):
        return torch.cat([r, r.mT], dim=1)


class Exchanged(Wrong):
    gate = ExchangedGate


class NothingOwnGate(GateOf):
    def own(self, x):
        return torch.zeros_like(x[:, :1])


class NothingOwn(Wrong):
    gate = NothingOwnGate


class MeanOfXGate(GateOf):
    def own(self, x):
        return x.mean(dim=1, keepdim=True)


class MeanOfX(Wrong):
    gate = MeanOfXGate


class LinearGate(RelationGate):
    def affinity(self, x):
        one, other = (layer.bn(layer.conv(x)) for layer in (self.theta, self.phi))
        return one.mT @ other


class LinearEmbeddings(Wrong):
    gate = LinearGate


class ChannelsFirst(RelationAware):
    def __init__(self, channels, positions, gates=RelationAware.GATES, **ratios):
        super().__init__(channels, positions, gates[::-1], **ratios)


class BothFromX(RelationAware):
    def forward(self, x):
        flat = x.flatten(2)
        return (flat * self.spatial(flat) * self.channel(flat.mT).mT).view_as(x)


class AddsX(RelationAware):
    def forward(self, x):
        return x + super().forward(x)
