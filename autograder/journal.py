"""Our own record of what is done: one JSON line a submission, written after everything else.

A grader that is killed leaves at most one torn last line. Whatever the journal does not hold is
graded again, with the seed of the interrupted run, so that one class meets one set of cases.
"""

import json
import os
import secrets
from pathlib import Path

from autograder.course import write_atomically
from autograder.outcome import Result


class Journal:
    """The results of one exercise in one class, by student."""

    def __init__(self, path: Path):
        self.path = path
        self.results: dict[str, Result] = {}
        self.seed = 0
        self.finished = True
        self._load()

    def begin(self) -> int:
        """Opens a run and returns its seed: a new one, or that of a run that did not finish."""
        if self.finished:
            self.seed, self.finished = secrets.randbelow(2**62), False
        self._compact()
        return self.seed

    def add(self, result: Result) -> None:
        self.results[result.student] = result
        self._append({"result": result.to_dict()})

    def finish(self) -> None:
        self.finished = True
        self._append({"finished": True})

    def _append(self, record: dict) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _compact(self) -> None:
        records = [{"seed": self.seed}]
        records += [{"result": result.to_dict()} for result in self.results.values()]
        write_atomically(self.path, "".join(json.dumps(record) + "\n" for record in records))

    def _load(self) -> None:
        if not self.path.is_file():
            return
        for line in self.path.read_text("utf-8").splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, TypeError, KeyError):
                continue  # torn by a kill, or of another version: graded again

    def _take(self, record: dict) -> None:
        if "seed" in record:
            self.seed, self.finished = record["seed"], False
        elif "result" in record:
            result = Result.from_dict(record["result"])
            self.results[result.student] = result
        else:
            self.finished = record["finished"]
