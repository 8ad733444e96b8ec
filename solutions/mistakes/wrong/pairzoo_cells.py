"""Wrong cells and relations of the exercise on fewer pairs, and what to say about each."""

import torch

from attnlab.check.cases import Mistake


def matrix_of_sums(height, width, sizes):
    columns = []
    for s in sizes:
        for r in range(s):
            for c in range(s):
                cell = torch.zeros(height, width, dtype=torch.float64)
                rows = slice(r * height // s, -(-(r + 1) * height // s))
                cell[rows, c * width // s : -(-(c + 1) * width // s)] = 1
                columns.append(cell.flatten())
    return torch.stack(columns, dim=1)


def matrix_whole_steps(height, width, sizes):
    columns = []
    for s in sizes:
        high, wide = max(height // s, 1), max(width // s, 1)
        for r in range(s):
            for c in range(s):
                cell = torch.zeros(height, width, dtype=torch.float64)
                cell[r * high : (r + 1) * high, c * wide : (c + 1) * wide] = 1
                columns.append(cell.flatten() / cell.sum())
    return torch.stack(columns, dim=1)


def matrix_no_overlap(height, width, sizes):
    columns = []
    for s in sizes:
        for r in range(s):
            for c in range(s):
                cell = torch.zeros(height, width, dtype=torch.float64)
                rows = slice(r * height // s, (r + 1) * height // s)
                cell[rows, c * width // s : (c + 1) * width // s] = 1
                columns.append(cell.flatten() / cell.sum().clamp(min=1))
    return torch.stack(columns, dim=1)


def matrix_turned(height, width, sizes):
    rows = []
    for s in sizes:
        for r in range(s):
            for c in range(s):
                cell = torch.zeros(height, width, dtype=torch.float64)
                down = slice(r * height // s, -(-(r + 1) * height // s))
                cell[down, c * width // s : -(-(c + 1) * width // s)] = 1
                rows.append(cell.flatten() / cell.sum())
    return torch.stack(rows)


def matrix_column_by_column(height, width, sizes):
    columns = []
    for s in sizes:
        for c in range(s):
            for r in range(s):
                cell = torch.zeros(height, width, dtype=torch.float64)
                rows = slice(r * height // s, -(-(r + 1) * height // s))
                cell[rows, c * width // s : -(-(c + 1) * width // s)] = 1
                columns.append(cell.flatten() / cell.sum())
    return torch.stack(columns, dim=1)


def matrix_sorted(height, width, sizes):
    columns = []
    for s in sorted(sizes):
        for r in range(s):
            for c in range(s):
                cell = torch.zeros(height, width, dtype=torch.float64)
                rows = slice(r * height // s, -(-(r + 1) * height // s))
                cell[rows, c * width // s : -(-(c + 1) * width // s)] = 1
                columns.append(cell.flatten() / cell.sum())
    return torch.stack(columns, dim=1)


def matrix_equal_areas(height, width, sizes):
    columns = []
    for s in sizes:
        for r in range(s):
            for c in range(s):
                cell = torch.zeros(height, width, dtype=torch.float64)
                rows = slice(r * height // s, -(-(r + 1) * height // s))
                cell[rows, c * width // s : -(-(c + 1) * width // s)] = 1
                columns.append(cell.flatten() * s * s / (height * width))
    return torch.stack(columns, dim=1)


def attention_not_scaled(q, k, v, sizes):
    pool = torch.nn.functional.adaptive_avg_pool2d
    keys, values = (torch.cat([pool(x, s).flatten(2) for s in sizes], dim=2) for x in (k, v))
    weights = (q.flatten(2).mT @ keys).softmax(dim=2)
    return (values @ weights.mT).unflatten(2, q.shape[2:])


def attention_scaled_up(q, k, v, sizes):
    pool = torch.nn.functional.adaptive_avg_pool2d
    keys, values = (torch.cat([pool(x, s).flatten(2) for s in sizes], dim=2) for x in (k, v))
    weights = (q.flatten(2).mT @ keys * q.shape[1] ** 0.5).softmax(dim=2)
    return (values @ weights.mT).unflatten(2, q.shape[2:])


def attention_scaled_by_values(q, k, v, sizes):
    pool = torch.nn.functional.adaptive_avg_pool2d
    keys, values = (torch.cat([pool(x, s).flatten(2) for s in sizes], dim=2) for x in (k, v))
    weights = (q.flatten(2).mT @ keys * v.shape[1] ** -0.5).softmax(dim=2)
    return (values @ weights.mT).unflatten(2, q.shape[2:])


def attention_over_positions(q, k, v, sizes):
    pool = torch.nn.functional.adaptive_avg_pool2d
    keys, values = (torch.cat([pool(x, s).flatten(2) for s in sizes], dim=2) for x in (k, v))
    weights = (q.flatten(2).mT @ keys * q.shape[1] ** -0.5).softmax(dim=1)
    return (values @ weights.mT).unflatten(2, q.shape[2:])


def attention_values_turned(q, k, v, sizes):
    pool = torch.nn.functional.adaptive_avg_pool2d
    keys = torch.cat([pool(k, s).flatten(2) for s in sizes], dim=2)
    values = torch.cat([pool(v, s).flatten(2) for s in sizes[::-1]], dim=2)
    weights = (q.flatten(2).mT @ keys * q.shape[1] ** -0.5).softmax(dim=2)
    return (values @ weights.mT).unflatten(2, q.shape[2:])


def attention_largest_keys(q, k, v, sizes):
    pool, largest = torch.nn.functional.adaptive_avg_pool2d, torch.nn.functional.adaptive_max_pool2d
    keys = torch.cat([largest(k, s).flatten(2) for s in sizes], dim=2)
    values = torch.cat([pool(v, s).flatten(2) for s in sizes], dim=2)
    weights = (q.flatten(2).mT @ keys * q.shape[1] ** -0.5).softmax(dim=2)
    return (values @ weights.mT).unflatten(2, q.shape[2:])


def attention_all_pairs(q, k, v, sizes):
    weights = (q.flatten(2).mT @ k.flatten(2) * q.shape[1] ** -0.5).softmax(dim=2)
    return (v.flatten(2) @ weights.mT).unflatten(2, q.shape[2:])


def relations_exchanged(q, k):
    r = q.mT @ k
    return torch.cat([r, r.mT], dim=1)


def relations_asked_twice(q, k):
    r = q.mT @ k
    return torch.cat([r.mT, r.mT], dim=1)


def relations_softmax(q, k):
    r = (q.mT @ k).softmax(dim=2)
    return torch.cat([r.mT, r], dim=1)


def relations_scaled(q, k):
    r = q.mT @ k * q.shape[1] ** -0.5
    return torch.cat([r.mT, r], dim=1)


def relations_in_rows(q, k):
    r = q.mT @ k
    return torch.cat([r, r.mT], dim=2)


def relations_of_channels(q, k):
    r = q @ k.mT
    return torch.cat([r.mT, r], dim=1)


PYRAMID, RELATIONS = "asymmetric-non-local-attention", "relation-aware-global-attention"

# (task, wrong version, its name, the sentence, the symptom, the section)
_CELLS = (
    ("pooling_matrix", matrix_of_sums, "sums of cells",
     "a column holds ones, so that a cell is a sum. One of L positions counts 1 / L in a mean.",
     "columns that do not add up to 1", PYRAMID),
    ("pooling_matrix", matrix_whole_steps, "whole steps only",
     "cells move by the rounded-down quotient, and what is left over at the end is in no cell.",
     "right where the grid divides the map", PYRAMID),
    ("pooling_matrix", matrix_no_overlap, "ends rounded down",
     "a cell's end is rounded up, not down: neighbours share a row where the grid does not divide "
     "the map.",
     "right where the grid divides the map", PYRAMID),
    ("pooling_matrix", matrix_turned, "turned round",
     "this is P transposed. Positions are its rows, cells its columns.",
     "shape (S, N)", PYRAMID),
    ("pooling_matrix", matrix_column_by_column, "column by column",
     "the cells of a grid come column by column. They come row by row, as positions do.",
     "right for grids of one cell", PYRAMID),
    ("pooling_matrix", matrix_sorted, "grids sorted",
     "the grids come by size. They come in the order of `sizes`.",
     "right for sizes that rise", PYRAMID),
    ("pooling_matrix", matrix_equal_areas, "cells of equal area",
     "each cell is taken to hold N / s² positions. Count those that it has.",
     "right where the grid divides the map", PYRAMID),
    ("pooled_attention", attention_not_scaled, "no scale",
     "the logits are not scaled. Multiply them by one over the root of c.",
     "weights nearer to a single cell than they should be", PYRAMID),
    ("pooled_attention", attention_scaled_up, "scaled the wrong way",
     "the logits are multiplied by the root of c. It is c to the power -1/2.",
     "nearly all weight on a single cell", PYRAMID),
    ("pooled_attention", attention_scaled_by_values, "scaled by the values' width",
     "the scale takes d, the width of the values. It is c, that of queries and keys.",
     "right where both are equally wide", PYRAMID),
    ("pooled_attention", attention_over_positions, "softmax over those who ask",
     "the softmax runs over the positions. Each shares its weight of 1 among the cells.",
     "outputs that shrink as the map grows", PYRAMID),
    ("pooled_attention", attention_values_turned, "values in another order",
     "the grids of the values come in another order than those of the keys.",
     "every shape fits, and weights meet other cells", PYRAMID),
    ("pooled_attention", attention_largest_keys, "largest keys",
     "a cell's key is the maximum of its keys. Take the mean.",
     "one bright place draws every query", PYRAMID),
    ("pooled_attention", attention_all_pairs, "all pairs",
     "nothing is pooled: this is a non-local block. Keys and values are those of the cells.",
     "sizes make no difference", PYRAMID),
    ("relation_vectors", relations_exchanged, "halves exchanged",
     "column j begins with what all ask of j. First comes what j's own query says of all keys.",
     "the two halves have changed places", RELATIONS),
    ("relation_vectors", relations_asked_twice, "own query twice",
     "the own query comes twice, and what others ask never. The second half is query i with key j.",
     "two equal halves", RELATIONS),
    ("relation_vectors", relations_softmax, "softmax on the relations",
     "a softmax runs over the relations. They are features here, and stay as they are.",
     "numbers between 0 and 1", RELATIONS),
    ("relation_vectors", relations_scaled, "scaled relations",
     "the relations are scaled. Without a softmax there is nothing that needs it.",
     "numbers too small by one factor", RELATIONS),
    ("relation_vectors", relations_in_rows, "rows, not columns",
     "a position's numbers stand in a row. They belong in a column: axis 1 has the 2N relations, "
     "axis 2 the positions.",
     "shape (B, N, 2N)", RELATIONS),
    ("relation_vectors", relations_of_channels, "relations of features",
     "q times k transposed compares features with features. Positions are compared.",
     "shape (B, 2c, c)", RELATIONS),
)  # fmt: skip
CELLS = tuple(
    Mistake(name, task, build, sentence, symptom, section)
    for task, build, name, sentence, symptom, section in _CELLS
)
