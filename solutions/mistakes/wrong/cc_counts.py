"""Wrong counts and predictions of the criss-cross exercise, and what to say about each."""

import torch

from attnlab.check.cases import Mistake


def reach_row(height, width, i, j, passes):
    rows = torch.arange(height)[:, None].expand(height, width)
    return rows == i if passes < 2 else torch.ones(height, width, dtype=torch.bool)


def reach_at_once(height, width, i, j, passes):
    return torch.ones(height, width, dtype=torch.bool)


def reach_never(height, width, i, j, passes):
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    return (rows == i) | (columns == j)


def reach_exchanged(height, width, i, j, passes):
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    if passes > 1:
        return torch.ones(height, width, dtype=torch.bool)
    return (rows == j) | (columns == i) if passes else (rows == j) & (columns == i)


def reach_square(height, width, i, j, passes):
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    return ((rows - i).abs() <= passes) & ((columns - j).abs() <= passes)


def routes_two_everywhere(height, width, i, j):
    return torch.full((height, width), 2)


def routes_one_corner(height, width, i, j):
    ways = torch.ones(height, width, dtype=torch.int64)
    ways[i], ways[:, j] = width, height
    ways[i, j] = height + width - 1
    return ways


def routes_exchanged(height, width, i, j):
    ways = torch.full((height, width), 2)
    ways[i], ways[:, j] = height, width
    ways[i, j] = height + width - 1
    return ways


def routes_centre_twice(height, width, i, j):
    ways = torch.full((height, width), 2)
    ways[i], ways[:, j] = width, height
    ways[i, j] = height + width
    return ways


def routes_must_move(height, width, i, j):
    ways = torch.full((height, width), 2)
    ways[i], ways[:, j] = width - 2, height - 2
    ways[i, j] = height + width - 2
    return ways


def macs_once(channels, height, width, passes=2):
    c = channels // 8
    project = 2 * channels * c + channels**2
    return height * width * (project + (height + width) * (c + channels))


def macs_projects_once(channels, height, width, passes=2):
    c = channels // 8
    project = 2 * channels * c + channels**2
    return height * width * (project + passes * (height + width) * (c + channels))


def macs_no_projections(channels, height, width, passes=2):
    return passes * height * width * (height + width) * (channels // 8 + channels)


def macs_logits_only(channels, height, width, passes=2):
    c = channels // 8
    project = 2 * channels * c + channels**2
    return passes * height * width * (project + (height + width) * c)


def macs_distinct(channels, height, width, passes=2):
    c = channels // 8
    project = 2 * channels * c + channels**2
    return passes * height * width * (project + (height + width - 1) * (c + channels))


def macs_all_pairs(channels, height, width, passes=2):
    c = channels // 8
    project = 2 * channels * c + channels**2
    return passes * height * width * (project + height * width * (c + channels))


def pays_pairs_only(channels, passes=2):
    return 2 * passes + 1


def pays_at_equality(channels, passes=2):
    c, side = channels // 8, 1
    project, meet = 2 * channels * c + channels**2, channels + c
    while passes * (project + 2 * side * meet) >= project + side**2 * meet:
        side += 1
    return side - 1


def pays_positions(channels, passes=2):
    c, side = channels // 8, 1
    project, meet = 2 * channels * c + channels**2, channels + c
    while passes * (project + 2 * side * meet) >= project + side**2 * meet:
        side += 1
    return side**2


def agree_never(height, width):
    return False


def agree_one_position(height, width):
    return height == 1 and width == 1


def agree_rows_only(height, width):
    return height == 1


def agree_small(height, width):
    return height <= 2 and width <= 2


# (task, wrong version, its name, the sentence, the symptom)
_COUNTS = (
    ("reach", reach_row, "the row only",
     "one pass looks along the column too.", "W positions instead of H + W - 1"),
    ("reach", reach_at_once, "everything at once",
     "one pass reaches the row and the column, no more; it is the second that reaches the rest.",
     "no difference between one pass and two"),
    ("reach", reach_never, "stays on the cross",
     "after one pass each position of the cross knows its own cross. The second pass brings that "
     "home.", "no difference between one pass and two"),
    ("reach", reach_exchanged, "i and j exchanged",
     "i counts rows and j columns; here they are exchanged.", "the cross stands elsewhere"),
    ("reach", reach_square, "a growing square",
     "a square that grows with the passes is what 3x3 convolutions see. The cross reaches to the "
     "edges at once.", "too little far away, too much at the corners"),
    ("routes", routes_two_everywhere, "two to everywhere",
     "2 is right off the cross only. On the own row, the step between may be any position of it.",
     "the sum is too small"),
    ("routes", routes_one_corner, "one corner only",
     "off the cross there are two routes: first along the row, or first along the column.",
     "1 off the cross"),
    ("routes", routes_exchanged, "H and W exchanged",
     "to a target on the own row the step between lies on that row, and has W places.",
     "right on square maps"),
    ("routes", routes_centre_twice, "the centre twice",
     "there and back: one route for each position of the cross, of which there are H + W - 1.",
     "the sum is one too large"),
    ("routes", routes_must_move, "forbids to stay",
     "a step may also stay where it is: a position is on its own cross.", "the sum is too small"),
    ("macs", macs_once, "one pass",
     "this counts one pass. Each pass does all of it again.", "too few by a factor"),
    ("macs", macs_projects_once, "projects once",
     "the second pass starts from the first one's output, so that it needs new queries, keys and "
     "values.", "right for one pass"),
    ("macs", macs_no_projections, "forgets the projections",
     "the three 1x1 convolutions cost C * (2c + C) at each position, and on small maps that is "
     "most of it.", "too few, above all on small maps"),
    ("macs", macs_logits_only, "counts the logits only",
     "for each key there are c products for its logit and C for its value.", "too few"),
    ("macs", macs_distinct, "leaves the silenced out",
     "the silenced logit is computed before it is silenced, and its value is multiplied by 0: "
     "H + W entries, though only H + W - 1 count.", "slightly too few"),
    ("macs", macs_all_pairs, "all pairs",
     "this lets a position meet all H * W positions. It meets H + W.", "too many"),
    ("pays_from", pays_pairs_only, "compares the pairs only",
     "2 R n against n² leaves the projections out, which the cross repeats in each pass.",
     "the same for every C"),
    ("pays_from", pays_at_equality, "one too small",
     "at this size the cross does not need fewer yet: look at < and at where the loop stops.",
     "one less"),
    ("pays_from", pays_positions, "positions, not the side",
     "asked for is the side n, not the number of positions n².", "the square of the answer"),
    ("agree", agree_never, "never",
     "there are maps on which the cross of every position is the whole map: those of one row or "
     "one column.", "False everywhere"),
    ("agree", agree_one_position, "a single position",
     "one of the two sides is enough: on a map of one row, that row is everything.",
     "False on a line"),
    ("agree", agree_rows_only, "one row only",
     "a map of one column is a line, too.", "False for one column"),
    ("agree", agree_small, "small maps",
     "size is not the point: on 2 x 2 the opposite corner is on no cross, and a line of any length "
     "has no corner.", "True on 2 x 2"),
)  # fmt: skip
COUNTS = tuple(
    Mistake(name, task, build, sentence, symptom)
    for task, build, name, sentence, symptom in _COUNTS
)
