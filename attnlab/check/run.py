"""check(name, obj): runs the laws and comparisons of one task on a student's name."""

from attnlab.check import diagnosis
from attnlab.check.bench import Bench
from attnlab.check.cases import BlockCases, FunctionCases, TrainCases
from attnlab.check.compare import difference, same
from attnlab.check.known import UnknownCheck, cases_of, did_you_mean
from attnlab.check.laws import BIRTH, COMPARISONS, LAWS, alive
from attnlab.check.outcomes import CheckFailed, StudentRaised
from attnlab.check.probe import Probe, Value, as_probe, written
from attnlab.check.provided import provided
from attnlab.check.trained import compare_trained
from attnlab.questions import draw

TRIES = 3  # of a training; each with a seed of its own
IN_PLACE = "modified by an inplace operation"  # autograd's words for a lost input
COMPARED = 32  # images whose activations a trained block is compared with the reference on


def check(name: str, obj: object, *parts: str) -> None:
    """Prints one line if `obj` does what the task asks, else raises CheckFailed.

    name: "<key>.<task>", such as "se.block". obj: the class or function itself. parts: some of
    "parameters", "shape", "batch", "input", "gradients", "repeat", "dtype", "values",
    "training" for blocks with running statistics, and "birth" for blocks that start as the
    identity; all of them when none is named. Raises UnknownCheck for an unknown name or part.
    """
    cases = cases_of(name)
    probe = as_probe(obj)
    if isinstance(cases, BlockCases):
        done = _block(probe, cases, parts)
    elif isinstance(cases, FunctionCases):
        done = _function(probe, cases)
    else:
        done = _training(probe, name.partition(".")[0], cases)
    print(f"✓ {name}: {done}")


def _block(probe: Probe, cases: BlockCases, parts: tuple[str, ...]) -> str:
    laws = LAWS | (BIRTH if cases.identity else {})
    known = laws | COMPARISONS
    for part in parts:
        if part not in known:
            raise UnknownCheck(f"no part {part!r} in a check{did_you_mean(part, [*known])}")
    chosen = [part for part in known if part in parts or not parts]
    bench = Bench(probe, cases)
    try:
        for part in chosen[:1]:  # a wrong parameter count says more than what follows from it
            known[part](bench)
        alive(bench)
        for part in chosen[1:]:
            known[part](bench)
    except StudentRaised as error:
        raise bench.raised(error) from None
    comparisons = 2 * len(cases.ordinary) if "values" in chosen else 0
    if "training" in chosen:
        comparisons += sum(case.y_training is not None for case in cases.ordinary)
    return _counted(("law", sum(part in laws for part in chosen)), ("comparison", comparisons))


def _function(probe: Probe, cases: FunctionCases) -> str:
    came = [_outcome(probe, case.args) for case in cases.ordinary]
    for case, value in zip(cases.ordinary, came, strict=True):
        if isinstance(value, StudentRaised) or not same(case.expected, value):
            values = [None if isinstance(v, StudentRaised) else v for v in came]
            name = diagnosis.by_outcomes(cases.ordinary, values)
            if isinstance(value, StudentRaised):
                text = str(value)
            else:
                called = f"{probe.name}({written(case.args, {})})"
                text = f"{called} is not right.\n{difference(case.expected, value)}"
            raise CheckFailed(text + diagnosis.explained(cases, name), name)
    return _counted(("comparison", len(came)))


def _outcome(probe: Probe, args: tuple) -> Value | StudentRaised:
    try:
        return probe.call(*args)
    except StudentRaised as error:
        return error


def _training(probe: Probe, key: str, cases: TrainCases) -> str:
    """Up to TRIES seeds: a right block with weights of its own drawing can be out of luck once."""
    bench, reached = Bench(probe, cases_of(f"{key}.{cases.block}")), []
    for attempt in range(TRIES):
        recipe = cases.recipe | {"seed": cases.recipe["seed"] + attempt}
        try:
            state = probe.train(recipe)
        except StudentRaised as error:
            if IN_PLACE in error.text:
                bench.fail("input", str(error))
            raise bench.raised(error) from None
        batch = draw(recipe["question"], cases.images, cases.seed, recipe["size"])
        logits = probe.predict(recipe, state, batch.images)
        reached.append(int((logits.argmax(1) == batch.labels).sum()) / len(batch.labels))
        if reached[-1] >= cases.floor:
            reference = provided(f"{key}.{cases.reference}")
            compare_trained(bench, reference, recipe, state, batch.images[:COMPARED])
            return f"{reached[-1]:.0%} of {cases.images} new images, {cases.floor:.0%} needed"
    bench.fail(
        "values",
        f"the host with {probe.name} inside answers {max(reached):.0%} of new images of the "
        f"question “{cases.recipe['question']}”, at the best of {TRIES} seeds; expected at least "
        f"{cases.floor:.0%}.\n"
        f"  A host whose block does nothing stays far below. Check {probe.name} by itself first, "
        f"then train again.",
    )


def _counted(*counts: tuple[str, int]) -> str:
    return ", ".join(f"{n} {what}{'s' * (n != 1)}" for what, n in counts if n)
