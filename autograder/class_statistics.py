"""What a class's marks say together: tasks by difficulty, named mistakes, what could not run.

Nothing here is in the order of students, so that a page without names gives none away.
"""

from collections import Counter
from dataclasses import dataclass, field

from autograder.class_marks import STUCK, ClassMarks, StudentMarks, TaskMark


@dataclass
class TaskRow:
    """One task over all students who handed in."""

    label: str
    title: str
    max_points: float
    marks: list[TaskMark]

    @property
    def counts(self) -> Counter[str]:
        """Ending -> students."""
        return Counter(mark.ending for mark in self.marks)

    @property
    def share(self) -> float:
        """The part of its points that the class got, extra credit left out."""
        most = self.max_points * len(self.marks)
        return sum(min(mark.points, self.max_points) for mark in self.marks) / most if most else 1.0

    @property
    def seconds(self) -> float:
        """Mean seconds that grading this task took."""
        ran = [mark.result.seconds for mark in self.marks if mark.result]
        return sum(ran) / len(ran) if ran else 0.0


@dataclass
class Mistake:
    """A wrong answer with a name. points: what all its tasks together lost by it."""

    name: str
    tasks: list[str] = field(default_factory=list)
    students: list[str] = field(default_factory=list)
    points: float = 0.0

    def made(self, student: str, mark: TaskMark) -> None:
        """Counts one task of one student."""
        if student not in self.students:
            self.students.append(student)
        self.tasks.append(mark.name)
        self.points += max(0.0, mark.max_points - mark.points)


def label(key: str, name: str) -> str:
    """A task's name without what all names have in common."""
    return name.removeprefix(f"{key}-").removesuffix("-test")


def task_rows(marks: ClassMarks) -> list[TaskRow]:
    """Every task, the hardest first."""
    found = [mark for student in marks.handed_in for mark in student.tasks]
    rows = []
    for name in marks.task_names:
        here = [mark for mark in found if mark.name == name]
        if here:
            rows.append(TaskRow(label(marks.key, name), here[0].title, here[0].max_points, here))
    return sorted(rows, key=lambda row: row.share)


def mistakes(marks: ClassMarks) -> list[Mistake]:
    """Every named mistake that was made, the commonest first."""
    found: dict[str, Mistake] = {}
    for student in marks.handed_in:
        for mark in student.tasks:
            if mark.result and mark.result.mistake:
                name = mark.result.mistake
                found.setdefault(name, Mistake(name)).made(student.student, mark)
    for mistake in found.values():
        mistake.tasks = [label(marks.key, name) for name in marks.task_names
                         if name in mistake.tasks]
    return sorted(found.values(), key=lambda m: (-len(m.students), -m.points, m.name))


def stuck_reasons(marks: ClassMarks) -> list[tuple[str, int, int]]:
    """(reason, students, tasks) of all that could not be run, the commonest first."""
    students, tasks = Counter(), Counter()
    for student in marks.handed_in:
        reasons = [mark.result.reason for mark in student.tasks if mark.ending == STUCK]
        tasks.update(reasons)
        students.update(set(reasons))
    return sorted(((reason, count, tasks[reason]) for reason, count in students.items()),
                  key=lambda row: (-row[1], row[0]))


def why_stuck(key: str, student: StudentMarks) -> dict[str, list[str]]:
    """Why -> the tasks of one student that could not be run for it."""
    found: dict[str, list[str]] = {}
    for mark in student.tasks:
        if mark.ending == STUCK:
            found.setdefault(mark.result.message or mark.result.reason, []).append(
                label(key, mark.name))
    return found
