"""Wrong residual attention: each class differs from the reference in the method it overrides."""

import torch.nn.functional as F

from solutions.ra import RABlock, bilinear


class Naive(RABlock):
    def forward(self, x):
        x = self.pre(x)
        trunk = self.trunk2(self.trunk1(x))
        return self.post(self.mask(x, trunk) * trunk)


class StressesInput(RABlock):
    def forward(self, x):
        x = self.pre(x)
        trunk = self.trunk2(self.trunk1(x))
        return self.post(trunk + self.mask(x, trunk) * x)


class MaskOfTrunk(RABlock):
    def mask(self, x, trunk):
        return super().mask(trunk, trunk)


class AddsTrunk(RABlock):
    def mask(self, x, trunk):
        down = self.mask2(self.mask1(F.max_pool2d(x, 3, 2, 1)))
        return self.head(bilinear(down, x.shape[2:]) + trunk)


class MeanPool(RABlock):
    def mask(self, x, trunk):
        down = self.mask2(self.mask1(F.avg_pool2d(x, 3, 2, 1)))
        return self.head(bilinear(down, x.shape[2:]))


class StaysSmall(RABlock):
    def mask(self, x, trunk):
        down = self.head(self.mask2(self.mask1(F.max_pool2d(x, 3, 2, 1))))
        return F.interpolate(down, x.shape[2:])


class SharedOut(RABlock):
    def mask(self, x, trunk):
        gates = super().mask(x, trunk).logit()
        return gates.flatten(2).softmax(2).view_as(gates)
