"""Wrong shapes, weights and transfers of the criss-cross exercise, and what to say about each."""

import torch

from attnlab.check.cases import Mistake


def shapes_with_channels(B, C, H, W):
    return {
        "non-local": (B, C, H * W, H * W), "columns": (B * W, C, H, H),
        "rows": (B * H, C, W, W), "criss-cross": (B, C, H, W, H + W),
    }  # fmt: skip


def shapes_of_channels(B, C, H, W):
    return {
        "non-local": (B, C, C), "columns": (B * W, H, H), "rows": (B * H, W, W),
        "criss-cross": (B, H, W, H + W),
    }  # fmt: skip


def shapes_exchanged(B, C, H, W):
    return {
        "non-local": (B, H * W, H * W), "columns": (B * H, W, W), "rows": (B * W, H, H),
        "criss-cross": (B, H, W, H + W),
    }  # fmt: skip


def shapes_batch_lost(B, C, H, W):
    return {
        "non-local": (B, H * W, H * W), "columns": (W, H, H), "rows": (H, W, W),
        "criss-cross": (B, H, W, H + W),
    }  # fmt: skip


def shapes_without_centre(B, C, H, W):
    return {
        "non-local": (B, H * W, H * W), "columns": (B * W, H, H), "rows": (B * H, W, W),
        "criss-cross": (B, H, W, H + W - 1),
    }  # fmt: skip


def shapes_product(B, C, H, W):
    return {
        "non-local": (B, H * W, H * W), "columns": (B * W, H, H), "rows": (B * H, W, W),
        "criss-cross": (B, H, W, H * W),
    }  # fmt: skip


