"""`autograder explain`: a recorded verdict, replayed from what was kept, in words to send."""

from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches

from autograder.course import Course
from autograder.journal import Journal
from autograder.limits import Limits
from autograder.outcome import Result, TaskResult
from autograder.record import RunRecord, record_here, settings_here
from autograder.source import Plan, read_source
from autograder.worker import Nursery, Worker
from autograder.writing import NothingKept, kept_texts

SAME = ("outcome", "points", "reason", "message", "mistake")


@dataclass
class Verdict:
    """One task of one student as it was graded, and as it comes out now."""

    key: str
    recorded: TaskResult
    result: Result
    run: RunRecord | None
    texts: dict[str, str]
    plan: Plan
    changed: list[str] = field(default_factory=list)  # what is not as it was in that run
    replayed: TaskResult | None = None  # None where nothing can be run

    def to_dict(self) -> dict:
        """All but the texts and the plan, as plain data."""
        return {"student": self.result.student, "recorded": asdict(self.recorded),
                "replayed": asdict(self.replayed) if self.replayed else None,
                "agrees": self.agrees, "changed": self.changed, "inputs": self.result.inputs,
                "run": self.run.to_dict() if self.run else None, "earlier": self.result.earlier}

    @property
    def agrees(self) -> bool:
        """Whether the replay came to the recorded verdict, in the same words."""
        return self.replayed is not None and all(
            getattr(self.recorded, name) == getattr(self.replayed, name) for name in SAME)


def explain(course: Course, student: str, task: str, key: str | None = None,
            unsafe: bool = False) -> Verdict:
    """Finds a verdict and replays it: same text, same seed, same limits.

    task: a test's name, with or without the exercise before it and "-test" behind it. key: the
    exercise, needed where the student has a task of this name in several. unsafe: replay even
    where walls are missing. Raises NothingKept or TooOpenHere.
    """
    key, journal, recorded = find(course, student, task, key)
    result = journal.results[student]
    texts = kept_texts(course, key, result)
    plan = read_source(course.root, key)[1]
    verdict = Verdict(key, recorded, result, journal.runs.get(result.run), texts, plan)
    if verdict.run is not None:
        verdict.changed = changed(course, plan, verdict.run)
        verdict.replayed = replay(course, verdict, unsafe)
    return verdict


def find(course: Course, student: str, task: str, key: str | None
         ) -> tuple[str, Journal, TaskResult]:
    """The exercise, its journal and the recorded task. Raises NothingKept with what there is."""
    folder = course.journal("any").parent
    keys = [key] if key else sorted(path.stem for path in folder.glob("*.jsonl"))
    journals = {name: Journal(course.journal(name)) for name in keys}
    known = {name: journal.results[student].tasks for name, journal in journals.items()
             if student in journal.results}
    if not known:
        everyone = {name for journal in journals.values() for name in journal.results}
        raise NothingKept(f"no verdict on {student!r} is kept in {folder}"
                          f"{near(student, everyone)}")
    hits = [(name, result) for name, tasks in known.items() for result in tasks
            if task in (result.name, short(name, result.name))]
    if not hits:
        names = {short(name, result.name) for name, tasks in known.items() for result in tasks}
        raise NothingKept(f"no task {task!r} of {student!r}{near(task, names)}; there are: "
                          f"{', '.join(sorted(names))}")
    if len(hits) > 1:
        raise NothingKept(f"{task!r} is a task of several exercises; say which with --key: "
                          f"{', '.join(name for name, _ in hits)}")
    ((name, result),) = hits
    return name, journals[name], result


def near(word: str, words: set[str]) -> str:
    """A guess at what was meant."""
    return "".join(f"; did you mean {hit!r}?" for hit in get_close_matches(word, words, n=1))


def short(key: str, test: str) -> str:
    """A test's name without what all names have in common."""
    return test.removeprefix(f"{key}-").removesuffix("-test")


def changed(course: Course, plan: Plan, run: RunRecord) -> list[str]:
    """What is not as it was in the run that reached the verdict, in words."""
    now = record_here(course.root, plan, run.seed, settings_here(Limits(), False))
    found = ["the exercise's source notebook is another"] if now.source != run.source else []
    if now.code != run.code:
        found.append("the code of the grader, the library or the reference is another")
    found += [f"{name} was {old}, is {now.versions.get(name, 'missing')}"
              for name, old in run.versions.items() if now.versions.get(name) != old]
    names = [name for name in now.settings if name.isupper()]  # of the environment
    return found + [f"{name} was {run.settings.get(name)!r}, is {now.settings[name]!r}"
                    for name in names if now.settings[name] != run.settings.get(name)]


def replay(course: Course, verdict: Verdict, unsafe: bool = False) -> TaskResult | None:
    """The task's verdict on the kept text with the run's seed; None where nothing can be run."""
    plan, name = verdict.plan, verdict.recorded.name
    kinds = {cell.name: cell.kind for cell in plan.tests}
    if kinds.get(name) != "test" or verdict.recorded.reason == "unreadable":
        return None
    # A training of another task would take its time and leaves nothing behind.
    cells = tuple(cell for cell in plan.cells if not cell.trains or cell.name == name)
    known = {one.name for one in fields(Limits)}
    limits = verdict.run.settings.get("limits", {})
    nursery = Nursery(course.root, replace(plan, cells=cells),
                      Limits(**{key: value for key, value in limits.items() if key in known}))
    worker = Worker(nursery, verdict.run.seed, unsafe)
    try:
        found = worker.grade(verdict.result.student, verdict.texts, explain=True)
    finally:
        worker.stop()
        nursery.stop()
    return next(task for task in found.tasks if task.name == name)
