"""Wrong soft gates of harmonious attention: each class differs in the method it overrides."""

import torch

from solutions.hacnn import SoftBlock


class Floored(SoftBlock):
    def __init__(self, channels, reduction=16, *, floor):
        super().__init__(channels, reduction, floor=True)


class SumOfBoth(SoftBlock):
    def forward(self, x):
        soft = self.attention
        return x * torch.sigmoid(soft.mix(soft.spatial(x) + soft.channel(x)))


class Unmixed(SoftBlock):
    def forward(self, x):
        soft = self.attention
        return x * torch.sigmoid(soft.spatial(x) * soft.channel(x))


class LargestChannel(SoftBlock):
    def forward(self, x):
        soft = self.attention
        places = soft.spatial(x.amax(dim=1, keepdim=True))
        return x * torch.sigmoid(soft.mix(places * soft.channel(x)))
