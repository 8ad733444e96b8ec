"""What is printed at the end: students, tasks, points, and a reason for each lost point."""

import shutil
import textwrap

from autograder.feedback import number
from autograder.grade import ClassReport
from autograder.outcome import COULD_NOT_RUN, PASSED, Result, TaskResult

INDENT = " " * 4
MANY = 60  # students whose reasons are printed at most
NO_WALLS = ("unsafe", "profile")  # what else a result says of how it was isolated


def table(key: str, results: list[Result]) -> str:
    """One row a student, one column a task. '?' marks what could not be run."""
    tasks = results[0].tasks
    legend = [f"{place} {short(key, task)} ({number(task.max_points)})"
              for place, task in enumerate(tasks, 1)]
    rows = [["task", *(f"{place:<2}" for place in range(1, len(tasks) + 1)), "points"]]
    rows += [[result.student, *map(_mark, result.tasks), _total(result)] for result in results]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    rule = "─" * len(lines[0])
    return "\n".join([_wrapped("Tasks: " + ", ".join(legend), "       "), "", lines[0], rule,
                      *lines[1:], rule, "? could not be run; the reason stands below"])


def reasons(key: str, results: list[Result]) -> str:
    """Student by student: which tasks lost points, how many, and why; of many only their number."""
    losers = sum(result.points < result.max_points for result in results)
    if losers > MANY:
        return f"{losers} students lost points; `autograder report {key}` shows why."
    lines = [line for result in results for line in _reasons(key, result)]
    return "\n".join(["Lost points", *lines]) if lines else "No points were lost."


def summary(results: list[Result], graded: list[str], seconds: float) -> str:
    """What was done now and what isolated it."""
    kept = len(results) - len(graded)
    done = (f"Graded {len(graded)} in {seconds:.1f} s." if graded
            else "Nothing changed, nothing was graded again.")
    same = f" {kept} unchanged since the last run." if graded and kept else ""
    return f"{done}{same}\n{isolation(results)}"


def changes(report: ClassReport) -> str:
    """Whose points are others than before or in the gradebook, and who was only written anew."""
    after = {result.student: result.points for result in report.results}
    moved = [f"{student} {number(report.before[student])} -> {number(after[student])}"
             for student in report.graded if report.before.get(student) != after[student]
             and student in report.before]
    lines = [f"Changed marks: {', '.join(moved)}"] if moved else []
    if report.settled:
        lines.append(f"Written anew for what the gradebook holds now, without running anything: "
                     f"{', '.join(report.settled)}")
    others = [f"{result.student} {number(max(0.0, result.final))}" for result in report.results
              if result.final != result.points]
    if others:
        lines.append(f"The gradebook has other points, by a person's marks or a late penalty: "
                     f"{', '.join(others)}")
    return "\n".join(lines)


def isolation(results: list[Result]) -> str:
    """One line on the walls: those that all submissions had, and those that some lacked."""
    active = {name for result in results for name, words in result.isolation.items()
              if not words.startswith("no:") and name not in NO_WALLS}
    missing = {name for result in results for name, words in result.isolation.items()
               if words.startswith("no:")}
    text = f"Isolated by: {', '.join(sorted(active - missing)) or 'nothing'}."
    text += f" Missing: {', '.join(sorted(missing))}." if missing else ""
    unsafe = sum("unsafe" in result.isolation for result in results)
    return text + (f" Graded with --unsafe: {unsafe} of {len(results)}." if unsafe else "")


def short(key: str, task: TaskResult) -> str:
    """A task's name without what all names have in common."""
    return task.name.removeprefix(f"{key}-").removesuffix("-test")


def _mark(task: TaskResult) -> str:
    return number(task.points) + ("?" if task.outcome == COULD_NOT_RUN else " ")


def _total(result: Result) -> str:
    return f"{number(result.points)}/{number(result.max_points)}"


def _line(row: list[str], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells)


def _reasons(key: str, result: Result) -> list[str]:
    """Tasks that were lost for one reason stand together."""
    groups: dict[str, list[TaskResult]] = {}
    for task in result.tasks:
        if task.points < task.max_points:
            groups.setdefault(_why(task, result), []).append(task)
    lines = []
    for why, tasks in groups.items():
        lost = number(sum(task.max_points - task.points for task in tasks))
        names = ", ".join(short(key, task) for task in tasks)
        everything = len(tasks) == len(result.tasks)
        head = f"{result.student}  -{lost}  {'everything' if everything else names}: "
        lines.append(_wrapped(head + why, INDENT))
    return lines


def _why(task: TaskResult, result: Result) -> str:
    if result.untouched:
        return "the notebook is as it was handed out"
    if task.mistake:
        return task.mistake
    if task.unwritten:
        return "left as it was handed out"
    if task.outcome == PASSED:
        return "part of the points"
    first = textwrap.shorten(task.message, 200, placeholder=" ...")
    return f"could not run ({task.reason}): {first}" if task.outcome == COULD_NOT_RUN else first


def _wrapped(text: str, indent: str) -> str:
    width = max(60, min(110, shutil.get_terminal_size((100, 24)).columns))
    return textwrap.fill(text, width, subsequent_indent=indent, break_on_hyphens=False)
