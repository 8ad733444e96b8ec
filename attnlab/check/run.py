"""check(name, obj): runs the laws and comparisons of one task on a student's name."""

from attnlab.check import diagnosis
from attnlab.check.bench import Bench
from attnlab.check.cases import BlockCases, DesignCases, FunctionCases
from attnlab.check.compare import difference, same
from attnlab.check.design import check_design
from attnlab.check.known import UnknownCheck, cases_of, did_you_mean
from attnlab.check.laws import BIRTH, COMPARISONS, LAWS, alive
from attnlab.check.modules import check_module
from attnlab.check.outcomes import CheckFailed, StudentRaised
from attnlab.check.probe import Probe, Value, as_probe, written
from attnlab.check.training import check_training


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
    elif isinstance(cases, dict):
        done = check_module(probe, cases)
    elif isinstance(cases, DesignCases):
        done = check_design(probe, name.partition(".")[0], cases, parts)
    else:
        done = check_training(probe, name.partition(".")[0], cases)
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


def _counted(*counts: tuple[str, int]) -> str:
    return ", ".join(f"{n} {what}{'s' * (n != 1)}" for what, n in counts if n)
