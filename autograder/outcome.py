"""The result of one submission, as plain data that goes through JSON."""

from dataclasses import asdict, dataclass, field

PASSED, FAILED, COULD_NOT_RUN, BY_HAND = "passed", "failed", "could not run", "by hand"

OUR_ERROR = "our own error"
MISSING = "missing name"  # the student's cell does not define it, or raised before it did
STUBS = ("NotImplementedError", "still to be written")  # words of a cell that nobody has filled


@dataclass
class TaskResult:
    """One graded cell. `message`: the author's words on failure, the reason when it did not run."""

    name: str
    title: str
    outcome: str
    points: float
    max_points: float
    message: str = ""
    reason: str = ""
    mistake: str = ""
    shown: dict = field(default_factory=dict)  # in a replay, see autograder.asserted
    seconds: float = 0.0

    @property
    def undecided(self) -> bool:
        """Whether a person has to look: only what ran, or was never written, has a mark."""
        lost = self.outcome == COULD_NOT_RUN and self.reason != MISSING
        return lost or self.outcome == BY_HAND

    @property
    def unwritten(self) -> bool:
        """Whether the student left the stub in the cell that this task needs."""
        lost = self.points == 0 and self.reason in ("", MISSING)
        return lost and any(words in self.message for words in STUBS)


@dataclass
class Result:
    """One submission: marks, notes to the student, what isolated it and what it used."""

    student: str
    assignment: str
    tasks: list[TaskResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    isolation: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    seed: int = 0
    fingerprint: str = ""
    untouched: bool = False  # every solution cell is as it was handed out
    run: str = ""  # the run's id in the journal
    inputs: str = ""  # SHA-256 of the kept submission
    handed_in: str = ""  # nbgrader's timestamp.txt
    held: dict = field(default_factory=dict)  # see autograder.held
    earlier: list[dict] = field(default_factory=list)  # runs and points of replaced results

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks)

    @property
    def final(self) -> float:
        """The points as nbgrader adds them up: with a person's marks, less the late penalty."""
        manual, extra = self.held.get("manual", {}), self.held.get("extra", {})
        marks = {task.name: task.points for task in self.tasks if not task.undecided} | manual
        credit = sum(points for name, points in extra.items() if name in marks)
        return sum(marks.values()) + credit - self.held.get("penalty", 0.0)

    @property
    def max_points(self) -> float:
        return sum(task.max_points for task in self.tasks)

    @property
    def our_error(self) -> bool:
        return any(task.reason == OUR_ERROR for task in self.tasks)

    @property
    def lost(self) -> bool:
        """Whether the grader lost the whole submission, as with a worker that was killed."""
        return bool(self.tasks) and all(task.reason == OUR_ERROR for task in self.tasks)

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict) -> "Result":
        return cls(**data | {"tasks": [TaskResult(**task) for task in data["tasks"]]})


def ungraded(student: str, plan, reason: str, message: str) -> Result:
    """The result of a submission of which nothing could be run."""
    tasks = [TaskResult(cell.name, cell.title, COULD_NOT_RUN, 0.0, cell.points, message, reason)
             for cell in plan.tests]
    return Result(student, plan.key, tasks, [message])
