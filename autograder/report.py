"""One HTML page on a whole class: marks, tasks, mistakes, what could not run, time and memory.

It stands alone and asks nothing of the network. Without names it shows counts only: no student,
no word of theirs or about their code, no file name, no time of submission, no order.
"""

import os
import statistics
from pathlib import Path
from urllib.parse import quote

from autograder import charts, table
from autograder.class_marks import ENDINGS, STUCK, ClassMarks, StudentMarks, TaskMark
from autograder.class_statistics import (
    TaskRow,
    label,
    mistakes,
    stuck_reasons,
    task_rows,
    why_stuck,
)
from autograder.course import write_atomically
from autograder.feedback import number
from autograder.report_parts import (
    Cell,
    escaped,
    figure,
    folded,
    frame,
    key,
    note,
    section,
    side_by_side,
    tiles,
    unseen,
)
from autograder.report_parts import table as html_table

COLOURS = dict(zip(ENDINGS, ("full", "part", "wrong", "stuck", "unwritten", "waits"),
                   strict=True))
REASONS = {
    "missing name": "a cell failed before it defined what the task asks for",
    "timeout": "it did not finish in time",
    "memory": "it used more than its share of memory or processor time",
    "died": "its process ended, or gave no usable answer",
    "not on the wire": "the test passes on something that cannot be handed over",
    "not allowed": "it asked for what the grader does not allow",
    "unreadable": "the file is no notebook that could be read",
    "our own error": "the grader itself failed; the student is not to blame",
}
MIB = 2**20
FEW, MANY = 12, 60  # names beside a mistake, rows of students: beyond that they are folded


def page(marks: ClassMarks, anonymous: bool = False, feedback: str = "") -> str:
    """The page's HTML. `feedback`: the way from the page to the folder of students' pages."""
    parts = [_overview(marks), _points(marks), _tasks(marks), _mistakes(marks, anonymous),
             _stuck(marks, anonymous), _usage(marks)]
    if not anonymous:
        parts.append(_students(marks, feedback))
    parts.append(_how(marks))
    about = f"Exercise {marks.key}, {number(marks.max_points)} points"
    return frame(f"{marks.title}: the class", about + (", without names" if anonymous else ""),
                 parts)


def _overview(marks: ClassMarks) -> str:
    points = [student.points for student in marks.handed_in]
    most = f" <small>of {number(marks.max_points)}</small>"
    everybody = f" <small>of {len(marks.students)}</small>"
    stuck = sum(any(task.ending == STUCK for task in s.tasks) for s in marks.handed_in)
    return tiles({
        "handed in": f"{len(points)}" + (everybody if len(points) < len(marks.students) else ""),
        "points, median": f"{statistics.median(points):.3g}{most}",
        "points, mean": f"{statistics.fmean(points):.3g}{most}",
        "with full marks": str(sum(value >= marks.max_points for value in points)),
        "with something that could not run": str(stuck),
        "waiting for a person": str(sum(student.waits for student in marks.handed_in)),
    })