def weights_no_mask(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    return torch.cat([column, row], dim=-1).softmax(dim=-1)


def weights_mask_row(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    own = torch.eye(row.shape[2], dtype=torch.bool)
    return torch.cat([column, row.masked_fill(own, -torch.inf)], dim=-1).softmax(dim=-1)


def weights_mask_both(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    column = column.masked_fill(torch.eye(column.shape[1], dtype=torch.bool)[:, None], -torch.inf)
    row = row.masked_fill(torch.eye(row.shape[2], dtype=torch.bool), -torch.inf)
    return torch.cat([column, row], dim=-1).softmax(dim=-1)


def weights_zero_mask(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    column = column.masked_fill(torch.eye(column.shape[1], dtype=torch.bool)[:, None], 0.0)
    return torch.cat([column, row], dim=-1).softmax(dim=-1)


def weights_two_softmaxes(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    column = column.masked_fill(torch.eye(column.shape[1], dtype=torch.bool)[:, None], -torch.inf)
    return torch.cat([column.softmax(dim=-1), row.softmax(dim=-1)], dim=-1)


def weights_logits(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    column = column.masked_fill(torch.eye(column.shape[1], dtype=torch.bool)[:, None], -torch.inf)
    return torch.cat([column, row], dim=-1)


def weights_row_first(q, k):
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    column = column.masked_fill(torch.eye(column.shape[1], dtype=torch.bool)[:, None], -torch.inf)
    return torch.cat([row, column], dim=-1).softmax(dim=-1)


def weights_scaled(q, k):
    q = q * q.shape[1] ** -0.5
    column = torch.einsum("bcij,bcmj->bijm", q, k)
    row = torch.einsum("bcij,bcin->bijn", q, k)
    column = column.masked_fill(torch.eye(column.shape[1], dtype=torch.bool)[:, None], -torch.inf)
    return torch.cat([column, row], dim=-1).softmax(dim=-1)


def weights_keys_ask(q, k):
    column = torch.einsum("bcij,bcmj->bijm", k, q)
    row = torch.einsum("bcij,bcin->bijn", k, q)
    column = column.masked_fill(torch.eye(column.shape[1], dtype=torch.bool)[:, None], -torch.inf)
    return torch.cat([column, row], dim=-1).softmax(dim=-1)


def transferred_biases_added(weights):
    out = weights["out.weight"]
    named = {"query": "theta", "key": "phi"}
    moved = {f"{n}.{p}": weights[f"{o}.{p}"] for n, o in named.items() for p in ("weight", "bias")}
    value = {"value.weight": out @ weights["g.weight"], "value.bias": weights["out.bias"]}
    return moved | value | {"gamma": torch.ones_like(weights["out.bias"][:1])}


def transferred_no_out_bias(weights):
    out = weights["out.weight"]
    named = {"query": "theta", "key": "phi"}
    moved = {f"{n}.{p}": weights[f"{o}.{p}"] for n, o in named.items() for p in ("weight", "bias")}
    value = {"value.weight": out @ weights["g.weight"], "value.bias": out @ weights["g.bias"]}
    return moved | value | {"gamma": torch.ones_like(weights["out.bias"][:1])}


def transferred_gamma_zero(weights):
    out = weights["out.weight"]
    named = {"query": "theta", "key": "phi"}
    moved = {f"{n}.{p}": weights[f"{o}.{p}"] for n, o in named.items() for p in ("weight", "bias")}
    bias = out @ weights["g.bias"] + weights["out.bias"]
    value = {"value.weight": out @ weights["g.weight"], "value.bias": bias}
    return moved | value | {"gamma": torch.zeros_like(weights["out.bias"][:1])}


def transferred_keys_ask(weights):
    out = weights["out.weight"]
    named = {"query": "phi", "key": "theta"}
    moved = {f"{n}.{p}": weights[f"{o}.{p}"] for n, o in named.items() for p in ("weight", "bias")}
    bias = out @ weights["g.bias"] + weights["out.bias"]
    value = {"value.weight": out @ weights["g.weight"], "value.bias": bias}
    return moved | value | {"gamma": torch.ones_like(weights["out.bias"][:1])}


def transferred_out_lost(weights):
    named = {"query": "theta", "key": "phi", "value": "g"}
    moved = {f"{n}.{p}": weights[f"{o}.{p}"] for n, o in named.items() for p in ("weight", "bias")}
    return moved | {"gamma": torch.ones_like(weights["out.bias"][:1])}


# (task, wrong version, its name, the sentence, the symptom)
_FUNCTIONS = (
    ("affinity_shapes", shapes_with_channels, "keeps the channels",
     "a logit is one number: the product of a query with a key adds up over the channels, so that "
     "C stands in none of the shapes.", "one axis too many"),
    ("affinity_shapes", shapes_of_channels, "compares channels",
     "(B, C, C) compares channels with channels. Non-local attention compares the H * W positions.",
     "the non-local shape does not grow with the map"),
    ("affinity_shapes", shapes_exchanged, "columns and rows exchanged",
     "columns and rows are exchanged. An image has W columns of length H, and H rows of length W.",
     "right on square maps"),
    ("affinity_shapes", shapes_batch_lost, "forgets the batch",
     "the stacks hold the lines of all B images: B * W columns and B * H rows.",
     "right for one image"),
    ("affinity_shapes", shapes_without_centre, "drops the centre's place",
     "the silenced logit keeps its place in the array: it is -∞ there, and the axis is H + W long.",
     "one entry too few"),
    ("affinity_shapes", shapes_product, "asks everybody",
     "a position asks the H entries of its column and the W of its row: H + W, not H * W.",
     "no smaller than non-local"),
    ("cross_weights", weights_no_mask, "counts itself twice",
     "a position stands in its column and in its row, so its own weight comes twice. Set its logit "
     "in the column to -torch.inf before the softmax.", "with equal logits, shares of 1 / (H + W)"),
    ("cross_weights", weights_mask_row, "silences the row",
     "the position itself is silenced in its row. The sums would be the same; this task, and the "
     "released code, silence it in its column.", "the zeros stand in the second part"),
    ("cross_weights", weights_mask_both, "silences both",
     "the position is silenced in both lines, and cannot look at itself at all. Silence it in the "
     "column only.", "H + W - 2 keys share the weight"),
    ("cross_weights", weights_zero_mask, "zero is not silence",
     "the logit in the column is set to 0, and e to the power 0 is 1: still a share. It must be "
     "-torch.inf.", "the silenced weight is not 0"),
    ("cross_weights", weights_two_softmaxes, "a softmax for each line",
     "column and row have a softmax each, so that the weights of a position sum to 2. Join the "
     "logits first.", "sums of 2"),
    ("cross_weights", weights_logits, "no softmax",
     "these are the logits. A softmax over the last axis turns them into weights.",
     "negative numbers, and -inf"),
    ("cross_weights", weights_row_first, "row first",
     "the row's weights come first. The order is column, then row.",
     "an error in the block, or a wrong sum where H = W"),
    ("cross_weights", weights_scaled, "scaled logits",
     "the logits are divided by the root of c. Criss-cross attention, in paper and code, has no "
     "scale.", "weights more alike than they should be"),
    ("cross_weights", weights_keys_ask, "keys ask",
     "queries and keys have changed places: the position (i, j) asks with its query, q, and the "
     "others answer with their keys, k.", "rows of weights that belong to someone else"),
    ("transferred", transferred_biases_added, "loses the bias of g",
     "the bias of g goes through W_z as well: W_z b_g + b_z.", "outputs differ by a constant"),
    ("transferred", transferred_no_out_bias, "loses the bias of W_z",
     "the bias of W_z is lost. The weights sum to 1, so added to the values it comes out whole.",
     "outputs differ by a constant"),
    ("transferred", transferred_gamma_zero, "γ left at zero",
     "γ is 0, and the block stays the identity. The non-local block has no such factor: γ = 1.",
     "y = x"),
    ("transferred", transferred_keys_ask, "θ taken for the keys",
     "θ makes the queries, φ the keys.", "weights of another position"),
    ("transferred", transferred_out_lost, "W_z left out",
     "the values are those of g, d wide. The cross has no layer after the sum, so that W_z must go "
     "into the values: W_z W_g.", "the wrong number of channels"),
)  # fmt: skip
FUNCTIONS = tuple(
    Mistake(name, task, build, sentence, symptom)
    for task, build, name, sentence, symptom in _FUNCTIONS
)
