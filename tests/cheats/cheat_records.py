"""What a cheat is, and the walls by name: the tables of the other files are made of these."""

from collections.abc import Callable
from dataclasses import dataclass, field

WALLS = {
    "two processes": "tests, answers and marks are never in the process that runs a student's code",
    "text only": "of a submission only the text of its solution cells is taken",
    "exact types": "plain values and raw tensors cross the wire; objects stay where they are",
    "secret cases": "inputs are drawn afresh, from a secret seed; public answers are out of reach",
    "a process each": "each submission is a fork of its own from a zygote that ran nobody's code",
    "trusted clocks": "time is measured and limited on the trusted side",
    "landlock": "Landlock: no file but libraries and the own folder, no TCP, no foreign signals",
    "seccomp": "seccomp: no sockets, programs, processes, foreign signals, shared memory",
    "namespaces": "own process, network, IPC, mount and user namespaces; files in memory",
    "rlimits": "hard limits on memory, address space, file size, processor time, open files",
    "memory group": "a memory cgroup round all of it, where one is to be had",
    "threads": "the keeper counts threads and ends the process that has too many",
    "descriptors": "all inherited descriptors are closed; the standard streams lead nowhere",
    "environment": "the environment is emptied before the student's code runs",
    "kept names": "the zygotes get a handful of named environment variables and no others",
    "clean heap": "the zygote of students has never imported solutions, tests or labels",
    "own folder": "a temporary folder of its own for every process, gone with it",
    "wire rules": "lengths, types, depth, shapes and counts are checked before memory is taken",
    "turn numbers": "every reply carries a random number that was not known before the question",
    "no pickle": "messages are JSON and raw numbers; nothing in them can be executed",
    "strict comparison": "only what is close is right; NaN is close to nothing",
    "pushed weights": "tests push weights of their own and compute the answer without the student",
    "fresh process": "related questions, and inference after training, go to a new process",
    "forbidden words": "torch functions that a task names are refused while it is graded",
    "bytes counted": "the length of a cell is counted in bytes, not in letters",
    "cleaned words": "a student's words are cut, printable, and escaped in pages",
    "kill": "a process is ended from outside by its descriptor, not asked to go",
}


@dataclass(frozen=True)
class Trick:
    """One cheat. row: its number in the first table of 32, empty for one of our own design."""

    name: str
    trick: str  # what it does, for the table of the book
    walls: tuple[str, ...]  # each of these alone stops it
    target: str = "marks"
    row: str = ""


@dataclass(frozen=True)
class MarkTrick(Trick):
    """cells replace those of the wrong notebook; base is the same attempt without the trick.

    evidence: how it shows in the plain grader: "marks", "hidden tests" or "no result".
    """

    cells: dict[str, str] = field(default_factory=dict)
    base: dict[str, str] = field(default_factory=dict)
    edit: Callable[[dict], object] = lambda notebook: None
    evidence: str = "marks"
    neighbour: bool = False  # whether the next student's marks are looked at


@dataclass(frozen=True)
class Escape(Trick):
    """code runs in a cell and leaves `loot`; reached tells from it whether the target was met.

    then: a second cell, run in the next process. waits: seconds until the target is looked at.
    """

    code: str = ""
    then: str = ""
    reached: Callable[[object, object], bool] = lambda loot, targets: bool(loot)
