"""Wrong versions of the functions of the SE exercise."""

import torch


def squeeze_max(x):
    return x.amax(dim=(2, 3))


def squeeze_sum(x):
    return x.sum(dim=(2, 3))


def squeeze_channels(x):
    return x.mean(dim=1)


def squeeze_batch(x):
    return x.mean(dim=(0, 2, 3))


def squeeze_rows(x):
    return x.mean(dim=2)


def squeeze_keeps(x):
    return x.mean(dim=(2, 3), keepdim=True)


def params_one_layer(channels, reduction=16, bias=False):
    hidden = channels // reduction
    return channels * hidden + bias * hidden


def params_always_bias(channels, reduction=16, bias=False):
    hidden = channels // reduction
    return 2 * channels * hidden + hidden + channels


def params_no_bias(channels, reduction=16, bias=False):
    return 2 * channels * (channels // reduction)


def params_no_bottleneck(channels, reduction=16, bias=False):
    return 2 * channels * channels + bias * 2 * channels


def params_divides(channels, reduction=16, bias=False):
    hidden = channels / reduction
    return 2 * channels * hidden + bias * (hidden + channels)


def macs_layers_only(channels, height, width, reduction=16):
    return 2 * channels * (channels // reduction)


def macs_everywhere(channels, height, width, reduction=16):
    return 2 * channels * height * width * (1 + channels // reduction)


def macs_no_rescale(channels, height, width, reduction=16):
    return channels * height * width + 2 * channels * (channels // reduction)


def resnet50_once(reduction=16, bias=False):
    widths = (256, 512, 1024, 2048)
    return sum(2 * c * (c // reduction) + bias * (c // reduction + c) for c in widths)


def resnet50_inner(reduction=16, bias=False):
    stages = ((64, 3), (128, 4), (256, 6), (512, 3))
    return sum(n * (2 * c * (c // reduction) + bias * (c // reduction + c)) for c, n in stages)


def resnet50_no_bias(reduction=16, bias=False):
    stages = ((256, 3), (512, 4), (1024, 6), (2048, 3))
    return sum(n * 2 * c * (c // reduction) for c, n in stages)


def gradient_no_sigmoid(x, u, dy):
    return (dy * x).sum(dim=(2, 3))


def gradient_gate_once(x, u, dy):
    return (dy * x).sum(dim=(2, 3)) * torch.sigmoid(u)


def gradient_mean(x, u, dy):
    s = torch.sigmoid(u)
    return (dy * x).mean(dim=(2, 3)) * s * (1 - s)


def gradient_no_x(x, u, dy):
    s = torch.sigmoid(u)
    return dy.sum(dim=(2, 3)) * s * (1 - s)


def gradient_of_x(x, u, dy):
    return dy * torch.sigmoid(u)[:, :, None, None]


def prediction_yes(change):
    return True


def prediction_linear(change):
    return change != "shuffle the channels"


def prediction_equivariant(change):
    return change not in ("double every number",)
