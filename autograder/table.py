"""The table at the end: students, tasks, points, and a reason for each lost point."""

import shutil
import textwrap

from autograder.feedback import number
from autograder.outcome import COULD_NOT_RUN, PASSED, Result, TaskResult

MARK = {PASSED: "", COULD_NOT_RUN: "?"}


def table(key: str, results: list[Result]) -> str:
    """One row a student. '?' marks what could not be run."""
    names = [task.name.removeprefix(f"{key}-") for task in results[0].tasks]
    rows = [["student", *names, "total"]]
    rows += [[result.student, *map(_points, result.tasks), _total(result)] for result in results]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def reasons(key: str, results: list[Result]) -> str:
    """Student, task, lost points and why, one or two lines each."""
    lines = [line for result in results for line in _reasons(key, result)]
    return "\n".join(["Lost points", *lines]) if lines else "No points were lost."


def summary(results: list[Result], graded: list[str], seconds: float) -> str:
    """What was done now and what isolated it."""
    kept = len(results) - len(graded)
    done = (f"Graded {len(graded)} in {seconds:.1f} s." if graded
            else "Nothing changed, nothing was graded again.")
    same = f" {kept} unchanged since the last run." if graded and kept else ""
    return f"{done}{same}\n{isolation(results)}"


def isolation(results: list[Result]) -> str:
    """One line on the walls; it names every submission that had fewer than the others."""
    active = {name for result in results for name, words in result.isolation.items()
              if not words.startswith("no:")}
    missing = {name for result in results for name, words in result.isolation.items()
               if words.startswith("no:")}
    text = f"Isolated by: {', '.join(sorted(active - missing)) or 'nothing'}."
    return text + (f" Missing: {', '.join(sorted(missing))}." if missing else "")


def _points(task: TaskResult) -> str:
    return f"{number(task.points)}/{number(task.max_points)}{MARK.get(task.outcome, '')}"


def _total(result: Result) -> str:
    return f"{number(result.points)}/{number(result.max_points)}"


def _line(row: list[str], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells)


def _reasons(key: str, result: Result) -> list[str]:
    width = max(80, min(120, shutil.get_terminal_size((100, 24)).columns))
    lines = []
    for task in result.tasks:
        lost = task.max_points - task.points
        if lost > 0:
            head = f"  {result.student}, {task.name.removeprefix(f'{key}-')}, -{number(lost)}: "
            lines.append(textwrap.shorten(head + _why(task), width, placeholder=" ...")
                         .join(["  ", ""]))
    return lines


def _why(task: TaskResult) -> str:
    first = " ".join(task.message.split())
    if task.mistake:
        first = f"{task.mistake}. {first}"
    return f"could not run ({task.reason}): {first}" if task.outcome == COULD_NOT_RUN else first
