"""`{contract} laws` and `{contract} symmetries`: every block held against every law, by running it.

`{contract} meanings` lists the laws in the words of attnlab.check.laws.
"""

from functools import lru_cache
from importlib import import_module
from pathlib import Path

import torch
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from attnlab.check.bench import Bench
from attnlab.check.cases import BlockCases, BlockTask, make_cases
from attnlab.check.compare import same
from attnlab.check.laws import BIRTH, LAWS
from attnlab.check.outcomes import CheckFailed
from attnlab.check.probe import LocalProbe
from attnlab.mechanisms import MECHANISMS

SEED = 27
SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions" / "mistakes"
YES, NO = "yes", "**no**"
EVERY = LAWS | BIRTH


def shuffled(x, axis, seed=3):
    order = torch.randperm(x.shape[axis], generator=torch.Generator().manual_seed(seed))
    return x.index_select(axis, order)


SYMMETRIES = {
    "all positions shuffled": lambda x: shuffled(x.flatten(2), 2).view_as(x),
    "rows shuffled": lambda x: shuffled(x, 2),
    "mirrored": lambda x: x.flip(3),
    "transposed": lambda x: x.transpose(2, 3),
    "channels shuffled": lambda x: shuffled(x, 1),
    "doubled": lambda x: 2 * x,
}


@lru_cache
def contracts() -> dict[tuple[str, str], tuple[type, BlockCases]]:
    """The class and cases of every block that is taught, by key and name; parts are left out."""
    found = {}
    for key in MECHANISMS:
        if not (SOLUTIONS / f"{key}.py").is_file():
            continue
        tasks = import_module(f"solutions.mistakes.{key}").TASKS
        blocks = {n: task for n, task in tasks.items() if isinstance(task, BlockTask)}
        for name, cases in make_cases(blocks, SEED).items():
            block = blocks[name].reference
            whole = all(case.y.shape == case.x.shape for case in cases.ordinary)
            if whole and not block.__name__.startswith("Mended"):
                found.setdefault((key, block.__name__), (block, cases))
    return found


def law_holds(block: type, cases: BlockCases, law: str) -> bool:
    """Whether a block keeps a law in all ordinary cases."""
    try:
        EVERY[law](Bench(LocalProbe(block), cases))
    except CheckFailed:
        return False
    return True


def commutes(block: type, cases: BlockCases, change: str) -> bool:
    """Whether block(change(x)) = change(block(x)) in all ordinary cases, with random weights."""
    act = SYMMETRIES[change]
    return all(
        same(act(built.forward(case.x).y), built.forward(act(case.x)).y)
        for case, built in Bench(LocalProbe(block), cases).random
    )


def rows(kind: str) -> list[list[str]]:
    """A header, then for every block what it keeps."""
    names, keeps = (EVERY, law_holds) if kind == "laws" else (SYMMETRIES, commutes)
    table = [["mechanism", "block", *names]]
    for (key, name), (block, cases) in contracts().items():
        kept = [YES if keeps(block, cases, law) else NO for law in names]
        table.append([f"[{key}](/book/{key}.md)", f"`{name}`", *kept])
    return table


def meanings() -> list[list[str]]:
    """Every law with its sentence."""
    return [["law", "what it says"], *([f"*{n}*", law.__doc__] for n, law in EVERY.items())]


class Contract(SphinxDirective):
    """One of the tables."""

    required_arguments = 1

    def run(self):
        kind = self.arguments[0]
        header, *body = meanings() if kind == "meanings" else rows(kind)
        lines = [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *body)]
        box = nodes.container(classes=["contract"])
        self.state.nested_parse(StringList(lines), self.content_offset, box)
        return [box]


def setup(app):
    app.add_directive("contract", Contract)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
