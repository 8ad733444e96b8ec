"""Submissions go out in chunks through an executor of concurrent.futures; results come back.

The engine says where: threads of this process, each with a pair of zygotes (`Local`), or a Dask
cluster (autograder.cluster). At most a window of chunks is under way, so that a class of any size
takes the same memory.
"""

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import NamedTuple, Protocol

from autograder.outcome import Result, ungraded
from autograder.source import Plan
from autograder.submission import Submission
from autograder.worker import Nursery, Worker

TOGETHER = 16  # submissions that are handed on together at most
LOOK_SECONDS = 5.0  # between two looks at whether anybody is still at work
WORDS = "the machines that graded this submission were lost one after the other"


class Job(NamedTuple):
    """What a worker is told of a submission."""

    student: str
    texts: dict[str, str]
    unreadable: str = ""


class Engine(Protocol):
    """Where chunks are graded. lost: errors that mean a chunk and not the run."""

    executor: Executor
    grade: Callable[[list[Job]], list[Result]]
    chunk: int
    lost: tuple[type[Exception], ...]

    def window(self) -> int:
        """How many chunks may be under way."""

    def check(self) -> None:
        """Raises CannotGrade when nobody is left who could answer."""

    def stop(self) -> None:
        """Ends everything that the engine started."""


class Team:
    """Pairs of zygotes for one exercise, as many as there are chunks graded at the same time."""

    def __init__(self, nursery: Nursery, seed: int, unsafe: bool):
        self.nursery, self.seed, self.unsafe = nursery, seed, unsafe
        self.all: list[Worker] = []
        self.free: queue.SimpleQueue[Worker] = queue.SimpleQueue()

    def grade(self, jobs: list[Job]) -> list[Result]:
        """A result for each job. Raises CannotGrade."""
        worker = self._worker()
        try:
            return [self._one(worker, job) for job in jobs]
        finally:
            self.free.put(worker)

    def _worker(self) -> Worker:
        try:
            return self.free.get_nowait()
        except queue.Empty:
            self.all.append(Worker(self.nursery, self.seed, self.unsafe))
            return self.all[-1]

    def _one(self, worker: Worker, job: Job) -> Result:
        if job.unreadable:
            return ungraded(job.student, worker.plan, "unreadable", job.unreadable)
        return worker.grade(job.student, job.texts)

    def stop(self) -> None:
        """Ends all zygotes; who is still at work is told that nothing can be graded any more."""
        self.nursery.close()
        for worker in self.all:
            worker.stop()
        self.nursery.stop()  # last: it waits for its zygotes, which end with their workers


class Local:
    """The engine of this machine: `workers` threads, each with zygotes of its own."""

    chunk, lost = 1, ()

    def __init__(self, team: Team, workers: int):
        self.team, self.workers, self.grade = team, workers, team.grade
        self.executor = ThreadPoolExecutor(workers, thread_name_prefix="worker")

    def window(self) -> int:
        return self.workers + 2 * TOGETHER

    def check(self) -> None:
        """Threads are not lost."""

    def stop(self) -> None:
        self.team.stop()
        self.executor.shutdown(cancel_futures=True)


class Crew:
    """Sends submissions out as soon as it is made; iterate over it for what comes back."""

    def __init__(self, engine: Engine, plan: Plan, submissions: Iterator[Submission]):
        self.engine, self.plan, self.submissions = engine, plan, iter(submissions)
        self.under_way: dict[Future, list[Submission]] = {}
        self._send()

    def __iter__(self) -> Iterator[list[tuple[Submission, Result]]]:
        """Results as they come, some together. Raises CannotGrade, after what else had come."""
        while self.under_way:
            done, _ = wait(self.under_way, LOOK_SECONDS, FIRST_COMPLETED)
            if not done:
                self.engine.check()
            found, error = self._collect(list(islice(done, TOGETHER)))
            self._send()
            if found:
                yield found
            if error:
                raise error

    def _send(self) -> None:
        """Fills the window."""
        while len(self.under_way) < self.engine.window():
            chunk = list(islice(self.submissions, self.engine.chunk))
            if not chunk:
                return
            jobs = [Job(one.student, one.texts, one.unreadable) for one in chunk]
            self.under_way[self.engine.executor.submit(self.engine.grade, jobs)] = chunk

    def _collect(self, done: list[Future]) -> tuple[list, BaseException | None]:
        found, error = [], None
        for future in done:
            chunk = self.under_way.pop(future)
            try:
                found += zip(chunk, future.result(), strict=True)
            except self.engine.lost:
                found += [(one, ungraded(one.student, self.plan, "our own error", WORDS))
                          for one in chunk]
            except BaseException as raised:
                error = raised
        return found, error
