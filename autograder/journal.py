"""Our own record of what is done: one JSON line a submission, written after everything else.

A grader that is killed leaves at most one torn last line. Whatever the journal does not hold is
graded again, with the seed of the interrupted run, so that one class meets one set of cases.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from autograder.course import write_together
from autograder.outcome import Result
from autograder.record import RunRecord, new_seed


class Journal:
    """The runs over one exercise in one class, and the latest result of each student.

    again: students that a regrade has still to grade.  finished: no run is open, or was cut short.
    """

    def __init__(self, path: Path):
        self.path = path
        self.runs: dict[str, RunRecord] = {}
        self.results: dict[str, Result] = {}
        self.again: set[str] = set()
        self.finished = self.ends = True
        self._load()

    def seed(self) -> int:
        """That of a run that was cut short, else a new one."""
        return new_seed() if self.finished else list(self.runs.values())[-1].seed

    def begin(self, record: RunRecord, whole: bool = True) -> None:
        """Opens a run. A run that is not over the whole class does not end one that was cut short.

        What an interrupted regrade has still to grade stays to be graded.
        """
        self.ends = whole or self.finished
        record.again = sorted(self.again | set(record.again))
        self.again, self.finished = set(record.again), False
        self.runs[record.id] = record
        self._compact()

    def add(self, results: Iterable[Result]) -> None:
        """Results whose files and marks are on the disk."""
        results = list(results)
        for result in results:
            self._enter(result)
        self._append({"result": result.to_dict()} for result in results)

    def finish(self) -> None:
        if self.ends:
            self.finished = True
            self._append([{"finished": True}])

    def _enter(self, result: Result) -> None:
        self.results[result.student] = result
        self.again.discard(result.student)

    def _append(self, records: Iterable[dict]) -> None:
        with self.path.open("ab+") as file:
            file.seek(max(file.tell() - 1, 0))
            torn = file.read(1) not in (b"", b"\n")
            lines = "".join(json.dumps(record) + "\n" for record in records)
            file.write(b"\n" * torn + lines.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())

    def _compact(self) -> None:
        """Writes the file anew, the open run last: its `again` is about the results before it."""
        *earlier, now = ({"run": run.to_dict()} for run in self.runs.values())
        results = ({"result": result.to_dict()} for result in self.results.values())
        lines = [json.dumps(record) + "\n" for record in (*earlier, *results, now)]
        write_together({self.path: "".join(lines)})

    def _load(self) -> None:
        if not self.path.is_file():
            return
        for line in self.path.read_text("utf-8", errors="replace").splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, TypeError, KeyError):
                continue  # torn by a kill, or of another version: graded again

    def _take(self, record: dict) -> None:
        if "run" in record:
            run = RunRecord(**record["run"])
            self.runs[run.id], self.again, self.finished = run, set(run.again), False
        elif "result" in record:
            self._enter(Result.from_dict(record["result"]))
        else:
            self.finished = record["finished"]
