"""Make .venv with the locked versions and this project in it. Standard library only.

`python3 tools/setup.py` is what `make demo` and `make test` run first. A stamp in .venv holds the
hash of requirements.lock and pyproject.toml, so the next run returns at once. A set-up that was cut
short is started over. Where packages come from is pip's affair: its environment variables and
pip.conf are honoured.
"""
# An old Python must be able to read this file, to be told that it is too old: no newer syntax.

import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)
GIB = 2**30
NEEDED_GIB = 3  # measured: 1.6 GiB installed and 0.4 GiB of downloads with torch's CPU build
NEEDED_CUDA_GIB = 9  # where pip picks torch's CUDA build, as it does for Linux by default


class SetupError(Exception):
    """Something outside the project stands in the way; the message says what, and what to do."""


def check_python(version: tuple, system: str) -> None:
    """Refuse an unknown system and a Python older than OLDEST, naming both."""
    if system not in ("Linux", "Darwin", "Windows"):
        raise SetupError(f"this is {system}; the course runs on Linux, macOS and Windows")
    if tuple(version[:2]) >= OLDEST:
        return
    found, oldest = ".".join(map(str, version[:3])), ".".join(map(str, OLDEST))
    names = [f"python3.{minor}" for minor in (13, 12, 11) if shutil.which(f"python3.{minor}")]
    how = f"run `make PYTHON={names[0]} ...`" if names else f"install Python {oldest} or newer"
    raise SetupError(
        f"Python {oldest} or newer is needed, this is {found} ({sys.executable}); {how}"
    )


def check_modules() -> None:
    """Refuse a Python that cannot make virtual environments (Debian ships those parts apart)."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(
            f"this Python ({sys.executable}) lacks {' and '.join(missing)}; "
            "on Debian and Ubuntu: apt install python3-venv"
        )


def check_disk(free: int) -> None:
    """Refuse to start on a disk that cannot hold the packages; `free` in bytes."""
    if free < NEEDED_GIB * GIB:
        raise SetupError(
            f"{free / GIB:.1f} GiB free at {ROOT}, {NEEDED_GIB} GiB are needed "
            f"({NEEDED_CUDA_GIB} GiB where pip picks torch's CUDA build); free some space"
        )


def fingerprint() -> str:
    """Hash of everything the environment is made from."""
    digest = hashlib.sha256()
    for file in (LOCK, ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def python_of(venv: Path) -> Path:
    """The environment's interpreter on this system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def read_stamp(venv: Path) -> dict:
    """What the last set-up wrote: its state and its place; empty where there is no stamp.

    The state is a fingerprint, or "installing" after an interruption. The place is kept because
    the environment's scripts hold absolute paths.
    """
    with contextlib.suppress(OSError, ValueError):
        return json.loads((venv / "set-up.json").read_text("utf-8"))
    return {}


def write_stamp(venv: Path, state: str) -> None:
    stamp = {"state": state, "place": str(venv)}
    (venv / "set-up.json").write_text(json.dumps(stamp), "utf-8")


def is_ready(venv: Path) -> bool:
    """Whether the environment stands where it was made and holds what the lock says."""
    stamp = {"state": fingerprint(), "place": str(venv)}
    return python_of(venv).exists() and read_stamp(venv) == stamp


def can_be_kept(venv: Path) -> bool:
    """Whether pip can work in this environment: whole, not moved, not of an old Python."""
    stamp = read_stamp(venv)
    if stamp.get("state") == "installing" or stamp.get("place", str(venv)) != str(venv):
        return False
    code = f"import pip, sys; assert sys.version_info >= {OLDEST}"
    probe = [str(python_of(venv)), "-c", code]
    return python_of(venv).exists() and subprocess.call(probe, stderr=subprocess.DEVNULL) == 0


