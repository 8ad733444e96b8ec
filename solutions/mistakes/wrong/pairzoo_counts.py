"""Wrong shapes, counts and predictions of the exercise on fewer pairs, and what to say of each."""

from attnlab.check.cases import Mistake


def held_channels(B, C, H, W, n, K):
    N = H * W
    return {
        "non-local": (B, C, C), "gathering": (B, n, N), "descriptors": (B, C, n),
        "cells": (B, N, 110), "regions": (B, C, K), "relations": (B, 2 * N, N),
    }  # fmt: skip


def held_lists_turned(B, C, H, W, n, K):
    N = H * W
    return {
        "non-local": (B, N, N), "gathering": (B, N, n), "descriptors": (B, C, n),
        "cells": (B, N, 110), "regions": (B, C, K), "relations": (B, 2 * N, N),
    }  # fmt: skip


def held_pairs_of_lists(B, C, H, W, n, K):
    N = H * W
    return {
        "non-local": (B, N, N), "gathering": (B, n, N), "descriptors": (B, C, N),
        "cells": (B, N, 110), "regions": (B, C, K), "relations": (B, 2 * N, N),
    }  # fmt: skip


def held_sides(B, C, H, W, n, K):
    N = H * W
    return {
        "non-local": (B, N, N), "gathering": (B, n, N), "descriptors": (B, C, n),
        "cells": (B, N, 18), "regions": (B, C, K), "relations": (B, 2 * N, N),
    }  # fmt: skip


def held_region_maps(B, C, H, W, n, K):
    N = H * W
    return {
        "non-local": (B, N, N), "gathering": (B, n, N), "descriptors": (B, C, n),
        "cells": (B, N, 110), "regions": (B, K, N), "relations": (B, 2 * N, N),
    }  # fmt: skip


def held_one_way(B, C, H, W, n, K):
    N = H * W
    return {
        "non-local": (B, N, N), "gathering": (B, n, N), "descriptors": (B, C, n),
        "cells": (B, N, 110), "regions": (B, C, K), "relations": (B, N, N),
    }  # fmt: skip


