"""Modules of several inputs, such as a loss, a policy or a crop: their output and every gradient.

Beside BlockTask, whose blocks take one map and keep its shape. Cases are a plain dict, which a
known-answer file holds as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

import torch
from torch import Generator, Tensor

from attnlab.check import diagnosis
from attnlab.check.cases import Advice, FunctionCase, FunctionCases, Mistake, drawn, labelled
from attnlab.check.compare import difference, same
from attnlab.check.outcomes import CheckFailed, CouldNotRun, StudentRaised
from attnlab.check.probe import BlockProbe, LocalProbe, Probe, written
from attnlab.check.weights import NoPlace, push

Inputs = dict[str, Tensor]


class ModuleCases(TypedDict):
    """calls: each case's args are (config, weights by role, inputs by name, cotangent), its answer
    and the outcomes of the mistakes are what `answer` gives. asked: see ModuleTask."""

    calls: FunctionCases
    asked: tuple[str, ...]


@dataclass(frozen=True)
class ModuleTask:
    """inputs: from a generator and a config, the inputs by name, in the order of `forward`.

    asked: the inputs whose gradients are compared; by default all. An input that the reference
    gives no gradient has to get none. Gradients of all parameters are compared too.
    """

    reference: Callable
    configs: tuple[dict, ...]
    inputs: Callable[[Generator, dict], Inputs]
    mistakes: tuple[Mistake, ...] = ()
    asked: tuple[str, ...] = ()

    def cases(self, rng: Generator) -> ModuleCases:
        """Fresh weights, inputs and right answers, one case for each config."""
        calls = [self.case(rng, config) for config in self.configs]
        advice = {m.name: Advice(m.sentence, m.section, m.breaks) for m in self.mistakes}
        return {"calls": FunctionCases(calls, advice), "asked": self._asked(calls)}

    def case(self, rng: Generator, config: dict) -> FunctionCase:
        """One module with weights of its own drawing."""
        block = LocalProbe(self.reference).build(**config)
        weights = {name: drawn(rng, p) for name, p in block.parameters().items()}
        inputs = self.inputs(rng, config)
        block.push(weights)
        y = block.forward(*inputs.values()).y
        cotangent = torch.randn(y.shape, generator=rng, dtype=torch.float64)
        args = (config, weights, inputs, cotangent)
        asked = self.asked or tuple(inputs)
        outcomes = {}
        for label, build in labelled(self.mistakes):
            try:
                outcomes[label] = answer(LocalProbe(build), args, asked)
            except (CheckFailed, CouldNotRun):
                continue
        return FunctionCase(args, answer(LocalProbe(self.reference), args, asked), outcomes)

    def _asked(self, calls: list[FunctionCase]) -> tuple[str, ...]:
        return self.asked or tuple(calls[0].args[2])


def answer(probe: Probe, args: tuple, asked: tuple[str, ...]) -> dict:
    """The output, the inputs as they were left, and the gradients, zero where there is none."""
    config, weights, inputs, cotangent = args
    block = probe.build(**config)
    names = push(block, weights, {})
    came = block.forward(*inputs.values())
    found = {"y": came.y, "inputs": dict(zip(inputs, came.inputs_after, strict=True))}
    if came.y.shape != cotangent.shape or not same(inputs, found["inputs"]):
        return found | {"gradients": {}}  # what is wrong so far would only raise now
    return found | {"gradients": _gradients(block, names, args, asked)}


def _gradients(block: BlockProbe, names: dict[str, str], args: tuple, asked: tuple) -> Inputs:
    _, weights, inputs, cotangent = args
    grads = block.gradient(*inputs.values(), cotangent=cotangent)
    found = dict(zip(inputs, grads.inputs, strict=True))
    found = {name: (found[name], inputs[name]) for name in asked}
    found |= {role: (grads.parameters[names[role]], like) for role, like in weights.items()}
    return {
        name: torch.zeros_like(like) if grad is None else grad.reshape(like.shape)
        for name, (grad, like) in found.items()
    }


def check_module(probe: Probe, cases: ModuleCases) -> str:
    """The words for a module that is right in every case; else raises CheckFailed."""
    calls, asked = cases["calls"], cases["asked"]
    came = [_outcome(probe, case.args, asked) for case in calls.ordinary]
    for case, found in zip(calls.ordinary, came, strict=True):
        complaint = _complaint(probe.name, case, found)
        if complaint:
            values = [None if isinstance(v, CheckFailed) else v for v in came]
            name = diagnosis.by_outcomes(calls.ordinary, values)
            raise CheckFailed(complaint + diagnosis.explained(calls, name), name)
    count = sum(1 + len(case.expected["gradients"]) for case in calls.ordinary)
    return f"{count} comparisons"


def _outcome(probe: Probe, args: tuple, asked: tuple[str, ...]) -> dict | CheckFailed:
    try:
        return answer(probe, args, asked)
    except (StudentRaised, NoPlace) as error:
        return error


def _complaint(name: str, case: FunctionCase, found: dict | CheckFailed) -> str:
    """What is wrong with one outcome, or nothing."""
    config, _, inputs, _ = case.args
    called = f"{name}({written((), config)})({written(tuple(inputs.values()), {})})"
    if isinstance(found, CheckFailed):
        return str(found) if isinstance(found, StudentRaised) else f"{called}: {found}"
    right = case.expected
    if not same(right["y"], found["y"]):
        return f"{called} is not right.\n{difference(right['y'], found['y'])}"
    for what, given in right["inputs"].items():
        if not same(given, found["inputs"][what]):
            return f"{called} changes its input {what} in place; leave it as it was."
    for what, grad in right["gradients"].items():
        if not same(grad, found["gradients"][what]):
            wrong = difference(grad, found["gradients"][what])
            return f"{called}: the output is right, its gradient in {what} is not.\n{wrong}"
    return ""
