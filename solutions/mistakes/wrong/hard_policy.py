"""Wrong policies and wrong losses. Each class differs from a right one in what it overrides."""

import math

import torch
from torch import nn


class PlainLocator(nn.Module):
    def __init__(self, size, std):
        super().__init__()
        self.std = std
        self.mean = nn.Linear(size, 2)

    def middle(self, state):
        return torch.tanh(self.mean(state.detach()))

    def place(self, middle, noise):
        return (middle + self.std * noise).detach()

    def chance(self, place, middle):
        apart = (place - middle) / self.std
        each = -0.5 * apart**2 - math.log(self.std) - 0.5 * math.log(2 * math.pi)
        return each.sum(dim=1, keepdim=True)

    def forward(self, state, noise):
        middle = self.middle(state)
        place = self.place(middle, noise)
        return torch.cat([place.clamp(-1, 1), self.chance(place, middle)], dim=1)


class MovesAlong(PlainLocator):
    def forward(self, state, noise):
        middle = self.middle(state)
        place = middle + self.std * noise
        chance = self.chance(place, middle)
        return torch.cat([place.detach().clamp(-1, 1), chance], dim=1)


class PlaceLearns(PlainLocator):
    def forward(self, state, noise):
        middle = self.middle(state)
        place = middle + self.std * noise
        chance = self.chance(place.detach(), middle)
        return torch.cat([place.clamp(-1, 1), chance], dim=1)


class ClampedFirst(PlainLocator):
    def place(self, middle, noise):
        return (middle + self.std * noise).detach().clamp(-1, 1)


class NeverClamped(PlainLocator):
    def forward(self, state, noise):
        middle = self.middle(state)
        place = self.place(middle, noise)
        return torch.cat([place, self.chance(place, middle)], dim=1)


class SquashedSample(PlainLocator):
    def middle(self, state):
        return self.mean(state.detach())

    def place(self, middle, noise):
        return torch.tanh(middle + self.std * noise).detach()


class NoTanh(PlainLocator):
    def middle(self, state):
        return self.mean(state.detach())


class StateLearns(PlainLocator):
    def middle(self, state):
        return torch.tanh(self.mean(state))


class AveragedCoordinates(PlainLocator):
    def chance(self, place, middle):
        return super().chance(place, middle) / 2


class OneStd(PlainLocator):
    def chance(self, place, middle):
        each = -0.5 * (place - middle) ** 2 / self.std
        each = each - math.log(self.std) - 0.5 * math.log(2 * math.pi)
        return each.sum(dim=1, keepdim=True)


class NoConstant(PlainLocator):
    def chance(self, place, middle):
        return (-0.5 * ((place - middle) / self.std) ** 2).sum(dim=1, keepdim=True)


class UnitNoise(PlainLocator):
    def place(self, middle, noise):
        return (middle + noise).detach()


class PlainReinforce(nn.Module):
    def gain(self, reward, baseline):
        return (reward[:, None] - baseline).detach()

    def forward(self, chances, reward, baseline):
        return -(self.gain(reward, baseline) * chances).sum(dim=1).mean()


class WrongSign(PlainReinforce):
    def forward(self, chances, reward, baseline):
        return (self.gain(reward, baseline) * chances).sum(dim=1).mean()


class MeanOverLooks(PlainReinforce):
    def forward(self, chances, reward, baseline):
        return -(self.gain(reward, baseline) * chances).mean()


class SumOverImages(PlainReinforce):
    def forward(self, chances, reward, baseline):
        return -(self.gain(reward, baseline) * chances).sum()


class BaselineLearns(PlainReinforce):
    def gain(self, reward, baseline):
        return reward[:, None].detach() - baseline


class RewardLearns(PlainReinforce):
    def gain(self, reward, baseline):
        return reward[:, None] - baseline.detach()


class BothLearn(PlainReinforce):
    def gain(self, reward, baseline):
        return reward[:, None] - baseline


class LastLookOnly(PlainReinforce):
    def forward(self, chances, reward, baseline):
        return -(self.gain(reward, baseline) * chances)[:, -1].mean()


class Probabilities(PlainReinforce):
    def forward(self, chances, reward, baseline):
        return -(self.gain(reward, baseline) * chances.exp()).sum(dim=1).mean()


class BaselineAdded(PlainReinforce):
    def gain(self, reward, baseline):
        return (reward[:, None] + baseline).detach()


class NoBaseline(PlainReinforce):
    def gain(self, reward, baseline):
        return reward[:, None].detach().expand_as(baseline)


class ChancesDetached(PlainReinforce):
    def forward(self, chances, reward, baseline):
        gain = reward[:, None] - baseline
        return -(gain * chances.detach()).sum(dim=1).mean()


class BatchNormalised(PlainReinforce):
    def gain(self, reward, baseline):
        gain = (reward[:, None] - baseline).detach()
        return gain - gain.mean(dim=0)
