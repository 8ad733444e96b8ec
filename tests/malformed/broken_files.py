"""What may lie at a notebook's path, or beside it, that is no ordinary notebook."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from broken import ALL, NONE, Broken, whole

WHOLE = whole()
LINK = "is a link to another folder"
ODD = "tiny.ipynb is not an ordinary file"


def outside(path: Path) -> Path:
    """A right notebook that lies out of the student's folder."""
    target = path.parents[3] / "outside" / path.name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(WHOLE)
    return target


def folder_link(path: Path) -> None:
    path.parent.rmdir()
    path.parent.symlink_to(outside(path).parent)


def student_link(path: Path) -> None:
    target = path.parents[3] / "elsewhere" / path.parent.name / path.name
    target.parent.mkdir(parents=True)
    target.write_bytes(WHOLE)
    path.parent.rmdir()
    path.parents[1].rmdir()
    path.parents[1].symlink_to(target.parents[1])


def file_for_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_bytes(WHOLE)


def loose_end(path: Path) -> None:
    path.parent.rmdir()
    path.parent.symlink_to("nowhere")


def listening(path: Path) -> None:
    """A socket; its address may be short only."""
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


def device(path: Path) -> None:
    """The device of endless zeros, or a link to it where only root may make one."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        path.symlink_to("/dev/zero")


def sparse(size: int) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.write_bytes(WHOLE)
        os.truncate(path, size)
    return put


def closed(mode: int, folder: bool = False) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.write_bytes(WHOLE)
        (path.parent if folder else path).chmod(mode)
    return put


def closed_student(path: Path) -> None:
    """The folder above, so that nobody sees what was handed in."""
    path.write_bytes(WHOLE)
    path.parents[1].chmod(0)


def called(*names: str) -> Callable[[Path], None]:
    """The right notebook under each of these names."""
    def put(path: Path) -> None:
        for name in names:
            (path.parent / name).parent.mkdir(exist_ok=True)
            (path.parent / name).write_bytes(WHOLE)
    return put


def beside(add: Callable[[Path], object]) -> Callable[[Path], None]:
    """The right notebook, and something else in its folder."""
    def put(path: Path) -> None:
        path.write_bytes(WHOLE)
        add(path.parent)
    return put


def stamped(content: bytes) -> Callable[[Path], None]:
    return beside(lambda folder: (folder / "timestamp.txt").write_bytes(content))


RECORDS = [
    Broken("100-MB", sparse(100_000_000), NONE, "tiny.ipynb is larger than 16 MiB"),
    Broken("one-byte-too-large", sparse(16 * 2**20 + 1), NONE, "tiny.ipynb is larger than 16 MiB"),
    Broken("folder-for-file", lambda path: path.mkdir(), NONE, ODD),
    Broken("fifo", lambda path: os.mkfifo(path), NONE, ODD),
    Broken("socket", listening, NONE, ODD),
    Broken("device", device, NONE, ODD),
    Broken("link-out", lambda path: path.symlink_to(outside(path)), NONE, ODD),
    Broken("link-to-the-gradebook", lambda path: path.symlink_to("../../../gradebook.db"), NONE,
           ODD),
    Broken("link-nowhere", lambda path: path.symlink_to("nowhere"), NONE, ODD),
    Broken("link-to-itself", lambda path: path.symlink_to(path.name), NONE, ODD),
    Broken("folder-link", folder_link, NONE, f"tiny {LINK}"),
    Broken("folder-link-nowhere", loose_end, NONE, f"tiny {LINK}", plain=False),
    Broken("student-link", student_link, NONE, f"student-link {LINK}"),
    Broken("file-for-folder", file_for_folder, NONE, "tiny is not a folder", plain=False),
    Broken("closed-file", closed(0), NONE, "tiny.ipynb cannot be read: Permission denied"),
    Broken("closed-folder", closed(0, folder=True), NONE, "tiny cannot be read: Permission denied"),
    Broken("closed-inside", closed(0o444, folder=True), NONE, "cannot be read: Permission denied"),
    Broken("closed-student", closed_student, NONE, "cannot be read: Permission denied"),
    Broken("nothing", lambda path: None, NONE, "there is no tiny.ipynb in the submission",
           plain=False),
    Broken("only-a-program", called("tiny.py"), NONE, "it holds “tiny.py”", plain=False),
    Broken("only-a-zip", called("tiny.zip"), NONE, "it holds “tiny.zip”", plain=False),
    Broken("one-folder-deeper", called("tiny/tiny.ipynb"), NONE, "it holds “tiny”", plain=False),
    Broken("other-name", called("my work.ipynb"), ALL, "“my work.ipynb” was graded in its place",
           plain=False),
    Broken("capitals", called("TINY.IPYNB"), ALL, "“TINY.IPYNB” was graded", plain=False),
    Broken("text-ending", called("tiny.ipynb.txt"), ALL, "“tiny.ipynb.txt” was graded",
           plain=False),
    Broken("browser-copy", called("tiny (1).ipynb"), ALL, "“tiny (1).ipynb” was graded",
           plain=False),
    Broken("line-in-the-name", called("ti\nny.ipynb"), ALL, "“ti\\nny.ipynb” was graded",
           plain=False),
    Broken("two-notebooks", called("tiny.ipynb", "tiny-old.ipynb"), ALL,
           "Besides tiny.ipynb there is “tiny-old.ipynb”"),
    Broken("two-other-notebooks", called("a.ipynb", "b.ipynb"), NONE,
           "there is no tiny.ipynb in the submission, but “a.ipynb”, “b.ipynb”", plain=False),
    Broken("many-notebooks", called("tiny.ipynb", *(f"{n}.ipynb" for n in range(50))), ALL,
           "“0.ipynb”, “1.ipynb”, “10.ipynb” and 47 more"),
    Broken("fifo-beside", beside(lambda folder: os.mkfifo(folder / "more")), ALL, plain=False),
    Broken("other-bytes-beside", beside(
        lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff.ipynb")).touch()), ALL,
           "there is “\\udcff.ipynb”", plain=False),
    Broken("stamp-odd", stamped(b"the day before yesterday"), ALL),
    Broken("stamp-binary", stamped(b"\xff\xfe\0"), ALL),
    Broken("stamp-far", stamped(b"9999-12-31 23:59:59 -1200"), ALL),
    Broken("stamp-100-MB", beside(lambda folder: sparse(10**8)(folder / "timestamp.txt")), ALL,
           plain=False),
    Broken("stamp-fifo", beside(lambda folder: os.mkfifo(folder / "timestamp.txt")), ALL,
           plain=False),
    Broken("stamp-endless", beside(lambda folder: (folder / "timestamp.txt").symlink_to(
        "/dev/zero")), ALL, plain=False),
]
