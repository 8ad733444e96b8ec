"""Wrong object contexts. Each class differs from ObjectContext in what it overrides."""

import torch
from torch.nn import functional as F

from solutions.ocr import ObjectContext, regions


class Wrong(ObjectContext):
    """The reference in parts that can be overridden one by one."""

    def region(self, features, logits):
        return regions(features, logits, self.sharpness)

    def joined(self, context, features):
        return torch.cat([context, features], dim=1)

    def values(self, objects):
        return self.value(objects[..., None])[..., 0]

    def forward(self, features, logits):
        objects = self.region(features, logits)
        context = self.values(objects) @ self.relation(features, objects).mT
        context = self.up(context.unflatten(2, features.shape[2:]))
        return self.fuse(self.joined(context, features))


class OverClasses(Wrong):
    def region(self, features, logits):
        return features.flatten(2) @ logits.flatten(2).softmax(dim=1).mT


class RawShares(Wrong):
    def region(self, features, logits):
        return features.flatten(2) @ logits.flatten(2).mT


class HardRegions(Wrong):
    def region(self, features, logits):
        chosen = F.one_hot(logits.argmax(dim=1), logits.shape[1]).movedim(3, 1).flatten(2)
        chosen = chosen.to(features)
        return features.flatten(2) @ (chosen / chosen.sum(dim=2, keepdim=True).clamp(min=1)).mT


class SumOverPositions(Wrong):
    def region(self, features, logits):
        return super().region(features, logits) * features.shape[2] * features.shape[3]


class ContextLast(Wrong):
    def joined(self, context, features):
        return torch.cat([features, context], dim=1)


class NotScaled(Wrong):
    def relation(self, features, objects):
        keys = self.object(objects[..., None])[..., 0]
        return (self.pixel(features).flatten(2).mT @ keys).softmax(dim=2)


class OverPixels(Wrong):
    def relation(self, features, objects):
        keys = self.object(objects[..., None])[..., 0]
        return (self.scale * self.pixel(features).flatten(2).mT @ keys).softmax(dim=1)


class CoarseAgain(Wrong):
    def forward(self, features, logits):
        objects = self.region(features, logits)
        shares = logits.flatten(2).softmax(dim=1)  # the coarse guess in place of the relation
        context = self.up((self.values(objects) @ shares).unflatten(2, features.shape[2:]))
        return self.fuse(self.joined(context, features))


class KeysForValues(Wrong):
    def values(self, objects):
        return self.object(objects[..., None])[..., 0]
