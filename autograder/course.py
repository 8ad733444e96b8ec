"""Where a class lives on disk, and how its files are written."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Busy(RuntimeError):
    """Another grader is at work on the same class."""


@dataclass(frozen=True)
class Course:
    """`root` holds solutions and exercises; `folder` the class: what came in and what goes out."""

    root: Path = ROOT
    folder: Path = ROOT / "course"

    @property
    def gradebook(self) -> Path:
        return self.folder / "gradebook.db"

    def submitted(self, student: str, key: str) -> Path:
        return self.folder / "submitted" / student / key / f"{key}.ipynb"

    def autograded(self, student: str, key: str) -> Path:
        return self.folder / "autograded" / student / key / f"{key}.ipynb"

    def feedback(self, student: str, key: str) -> Path:
        return self.folder / "feedback" / student / key / f"{key}.html"

    def journal(self, key: str) -> Path:
        return self.folder / "journal" / f"{key}.jsonl"

    def log(self, key: str) -> Path:
        return self.folder / "journal" / f"{key}.log"

    def students(self, key: str) -> list[str]:
        """Who handed in something under this key, in order of name."""
        return sorted(folder.parent.name for folder in (self.folder / "submitted").glob(f"*/{key}"))

    def timestamp(self, student: str, key: str) -> str:
        """The content of nbgrader's timestamp.txt, empty where there is none."""
        try:
            text = (self.submitted(student, key).parent / "timestamp.txt").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
        return text.strip()[:100]

    @contextlib.contextmanager
    def locked(self, key: str) -> Iterator[None]:
        """One grader at a time. Raises Busy."""
        path = self.journal(key).with_suffix(".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(f"another grader is at work on {key!r} in {self.folder}; wait for it "
                           f"or end it, then run this again") from None
            yield


def write_atomically(path: Path, text: str) -> None:
    """The file is there whole or not at all, whenever the machine stops."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