def products_logits_only(N, d, n, S, K):
    return {
        "non-local": N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": N * N * (n + d), "cells": N * S * d,
        "regions": 3 * N * K * d, "relations": N * N * d + N * 2 * N * (N // 8),
    }  # fmt: skip


def products_brackets_alike(N, d, n, S, K):
    return {
        "non-local": 2 * N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": 2 * N * n * d, "cells": 2 * N * S * d,
        "regions": 3 * N * K * d, "relations": N * N * d + N * 2 * N * (N // 8),
    }  # fmt: skip


def products_values_as_wide(N, d, n, S, K):
    return {
        "non-local": 2 * N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": 2 * N * N * n, "cells": 2 * N * S * d,
        "regions": 3 * N * K * d, "relations": N * N * d + N * 2 * N * (N // 8),
    }  # fmt: skip


def products_cells_ask(N, d, n, S, K):
    return {
        "non-local": 2 * N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": N * N * (n + d), "cells": 2 * S * S * d,
        "regions": 3 * N * K * d, "relations": N * N * d + N * 2 * N * (N // 8),
    }  # fmt: skip


def products_nothing_gathered(N, d, n, S, K):
    return {
        "non-local": 2 * N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": N * N * (n + d), "cells": 2 * N * S * d,
        "regions": 2 * N * K * d, "relations": N * N * d + N * 2 * N * (N // 8),
    }  # fmt: skip


def products_nothing_read(N, d, n, S, K):
    return {
        "non-local": 2 * N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": N * N * (n + d), "cells": 2 * N * S * d,
        "regions": 3 * N * K * d, "relations": N * N * d,
    }  # fmt: skip


def products_read_once(N, d, n, S, K):
    return {
        "non-local": 2 * N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": N * N * (n + d), "cells": 2 * N * S * d,
        "regions": 3 * N * K * d, "relations": N * N * d + 2 * N * (N // 8),
    }  # fmt: skip


def products_with_values(N, d, n, S, K):
    return {
        "non-local": 2 * N * N * d, "double attention": 2 * N * n * d,
        "double attention, pairs first": N * N * (n + d), "cells": 2 * N * S * d,
        "regions": 3 * N * K * d, "relations": 2 * N * N * d + N * 2 * N * (N // 8),
    }  # fmt: skip


def pays_at_equality(n, d):
    return 2 * n * d // (n + d)


def pays_rounded_up(n, d):
    return -(-2 * n * d // (n + d))


def pays_half(n, d):
    return n * d // (n + d) + 1


def pays_longer(n, d):
    return max(n, d) + 1


def pays_side(n, d):
    side = 1
    while side**2 * (n + d) <= 2 * n * d:
        side += 1
    return side


def predict_always(block, change):
    return True


def predict_cells_anywhere(block, change):
    return block != "relations"


def predict_cells_doubled(block, change):
    if (block, change) == ("cells", "twice"):
        return True
    return block != "relations" if change == "dark" else block not in ("cells", "relations")


def predict_relations_anywhere(block, change):
    if (block, change) == ("relations", "shuffled"):
        return True
    return block != "relations" if change == "dark" else block not in ("cells", "relations")


def predict_relations_doubled(block, change):
    return block != "relations" if change == "dark" else block != "cells"


def predict_relations_carry(block, change):
    return change == "dark" or block not in ("cells", "relations")


def predict_sums(block, change):
    if change == "twice":
        return False
    return block != "relations" if change == "dark" else block not in ("cells", "relations")


# (task, wrong version, its name, the sentence, the symptom, the section)
_COUNTS = (
    ("held", held_channels, "pairs of channels",
     "(B, C, C) compares channels with channels. All pairs are pairs of positions.",
     "the non-local shape does not grow with the map", "fewer-pairs"),
    ("held", held_lists_turned, "lists turned round",
     "the lists lie the other way round: n descriptors, and for each a weight at every position.",
     "two axes exchanged", "double-attention"),
    ("held", held_pairs_of_lists, "one descriptor for each position",
     "there are n descriptors, however many positions there are.",
     "descriptors that grow with the map", "double-attention"),
    ("held", held_sides, "sides added",
     "a grid with 3 cells a side has 9 cells. Add squares, not sides.",
     "18 cells in place of 110", "asymmetric-non-local-attention"),
    ("held", held_region_maps, "weights for regions",
     "(B, K, N) are the weights that gather. What they gather is one vector, as wide as x, for "
     "each class.",
     "regions that grow with the map", "object-contextual-representations"),
    ("held", held_one_way, "relations one way",
     "a position's column holds its relations to all, and those of all to it: 2N numbers.",
     "half of a column is missing", "relation-aware-global-attention"),
    ("products", products_logits_only, "values forgotten",
     "queries with keys is half of it. The weights then meet the values, which takes as many.",
     "half of the right number", "fewer-pairs"),
    ("products", products_brackets_alike, "brackets do not matter",
     "both brackets give the same array, and not for the same price: pairs first means a product "
     "of (N, n) with (n, N).",
     "no number grows with N²", "double-attention"),
    ("products", products_values_as_wide, "values n wide",
     "with pairs first the values, d wide, meet N x N weights: N² d, beside N² n for the pairs.",
     "right where n = d", "double-attention"),
    ("products", products_cells_ask, "cells ask cells",
     "the queries are not pooled: N positions ask S cells.",
     "a cost that does not grow with the map", "asymmetric-non-local-attention"),
    ("products", products_nothing_gathered, "regions for nothing",
     "gathering the regions is a product as well: N positions, each d wide, into K regions.",
     "two thirds of the right number", "object-contextual-representations"),
    ("products", products_nothing_read, "nobody reads the relations",
     "the layer that reads the relations is missing: 2N numbers, N // 8 results, at each of the N "
     "positions.",
     "a cost that grows with N², where it should with N³", "relation-aware-global-attention"),
    ("products", products_read_once, "read at one position",
     "the layer reads a column at each of the N positions, not once.",
     "too few by a factor of N", "relation-aware-global-attention"),
    ("products", products_with_values, "values that are not fetched",
     "no values are fetched there: the pairs are features, and nothing is multiplied by them.",
     "too many by N² d", "relation-aware-global-attention"),
    ("pays_from", pays_at_equality, "as many, or too many",
     "on so many positions gathering first takes at least as many. Asked for is the first number "
     "on which it takes fewer.",
     "one too small", "double-attention"),
    ("pays_from", pays_rounded_up, "rounded up",
     "rounding up is right unless 2nd / (n + d) is a whole number: there both take as many.",
     "one too small for n = d", "double-attention"),
    ("pays_from", pays_half, "a factor of 2 lost",
     "gathering first takes 2Nnd, not Nnd: once to gather, once to hand out.",
     "about half of the right number", "double-attention"),
    ("pays_from", pays_longer, "the longer of both",
     "the crossing lies between n and d, at 2nd / (n + d), and not behind the larger one.",
     "right for n = d only", "double-attention"),
    ("pays_from", pays_side, "side, not positions",
     "asked for is the number of positions N, not the side of a square map.",
     "about the root of the right number", "double-attention"),
    ("predict", predict_always, "all alike",
     "the four blocks differ: two of them know where things are, and one fetches no values.",
     "True, whatever is asked", "fewer-pairs"),
    ("predict", predict_cells_anywhere, "cells without a place",
     "a cell is a place. Shuffle the positions, and others share a cell; lay the map below itself, "
     "and its cells are other means.",
     "True for cells", "asymmetric-non-local-attention"),
    ("predict", predict_cells_doubled, "cells of a doubled map",
     "on a map laid below itself the cell that was the upper third covers another part of the "
     "picture. Only the grid of one cell stays as it is.",
     "True for cells, twice", "asymmetric-non-local-attention"),
    ("predict", predict_relations_anywhere, "relations without a place",
     "number seven of a column is always the relation with position seven, and has weights of its "
     "own in the layer that reads it.",
     "True for relations, shuffled", "relation-aware-global-attention"),
    ("predict", predict_relations_doubled, "relations of any size",
     "the layer that reads relations has weights for 2N numbers and refuses any other size; and it "
     "knows the place of each.",
     "True for relations, twice", "relation-aware-global-attention"),
    ("predict", predict_relations_carry, "relations carry values",
     "a gate multiplies what is there. Where x is zero nothing comes in.",
     "True for relations, dark", "relation-aware-global-attention"),
    ("predict", predict_sums, "means that grow",
     "double attention and the mended regions take weighted means over positions. Twice the "
     "positions, each with half the weight, leave a mean as it is.",
     "False where only means are taken", "double-attention"),
)  # fmt: skip
COUNTS = tuple(
    Mistake(name, task, build, sentence, symptom, section)
    for task, build, name, sentence, symptom, section in _COUNTS
)
