"""A copy of the repository to work in, and commands as a person in it would type them."""

import os
import shutil
import subprocess
from pathlib import Path

from tools import setup

ROOT = Path(__file__).resolve().parents[1]
GRADING = ("attnlab/", "autograder/", "solutions/", "exercises/", "nbgrader_config.py")


def copy_of_the_repository(folder: Path, only: tuple[str, ...] = ("",)) -> Path:
    """The files that git knows under these names, and the environment that is here already."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if name.startswith(only) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    link_environment(folder)
    return folder


def link_environment(folder: Path) -> None:
    """What `make setup` would make, without an hour of downloads."""
    vendor = "book/_static/vendor"
    if (ROOT / vendor).is_dir():  # a link would not count among the files of the book
        shutil.copytree(ROOT / vendor, folder / vendor, dirs_exist_ok=True)
    made = (".venv/bin", ".venv/lib", ".venv/pyvenv.cfg", ".cache")
    for path in filter(lambda path: (ROOT / path).exists(), made):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(ROOT / path)
    setup.write_stamp(folder / ".venv", setup.fingerprint())


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The variables of a shell in a copy: its code, the locked environment, no settings of ours."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "WHERE_TO_LOOK", "NBGRADER", "PYTEST"))}
    homes = {f"JUPYTER_{kind}_DIR": str(folder / ".jupyter" / kind.lower())
             for kind in ("CONFIG", "DATA", "RUNTIME")}
    path = f"{folder / '.venv' / 'bin'}{os.pathsep}{kept['PATH']}"
    return kept | homes | {"PATH": path, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(folder),
                           "ATTNLAB_PROFILE": "tiny"} | more


def shell(command: str, folder: Path, seconds: float = 600, **more: str) -> str:
    """What a command prints in a copy, both streams; it must end with 0."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment(folder, **more),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=seconds)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout[-4000:]}"
    return done.stdout
