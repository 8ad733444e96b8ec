"""Wrong operators N and wrong paths of looks."""

import torch

from solutions.itti import local_maxima, scanpath


def scaled(x):
    low, high = x.amin(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)
    return (x - low) / (high - low).clamp(min=torch.finfo(x.dtype).tiny)


def promoted_not(x):
    return scaled(x)


def promoted_by_mean(x):
    x = scaled(x)
    return x * (1 - x.mean(dim=(2, 3), keepdim=True)).square()


def promoted_with_highest(x):
    x = scaled(x)
    peaks = local_maxima(x)
    mean = (x * peaks).sum(dim=(2, 3), keepdim=True) / peaks.sum(dim=(2, 3), keepdim=True)
    return x * (1 - mean).square()


def promoted_unscaled(x):
    others = local_maxima(x) & (x < x.amax(dim=(2, 3), keepdim=True))
    count = others.sum(dim=(2, 3), keepdim=True).clamp(min=1)
    return x * (1 - (x * others).sum(dim=(2, 3), keepdim=True) / count).square()


def promoted_once(x):
    x = scaled(x)
    others = local_maxima(x) & (x < 1)
    twins = (x == 1).sum(dim=(2, 3), keepdim=True) - 1
    count = (others.sum(dim=(2, 3), keepdim=True) + twins).clamp(min=1)
    return x * (1 - ((x * others).sum(dim=(2, 3), keepdim=True) + twins) / count)


def path_stuck(saliency, looks, radius, recovery):
    return scanpath(saliency, 1, radius, recovery).expand(-1, looks, -1).clone()


def path_two_stops(saliency, looks, radius, recovery):
    return scanpath(saliency, looks, radius, 0.0)


def path_never_back(saliency, looks, radius, recovery):
    return scanpath(saliency, looks, radius, 1.0)


def path_column_first(saliency, looks, radius, recovery):
    return scanpath(saliency, looks, radius, recovery).flip(2)


def path_one_pixel(saliency, looks, radius, recovery):
    return scanpath(saliency, looks, 0.0, recovery)
