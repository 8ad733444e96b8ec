"""The words of `autograder explain`: a part to send, and a part for the instructor alone."""

import textwrap

from autograder.explain import Verdict, short
from autograder.feedback import WORDS, number
from autograder.outcome import TaskResult
from autograder.source import used_names


def letter(verdict: Verdict) -> str:
    """What can be sent to the student: asked, expected, came, first difference, mistake, cell."""
    task = verdict.replayed if verdict.agrees else verdict.recorded
    name = short(verdict.key, task.name)
    parts = [f"{verdict.plan.title}, task {name}: {task.title}", _marks(verdict),
             _indented(f"{WORDS[task.outcome]}: {task.message}" if task.message
                       else WORDS[task.outcome])]
    if task.mistake and task.mistake not in task.message:
        parts.append(f"This is the known mistake: {task.mistake}")
    if task.shown.get("calls"):
        parts.append("The test asked, in this order:\n" + _indented("\n".join(task.shown["calls"])))
    if task.shown.get("compared"):
        parts.append("It compared:\n" + _indented(task.shown["compared"]))
    parts += [f"The cell {cell}, as it was graded:\n{_indented(text)}"
              for cell, text in cells(verdict).items()]
    return "\n\n".join(parts)


def cells(verdict: Verdict) -> dict[str, str]:
    """The student's cells that the test is about."""
    tests = [cell for cell in verdict.plan.tests if cell.name == verdict.recorded.name]
    names = {name for cell in tests for name in used_names(cell.text)} if tests else set()
    homes = {home for name, home in verdict.plan.homes.items() if name in names}
    homes |= {cell.name for cell in tests if cell.kind == "manual"}
    return {name: verdict.texts.get(name, "(not in the notebook)")
            for name in verdict.plan.solutions if name in homes}


def notes(verdict: Verdict) -> str:
    """What only the instructor needs: whether the replay agrees, and what it was made from."""
    lines = [_replayed(verdict)]
    task = verdict.replayed or verdict.recorded
    lines += [task.shown["line"]] if "line" in task.shown else []
    if verdict.run is not None:
        why = f", a regrade: {verdict.run.reason}" if verdict.run.reason else ""
        versions = ", ".join(f"{name} {found}" for name, found in verdict.run.versions.items())
        lines += [f"graded in run {verdict.run.id}{why}", f"seed {verdict.run.seed}",
                  f"source notebook {verdict.run.source[:16]}, code {verdict.run.code[:16]}",
                  f"versions: {versions}"]
        lines += ["graded with --unsafe"] if verdict.run.settings.get("unsafe") else []
    lines.append(f"submission as graded: {verdict.result.inputs[:16]}"
                 f"{_handed_in(verdict.result.handed_in)}")
    lines += [f"earlier: {number(one['points'])} points in run {one['run']}"
              for one in verdict.result.earlier]
    return "\n".join(f"- {line}" for line in lines)


def _marks(verdict: Verdict) -> str:
    """The marks, and what a person or the due date made of them."""
    task, held = verdict.recorded, verdict.result.held
    words = f"{number(task.points)} of {number(task.max_points)} points"
    if task.undecided:
        words = f"no verdict; {number(task.max_points)} points are open until a person has looked"
    if task.name in held.get("manual", {}):
        words += f"; a person gave {number(held['manual'][task.name])}, and that counts"
    if task.name in held.get("extra", {}):
        words += f"; extra credit {number(held['extra'][task.name])}"
    if held.get("penalty"):
        words += f"; {number(held['penalty'])} points off the whole notebook, handed in late"
    return words + "."


def _replayed(verdict: Verdict) -> str:
    because = f" What has changed since: {'; '.join(verdict.changed)}." if verdict.changed else ""
    if verdict.replayed is None:
        return f"not replayed: {_why_not(verdict)}.{because}"
    if verdict.agrees:
        return f"replayed with the same seed: the same verdict, in the same words.{because}"
    before, now = _short(verdict.recorded), _short(verdict.replayed)
    known = because or " Nothing that is kept has changed: a limit of time or memory was near."
    return f"replayed with the same seed: ANOTHER VERDICT. Recorded: {before}. Now: {now}.{known}"


def _why_not(verdict: Verdict) -> str:
    if verdict.run is None:
        return "the journal no longer holds the run"
    if verdict.recorded.name not in {cell.name for cell in verdict.plan.tests}:
        return "the exercise has no such task any more"
    if verdict.recorded.reason == "unreadable":
        return "nothing of the file could be read"
    return "the task is marked by a person"


def _short(task: TaskResult) -> str:
    words = textwrap.shorten(task.message, 200, placeholder=" ...")
    return f"{task.outcome}, {number(task.points)} points" + (f" ({words})" if words else "")


def _handed_in(timestamp: str) -> str:
    return f", handed in {timestamp}" if timestamp else ""


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")