@contextlib.contextmanager
def only_one(lock_file: Path):
    """Hold the set-up lock: of two runs at once, the second waits for the first."""
    lock_file.parent.mkdir(exist_ok=True)
    with lock_file.open("w") as file:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            # pip inherits it: when only this process is killed, the next run waits for pip's end.
            os.set_inheritable(file.fileno(), True)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("another set-up is at work here; waiting for it", flush=True)
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_venv(venv: Path) -> None:
    """A fresh environment where there is none that works, or where one was cut short."""
    if can_be_kept(venv):
        return
    print(f"making {venv.name} with Python {platform.python_version()}", flush=True)
    base = getattr(sys, "_base_executable", sys.executable)  # not the .venv that is cleared
    made = subprocess.run(
        [base, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True
    )
    if made.returncode:
        raise SetupError(f"python -m venv failed:\n{explain(made.stdout + made.stderr)}")


def explain(log: str) -> str:
    """pip's (or venv's) output in one sentence: which package, why, and what to do."""
    missing = re.search(r"No matching distribution found for (\S+)", log)
    package = missing[1] if missing else "the packages"
    if re.search(r"No space left on device|Errno 28|not enough space|disk quota", log, re.I):
        return (
            f"the disk is full. {NEEDED_GIB} GiB are needed at {ROOT} ({NEEDED_CUDA_GIB} GiB with "
            "torch's CUDA build), and room in pip's cache and the temporary folder (TMPDIR)"
        )
    if re.search(r"connection broken|Could not fetch URL|refused|timed? ?out", log, re.I):
        return (
            f"no package index answered when pip looked for {package}. Connect to the network, or "
            "name an index that you can reach (pip config, PIP_INDEX_URL, HTTPS_PROXY)"
        )
    if missing:
        return (
            f"the package index has no {package} for Python {platform.python_version()} on "
            f"{platform.system()} {platform.machine()}, or did not answer. Look at `pip config "
            "list`: an index of your own may lack it; or use a Python between 3.11 and 3.13"
        )
    return "pip's last words:\n" + "\n".join(log.strip().splitlines()[-12:])


def show(line: str) -> None:
    """Print the lines of pip's that tell how far it is: the large downloads, and the unpacking."""
    if re.match(r" *(Downloading|Using cached) (torch|nvidia)", line):
        print("  " + line.strip(), flush=True)
    elif line.startswith("Installing collected packages"):
        print(f"  unpacking {line.count(',') + 1}", flush=True)


def pip_install(venv: Path, *arguments: str) -> None:
    """Run pip and keep its whole output beside the environment; SetupError when it fails."""
    command = [str(python_of(venv)), "-m", "pip", "install", "--progress-bar", "off", *arguments]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    lines = []
    with subprocess.Popen(command, errors="replace", close_fds=False, **output) as process:
        for line in process.stdout:
            lines.append(line)
            show(line)
    log = "".join(lines)
    (venv / "set-up.log").write_text(log, "utf-8")
    if process.returncode:
        if "Installing collected packages" not in log:
            write_stamp(venv, "")  # pip gave up before it changed anything: nothing to mend
        raise SetupError(f"{explain(log)}\n  (pip's whole output: {venv / 'set-up.log'})")


def set_up() -> None:
    """Bring .venv up to the lock, or raise SetupError."""
    check_python(sys.version_info, platform.system())
    if is_ready(VENV):
        return
    check_modules()
    with only_one(ROOT / ".cache/setup.lock"):
        if is_ready(VENV):
            return
        if not VENV.exists():
            check_disk(shutil.disk_usage(ROOT).free)
        make_venv(VENV)
        write_stamp(VENV, "installing")
        pins = sum("==" in line for line in LOCK.read_text("utf-8").splitlines())
        print(f"installing {pins} locked packages; the first time takes minutes", flush=True)
        pip_install(VENV, "-r", str(LOCK))
        # The build backend is in the lock, so the project needs nothing further from an index.
        pip_install(VENV, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))
        write_stamp(VENV, fingerprint())
        print(f"set up: {VENV}", flush=True)


def main() -> None:
    """Set up, or say in plain words why not."""
    try:
        set_up()
    except SetupError as error:
        sys.exit(f"set-up: {error}")
    except OSError as error:
        full = error.errno == errno.ENOSPC
        sys.exit(f"set-up: {explain(str(error)) if full else error}")
    except KeyboardInterrupt:
        sys.exit("set-up: interrupted; the next run starts it over")


if __name__ == "__main__":
    main()
