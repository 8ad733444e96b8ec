"""Attempts on things outside the student process; `loot` is what the code brings back.

Names in capitals are targets of cheat_targets.py. CALL makes a system call by its number.
"""

from cheat_records import Escape

LANDLOCK, SECCOMP, SPACES = ("landlock",), ("seccomp",), ("namespaces",)
ALL_THREE = ("landlock", "seccomp", "namespaces")
MEMORY = ("rlimits", "memory group")
SECRET_IN = """loot = ""
import ctypes
start = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "program_invocation_name").value
for length in range(16, 32768, 16):
    found = ctypes.string_at(start, length)
    loot = found.partition(b"CHEAT_SECRET=")[2].partition(bytes(1))
    if loot[1]:
        loot = loot[0].decode()
        break
"""


def brings_secret(loot: object, targets: object) -> bool:
    return targets.SECRET in str(loot)


ESCAPES = (
    Escape("changes a mark in the gradebook", "`UPDATE grade` in SQLite", LANDLOCK, "the gradebook",
           "9", code="""import sqlite3
with sqlite3.connect(GRADEBOOK) as book:
    loot = book.execute("UPDATE grade SET manual_score = 12").rowcount
""", reached=lambda loot, targets: targets.mark() == 12),
    Escape("reads the solutions", "opens their source", LANDLOCK, "solutions/", "10",
           code="loot = open(ROOT + '/solutions/se.py').read()",
           reached=lambda loot, targets: "BEGIN SOLUTION" in str(loot)),
    Escape("opens a connection", "TCP to a listener on the same machine", ALL_THREE, "a listener",
           "12", code="""import socket
with socket.create_connection(("127.0.0.1", PORT), 2) as door:
    door.sendall(b"the answers")
    loot = door.recv(5)
""", reached=lambda loot, targets: b"the answers" in targets.heard()),
    Escape("floods the output", "50 MB on one line", ("descriptors", "rlimits"),
           "the grader's log", "13",
           code="import os\nloot = sum(os.write(2, b'x' * 2**20) for _ in range(50))",
           reached=lambda loot, targets: targets.log_grew(50 * 2**20)),
    Escape("eats memory", "700 MB, touched, where 128 MiB are allowed", MEMORY,
           "the machine's memory", "14", code="loot = len(bytearray(b'x') * 700_000_000)",
           reached=lambda loot, targets: loot == 700_000_000),
    Escape("reads a neighbour", "opens another submission", LANDLOCK, "another submission",
           code="loot = open(SUBMISSION).read()", reached=brings_secret),
    Escape("reads the hidden tests", "opens the solved notebook", LANDLOCK, "the hidden tests",
           code="loot = open(ROOT + '/solutions/notebooks/se/se.ipynb').read()",
           reached=lambda loot, targets: "BEGIN HIDDEN TESTS" in str(loot)),
    Escape("locks the gradebook out", "`chmod 0`, which Landlock does not rule", SECCOMP,
           "the gradebook", code="import os\nos.chmod(GRADEBOOK, 0)\nloot = True",
           reached=lambda loot, targets: targets.mode() == 0),
    Escape("watches a folder", "inotify tells what others open", SECCOMP, "the gradebook",
           code="""watch = call("inotify_init1", 0)
loot = call("inotify_add_watch", watch, GRADEBOOK.encode(), 0x20)
""", reached=lambda loot, targets: type(loot) is int and loot > 0),
    Escape("reads another's environment", "/proc/PID/environ", ("landlock", "namespaces"),
           "the parent process", code="loot = open(f'/proc/{PID}/environ').read()",
           reached=brings_secret),
    Escape("reads another's memory", "process_vm_readv", ALL_THREE, "the parent process",
           code="""import ctypes
found = ctypes.create_string_buffer(64)
class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
own, theirs = Part(ctypes.addressof(found), 64), Part(ADDRESS, 64)
call("process_vm_readv", PID, ctypes.byref(own), 1, ctypes.byref(theirs), 1, 0)
loot = found.value.decode()
""", reached=brings_secret),
    Escape("kills a process", "SIGKILL to one of the same user", ALL_THREE, "the parent process",
           code="import os\nos.kill(PID, 9)\nloot = True",
           reached=lambda loot, targets: not targets.lives()),
    Escape("uses what is inherited", "finds the zygote's sockets among its descriptors",
           ("descriptors",), "the zygotes", code="""import os, stat
def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False
loot = sum(map(is_socket, range(3, 256)))
""", reached=lambda loot, targets: type(loot) is int and loot > 1),
    Escape("reads its environment", "`os.environ`, as the instructor started the grader",
           ("environment",), "the instructor's tokens",
           code="import os\nloot = os.environ.get('CHEAT_SECRET')", reached=brings_secret),
    Escape("searches its stack", "the environment's bytes outlive `os.environ.clear()`",
           ("kept names",), "the instructor's tokens", code=SECRET_IN, reached=brings_secret),
    Escape("searches its heap", "objects that the zygote held before the fork", ("clean heap",),
           "solutions/", code="""import gc
gc.unfreeze()
loot = [kind.__name__ for kind in gc.get_objects()
        if isinstance(kind, type) and kind.__module__.startswith("solutions")]
""", reached=lambda loot, targets: "SEBlock" in (loot or [])),
    Escape("leaves a letter", "writes answers to a file for the next process", ("own folder",),
           "another submission", code="open('letter', 'w').write('answers')",
           then="loot = open('letter').read()",
           reached=lambda loot, targets: loot == "answers"),
    Escape("forks without end", "a fork bomb, here of 20", SECCOMP, "the machine's processes",
           code="""import os, time
loot = 0
for _ in range(20):
    if os.fork() == 0:
        time.sleep(5)
        os._exit(0)
    loot += 1
""", reached=lambda loot, targets: loot == 20),
    Escape("outlives its verdict in a fork", "a child that goes on when the process is killed",
           ("seccomp", "namespaces"), "the machine's processes", code="""import ctypes, os, time
loot = True
if os.fork() == 0:
    os.setsid()
    ctypes.CDLL(None).prctl(15, b"cheat-outlives", 0, 0, 0)
    time.sleep(3)
    os._exit(0)
time.sleep(0.05)
""", reached=lambda loot, targets: targets.running("cheat-outlives")),
    Escape("starts threads without end", "here 300 in a moment", ("threads",),
           "the machine's processes", code="""import threading, time
threading.stack_size(65536)
for _ in range(300):
    threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
time.sleep(0.3)
loot = threading.active_count()
""", reached=lambda loot, targets: type(loot) is int and loot > 300),
    Escape("eats page tables", "reads a page in every 2 MiB of 256 GiB that it never writes",
           ("rlimits",), "the machine's memory", code="""import mmap
room = mmap.mmap(-1, 2**38, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.PROT_READ)
loot = sum(1 for place in range(0, 2**38, 2**21) if room[place] == 0)
""", reached=lambda loot, targets: loot == 2**17),
    Escape("eats shared memory", "a shared mapping is in no data limit",
           ("seccomp", "memory group"), "the machine's memory", code="""import mmap
room = mmap.mmap(-1, 700_000_000)
loot = sum(room.write(bytes(10**6)) for _ in range(700))
""", reached=lambda loot, targets: loot == 700_000_000),
    Escape("fills the disk with one file", "40 MiB", ("rlimits",), "the disk",
           code="loot = open('big', 'wb').write(b'x' * (40 * 2**20))",
           reached=lambda loot, targets: loot == 40 * 2**20),
    Escape("fills the disk with many", "nine files of 8 MiB, each within its limit", SPACES,
           "the disk", code="""loot = 0
for number in range(9):
    with open(f"part-{number}", "wb") as part:
        loot += part.write(b"x" * (8 * 2**20))
""", reached=lambda loot, targets: loot == 72 * 2**20),
)
