"""Every wall round a student process, against a live target; a control shows it would succeed."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from socket import create_server

import pytest
from grader_world import live_session

from attnlab.check.outcomes import CouldNotRun
from autograder.limits import MIB, Limits
from autograder.session import Cell

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

ROOT = Path(__file__).resolve().parents[1]
SHUT = {errno.EPERM, errno.EACCES}
CALL = """
import ctypes, os
def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "system call")
"""


@pytest.fixture(scope="module")
def session():
    limits = Limits(step_seconds=20, cell_seconds=20, memory=512 * MIB)
    with live_session(limits) as session:
        yield session


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    """Things outside: a file, a process, a listener. Their places go into the attacks."""
    folder = tmp_path_factory.mktemp("outside")
    for name in ("gradebook.db", "old-free", "old-locked"):
        (folder / name).write_text("marks")
    sleeper = subprocess.Popen(["sleep", "600"])
    listener = create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: [listener.accept() for _ in range(10)], daemon=True).start()
    yield {"FOLDER": str(folder), "PID": sleeper.pid, "PORT": listener.getsockname()[1],
           "ROOT": str(ROOT), "PARENT": os.getpid()}
    sleeper.kill()
    sleeper.wait()
    listener.close()


FILES = {
    "read the solution": "open('{ROOT}/solutions/se.py').read()",
    "read the known answers": "open('{ROOT}/attnlab/known/se.npz', 'rb').read()",
    "borrow the finished block": "__import__('attnlab.check').check.provided('se.SEBlock')",
    "list the solutions": "os.listdir('{ROOT}/solutions')",
    "read the gradebook": "open('{FOLDER}/gradebook.db').read()",
    "write the gradebook": "open('{FOLDER}/gradebook.db', 'a').write('1')",
    "make a file outside": "open('{FOLDER}/new-{WHO}', 'w')",
    "link a file in": "os.link('{FOLDER}/gradebook.db', '{FOLDER}/link-{WHO}')",
    "remove a file": "os.remove('{FOLDER}/old-{WHO}')",
    "change a mode": "os.chmod('{FOLDER}/gradebook.db', 0o644)",
    "change a time": "os.utime('{FOLDER}/gradebook.db')",
    "change an owner": "os.chown('{FOLDER}/gradebook.db', os.getuid(), os.getgid())",
    "empty a file": "os.truncate('{FOLDER}/gradebook.db', 5)",
    "empty a file while reading": "os.open('/dev/null', os.O_RDONLY | os.O_TRUNC)",
    "read the parent's environment": "open('/proc/{PARENT}/environ').read()",
    "read its own environment": "open('/proc/self/environ').read()",
    "read the parent's memory": "open('/proc/{PARENT}/mem', 'rb').close()",
    "read passwd": "open('/etc/passwd').read()",
}
NETWORK = {
    "connect": "__import__('socket').create_connection(('127.0.0.1', {PORT}), 2)",
    "make a socket": "__import__('socket').socket()",
    "listen": "__import__('socket').create_server(('127.0.0.1', 0))",
    "unix socket": "__import__('socket').socketpair()",
    "datagram": "__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', {PORT}))",
}
PROCESSES = {
    "signal another": "os.kill({PID}, 18)",
    "probe for another": "os.kill({PID}, 0)",
    "signal all": "os.kill(0, 0)",
    "open another": "os.pidfd_open({PID})",
    "limit another": "__import__('resource').prlimit({PID}, 4, (0, 0))",
    "slow another down": "os.setpriority(0, {PID}, 5)",
    "be traced": "ctypes.CDLL(None, use_errno=True); call(TRACE, 0, 0, 0, 0)",
    "fork": "os.fork() or os._exit(0)",
    "run a program": "__import__('subprocess').run(['/bin/true'], check=True)",
    "become a program": "os.execv('/bin/true', ['true'])",
    "aim a signal by a descriptor": "__import__('fcntl').fcntl(os.pipe()[0], 8, os.getpid())",
}
KERNEL = {
    "io_uring": "call(425, 4, ctypes.create_string_buffer(120))",
    "user namespace": "os.unshare(0x10000000) if hasattr(os, 'unshare') else call(UNSHARE, 1<<28)",
    "file in memory": "os.memfd_create('x')",
    "shared memory": "__import__('mmap').mmap(-1, 4096)",
    "system V memory": "call(SHMGET, 0, 4096, 0o1600)",
}
ATTACKS = FILES | NETWORK | PROCESSES | KERNEL
NUMBERS = {"x86_64": (101, 272, 29), "aarch64": (117, 97, 194)}[os.uname().machine]


def attack(name: str, targets: dict, who: str) -> str:
    """Python that makes the attempt and puts the number of the error into `came`."""
    numbers = dict(zip(("TRACE", "UNSHARE", "SHMGET"), NUMBERS, strict=True))
    assignments = "\n".join(f"{key} = {value}" for key, value in numbers.items())
    line = ATTACKS[name].format(**targets, WHO=who)
    return (f"{CALL}\n{assignments}\ntry:\n    {line}\n    came = 0\n"
            f"except OSError as error:\n    came = error.errno\n")


@pytest.mark.parametrize("name", ATTACKS)
def test_a_wall_stands_where_there_was_a_way(name, session, targets):
    text = attack(name, targets, "free") + "raise SystemExit(came)"
    free = subprocess.run([sys.executable, "-c", text], capture_output=True, timeout=30)
    if free.returncode != 0:
        pytest.skip(f"not run: this machine itself refuses to {name}")
    session.run_cell(Cell(name, attack(name, targets, "locked")))
    assert session.step({"do": "get", "name": "came"}, "came") in SHUT


def test_what_a_student_needs_still_works(session):
    session.run_cell(Cell("needs", """
