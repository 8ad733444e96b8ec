"""Named mistakes of the mechanisms that share a page: one module for each key, with its TASKS.

`{mistakes} <key>` shows them in the section of the book, and tests hold each against the reference
in solutions/<key>.py. The exercise of the page imports the tasks that it asks for, with its own
reference: `replace(sk.TASKS["sk"], reference=SKBlock)`.
"""

from dataclasses import replace

from attnlab.check.cases import Mistake, Task


def mistakes_of(task: str, wrong: object, table: tuple) -> tuple[Mistake, ...]:
    """Of a table (wrong version, name, sentence, symptom, section, law it breaks, if any).

    wrong: the module in which the wrong versions are.
    """
    return tuple(
        Mistake(name, task, getattr(wrong, build), sentence, symptom, section, *breaks)
        for build, name, sentence, symptom, section, *breaks in table
    )


def shown(task: Task, *names: str) -> Task:
    """The task with some of its mistakes only, by name. Raises ValueError for a name of none."""
    known = {mistake.name: mistake for mistake in task.mistakes}
    strangers = [name for name in names if name not in known]
    if strangers:
        raise ValueError(f"{strangers[0]!r} is no mistake of this task; it has {', '.join(known)}")
    return replace(task, mistakes=tuple(known[name] for name in names))
