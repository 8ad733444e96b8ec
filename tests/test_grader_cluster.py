"""A class on a real Dask scheduler with two worker processes, over TLS; one of them is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from grader_world import KEY, RIGHT, handed_in, make_course

from autograder.cluster import NoCluster, Scheduler
from autograder.grade import Run

pytest.importorskip("distributed", reason="not run: Dask is not installed (the extra `cluster`)")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux"),
]

CLASS = 40
WRONG = handed_in(RIGHT | {"tiny-mean": "def mean(x): return x.sum((2, 3))"})


class Cluster(NamedTuple):
    """A scheduler and its two workers, as processes; `scheduler` is how the grader reaches them."""

    scheduler: Scheduler
    workers: list[subprocess.Popen]
    certificate: Path

    def ports(self) -> list[int]:
        """Those of the scheduler and of both workers."""
        client = self.scheduler.connect()
        try:
            addresses = [self.scheduler.address, *client.scheduler_info()["workers"]]
        finally:
            client.close()
        return [int(address.rpartition(":")[2]) for address in addresses]


def certificate(folder: Path) -> Path:
    """A certificate that is its own authority, with its key in the same file."""
    path = folder / "cluster.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-keyout", str(path.with_suffix(".key")), "-out", str(path)],
        check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".key").read_text())
    return path


def address_of(file: Path, process: subprocess.Popen) -> str:
    """What a starting scheduler writes about itself."""
    deadline = time.monotonic() + 60
    while not (file.is_file() and file.read_text().endswith("}")):
        assert process.poll() is None, "the scheduler did not start"
        assert time.monotonic() < deadline, "the scheduler did not start within a minute"
        time.sleep(0.05)
    return json.loads(file.read_text())["address"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    pem = certificate(folder)
    tls = [f"--tls-{name}={pem}" for name in ("ca-file", "cert", "key")]
    file = folder / "scheduler.json"

    def dask(name: str, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", *tls, *options]
        log = started.enter_context((folder / f"{name}.log").open("a"))
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        started.callback(process.wait)
        started.callback(process.terminate)
        return process

    with ExitStack() as started:
        scheduler = dask("scheduler", "--host=127.0.0.1", "--port=0", "--protocol=tls",
                         f"--scheduler-file={file}", "--no-dashboard")
        address = address_of(file, scheduler)
        workers = [dask("worker", address, "--host=127.0.0.1", "--nthreads=1", "--no-nanny",
                        "--no-dashboard", "--death-timeout=60") for _ in range(2)]
        yield Cluster(Scheduler(address, pem, pem, pem, wait_seconds=60), workers, pem)


def below(process: int) -> list[int]:
    """Every descendant of a process."""
    children = [int(child) for task in Path(f"/proc/{process}/task").glob("*/children")
                for child in task.read_text().split()]
    return [*children, *(each for child in children for each in below(child))]


def gone(process: int) -> bool:
    """Whether a process has ended."""
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return True


def wait_for(condition, seconds: float, words: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, words
        time.sleep(0.02)


@pytest.fixture
def course(tmp_path):
    right = handed_in(RIGHT)
    students = {f"student-{number:02}": WRONG if number % 4 == 0 else right
                for number in range(CLASS)}
    return make_course(tmp_path, students)


CURIOUS = """def mean(x):
    import socket
    for port in PORTS:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            pass
    return x.mean(dim=(2, 3))"""


def test_a_student_reaches_neither_scheduler_nor_workers(cluster, tmp_path):
    wait_for(lambda: len(cluster.ports()) == 3, 60, "two workers did not start")
    ports = cluster.ports()
    for port in ports:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    curious = handed_in(RIGHT | {"tiny-mean": CURIOUS.replace("PORTS", str(ports))})
    course = make_course(tmp_path, {"anna": curious})
    (result,) = Run(course, KEY, scheduler=cluster.scheduler).grade().results
    mean = next(task for task in result.tasks if task.name == "tiny-mean-test")
    assert mean.reason == "not allowed", mean
    assert not result.isolation["namespaces"].startswith("no:"), result.isolation


def test_a_worker_is_killed_and_nobody_is_lost_or_graded_twice(cluster, course):
    run = Run(course, KEY, scheduler=cluster.scheduler)
    victim, killed = cluster.workers[0], []

    def kill_in_the_middle(done: int, total: int) -> None:
        if done and not killed:
            killed.extend(below(victim.pid))
            victim.send_signal(signal.SIGKILL)

    run.progress = kill_in_the_middle
    report = run.grade()
    assert killed, "the worker that was killed had no processes of its own: it graded nothing"
    marks = {result.student: result.points for result in report.results}
    assert marks == {f"student-{n:02}": 2.0 if n % 4 == 0 else 4.5 for n in range(CLASS)}
    lines = course.journal(KEY).read_text().splitlines()
    names = [json.loads(line)["result"]["student"] for line in lines if '"result"' in line[:12]]
    assert sorted(names) == sorted(marks), "somebody was written twice, or not at all"
    wait_for(lambda: all(map(gone, killed)), 20, "zygotes outlived the worker that they served")
    wait_for(lambda: not below(cluster.workers[1].pid), 20, "zygotes outlived the run")


def test_marks_and_verdicts_are_those_of_this_machine(cluster, tmp_path):
    students = {"anna": handed_in(RIGHT), "ben": WRONG, "dino": "{not JSON"}
    there, here = (make_course(tmp_path / name, students) for name in ("there", "here"))
    verdicts = [
        [(task.name, task.outcome, task.points, task.message)
         for result in run.grade().results for task in result.tasks]
        for run in (Run(there, KEY, scheduler=cluster.scheduler), Run(here, KEY))]
    assert verdicts[0] == verdicts[1]


def test_a_worker_with_another_version_of_the_course_is_refused(cluster, tmp_path, monkeypatch):
    course = make_course(tmp_path, {"anna": handed_in(RIGHT)})
    monkeypatch.setattr("autograder.record.code_print", lambda root, key: "another")
    with pytest.raises(NoCluster, match="has another version of the course or of torch"):
        Run(course, KEY, scheduler=cluster.scheduler).grade()


def test_words_for_a_cluster_that_cannot_be_used(cluster, tmp_path, monkeypatch):
    course = make_course(tmp_path, {"anna": handed_in(RIGHT)})
    pem, address = cluster.certificate, cluster.scheduler.address
    with pytest.raises(NoCluster, match=r"no Dask scheduler answers at tls://127\.0\.0\.1:1"):
        Run(course, KEY, scheduler=Scheduler("tls://127.0.0.1:1", pem, pem, pem)).grade()
    with pytest.raises(NoCluster, match=r"there is no file .*none\.pem"):
        Scheduler(address, tmp_path / "none.pem", pem, pem).connect()
    with pytest.raises(NoCluster, match="belong together; give all three"):
        Scheduler(address, pem).connect()
    with pytest.raises(NoCluster, match="no Dask scheduler answers"):
        Scheduler(address.replace("tls", "tcp")).connect()
    assert Scheduler("tcp://10.0.0.7:8786").in_the_clear
    assert not Scheduler("tcp://127.0.0.1:8786").in_the_clear
    assert not cluster.scheduler.in_the_clear
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoCluster, match="Dask, which is not installed: pip install"):
        cluster.scheduler.connect()


def test_without_workers_the_run_ends_and_says_so(cluster, tmp_path):
    os.kill(cluster.workers[1].pid, signal.SIGTERM)
    cluster.workers[1].wait(30)
    course = make_course(tmp_path, {"anna": handed_in(RIGHT)})
    address, *tls, _ = vars(cluster.scheduler).values()
    with pytest.raises(NoCluster, match="has had no worker for 1 s; what was graded is kept"):
        Run(course, KEY, scheduler=Scheduler(address, *tls, wait_seconds=1)).grade()
