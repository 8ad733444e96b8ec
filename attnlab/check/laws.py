"""The laws, true of every block whatever it computes, and the comparison with the reference."""

from collections.abc import Callable

import torch

from attnlab.check import diagnosis
from attnlab.check.bench import SEED, Bench
from attnlab.check.cases import BlockCase
from attnlab.check.compare import difference, same
from attnlab.check.outcomes import CheckFailed
from attnlab.check.probe import BlockProbe
from attnlab.check.weights import listed

FLOAT32_RTOL, FLOAT32_ATOL = 1e-3, 1e-4  # what single precision may lose in a block
DRAWS = 8  # of weights, before a parameter without gradient is believed


def parameters(bench: Bench) -> None:
    """The number of learnable parameters equals the closed form."""
    for case in bench.cases.ordinary:
        own = bench.build(case).parameters()
        total = sum(tensor.numel() for tensor in own.values())
        if total != case.count:
            name = bench.signed()
            raise CheckFailed(
                f"{bench.made(case)} has {total:,} parameters; expected {case.count:,}"
                f"{' = ' + bench.cases.formula if bench.cases.formula else ''}.\n"
                f"  expected: {listed({r: tuple(w.shape) for r, w in case.weights.items()})}\n"
                f"  yours:    {listed({n: tuple(p.shape) for n, p in own.items()})}"
                f"{diagnosis.explained(bench.cases, name)}",
                name,
            )


def alive(bench: Bench) -> None:
    """The output depends on the input, on the weights, and is not the input itself."""
    for case, block in bench.random:
        complaint = lifeless(case, block)
        for seed in range(SEED + 1, SEED + DRAWS):
            if complaint:  # a ReLU net may lie dead in one draw, not in all
                complaint = lifeless(case, bench.randomised(case, seed))
        if complaint:
            bench.fail("alive", f"{bench.called(case)} {complaint}")


def lifeless(case: BlockCase, block: BlockProbe) -> str | None:
    """What a block with these weights does that no block does, or None."""
    y, other = block.forward(case.x).y, block.forward(2 * case.x.flip(2)).y
    if same(case.x, y):
        return "returns its input unchanged."
    if y.shape == other.shape and same(y, other):
        return "gives one answer for different inputs."
    return None


def shape(bench: Bench) -> None:
    """(B, C, H, W) stays (B, C, H, W), on odd and non-square maps and for other widths."""
    for case, block in bench.random:
        y = block.forward(case.x).y
        if y.shape != case.y.shape:
            text = f"{bench.called(case)} changes the shape.\n{difference(case.y, y)}"
            bench.fail("shape", text)


def batch(bench: Bench) -> None:
    """An image gets the same output whatever else is in the batch."""
    asked = [block.forward(case.x).y for case, block in bench.random]
    for (case, block), together in zip(bench.again(), asked, strict=True):
        alone = block.forward(case.x[:1]).y
        together = together[:1] if together.dim() else together  # one number for the whole batch
        if not same(alone, together):
            bench.fail(
                "batch",
                f"{bench.called(case)} gives the first image another output than when it comes "
                f"alone. No axis but B may hold different images: look for a mean, a softmax or a "
                f"reshape that runs over axis 0.\n{difference(alone, together)}",
            )


def untouched(bench: Bench) -> None:
    """The input is not changed in place."""
    for case, block in bench.random:
        left = block.forward(case.x).inputs_after[0]
        if not same(case.x, left):
            bench.fail(
                "input",
                f"{bench.called(case)} changes its input in place: whoever passed x finds other "
                f"numbers in it. Look for `*=`, `+=`, `relu_` or `inplace=True` on x.\n"
                f"{difference(case.x, left)}",
            )


def gradients(bench: Bench) -> None:
    """Every parameter gets a gradient, and so does the input."""
    for case in bench.cases.ordinary:
        starved: set[str] | None = None
        for seed in range(SEED, SEED + DRAWS):  # a ReLU net may lie dead in one draw, not in all
            block = bench.randomised(case, seed)
            _, (grad_x,), grads = block.gradient(case.x, cotangent=case.cotangent)
            all_grads = {"the input x": grad_x, **grads}
            zero = {n for n, g in all_grads.items() if g is None or not bool(g.abs().max() > 0)}
            starved = zero if starved is None else starved & zero
            if not starved:
                break
        else:
            bench.fail(
                "gradients",
                f"{bench.called(case)}: no gradient reaches {' and '.join(sorted(starved))}, which "
                f"would never learn. Use it in forward, without detach(), .data or no_grad().",
            )


