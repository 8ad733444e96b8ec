"""Wrong versions of the functions of the CBAM exercise, and what to say about each."""

from attnlab.check.cases import Mistake


def params_no_norm(channels, reduction=16, kernel=7):
    hidden = channels // reduction
    return 2 * channels * hidden + hidden + channels + 2 * kernel**2


def params_no_bias(channels, reduction=16, kernel=7):
    return 2 * channels * (channels // reduction) + 2 * kernel**2 + 2


def params_two_mlps(channels, reduction=16, kernel=7):
    hidden = channels // reduction
    return 2 * (2 * channels * hidden + hidden + channels) + 2 * kernel**2 + 2


def params_one_map(channels, reduction=16, kernel=7):
    hidden = channels // reduction
    return 2 * channels * hidden + hidden + channels + kernel**2 + 2


def params_all_channels(channels, reduction=16, kernel=7):
    hidden = channels // reduction
    return 2 * channels * hidden + hidden + channels + channels * kernel**2 + 2


def params_statistics(channels, reduction=16, kernel=7):
    hidden = channels // reduction
    return 2 * channels * hidden + hidden + channels + 2 * kernel**2 + 4


def macs_once(channels, height, width, reduction=16, kernel=7):
    return 2 * channels * (channels // reduction) + 2 * kernel**2 * height * width


def macs_one_map(channels, height, width, reduction=16, kernel=7):
    return 4 * channels * (channels // reduction) + kernel**2 * height * width


def macs_one_place(channels, height, width, reduction=16, kernel=7):
    return 4 * channels * (channels // reduction) + 2 * kernel**2


def macs_all_channels(channels, height, width, reduction=16, kernel=7):
    return 4 * channels * (channels // reduction) + channels * kernel**2 * height * width


def prediction_both(change):
    return "both"


def prediction_mirror(change):
    right = {"shuffle the positions": "channel", "shuffle the channels": "spatial"}
    right |= {"shuffle the images": "both", "put a frame of zeros around": "spatial"}
    return right.get(change, "both" if change == "mirror the map" else "neither")


def prediction_scale(change):
    right = {"shuffle the positions": "channel", "mirror the map": "channel"}
    right |= {"shuffle the channels": "spatial", "put a frame of zeros around": "spatial"}
    return right.get(change, "both" if change != "repeat every channel" else "neither")


def prediction_frame(change):
    right = {"shuffle the positions": "channel", "mirror the map": "channel"}
    right |= {"shuffle the channels": "spatial", "shuffle the images": "both"}
    return right.get(change, "neither")


def prediction_turned(change):
    right = {"shuffle the positions": "spatial", "shuffle the channels": "channel"}
    right |= {"shuffle the images": "both", "mirror the map": "spatial"}
    return right.get(change, "channel" if "frame" in change else "neither")


def prediction_repeat(change):
    right = {"shuffle the positions": "channel", "mirror the map": "channel"}
    right |= {"shuffle the images": "both", "halve every number": "neither"}
    return right.get(change, "spatial")


# (task, wrong version, its name, the sentence, the symptom)
_FUNCTIONS = (
    ("params", params_no_norm, "forgets the BatchNorm",
     "the BatchNorm of the spatial gate learns a scale and a shift: two more.", "2 too few"),
    ("params", params_no_bias, "forgets the biases",
     "both layers of the shared MLP have biases: C // r, and C.", "C // r + C too few"),
    ("params", params_two_mlps, "counts the MLP twice",
     "one MLP serves both pools: it is used twice and counted once.", "nearly twice too many"),
    ("params", params_one_map, "one map",
     "the convolution sees two maps, maximum and mean: 2 * k * k weights.", "k * k too few"),
    ("params", params_all_channels, "convolves the channels",
     "the convolution does not see the C channels, only two maps that are pooled from them.",
     "grows with C * k * k"),
    ("params", params_statistics, "counts running statistics",
     "the running mean and variance are not learned by gradients; they are buffers.", "2 too many"),
    ("macs", macs_once, "runs the MLP once",
     "the MLP runs once for the means and once for the maxima: 4 * C * h products.",
     "2 * C * h too few"),
    ("macs", macs_one_map, "one map",
     "at each place the kernel lies on two maps.", "half of the spatial part"),
    ("macs", macs_one_place, "one place",
     "the convolution answers at every place, H * W times.", "the size of the map does not matter"),
    ("macs", macs_all_channels, "counts C maps",
     "at each place the kernel lies on two pooled maps, not on the C channels.",
     "C / 2 times too many"),
    ("prediction", prediction_both, "always both",
     "each gate has something that it does mind. Ask what is left of it after the change.",
     "both everywhere"),
    ("prediction", prediction_mirror, "kernels are symmetric",
     "a learned kernel has a left and a right; mirrored, it meets other neighbours.",
     "both for the mirror"),
    ("prediction", prediction_scale, "takes the gates for constant",
     "halving x halves what the gates see, and so changes them.", "both for halving"),
    ("prediction", prediction_frame, "a frame changes everything",
     "the spatial gate pads with zeros anyway: a frame of zeros shows it nothing new, and there x "
     "is 0, whatever the gate.", "neither for the frame"),
    ("prediction", prediction_turned, "gates exchanged",
     "the two gates are exchanged: the channel gate forgets positions and knows channels, the "
     "spatial gate knows positions and forgets channels.", "channel and spatial trade places"),
    ("prediction", prediction_repeat, "any rearranged channels",
     "repeating some channels and dropping others is no shuffle: their mean and maximum change.",
     "spatial for repeated channels"),
)  # fmt: skip
FUNCTIONS = tuple(
    Mistake(name, task, build, sentence, symptom)
    for task, build, name, sentence, symptom in _FUNCTIONS
)
