"""Wrong functions of the exercise on channel gates; channelzoo_sentences says what to say."""

import math

import torch
import torch.nn.functional as F


def wave_exchanged(u, v, height, width):
    rows = torch.cos(math.pi * v * (torch.arange(height).double() + 0.5) / height)
    columns = torch.cos(math.pi * u * (torch.arange(width).double() + 0.5) / width)
    picture = torch.outer(rows, columns)
    return picture / picture.norm()


def wave_without_root(u, v, height, width):
    rows = torch.cos(math.pi * u * (torch.arange(height, dtype=torch.float64) + 0.5) / height)
    columns = torch.cos(math.pi * v * (torch.arange(width, dtype=torch.float64) + 0.5) / width)
    return rows[:, None] * columns / math.sqrt(height * width)


def wave_unscaled(u, v, height, width):
    rows = torch.cos(math.pi * u * (torch.arange(height, dtype=torch.float64) + 0.5) / height)
    columns = torch.cos(math.pi * v * (torch.arange(width, dtype=torch.float64) + 0.5) / width)
    return rows[:, None] * columns


def wave_without_half(u, v, height, width):
    rows = torch.cos(math.pi * u * torch.arange(height, dtype=torch.float64) / height)
    columns = torch.cos(math.pi * v * torch.arange(width, dtype=torch.float64) / width)
    scale = math.sqrt((2 if u else 1) * (2 if v else 1) / (height * width))
    return rows[:, None] * columns * scale


def wave_of_periods(u, v, height, width):
    rows = torch.cos(2 * math.pi * u * (torch.arange(height).double() + 0.5) / height)
    columns = torch.cos(2 * math.pi * v * (torch.arange(width).double() + 0.5) / width)
    scale = math.sqrt((2 if u else 1) * (2 if v else 1) / (height * width))
    return rows[:, None] * columns * scale


def wave_summed(u, v, height, width):
    rows = torch.cos(math.pi * u * (torch.arange(height).double() + 0.5) / height)
    columns = torch.cos(math.pi * v * (torch.arange(width).double() + 0.5) / width)
    return (rows / rows.norm())[:, None] + columns / columns.norm()


def wave_in_single(u, v, height, width):
    rows = torch.cos(math.pi * u * (torch.arange(height) + 0.5) / height)
    columns = torch.cos(math.pi * v * (torch.arange(width) + 0.5) / width)
    return torch.outer(rows / rows.norm(), columns / columns.norm())


def penalty_with_signs(scales, p):
    return p * torch.cat(scales).sum()


def penalty_of_squares(scales, p):
    return p * torch.cat(scales).square().sum()


def penalty_of_means(scales, p):
    return p * sum(scale.abs().mean() for scale in scales)


def penalty_of_mean(scales, p):
    return p * torch.cat(scales).abs().mean()


def penalty_of_first(scales, p):
    return p * scales[0].abs().sum()


def penalty_without_p(scales, p):
    return torch.cat(scales).abs().sum()


def costs_ungrouped(channels, height, width, branches, groups, hidden):
    kernels = branches * 9 * channels * channels
    layers = (1 + branches) * channels * hidden
    norms = 2 * branches * channels + 2 * hidden
    return kernels + layers + norms, kernels * height * width + layers


def costs_growing(channels, height, width, branches, groups, hidden):
    taps = sum((2 * m + 3) ** 2 for m in range(branches))
    kernels = taps * channels * channels // groups
    layers = (1 + branches) * channels * hidden
    norms = 2 * branches * channels + 2 * hidden
    return kernels + layers + norms, kernels * height * width + layers


def costs_without_norms(channels, height, width, branches, groups, hidden):
    kernels = branches * 9 * channels * channels // groups
    layers = (1 + branches) * channels * hidden
    return kernels + layers, kernels * height * width + layers


def costs_of_one_hidden_norm(channels, height, width, branches, groups, hidden):
    kernels = branches * 9 * channels * channels // groups
    layers = (1 + branches) * channels * hidden
    norms = 2 * branches * channels
    return kernels + layers + norms, kernels * height * width + layers


def costs_with_biases(channels, height, width, branches, groups, hidden):
    kernels = branches * 9 * channels * channels // groups
    layers = (1 + branches) * channels * hidden
    norms = 2 * branches * channels + 2 * hidden
    biases = hidden + branches * channels
    return kernels + layers + norms + biases, kernels * height * width + layers


def costs_of_one_logit(channels, height, width, branches, groups, hidden):
    kernels = branches * 9 * channels * channels // groups
    layers = 2 * channels * hidden
    norms = 2 * branches * channels + 2 * hidden
    return kernels + layers + norms, kernels * height * width + layers


def costs_layers_everywhere(channels, height, width, branches, groups, hidden):
    kernels = branches * 9 * channels * channels // groups
    layers = (1 + branches) * channels * hidden
    norms = 2 * branches * channels + 2 * hidden
    return kernels + layers + norms, (kernels + layers) * height * width


def mirror_exchanged(u, v):
    return (-1) ** v, (-1) ** u


def mirror_above_zero(u, v):
    return (-1 if u else 1), (-1 if v else 1)


def mirror_turned(u, v):
    return -((-1) ** u), -((-1) ** v)


def mirror_both(u, v):
    return (-1) ** (u + v), (-1) ** (u + v)


def mirror_never(u, v):
    return 1, 1


def from_se_multiplied(weight, height, width):
    return weight * math.sqrt(height * width)


def from_se_by_places(weight, height, width):
    return weight / (height * width)


def from_se_unchanged(weight, height, width):
    return weight


def from_se_by_side(weight, height, width):
    return weight / height


def from_se_by_inputs(weight, height, width):
    return weight / math.sqrt(weight.shape[1])


def still_wild(x, kernels):
    size = x.shape[2:]
    u = F.conv2d(x, kernels, padding=[n // 2 for n in size], groups=len(kernels))
    return torch.sigmoid(F.interpolate(u, size))


def mean_of_padded(x, kernels):
    u = F.conv2d(x, kernels, padding=[n // 2 for n in x.shape[2:]], groups=len(kernels))
    return torch.sigmoid(u.mean(dim=(2, 3), keepdim=True)).expand_as(x)


def corner_of_padded(x, kernels):
    u = F.conv2d(x, kernels, padding=[n // 2 for n in x.shape[2:]], groups=len(kernels))
    return torch.sigmoid(u[:, :, :1, :1]).expand_as(x)


def kernels_turned(x, kernels):
    u = F.conv2d(x, kernels.flip(2, 3), groups=len(kernels))
    return torch.sigmoid(u).expand_as(x)


def plain_mean(x, kernels):
    return torch.sigmoid(x.mean(dim=(2, 3), keepdim=True)).expand_as(x)


def mean_of_products(x, kernels):
    return torch.sigmoid((x * kernels[:, 0]).mean(dim=(2, 3), keepdim=True)).expand_as(x)


def one_kernel_for_all(x, kernels):
    return torch.sigmoid((x * kernels[0, 0]).sum(dim=(2, 3), keepdim=True)).expand_as(x)


def no_sigmoid(x, kernels):
    return F.conv2d(x, kernels, groups=len(kernels)).expand_as(x)