def repeat(bench: Bench) -> None:
    """In eval mode a second call gives the same output."""
    asked = []
    for case, block in bench.random:
        first, _, second = (block.forward(x).y for x in (case.x, case.x.flip(3), case.x))
        asked.append((first, second))
    for (case, block), (first, second) in zip(bench.again(), asked, strict=True):
        for later in (second, block.forward(case.x).y):
            if not same(first, later):
                text = f"{bench.called(case)} gives another output the second time, in eval mode."
                bench.fail("repeat", f"{text}\n{difference(first, later)}")


def dtype(bench: Bench) -> None:
    """float32 in, float32 out; float64 in, float64 out; the same numbers."""
    case, block = bench.random[0]
    double = block.forward(case.x).y
    weights = block.parameters()
    single = bench.build(case)
    single.push({name: weight.float() for name, weight in weights.items()})
    y = single.forward(case.x.float()).y
    if y.dtype != torch.float32 or double.dtype != torch.float64:
        bench.fail(
            "dtype",
            f"{bench.made(case)} turns float32 into {y.dtype} and float64 into {double.dtype}; "
            f"expected the dtype of the input. Make new tensors with x.new_zeros or dtype=x.dtype.",
        )
    if not same(double, y, FLOAT32_RTOL, FLOAT32_ATOL):
        bench.fail("dtype", f"{bench.called(case)}: float32 and float64 disagree.")


def birth(bench: Bench) -> None:
    """With the weights that it draws for itself a block passes its input through."""
    for case in bench.cases.ordinary:
        x = case.x.float()
        y = bench.build(case).forward(x).y
        if not same(x, y):
            bench.fail(
                "birth",
                f"{bench.called(case)}, fresh and untrained, changes its input; expected y = x. "
                f"What multiplies the new term must start at zero.\n{difference(x, y)}",
            )


def values(bench: Bench) -> None:
    """Output and gradients equal those of the reference with the same weights."""
    for case, block, names in bench.placed:
        y = block.forward(case.x).y
        if not same(case.y, y):
            text = f"{bench.called(case)} is not what it should be with the given weights."
            bench.fail("values", f"{text}\n{difference(case.y, y)}")
        found = block.gradient(case.x, cotangent=case.cotangent)
        pairs = {"x": (case.grad_x, found.inputs[0])} | {
            names[role]: (grad, found.parameters[names[role]]) for role, grad in case.grads.items()
        }
        for name, (expected, came) in pairs.items():
            came = expected.new_zeros(expected.shape) if came is None else came
            if not same(expected, came.reshape(expected.shape)):
                text = f"{bench.called(case)}: the output is right, its gradient in {name} is not."
                wrong = difference(expected, came.reshape(expected.shape))
                bench.fail("values", f"{text}\n{wrong}")


def training(bench: Bench) -> None:
    """In training mode: the output, and the running statistics after it, are the reference's."""
    for case in bench.cases.ordinary:
        if case.y_training is None:
            continue
        _, block, names = bench.place(case)
        lost = [role for role in case.buffers if role not in names]
        if lost:
            text = f"{bench.made(case)} keeps no running statistics ({' and '.join(lost)})"
            bench.fail("training", f"{text}; nn.BatchNorm2d does, unless it is told not to.")
        in_eval = same(case.y, block.forward(case.x).y)
        y = block.forward(case.x, train=True).y
        if not same(case.y_training, y):
            how = "right in eval mode, but not" if in_eval else "not right, neither in eval nor"
            text = f"{bench.called(case)} is {how} in training mode."
            bench.fail("training", f"{text}\n{difference(case.y_training, y)}")
        left = block.buffers()
        for role, expected in case.buffers_after.items():
            if not same(expected, left[names[role]]):
                text = f"{bench.called(case)}, in training mode, leaves another {names[role]}."
                bench.fail("training", f"{text}\n{difference(expected, left[names[role]])}")


LAWS: dict[str, Callable[[Bench], None]] = {
    "parameters": parameters,
    "shape": shape,
    "batch": batch,
    "input": untouched,
    "gradients": gradients,
    "repeat": repeat,
    "dtype": dtype,
}
BIRTH = {"birth": birth}  # a law of the blocks that start as the identity
COMPARISONS = {"values": values, "training": training}
