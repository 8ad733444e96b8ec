"""Locks a process in for good, before the first byte of a student's code reaches it.

What is really active is reported feature by feature. The least to grade untrusted code with:
Landlock, seccomp and rlimits. Below that `lock_in` raises unless it is told `unsafe`.
"""

import os
import resource
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder import landlock, namespaces, seccomp
from autograder.limits import Limits
from autograder.profile import CPU, Profile

NEEDED = ("landlock", "seccomp", "rlimits")
DEVICES = (Path("/dev/null"), Path("/dev/zero"))
SYSTEM_LIBRARIES = tuple(map(Path, (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime",
    "/usr/share/zoneinfo", "/dev/urandom", "/proc/cpuinfo")))


class TooOpen(OSError):
    """This machine cannot lock a student in well enough."""


def readable_paths() -> list[Path]:
    """What a student may read: Python, its packages, attnlab and the system's libraries."""
    import attnlab

    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {f"{sys.base_prefix}/lib"}
    # attnlab/known holds finished blocks, for students who are stuck and not for what they hand in.
    library = [path for path in Path(attnlab.__file__).parent.iterdir() if path.name != "known"]
    return [*SYSTEM_LIBRARIES, *map(Path, sorted(folders)), *library]


def close_descriptors(keep: int) -> None:
    """Closes everything inherited but `keep`; the standard streams lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.closerange(3, keep)
    os.closerange(keep + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def set_environment(folder: Path, kept: tuple[str, ...] = ()) -> None:
    """Empties the environment but for `kept` and what libraries need to stay inside `folder`."""
    named = {name: os.environ[name] for name in kept if name in os.environ}
    os.environ.clear()
    os.environ.update(
        named,
        HOME=str(folder), TMPDIR=str(folder), MPLCONFIGDIR=str(folder), MPLBACKEND="Agg",
        LANG="C.UTF-8", OMP_NUM_THREADS="1")
    tempfile.tempdir = str(folder)  # the module remembers what it found before
    os.chdir(folder)


def set_rlimits(limits: Limits) -> str:
    """Hard limits; the data limit counts from what this process already has."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits.processor_seconds,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_DATA: _bytes("VmData") + limits.memory,
    }
    if limits.address_space:
        wanted[resource.RLIMIT_AS] = _bytes("VmSize") + limits.address_space
    for name, value in wanted.items():
        resource.setrlimit(name, (value, value))
    return (f"processor {limits.processor_seconds} s, memory +{limits.memory // 2**20} MiB, "
            f"files {limits.file_size // 2**20} MiB, {limits.open_files} open")


def _bytes(field: str) -> int:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def lock_in(folder: Path, keep: int, limits: Limits, unsafe: bool = False,
            profile: Profile = CPU) -> dict[str, str]:
    """Shuts everything but reading libraries, writing in `folder` and the descriptor `keep`.

    profile: what is left open beyond that, such as a GPU's device files. Returns feature -> what
    is active ("no: ..." where it is not). Raises TooOpen when one of NEEDED is missing and
    `unsafe` is not set.
    """
    close_descriptors(keep)
    read, devices = [*readable_paths(), *profile.readable()], [*DEVICES, *profile.device_files()]
    set_environment(folder, profile.environment)
    steps: dict[str, Callable[[], str]] = {
        "no_new_privs": seccomp.forbid_new_privileges,
        "rlimits": lambda: set_rlimits(limits),
        "capabilities": namespaces.drop_capabilities,
        "landlock": lambda: landlock.restrict(read, [folder], devices),
        "seccomp": _filter,
    }
    active = {"unsafe": "yes: graded although walls are missing"} if unsafe else {}
    for name, step in steps.items():
        active[name] = _attempt(step)
    missing = [name for name in NEEDED if active[name].startswith("no:")]
    if missing and not unsafe:
        reasons = "; ".join(f"{name} ({active[name]})" for name in missing)
        raise TooOpen(f"cannot lock a student in here: {reasons}. See `autograder doctor`")
    return active


def _attempt(step: Callable[[], str]) -> str:
    try:
        return step()
    except OSError as error:
        return f"no: {error}"


def _filter() -> str:
    lines = seccomp.program(os.getpid())
    seccomp.install(lines)
    return f"{len(lines)} rules: no sockets, programs, processes, foreign signals"
