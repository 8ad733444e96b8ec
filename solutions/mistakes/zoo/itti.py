"""What goes wrong in saliency maps, and the sentence that helps."""

import torch

from attnlab.check.cases import FunctionTask, Mistake
from solutions.itti import promoted, scanpath
from solutions.mistakes.wrong import itti_maps as wrong

PAGE = "saliency-maps"

PROMOTED = (
    Mistake(
        "maps added as they are", "promoted", wrong.promoted_not,
        "nothing is promoted: a map with a hundred equal peaks counts as much as one with a "
        "single peak. Multiply by (1 − mean of the other peaks)².",
        "the map is bright wherever there is a pattern", PAGE,
    ),
    Mistake(
        "mean of all places", "promoted", wrong.promoted_by_mean,
        "the mean runs over all places. It is that of the local peaks, without the highest.",
        "a map with one broad peak is silenced, a map of many sharp ones is not", PAGE,
    ),
    Mistake(
        "the highest peak counts", "promoted", wrong.promoted_with_highest,
        "the highest peak is among those that are averaged. It is the one that the others are "
        "held against.",
        "a map with a single peak is wiped out", PAGE,
    ),
    Mistake(
        "not scaled first", "promoted", wrong.promoted_unscaled,
        "the map is not brought to lie between 0 and 1 first, so that the range of its numbers "
        "decides and not its peaks.",
        "colours count more than stripes, or the other way round", PAGE,
    ),
    Mistake(
        "not squared", "promoted", wrong.promoted_once,
        "the factor is not squared.", "noise is dimmed too little", PAGE,
    ),
)  # fmt: skip

PATH = (
    Mistake(
        "no inhibition", "scanpath", wrong.path_stuck,
        "what was looked at is not silenced, and wins again.", "the eyes never move", PAGE,
    ),
    Mistake(
        "inhibition ends at once", "scanpath", wrong.path_two_stops,
        "only the last look is silenced. What was silenced before comes back by the factor of "
        "recovery, not at once.",
        "the path has two stops", PAGE,
    ),
    Mistake(
        "inhibition never ends", "scanpath", wrong.path_never_back,
        "what was silenced stays so. It comes back by the factor of recovery a look.",
        "in the end the eyes go through empty ground", PAGE,
    ),
    Mistake(
        "one pixel is silenced", "scanpath", wrong.path_one_pixel,
        "only the winner is silenced, and its neighbours win next. Silence the disc around it.",
        "a path that creeps", PAGE,
    ),
    Mistake(
        "column before row", "scanpath", wrong.path_column_first,
        "the two numbers of a look have changed places: row first.",
        "right on the diagonal", PAGE,
    ),
)  # fmt: skip


def _maps(rng):
    one = torch.rand(2, 1, 9, 11, generator=rng, dtype=torch.float64)
    twins = 3 * torch.rand(1, 1, 8, 8, generator=rng, dtype=torch.float64)
    twins[..., 1, 1] = twins[..., 6, 5] = 4.0
    return [(one,), (twins,), (one[:1] + 2,)]


def _paths(rng):
    saliency = torch.rand(2, 1, 6, 8, generator=rng, dtype=torch.float64)
    one = torch.zeros(1, 1, 7, 5).double()
    one[..., 2:5, 1:4] = torch.tensor([[0.7, 0.8, 0.7], [0.9, 1.0, 0.6], [0.5, 0.4, 0.3]]).double()
    return [(saliency, 7, 1.5, 0.6), (one, 4, 2.0, 0.5), (saliency, 5, 1.0, 0.9)]


TASKS = {
    "promoted": FunctionTask(promoted, _maps, mistakes=PROMOTED),
    "scanpath": FunctionTask(scanpath, _paths, mistakes=PATH),
}
