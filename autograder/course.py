"""Where a class lives on disk, and how its files are written."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.database import Database
from autograder.files import SLIPS, holds, slip, stamp, student_name

ROOT = Path(__file__).resolve().parent.parent
DB = "WHERE_TO_LOOK_DB"  # URL of the gradebook


class Busy(RuntimeError):
    """Another grader is at work on the same class."""


@dataclass(frozen=True)
class Course:
    """`root` holds solutions and exercises; `folder` the class: what came in and what goes out."""

    root: Path = ROOT
    folder: Path = ROOT / "course"
    db: str = ""  # URL of the gradebook, where it is no file of the class

    @property
    def gradebook(self) -> Path:
        """The file of a gradebook that is one."""
        return self.folder / "gradebook.db"

    @property
    def database(self) -> Database:
        return Database(self.db or os.environ.get(DB) or f"sqlite:///{self.gradebook}")

    def submitted(self, student: str, key: str) -> Path:
        folder = self.folder / "submitted" / student
        if "\\" in student or "…" in student:  # it stands for a name that cannot be stored
            folder = next((there for there in folder.parent.glob("*")
                           if student_name(there.name) == student), folder)
        return folder / key / f"{key}.ipynb"

    def autograded(self, student: str, key: str) -> Path:
        return self.folder / "autograded" / student / key / f"{key}.ipynb"

    def feedback(self, student: str, key: str) -> Path:
        return self.folder / "feedback" / student / key / f"{key}.html"

    def journal(self, key: str) -> Path:
        return self.folder / "journal" / f"{key}.jsonl"

    def inputs(self, key: str, digest: str) -> Path:
        """What a verdict was reached on, kept under the hash of its content."""
        return self.folder / "journal" / key / f"{digest}.json"

    def log(self, key: str) -> Path:
        return self.folder / "journal" / f"{key}.log"

    def students(self, key: str) -> list[str]:
        """Who handed in something under this key, in order of name; unreadable things count."""
        folders = (self.folder / "submitted").glob("*")
        return sorted(student_name(folder.name) for folder in folders if holds(folder, key))

    def timestamp(self, student: str, key: str) -> str:
        """The content of nbgrader's timestamp.txt, empty where there is none."""
        return stamp(self.submitted(student, key).parent)

    def slips(self, student: str, key: str) -> dict[str, str]:
        """What nbgrader's submit laid beside the notebook, by the file's name."""
        folder = self.submitted(student, key).parent
        return {name: text for name in SLIPS if (text := slip(folder, name))}

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
            with self.database.lock(key) as free:
                if not free:
                    raise Busy(f"another grader, perhaps on another machine, is at work on {key!r} "
                               f"in the gradebook {self.database}; wait for it or end it, then "
                               f"run this again")
                yield


def write_atomically(path: Path, content: str | bytes) -> None:
    """The file is there whole or not at all, whenever the machine stops."""
    write_together({path: content})


def write_together(files: dict[Path, str | bytes]) -> None:
    """Each file is there whole or not at all; all are on the disk when this returns."""
    folders = {folder for path in files for folder in _make_folder(path.parent)}
    waiting = {path: path.with_name(f".{path.name}.new") for path in files}
    try:
        for path, new in waiting.items():
            _write(new, files[path])
        for path, new in waiting.items():
            os.replace(new, path)
    except BaseException:
        for new in waiting.values():
            new.unlink(missing_ok=True)
        raise
    for folder in folders:
        _sync(folder)


def _make_folder(folder: Path) -> list[Path]:
    """The folder, which is made where it is missing, and all above it that change by that."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return [folder, *(above.parent for above in missing)]


def _write(path: Path, content: str | bytes) -> None:
    with path.open("wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Makes names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