def _points(marks: ClassMarks) -> str:
    points = [student.points for student in marks.handed_in]
    step = max(1, charts.round_step(marks.max_points + 1, 12))
    picture = charts.histogram(points, step, int(marks.max_points // step) + 1,
                               "Students by points", "points", whole=True)
    quarters = statistics.quantiles(points, n=4, method="inclusive") if points[1:] else points * 3
    spread = zip(("lowest", "lower quartile", "median", "upper quartile", "highest"),
                 (min(points), *quarters, max(points)), strict=True)
    numbers = html_table("Points", ["student", ("n", "points")],
                         [(word, f"{value:.3g}") for word, value in spread])
    return section("Marks", side_by_side(figure("Students by points", picture), numbers))


def _tasks(marks: ClassMarks) -> str:
    rows = task_rows(marks)
    seen = [ending for ending in ENDINGS if any(row.counts[ending] for row in rows)]
    bars = html_table(
        "Tasks by difficulty",
        ["task, the hardest first", ("n", "points"), ("n", "class got"), ("bars", "how it ended")],
        [_task_row(row) for row in rows])
    numbers = html_table(
        "Tasks in numbers", ["task", *(("n", ending) for ending in seen), ("n", "seconds, mean")],
        [(escaped(row.label), *(str(row.counts[ending]) for ending in seen), f"{row.seconds:.2f}")
         for row in rows])
    return section("Tasks by difficulty", key({ending: COLOURS[ending] for ending in seen}), bars,
                   folded("The same in numbers", numbers))


def _task_row(row: TaskRow) -> tuple[Cell, ...]:
    words = ", ".join(f"{row.counts[ending]} {ending}" for ending in ENDINGS if row.counts[ending])
    bar = charts.shares([(COLOURS[ending], row.counts[ending]) for ending in ENDINGS],
                        f"{row.label}: {words}")
    return (f"{escaped(row.label)} <small>{escaped(row.title)}</small>",
            number(row.max_points), f"{row.share:.0%}", bar)


def _mistakes(marks: ClassMarks, anonymous: bool) -> str:
    found = mistakes(marks)
    if not found:
        return section("Named mistakes", note("No mistake was recognised by name."))
    columns = ["mistake and tasks", ("n", "points lost"), ("n", "students"),
               ("bar", unseen("part of the class"))]
    rows = [(f"{escaped(mistake.name)} <small>{escaped(', '.join(mistake.tasks))}</small>",
             number(mistake.points), str(len(mistake.students)), charts.shares(
                 [("wrong", len(mistake.students)),
                  ("rest", len(marks.handed_in) - len(mistake.students))],
                 f"{mistake.name}: {len(mistake.students)} of {len(marks.handed_in)} students"))
            for mistake in found]
    if not anonymous:
        columns.append("who")
        rows = [(*row, _names(mistake.students))
                for row, mistake in zip(rows, found, strict=True)]
    return section("Named mistakes", note("Wrong answers that others have given before, told by "
                                          "their very numbers."),
                   html_table("Named mistakes", columns, rows))


def _names(students: list[str]) -> str:
    names = escaped(", ".join(students))
    return folded(f"{len(students)} names", names) if len(students) > FEW else names


def _stuck(marks: ClassMarks, anonymous: bool) -> str:
    title, reasons = "What could not be run", stuck_reasons(marks)
    if not reasons:
        return section(title, note("Everything that was written ran."))
    summary = html_table(
        "Reasons", ["reason", "what it means", ("n", "students"), ("n", "tasks")],
        [(escaped(reason), escaped(REASONS.get(reason, "")), str(students), str(tasks))
         for reason, students, tasks in reasons])
    if anonymous:
        return section(title, summary)
    rows = [(f"{escaped(student.student)} <small>{escaped(_listed(tasks, student))}</small>",
             ("said", escaped(why)))
            for student in marks.handed_in for why, tasks in why_stuck(marks.key, student).items()]
    who = html_table("Who could not be run", ["student and tasks", "why"], rows, "top")
    return section(title, summary, folded(f"All {len(rows)}", who) if len(rows) > MANY else who)


def _listed(tasks: list[str], student: StudentMarks) -> str:
    return "every task" if len(tasks) == len(student.tasks) else ", ".join(tasks)


def _usage(marks: ClassMarks) -> str:
    title = "Time and memory"
    ran = [s.result for s in marks.handed_in if s.result and s.result.isolation]
    if not ran:
        return section(title, note("The journal holds no run of this class."))
    kinds = {"seconds": [result.seconds for result in ran],
             "seconds of processor": [result.cpu_seconds for result in ran],
             "MiB of memory at most": [result.peak_bytes / MIB for result in ran]}
    rows = [(word, *(f"{value:.3g}" for value in (min(values), statistics.median(values),
                                                  max(values)))) for word, values in kinds.items()]
    pictures = [figure(f"Students by {word}", _spread(kinds[word], word))
                for word in ("seconds", "MiB of memory at most")]
    return section(title, side_by_side(*pictures), html_table(
        title, ["of one submission", ("n", "least"), ("n", "median"), ("n", "most")], rows))


def _spread(values: list[float], word: str) -> str:
    step = charts.round_step(max(values) * 1.001, 10)
    return charts.histogram(values, step, int(max(values) // step) + 1, f"Students by {word}", word)


def _students(marks: ClassMarks, feedback: str) -> str:
    labels = [label(marks.key, name) for name in marks.task_names]
    columns = ["student", ("n", "points"), *(f'<abbr title="{escaped(word)}">{place}</abbr>'
                                             for place, word in enumerate(labels, 1))]
    legend = ", ".join(f"{place} {word}" for place, word in enumerate(labels, 1))
    rows = [_student_row(student, marks, feedback) for student in marks.students]
    everyone = key(COLOURS) + html_table("Students", columns, rows, "marks")
    if len(rows) > MANY:
        everyone = folded(f"All {len(rows)}", everyone)
    return section("Students", note(f"Tasks: {legend}."), everyone)


def _student_row(student: StudentMarks, marks: ClassMarks, feedback: str) -> tuple[Cell, ...]:
    if student.points is None:
        return (escaped(student.student), "–", *("" for _ in marks.task_names))
    name = escaped(student.student)
    if feedback:
        way = "/".join(quote(part) for part in (student.student, marks.key, f"{marks.key}.html"))
        name = f'<a href="{feedback}/{way}">{name}</a>'
    given = {task.name: task for task in student.tasks}
    return (name, number(student.points), *(_mark(given.get(name)) for name in marks.task_names))


def _mark(task: TaskMark | None) -> Cell:
    if task is None:
        return ""
    return f"tint-{COLOURS[task.ending]}", f"{number(task.points)} {unseen(task.ending)}"


def _how(marks: ClassMarks) -> str:
    results = [student.result for student in marks.handed_in if student.result]
    text = table.isolation(results) if results else "The journal holds no run of this class."
    return section("How this was graded", note(
        "Students' code ran in processes of its own, locked in; verdicts were reached apart from "
        f"it. {text} Points are those of the gradebook, manual marks and late penalties included."))


def write(marks: ClassMarks, path: Path, anonymous: bool, feedback: Path) -> None:
    """Writes the page; its links to students' pages, in the folder `feedback`, are relative."""
    way = quote(Path(os.path.relpath(feedback, path.parent)).as_posix())
    write_atomically(path, page(marks, anonymous, "" if anonymous else way))


def in_numbers(marks: ClassMarks) -> dict:
    """What the page without names shows, for JSON."""
    points = [student.points for student in marks.handed_in]
    return {
        "students": len(marks.students), "handed_in": len(points), "max_points": marks.max_points,
        "median": statistics.median(points), "mean": round(statistics.fmean(points), 4),
        "tasks": [{"name": row.label, "max_points": row.max_points, "share": round(row.share, 4),
                   **{ending: row.counts[ending] for ending in ENDINGS}}
                  for row in task_rows(marks)],
        "mistakes": [{"name": mistake.name, "tasks": mistake.tasks, "points": mistake.points,
                      "students": len(mistake.students)} for mistake in mistakes(marks)],
        "could_not_run": [{"reason": reason, "students": students, "tasks": tasks}
                          for reason, students, tasks in stuck_reasons(marks)],
    }
