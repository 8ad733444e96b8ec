"""A Dask cluster that grades a class: `autograder grade se --scheduler tls://HOST:8786`.

Chunks of submissions and the exercise's tests travel to the cluster's workers, results travel back.
Each worker process keeps zygotes of its own (autograder.crew.Team); students' processes start in
network namespaces of their own there as well, and reach neither scheduler nor workers.
"""

import functools
import os
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.crew import Job, Team
from autograder.limits import Limits
from autograder.outcome import Result
from autograder.record import RunRecord, code_print
from autograder.source import Plan
from autograder.worker import CannotGrade, Nursery

CHUNK = 8  # submissions: a smaller message costs as much as the grading of one
RETRIES = 3  # of a chunk whose worker was lost
WAIT_SECONDS = 600.0  # for a worker; a batch system may take minutes to start one
IDLE_SECONDS = 600.0  # after which a run that said no goodbye is forgotten
EXTRA = "make setup, or pip install -e '.[cluster]' in the repository"


class NoCluster(CannotGrade):
    """The cluster cannot be used; the words say why."""


@dataclass(frozen=True)
class Scheduler:
    """Where a cluster is. Without certificates here, Dask's own configuration names them."""

    address: str
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    wait_seconds: float = WAIT_SECONDS

    def engine(self, root: Path, plan: Plan, limits: Limits, record: RunRecord) -> "Cluster":
        """Connects. Raises NoCluster."""
        order = {"run": record.id, "root": str(root), "plan": plan.to_dict(), "code": record.code,
                 "limits": limits.to_dict(), "seed": record.seed,
                 "unsafe": record.settings["unsafe"]}
        return Cluster(self, order)

    def connect(self) -> object:
        """A dask.distributed.Client. Raises NoCluster."""
        try:
            from distributed import Client
        except ImportError:
            raise NoCluster(f"--scheduler needs Dask, which is not installed: {EXTRA}") from None
        try:
            return Client(self.address, security=self._security(), timeout=20,
                          set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise NoCluster(f"no Dask scheduler answers at {self.address}: {error}. Check the "
                            f"address, and for tls:// the three --tls files") from None

    def _security(self) -> object:
        from distributed.security import Security

        files = {name: getattr(self, name) for name in ("tls_ca", "tls_cert", "tls_key")}
        missing = [str(path) for path in files.values() if path and not path.is_file()]
        if missing:
            raise NoCluster(f"there is no file {missing[0]}")
        if not any(files.values()):
            return Security()
        if not all(files.values()):
            raise NoCluster("--tls-ca, --tls-cert and --tls-key belong together; give all three")
        return Security(tls_ca_file=str(self.tls_ca), tls_client_cert=str(self.tls_cert),
                        tls_client_key=str(self.tls_key), require_encryption=True)

    @property
    def in_the_clear(self) -> bool:
        """Whether tests and marks cross a network that others can listen to."""
        host = self.address.rpartition("://")[2].rpartition(":")[0]
        return not self.address.startswith("tls://") and host not in ("127.0.0.1", "localhost")


class Cluster:
    """The engine of autograder.crew on a Dask cluster."""

    chunk = CHUNK

    def __init__(self, scheduler: Scheduler, order: dict):
        self.scheduler, self.run = scheduler, order["run"]
        self.client = scheduler.connect()
        from distributed import KilledWorker

        self.lost = (KilledWorker,)
        self.grade = functools.partial(grade_there, order)
        self.executor = self.client.get_executor(retries=RETRIES, pure=False)
        self.seen = time.monotonic()

    def threads(self) -> int:
        """How many chunks the cluster grades at the same time, as far as is known here."""
        return sum(self.client.nthreads().values())

    def window(self) -> int:
        return max(4, 2 * self.threads())

    def check(self) -> None:
        if self.client.status != "running":
            raise NoCluster(f"the Dask scheduler at {self.scheduler.address} is gone; what was "
                            f"graded is kept, run this again for the rest")
        if self.threads():
            self.seen = time.monotonic()
        elif time.monotonic() - self.seen > self.scheduler.wait_seconds:
            raise NoCluster(
                f"the Dask scheduler at {self.scheduler.address} has had no worker for "
                f"{self.scheduler.wait_seconds:.0f} s; what was graded is kept. Start workers and "
                f"run this again for the rest")

    def stop(self) -> None:
        self.executor.shutdown(wait=False)
        if self.client.status == "running":
            self.client.run(dismiss, self.run, on_error="ignore")
        self.client.close()


@dataclass
class Guest:
    """A run that is graded in this worker process."""

    team: Team
    seen: float = 0.0


_guests: dict[str, Guest] = {}
_lock = threading.Lock()


def grade_there(order: dict, jobs: list[Job]) -> list[Result]:
    """Grades a chunk in a worker process of the cluster. Raises CannotGrade."""
    return _team(order).grade(jobs)


def dismiss(run: str) -> None:
    """Ends the processes of a run in this worker process."""
    with _lock:
        guest = _guests.pop(run, None)
    if guest:
        guest.team.stop()


def _team(order: dict) -> Team:
    now = time.monotonic()
    for run in [run for run, guest in _guests.items() if now - guest.seen > IDLE_SECONDS]:
        dismiss(run)
    with _lock:
        if order["run"] not in _guests:
            _guests[order["run"]] = Guest(_new_team(order))
        guest = _guests[order["run"]]
        guest.seen = now
        return guest.team


def _new_team(order: dict) -> Team:
    """Raises CannotGrade where this machine would reach other verdicts."""
    plan, root = Plan.from_dict(order["plan"]), Path(order["root"])
    here = f"the Dask worker {os.getpid()} on {socket.gethostname()}"
    try:
        code = code_print(root, plan.key)
    except OSError as error:
        raise NoCluster(f"{here} cannot read the course at {root}: {error}") from None
    if code != order["code"]:
        raise NoCluster(f"{here} has another version of the course or of torch at {root} than "
                        f"this machine; install the same one on both")
    return Team(Nursery(root, plan, Limits(**order["limits"])), order["seed"], order["unsafe"])
