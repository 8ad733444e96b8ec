"""Tasks, and the cases made from them: inputs, weights and right answers, as plain data.

A task holds the reference and the named mistakes (instructor's side). `make_cases` runs them and
keeps only numbers, so that a student's machine can check without holding an answer in code.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Generator, Tensor, nn

from attnlab.check.designs import DesignCases, DesignTask
from attnlab.check.outcomes import CheckFailed, CouldNotRun
from attnlab.check.probe import BlockProbe, LocalProbe, Value
from attnlab.check.weights import push

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Mistake:
    """A wrong version that people write, and the sentence that helps them.

    build: drop-in for the student's name.  symptom: what one sees.  section: where to reread.
    breaks: the law it breaks when its numbers are right.  forms: other ways to write the same.
    """

    name: str
    task: str
    build: Callable
    sentence: str
    symptom: str
    section: str = "what-goes-wrong"
    breaks: str = "values"
    forms: tuple[Callable, ...] = ()


@dataclass(frozen=True)
class Advice:
    """What a named mistake tells the student; all that a case file keeps of it besides numbers."""

    sentence: str
    section: str
    breaks: str


@dataclass(frozen=True)
class BlockCase:
    """One configuration, weights by role, an input (B, C, H, W) and what follows from them.

    outcomes: the output of each mistake at these weights; one that raised has no entry.
    signatures: the parameter shapes of each mistake in this configuration.
    buffers: running statistics by role; y_training and buffers_after: the output of one pass in
    training mode, and the statistics that it leaves, for a block that has any.
    """

    config: dict
    weights: dict[str, Tensor]
    count: int
    x: Tensor
    cotangent: Tensor
    y: Tensor
    grad_x: Tensor
    grads: dict[str, Tensor]
    outcomes: dict[str, Tensor]
    signatures: dict[str, list[Shape]]
    buffers: dict[str, Tensor] = field(default_factory=dict)
    y_training: Tensor | None = None
    buffers_after: dict[str, Tensor] = field(default_factory=dict)

    @property
    def answer(self) -> Tensor:
        return self.y


@dataclass(frozen=True)
class BlockCases:
    """Ordinary cases, and coincidences: shapes where even a block that mixes up axes runs.

    identity: whether a fresh block passes its input through.
    """

    ordinary: list[BlockCase]
    coincidences: list[BlockCase]
    advice: dict[str, Advice]
    formula: str
    identity: bool = False


@dataclass(frozen=True)
class FunctionCase:
    """Arguments, the right result, and the result of each mistake that did not raise."""

    args: tuple
    expected: Value
    outcomes: dict[str, Value]

    @property
    def answer(self) -> Value:
        return self.expected


@dataclass(frozen=True)
class FunctionCases:
    """Calls of one function with their answers, and the advice for each named mistake."""

    ordinary: list[FunctionCase]
    advice: dict[str, Advice]


@dataclass(frozen=True)
class TrainCases:
    """A recipe for attnlab.train, and the accuracy to reach on `images` images of `seed`.

    reference: the name of the provided block that the trained one must equal.
    block: the task whose mistakes are looked for when it does not.
    """

    recipe: dict
    floor: float
    images: int
    seed: int
    reference: str
    block: str


@dataclass(frozen=True)
class BlockTask:
    """configs and shapes (B, C, H, W) go in pairs; H and W grow by up to 2, by the seed.

    coincidences: pairs of config and shape.  count: the closed form, config -> parameters.
    identity: whether a fresh block passes its input through, which adds the law "birth".
    idle: roles whose gradient is 0 by the equations, such as the bias of keys under a softmax.
    """

    reference: Callable
    configs: tuple[dict, ...]
    shapes: tuple[Shape, ...]
    mistakes: tuple[Mistake, ...] = ()
    coincidences: tuple[tuple[dict, Shape], ...] = ()
    count: Callable[..., int] | None = None
    formula: str = ""
    identity: bool = False
    idle: tuple[str, ...] = ()

    def cases(self, rng: Generator) -> BlockCases:
        pairs = zip(self.configs, self.shapes, strict=True)
        return BlockCases(
            [self.case(rng, config, _grown(rng, shape)) for config, shape in pairs],
            [self.case(rng, config, shape) for config, shape in self.coincidences],
            _advice(self.mistakes),
            self.formula,
            self.identity,
        )

    def case(self, rng: Generator, config: dict, shape: Shape) -> BlockCase:
        """Draws until every weight of the reference has a gradient: no ReLU net lies dead."""
        block = LocalProbe(self.reference).build(**config)
        for _ in range(100):
            weights = {name: drawn(rng, p) for name, p in block.parameters().items()}
            buffers = _statistics(rng, block)
            block.push(weights | buffers)
            x = _maps(rng, shape)
            cotangent = torch.randn(block.forward(x).y.shape, generator=rng).double()
            y, (grad_x,), grads = block.gradient(x, cotangent=cotangent)
            living = [grad for role, grad in grads.items() if role not in self.idle]
            if all(grad is not None and grad.abs().max() > 1e-3 for grad in living):
                break
        else:
            raise CouldNotRun("our own error", f"{self.reference.__name__}{config}: gradients of 0")
        outcomes, signatures = _mistaken(self.mistakes, config, weights, buffers, x)
        total = sum(weight.numel() for weight in weights.values())
        count = self.count(**config) if self.count else total
        y_training = block.forward(x, train=True).y if buffers else None
        after = {name: block.buffers()[name] for name in buffers}
        return BlockCase(
            config, weights, count, x, cotangent, y, grad_x, grads, outcomes, signatures,
            buffers, y_training, after,
        )  # fmt: skip


@dataclass(frozen=True)
class FunctionTask:
    """arguments: from a generator, the list of argument tuples to call the function with."""

    reference: Callable
    arguments: Callable[[Generator], list[tuple]]
    mistakes: tuple[Mistake, ...] = ()

    def cases(self, rng: Generator) -> FunctionCases:
        drawn = self.arguments(rng)
        return FunctionCases([self.case(args) for args in drawn], _advice(self.mistakes))

    def case(self, args: tuple) -> FunctionCase:
        outcomes = {}
        for label, build in labelled(self.mistakes):
            try:
                outcomes[label] = LocalProbe(build).call(*args)
            except (CheckFailed, CouldNotRun):
                continue
        return FunctionCase(args, LocalProbe(self.reference).call(*args), outcomes)


@dataclass(frozen=True)
class TrainTask:
    """The student's block, trained in the host: recipe as attnlab.train.run_recipe takes it.

    floor: what the trained host must answer of `images` new images, unless the recipe says it; it
    refuses what does not answer. block: the name of the BlockTask of the same reference, whose
    mistakes are looked for when the trained block is another; see attnlab.check.trained.
    """

    reference: Callable
    recipe: dict
    floor: float = 1.0
    images: int = 512
    block: str = "block"
    mistakes: ClassVar[tuple[Mistake, ...]] = ()

    def cases(self, rng: Generator) -> TrainCases:
        seeds = torch.randint(1, 2**31, (2,), generator=rng).tolist()
        recipe = self.recipe | {"seed": seeds[0]}
        name = self.reference.__name__
        return TrainCases(recipe, self.floor, self.images, seeds[1], name, self.block)


Task = BlockTask | FunctionTask | TrainTask | DesignTask
Cases = BlockCases | FunctionCases | TrainCases | DesignCases


def make_cases(tasks: dict[str, Task], seed: int) -> dict[str, Cases]:
    """Fresh cases of every task; the same seed gives the same cases."""
    rng = Generator().manual_seed(seed)
    return {name: task.cases(rng) for name, task in tasks.items()}


def labelled(mistakes: tuple[Mistake, ...]) -> list[tuple[str, Callable]]:
    """Every form of every mistake under its own label, `name` or `name#2`, `name#3`, ..."""
    return [
        (mistake.name if i == 1 else f"{mistake.name}#{i}", build)
        for mistake in mistakes
        for i, build in enumerate((mistake.build, *mistake.forms), start=1)
    ]


def _statistics(rng: Generator, block: BlockProbe) -> dict[str, Tensor]:
    """Random running means, and variances that are positive, for the buffers of a block."""
    found = {}
    for name, like in block.buffers().items():
        if name.endswith("running_var"):
            found[name] = 0.5 + torch.rand(like.shape, generator=rng).double()
        elif name.endswith("running_mean"):
            found[name] = 0.5 * torch.randn(like.shape, generator=rng).double()
    return found


def _mistaken(
    mistakes: tuple[Mistake, ...], config: dict, weights: dict, buffers: dict, x: Tensor
) -> tuple[dict, dict]:
    outcomes, signatures = {}, {}
    for label, build in labelled(mistakes):
        try:
            block = LocalProbe(build).build(**config)
            signatures[label] = [tuple(p.shape) for p in block.parameters().values()]
            push(block, weights, buffers)
            outcomes[label] = block.forward(x).y.float()  # half the file, and exact enough
        except CheckFailed:
            continue
    return outcomes, signatures


def _advice(mistakes: tuple[Mistake, ...]) -> dict[str, Advice]:
    return {m.name: Advice(m.sentence, m.section, m.breaks) for m in mistakes}


def _grown(rng: Generator, shape: Shape) -> Shape:
    *rest, height, width = shape
    more = torch.randint(0, 3, (2,), generator=rng).tolist()
    height, width = height + more[0], width + more[1]
    return (*rest, height, width + (height == width))


def _maps(rng: Generator, shape: Shape) -> Tensor:
    """Feature maps with a mean and a spread of their own in every image and channel."""
    per_map = (*shape[:2], 1, 1)
    noise = torch.randn(shape, generator=rng) * (0.5 + torch.rand(per_map, generator=rng))
    return (noise + torch.randn(per_map, generator=rng)).double()


def drawn(rng: Generator, like: Tensor) -> Tensor:
    """A random weight of the same shape, in float64, that neither saturates nor starves a gate."""
    fan_in = max(1, nn.Flatten(0)(like[:1]).numel())
    scale = 0.5 if like.dim() < 2 else 1.5 * fan_in**-0.5
    return scale * torch.randn(like.shape, generator=rng).double()
