"""Wall seconds, processor seconds and peak memory of a command and everything below it."""

import os
import resource
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LOOK_SECONDS = 0.1


class Cost(NamedTuple):
    """What one run took; `output` is what it printed."""

    wall: float
    processor: float
    output: str


def run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Cost:
    """Runs a command to its end. Raises SystemExit with its words when it fails."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=os.environ | (environment or {})
    )
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}"
            f"{done.stderr[-4000:]}"
        )
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, used, done.stdout)


def peak_bytes(command: list[str], folder: Path) -> int:
    """The largest sum of PSS over all processes of a run; looking at it slows the run down."""
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        largest = [0]
        ended = threading.Event()
        looker = threading.Thread(target=_look, args=(process.pid, largest, ended))
        looker.start()
        process.wait()
        ended.set()
        looker.join()
    return largest[0]


def _look(root: int, largest: list[int], ended: threading.Event) -> None:
    while not ended.wait(LOOK_SECONDS):
        largest[0] = max(largest[0], sum(map(pss, tree(root))))


def tree(root: int) -> list[int]:
    """A process and its descendants."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            after_name = (folder / "stat").read_text().rpartition(")")[2]
            parents[int(folder.name)] = int(after_name.split()[1])
    found = [root]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


def pss(process: int) -> int:
    """A process's proportional share of memory in bytes; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
