"""nbgrader's exchange without its trust: the folder that it collects is the student's own.

A student's submit lays a folder into the exchange, and the student can change it until it is
collected. nbgrader copies it with the instructor's rights and follows links, so that a link named
`se.ipynb` to the solved notebook would be handed in as an answer. `nbgrader_config.py` names these
classes in the place of nbgrader's; formgrader's buttons use them too.
"""

import glob
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.utils import parse_utc

from autograder.files import SLIPS, like_a_notebook, shown, stamp
from autograder.limits import Limits

LATER = 300  # seconds between the time that a submission claims and its last change on the disk
MOST_FILES = 20  # that are taken from a submission


class Collect(ExchangeCollect):
    """Collects notebooks and nbgrader's slips: ordinary files of the owner of their folder."""

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        """Copies a submission; says what it leaves behind, and where a time looks wrong."""
        try:
            folder = os.open(src, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            self.log.warning("%s is left behind: %s", src, error.strerror)
            return
        try:
            names = sorted(os.listdir(folder))
            wanted = [name for name in names if like_a_notebook(name) or name in SLIPS]
            os.makedirs(dest)
            for name in wanted[:MOST_FILES]:
                if why := _take(folder, name, Path(dest, name)):
                    self.log.warning("%s in %s is left behind: %s", shown(name), src, why)
            self._compare_times(os.fstat(folder).st_ctime, src, stamp(Path(dest)))
        finally:
            os.close(folder)

    def _compare_times(self, changed: float, src: str, claimed: str) -> None:
        """A student can write any time into timestamp.txt, and none into the file system's."""
        try:
            seconds = parse_utc(claimed).replace(tzinfo=UTC).timestamp()
        except (ValueError, OverflowError):
            seconds = 0.0
        if changed - seconds > LATER:
            self.log.warning("%s claims the time %r and was changed at %s; look where due dates "
                             "count", src, claimed, datetime.fromtimestamp(changed, UTC))


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Releases each page that has a way back; nbgrader's own stops at the first without one."""

    def copy_files(self) -> None:
        folders = map(Path, glob.glob(self.src_path))
        lost = [folder.parent.name for folder in folders
                if not all((folder / name).is_file() for name in SLIPS)]
        for student in lost:
            self.log.warning("the page of %s is not released: it needs %s, which nbgrader's "
                             "submit writes; hand it back by hand", student, " and ".join(SLIPS))
        given = self.coursedir.student_id_exclude
        self.coursedir.student_id_exclude = ",".join(filter(None, [given, *lost]))
        try:
            super().copy_files()
        finally:
            self.coursedir.student_id_exclude = given


def _take(folder: int, name: str, dest: Path) -> str:
    """Copies one file out of an open folder, or says why not."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return "a link, or a file that cannot be opened"
    with open(file, "rb") as source:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            return "no ordinary file"
        if about.st_uid != os.fstat(folder).st_uid:
            return "it belongs to somebody else"
        # One byte more than is graded: the grader then tells the student that it is too large.
        dest.write_bytes(source.read(Limits().submission_file + 1))
    return ""
