"""Wrong versions of the functions of the SE exercise, and what to say about each."""

import torch

from attnlab.check.cases import Mistake


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


def supported_means(number):
    return number in (1, 2, 4, 6)


def supported_equal(number):
    return number in (1, 3, 4, 5, 6)


def supported_everywhere(number):
    return number in (1, 4, 6, 7)


def supported_lowest(number):
    return number in (1, 4)


# (task, wrong version, its name, the sentence, the symptom)
_FUNCTIONS = (
    ("squeeze", squeeze_max, "max pooling",
     "this is the maximum of each channel. SE takes the mean.", "too large"),
    ("squeeze", squeeze_sum, "sum instead of mean",
     "this adds up each channel and does not divide by H * W.", "H * W times too large"),
    ("squeeze", squeeze_channels, "pools over channels",
     "this averages over the channels. Keep the channels (axis 1) and average over the positions "
     "(axes 2 and 3).", "a map (B, H, W) comes out"),
    ("squeeze", squeeze_batch, "pools over the batch",
     "this averages over the batch as well. Each image has its own squeeze: leave axis 0 alone.",
     "one row for all images"),
    ("squeeze", squeeze_rows, "pools over one axis",
     "this averages over one of the two axes of the map. Average over both, 2 and 3.",
     "three axes are left"),
    ("squeeze", squeeze_keeps, "keeps the axes",
     "the numbers are right, but two axes of length 1 are left. Leave out keepdim.",
     "shape (B, C, 1, 1)"),
    ("params", params_one_layer, "counts one layer",
     "this counts the first layer only. The second, C // r to C, has as many weights.",
     "about half"),
    ("params", params_always_bias, "counts biases always",
     "this counts biases although bias=False.", "C // r + C too many"),
    ("params", params_no_bias, "forgets the biases",
     "with bias=True each layer has one more number for each of its outputs: C // r, and C.",
     "C // r + C too few"),
    ("params", params_no_bottleneck, "forgets the bottleneck",
     "this counts two layers C to C. The hidden width is C // r.", "r times too many"),
    ("params", params_divides, "divides with /",
     "a width is a whole number: divide with //, which rounds down.", "a float comes out"),
    ("macs", macs_layers_only, "counts the layers only",
     "averaging reads C * H * W numbers and rescaling multiplies as many. On large maps these "
     "are nearly the whole cost.", "the size of the map does not matter"),
    ("macs", macs_everywhere, "layers at every position",
     "the two layers run once for each image, after the squeeze, not once for each position.",
     "H * W times too many"),
    ("macs", macs_no_rescale, "forgets the rescaling",
     "multiplying x by its gates costs C * H * W as well.", "C * H * W too few"),
    ("resnet50_extra", resnet50_once, "one block a stage",
     "this counts one block a stage. A stage has 3, 4, 6 or 3 blocks, each with its own SE.",
     "too few"),
    ("resnet50_extra", resnet50_inner, "inner width",
     "this takes the width inside the bottleneck. SE sits after its last convolution, where the "
     "maps have 256, 512, 1024 or 2048 channels.", "16 times too few"),
    ("resnet50_extra", resnet50_no_bias, "forgets the biases",
     "bias=True adds C // r + C for every block.", "2,514,944 in both cases"),
    ("gate_gradient", gradient_no_sigmoid, "stops at the gate",
     "this is the gradient in the gate s. One step is missing: s = σ(u), so multiply by "
     "s * (1 - s).", "too large"),
    ("gate_gradient", gradient_gate_once, "wrong slope of the sigmoid",
     "the slope of the sigmoid is s * (1 - s), not s.", "too large where the gate is open"),
    ("gate_gradient", gradient_mean, "mean over positions",
     "this averages over the positions. One gate serves all of them, so their gradients add up.",
     "H * W times too small"),
    ("gate_gradient", gradient_no_x, "forgets x",
     "y = s * x, so the slope of y in s is x: multiply dy by x before you add up.",
     "does not depend on x"),
    ("gate_gradient", gradient_of_x, "gradient in x",
     "this is the gradient in x, through the product. Asked for is the one in u.",
     "shape (B, C, H, W)"),
    ("prediction", prediction_yes, "always yes",
     "some changes do reach the gates. Ask for each: does the mean of a channel change, or its "
     "place?", "True everywhere"),
    ("prediction", prediction_linear, "takes the gate for constant",
     "doubling or cropping x changes the means, and so the gates.", "True for doubling"),
    ("prediction", prediction_equivariant, "channels are alike",
     "each channel has weights of its own; and the mean of a half is not the mean of the whole.",
     "True for shuffled channels"),
    ("supported", supported_means, "reads the mean only",
     "0.03 ± 0.06 holds 0, so the table shows no difference on same, whatever the mean.",
     "True for a difference whose interval holds 0"),
    ("supported", supported_equal, "no difference shown, so none",
     "an interval that holds 0 does not show that two things are equal: it leaves open every "
     "difference inside it.", "True for “equally many” and “equally well”"),
    ("supported", supported_everywhere, "one network for all",
     "the table is about a slot of 16 channels, where r = 16 leaves one hidden unit. It says "
     "nothing of wide layers.", "True for “in any network”"),
    ("supported", supported_lowest, "reads signs only",
     "0.44 ± 0.14 reaches down to 0.30, so a gain of at least 0.2 is shown too.",
     "False for a gain that the whole interval exceeds"),
)  # fmt: skip
FUNCTIONS = tuple(
    Mistake(name, task, build, sentence, symptom)
    for task, build, name, sentence, symptom in _FUNCTIONS
)
