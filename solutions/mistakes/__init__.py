"""Named mistakes, one module per mechanism: the home of what people get wrong, and what to say.

Each module has TASKS: the task's name in `check("<key>.<task>", ...)` to its BlockTask,
FunctionTask, ModuleTask or TrainTask, with the mistakes inside.
`attnlab.check.cells.as_cell(build, name)` turns a mistake into the text of a notebook cell that
binds the student's name.
"""

from functools import lru_cache
from importlib import import_module
from secrets import randbits

from attnlab.check import check, use_cases
from attnlab.check.cases import Cases, make_cases
from attnlab.check.known import are_fresh


def recheck(name: str, obj: object, *parts: str) -> None:
    """check() with cases that nobody has seen, after a check() with those that everybody has.

    Does nothing in the grader, where the cases of the first check() are fresh already.
    """
    if not are_fresh():
        with use_cases(fresh):
            check(name, obj, *parts)


@lru_cache
def fresh(key: str) -> dict[str, Cases]:
    """New cases of every task of a mechanism, the same for the life of this process."""
    return make_cases(import_module(f"solutions.mistakes.{key}").TASKS, randbits(60))