import os, tempfile, threading, torch
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, 'x'), 'w') as file:
        file.write('mine')
    came = open(os.path.join(folder, 'x')).read()
thread = threading.Thread(target=lambda: globals().update(ran=True))
thread.start()
thread.join()
grad = torch.autograd.functional.jacobian(lambda x: x.sin().sum(), torch.zeros(2)).tolist()
"""))
    values = [session.step({"do": "get", "name": name}, name) for name in ("came", "ran", "grad")]
    assert values == ["mine", True, [1.0, 1.0]]


def test_nothing_is_inherited(session):
    session.done.clear()  # nothing is to be run again
    session.renew()
    session.run_cell(Cell("inherited", """
import os, sys
def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
descriptors = [n for n in range(3, 1024) if is_open(n)]
environment = sorted(os.environ)
modules = [name for name in sys.modules if name.partition('.')[0] in ('solutions', 'nbgrader')
           or name in ('autograder.verdict', 'autograder.session')]
where = os.getcwd() == os.environ['HOME'] == os.environ['TMPDIR']
"""))
    names = ("descriptors", "environment", "modules", "where")
    descriptors, environment, modules, where = (
        session.step({"do": "get", "name": name}, name) for name in names)
    assert len(descriptors) == 1, "only the wire"
    assert environment == sorted(["HOME", "TMPDIR", "MPLCONFIGDIR", "MPLBACKEND", "LANG",
                                  "OMP_NUM_THREADS"])
    assert modules == []
    assert where


def test_the_solutions_cannot_be_imported(session):
    session.run_cell(Cell("import", f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
try:
    import solutions.se
    came = 'imported'
except (ImportError, OSError):
    came = 'shut'
"""))
    assert session.step({"do": "get", "name": "came"}, "came") == "shut"


def test_memory_and_files_are_limited(session):
    session.run_cell(Cell("hungry", """
import torch
def eat():
    return float(torch.zeros(2**28).sum())
def write(count, size):
    for number in range(count):
        with open(f'f{number}', 'wb') as file:
            file.write(b'x' * size)
"""))
    eat, write = (session.step({"do": "get", "name": name}, name) for name in ("eat", "write"))

    def ask(target, *args):
        return session.step({"do": "call", "target": target, "args": args, "kwargs": {}}, "it")

    with pytest.raises(CouldNotRun, match="ran out of memory"):
        ask(eat)
    with pytest.raises(Exception, match="File too large"):
        ask(write, 1, 17 * MIB)
    if session.isolation["temp folder"].endswith("in memory"):
        with pytest.raises(Exception, match="No space left"):
            ask(write, 9, 8 * MIB)


DEATHS = {
    "import os; os._exit(0)": "exit code 0",
    "import ctypes; ctypes.string_at(0)": "signal 11",
    "import os; os.closerange(3, 100)": "hung up|exit code",
    "raise SystemExit": "SystemExit",
}


@pytest.mark.parametrize("text", DEATHS)
def test_a_death_is_told_and_survived(text, session):
    with pytest.raises((CouldNotRun, AssertionError), match=DEATHS[text]):
        session.run_cell(Cell("deadly", text))
    session.run_cell(Cell("next", "alive = 1"))
    assert session.step({"do": "get", "name": "alive"}, "alive") == 1


def test_a_hang_is_ended_and_good_cells_are_run_again(session):
    session.run_cell(Cell("kept", "kept = 7"))
    started = time.monotonic()
    session.step({"do": "get", "name": "kept"}, "kept")
    session.limits = Limits(cell_seconds=0.5)
    try:
        with pytest.raises(CouldNotRun, match=r"cell loop did not finish within 0\.5 s"):
            session.run_cell(Cell("loop", "while True: pass"))
    finally:
        session.limits = Limits()
    assert session.step({"do": "get", "name": "kept"}, "kept") == 7
    assert time.monotonic() - started < 20


def test_the_walls_are_reported(session):
    assert session.isolation["landlock"].startswith("ABI")
    assert session.isolation["seccomp"].endswith("foreign signals")
    assert session.isolation["rlimits"].startswith("processor")
    assert set(session.isolation) == {
        "landlock", "seccomp", "rlimits", "no_new_privs", "capabilities", "namespaces",
        "temp folder", "memory group"}
