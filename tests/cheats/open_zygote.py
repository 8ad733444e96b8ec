"""The students' nursery with holes: a request names the walls that are not put up. Tests only.

Nothing of this is in the grader: its walls have no switch. Here functions of it are replaced, in
the keeper's process, which serves one student.
"""

import dataclasses
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(tempfile.gettempdir()) / "cheat-shared-folder"
sys.path.insert(0, str(ROOT))

import solutions.se  # noqa: E402, F401 (the hole "clean heap")
from autograder import keeper, landlock, namespaces, sandbox, zygote  # noqa: E402

OFF = "no: taken away by a test"


class NoGroup:
    words = OFF

    def join(self) -> None:
        return


class Holed(keeper.Keeper):
    """A keeper that leaves out what the request names under `without`."""

    def __init__(self, control, group, limits, request, profile):
        super().__init__(control, group, limits, request, profile)
        for wall in request.get("without", ()):
            getattr(self, wall.replace(" ", "_"))()

    def landlock(self):
        landlock.restrict = lambda *paths: OFF

    def seccomp(self):
        sandbox._filter = lambda: OFF

    def namespaces(self):
        namespaces.unshare_all = lambda: OFF

    def rlimits(self):
        sandbox.set_rlimits = lambda limits: OFF

    def memory_group(self):
        self.group = NoGroup()

    def threads(self):
        self.limits = dataclasses.replace(self.limits, threads=10**6)

    def descriptors(self):
        sandbox.close_descriptors = lambda keep: None

    def environment(self):
        sandbox.set_environment = lambda folder, kept=(): None

    def own_folder(self):
        SHARED.mkdir(exist_ok=True)
        self.folder.rmdir()
        self.folder = SHARED
        keeper.shutil.rmtree = lambda folder, ignore_errors: None
        namespaces.mount_temp = lambda folder, size: OFF


if __name__ == "__main__":
    zygote.PRIVATE = ()
    zygote.Keeper = Holed
    zygote.main()
