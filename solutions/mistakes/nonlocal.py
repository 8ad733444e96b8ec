"""What goes wrong in the non-local exercise, task by task, and the sentence that helps."""

from importlib import import_module

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.mechanisms import mechanism
from attnlab.train import RECIPES
from solutions.mistakes.wrong.nonlocal_sentences import BLOCK, FORMS, FUNCTIONS, OPTIONS

own = import_module("solutions.nonlocal")  # its name is a word of Python


def _count(channels, mode="embedded_gaussian", inner=None, **_):
    given = {} if inner is None else {"inner": inner}
    embed, concat = int(mode != "gaussian"), int(mode == "concatenation")
    return mechanism("nonlocal").parameters(channels=channels, embed=embed, concat=concat, **given)


_common = {
    "identity": True,
    "idle": ("key.bias",),  # adds the same to every key's logit, which a softmax ignores
    "count": _count,
    "formula": "2*C*d + d + C for g and W_z, 2*C*d + 2*d for θ and φ, 2*C for the norm",
}
_block = {
    "configs": ({"channels": 6}, {"channels": 4, "inner": 4}, {"channels": 4, "inner": 3}),
    "shapes": ((2, 6, 2, 3), (2, 4, 3, 2), (2, 4, 2, 3)),
    "coincidences": (  # a square map, where a block that takes every map for one runs; and another
        ({"channels": 4}, (2, 4, 3, 3)),
        ({"channels": 4}, (1, 4, 2, 3)),
    ),
    **_common,
}
_forms = {
    "configs": (
        {"channels": 6, "mode": "gaussian"},
        {"channels": 6, "mode": "dot_product", "inner": 5},
        {"channels": 6, "mode": "concatenation", "inner": 4},
    ),
    "shapes": ((2, 6, 3, 2), (2, 6, 2, 3), (2, 6, 3, 2)),
    **_common,
    "formula": "2*C*d + d + C for g and W_z, 2*C*d + 2*d for θ and φ (not in the Gaussian form), "
    "2*d for w (in concatenation only), 2*C for the norm",
}
_options = {
    "configs": (
        {"channels": 4, "scale": "d^-1/2"},
        {"channels": 4, "mode": "dot_product", "inner": 3, "pool": "after"},
        {"channels": 4, "scale": "d^-1/2", "pool": "after"},
        {"channels": 4, "mode": "gaussian", "pool": "after"},
    ),
    "shapes": ((2, 4, 3, 2), (1, 4, 3, 5), (1, 4, 3, 3), (1, 4, 3, 3)),
    **_common,
}
_mended = {
    "configs": ({"channels": 6}, {"channels": 4}),
    "shapes": ((2, 6, 2, 4), (3, 4, 4, 3)),
}


def _r(rng, *shape):
    return torch.randn(shape, generator=rng, dtype=torch.float64)


def _sizes(rng):
    odd = (2 * torch.randint(2, 9, (4,), generator=rng) + 1).tolist()
    return [
        (2, 64, 8, odd[0]), (3, 10, 6, 4, 7), (odd[1], 96, odd[2], 12, None, True),
        (4, 32, odd[3], 5, 32, True),
    ]  # fmt: skip


def _pairs(rng):
    return [(_r(rng, 2, 4, 6), _r(rng, 2, 4, 5)), (_r(rng, 3, 2, 3), _r(rng, 3, 2, 7))]


def _scaled(rng):
    (a, b), (c, d) = _pairs(rng)
    return [(a, b), (c, d, 0.4)]


def _stacked(rng):
    return [(q, k, _r(rng, 2 * q.shape[1])) for q, k in _pairs(rng)]


def _fused(rng):
    (a, b), _ = _pairs(rng)
    alike = [_r(rng, 3, 2, 7) for _ in range(3)]  # where (B, d, N) passes for (B, N, d)
    return [(a, b, _r(rng, 2, 3, 5)), (*alike, 0.3)]


def _bytes(rng):
    odd = (2 * torch.randint(3, 30, (2,), generator=rng) + 1).tolist()
    return [(1, 8, 8), (16, odd[0], 12), (8, odd[1], 9, True), (32, 56, odd[0], True)]


def _widths(rng):
    return [(64,), (256,), (2 * int(torch.randint(5, 60, (), generator=rng)),), (17,), (33,)]


def _changes(rng):
    return [(change, pool) for pool in (False, True) for change in own.CHANGES]


def _films(rng):
    """The states of two FilmBlocks, every number drawn."""
    states = [own.FilmBlock(*sizes).double().state_dict() for sizes in ((6, 3), (3, 2))]
    for state in states:
        state.pop("W.1.num_batches_tracked")
        state.update({name: _r(rng, *tensor.shape) for name, tensor in state.items()})
        state["W.1.running_var"] = state["W.1.running_var"].abs() + 0.3
    return [(dict(state),) for state in states]


def _of(task):
    return tuple(mistake for mistake in FUNCTIONS if mistake.task == task)


_ASKED = {
    "shapes": (own.shapes, _sizes),
    "gaussian_weights": (own.gaussian_weights, _scaled),
    "dot_product_weights": (own.dot_product_weights, _pairs),
    "concatenation_weights": (own.concatenation_weights, _stacked),
    "fused_attention": (own.fused_attention, _fused),
    "affinity_bytes": (own.affinity_bytes, _bytes),
    "overtakes": (own.overtakes, _widths),
    "prediction": (own.prediction, _changes),
    "transferred": (own.transferred, _films),
}
_WILD = Mistake(
    "compares channels", "mended", own.WildNonLocal,
    "the weights are still (B, d, d): channels are compared. Transpose the queries, so that d is "
    "summed over and the positions are left, and gather over the axis of the keys.",
    "a dark place stays dark, however bright the others are",
)  # fmt: skip

TASKS = {
    "block": BlockTask(own.NonLocalBlock, mistakes=BLOCK, **_block),
    "forms": BlockTask(own.NonLocalBlock, mistakes=FORMS, **_forms),
    "options": BlockTask(own.NonLocalBlock, mistakes=OPTIONS, **_options),
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "mended": BlockTask(own.MendedNonLocal, mistakes=(_WILD,), **_mended),
    "mark": TrainTask(own.NonLocalBlock, RECIPES["mark-nonlocal"], floor=0.95),
    "cifar": TrainTask(own.NonLocalBlock, RECIPES["cifar"], images=1000),
}
