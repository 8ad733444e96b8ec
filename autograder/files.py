"""Reads files that strangers made: ordinary ones, of bounded size, reached by no link."""

import hashlib
import os
import stat
from itertools import islice
from pathlib import Path

MOST_NAMES = 1000  # of one folder that are looked at
NAME_SHOWN = 60  # characters of a file's name in a sentence
NAME_STORED = 100  # characters of a student's name; nbgrader's tables have room for 128
SLIPS = ("timestamp.txt", "submission_secret.txt")  # what nbgrader's submit lays beside a notebook


class Unreadable(ValueError):
    """The file cannot be graded; the words say why."""


def shown(name: str) -> str:
    """A file's name as text that prints on one line, whatever bytes it has; no two look alike."""
    return "".join(c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode()
                   for c in name)


def student_name(folder: str) -> str:
    """What a student is called whose folder has this name; where it is long, its head and a mark.

    The same as the folder's for every name that prints on one line and is not too long.
    """
    name = shown(folder)
    if len(name) <= NAME_STORED:
        return name
    return f"{name[:NAME_STORED]}…{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def quoted(names: list[str], most: int = 3) -> str:
    """Names for a sentence: the first few, cut to a length that can be read."""
    cut = [name if len(name) <= NAME_SHOWN else name[:NAME_SHOWN] + "…"
           for name in map(shown, names)]
    rest = f" and {len(cut) - most} more" if len(cut) > most else ""
    return ", ".join(f"“{name}”" for name in cut[:most]) + rest


def holds(folder: Path, name: str) -> bool:
    """Whether something is there under this name, or may be: a closed folder does not tell."""
    try:
        os.lstat(folder / name)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def notebook_in(path: Path) -> tuple[Path, list[str]]:
    """The notebook to grade where `path` was asked for, and sentences on what else is there.

    Under a name that only resembles the wanted one, the only notebook there is taken. Raises
    Unreadable.
    """
    names = _entries(path.parents[1], path.parent)
    notebooks = [name for name, regular in names.items() if regular and like_a_notebook(name)]
    if path.name in names:
        others = [name for name in notebooks if name != path.name]
        return path, [f"Besides {path.name} there is {quoted(others)}; only {path.name} was "
                      f"graded."] if others else []
    if len(notebooks) == 1:
        return path.parent / notebooks[0], [f"There is no {path.name}; {quoted(notebooks)} was "
                                            f"graded in its place."]
    if notebooks:
        raise Unreadable(f"there is no {path.name} in the submission, but {quoted(notebooks)}; "
                         f"hand in one notebook, named {path.name}")
    there = sorted(set(names) - set(SLIPS))
    also = f"; it holds {quoted(there)}" if there else ""
    raise Unreadable(f"there is no {path.name} in the submission{also}")


def ordinary(path: Path, most: int) -> bytes:
    """The content of an ordinary file of at most `most` bytes. Raises Unreadable."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{shown(path.name)} is not an ordinary file")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise Unreadable(f"{shown(path.name)} cannot be read: {error.strerror}") from None
    if len(raw) > most:
        raise Unreadable(f"{shown(path.name)} is larger than {most // 2**20} MiB")
    return raw


def stamp(folder: Path) -> str:
    """The text of nbgrader's timestamp.txt in a submission, empty where there is none."""
    return slip(folder, "timestamp.txt")[:100]


def slip(folder: Path, name: str) -> str:
    """The text of one of SLIPS in a submission, empty where there is none."""
    try:
        raw = ordinary(folder / name, 1000)
    except Unreadable:
        return ""
    return raw.decode(errors="ignore").strip()


def _entries(*folders: Path) -> dict[str, bool]:
    """What lies in the last of these, each of which must be a folder and no link.

    By name: whether it is an ordinary file.
    """
    for folder in folders:
        try:
            mode = folder.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise Unreadable(f"{shown(folder.name)} is a link to another folder")
            if not stat.S_ISDIR(mode):
                raise Unreadable(f"{shown(folder.name)} is not a folder")
            if folder is folders[-1]:
                with os.scandir(folder) as entries:
                    found = {entry.name: entry.is_file(follow_symlinks=False)
                             for entry in islice(entries, MOST_NAMES)}
        except OSError as error:
            raise Unreadable(f"{shown(folder.name)} cannot be read: {error.strerror}") from None
    return dict(sorted(found.items()))


def like_a_notebook(name: str) -> bool:
    """Browsers and people add to a notebook's name, or change its case."""
    return ".ipynb" in name.lower() and not name.startswith(".")
