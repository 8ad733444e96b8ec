"""From a wrong result to the named mistake that gives the very same result."""

from attnlab.check.cases import Advice, BlockCases, FunctionCases, Shape
from attnlab.check.compare import same
from attnlab.check.probe import Value

# Outcomes of one block or function over some cases; None stands for "raised".
Outcomes = list[Value]


def by_outcomes(cases: list, came: Outcomes) -> str | None:
    """The label of the mistake that gives `came` in every case and is not simply right."""
    if all(value is None for value in came):
        return None
    right = [case.answer for case in cases]
    for label in dict.fromkeys(label for case in cases for label in case.outcomes):
        theirs = [case.outcomes.get(label) for case in cases]
        if _agree(theirs, came) and not _agree(theirs, right):
            return name_of(label)
    return None


def by_signature(cases: BlockCases, came: list[list[Shape]]) -> str | None:
    """The mistake whose parameters have the shapes of `came` in every ordinary case."""
    labels = dict.fromkeys(label for case in cases.ordinary for label in case.signatures)
    for label in labels:
        theirs = [case.signatures.get(label, []) for case in cases.ordinary]
        right = [[tuple(w.shape) for w in case.weights.values()] for case in cases.ordinary]
        if _alike(theirs, came) and not _alike(right, came):
            return name_of(label)
    return None


def by_law(cases: BlockCases, law: str) -> str | None:
    """The mistake known for breaking a law with right numbers, when there is just one."""
    names = [name for name, advice in cases.advice.items() if advice.breaks == law]
    return names[0] if len(names) == 1 else None


def name_of(label: str) -> str:
    """The mistake's name of an outcome's label: "pools over channels#2" without its number."""
    return label.partition("#")[0]


def explained(cases: BlockCases | FunctionCases, name: str | None) -> str:
    """The sentence of a mistake and where to reread, as the last lines of a message."""
    if name is None:
        return ""
    advice: Advice = cases.advice[name]
    title = advice.section.replace("-", " ").capitalize()
    return f"\n  Likely cause: {advice.sentence}\n  Read again: “{title}” in the chapter."


def _agree(theirs: Outcomes, came: Outcomes) -> bool:
    pairs = zip(theirs, came, strict=True)
    return all(t is c if t is None or c is None else same(t, c) for t, c in pairs)


def _alike(left: list[list[Shape]], right: list[list[Shape]]) -> bool:
    def form(shapes: list[Shape]) -> list[Shape]:
        return sorted(map(_stripped, shapes))

    return list(map(form, left)) == list(map(form, right))


def _stripped(shape: Shape) -> Shape:
    """(out, in, 1, 1) and (out, in) are one shape."""
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    return tuple(shape)
