"""Live targets: a gradebook, a submission, a listener, another process with a secret, a log."""

import ctypes
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from socket import create_server

from cheat_world import ROOT

from autograder import syscalls

COLUMN = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
NUMBERS = {name: pair[0][COLUMN] for name, pair in syscalls.REFUSED.items()}
HOLDER = """
import ctypes, os, sys
from autograder.namespaces import drop_capabilities
drop_capabilities()  # as an ordinary user's process is
kept = ctypes.create_string_buffer(os.environ["CHEAT_SECRET"].encode())
print(ctypes.addressof(kept), flush=True)
sys.stdin.read()
"""
CALL = """
import ctypes
def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    whole = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    done = libc.syscall(ctypes.c_long(NUMBERS[name]), *whole)
    if done < 0:
        raise OSError(ctypes.get_errno(), name)
    return done
"""


class Targets:
    """What the attempts aim at, and whether they met it."""

    SECRET = "nobody-but-the-instructor"
    ROOT = str(ROOT)

    def __init__(self, folder: Path):
        self.GRADEBOOK, self.SUBMISSION = str(folder / "gradebook.db"), str(folder / "other.ipynb")
        Path(self.SUBMISSION).write_text(self.SECRET)
        self.log = folder / "log"
        self.log.touch()
        self.listener = create_server(("127.0.0.1", 0))
        self.PORT = self.listener.getsockname()[1]
        self.received: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.holder: subprocess.Popen | None = None
        self.fresh()

    def fresh(self) -> None:
        """Sets everything up again for the next attempt."""
        Path(self.GRADEBOOK).unlink(missing_ok=True)
        with sqlite3.connect(self.GRADEBOOK) as book:
            book.execute("CREATE TABLE grade (manual_score REAL)")
            book.execute("INSERT INTO grade VALUES (0)")
        self.received.clear()
        while self.running("cheat-outlives"):  # of the attempt before
            time.sleep(0.1)
        self.logged = self.log.stat().st_size
        if self.holder is None or not self.lives():
            self._hold()

    def _hold(self) -> None:
        self._release()
        self.holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={"CHEAT_SECRET": self.SECRET, "PYTHONPATH": self.ROOT})
        self.PID, self.ADDRESS = self.holder.pid, int(self.holder.stdout.readline())

    def _release(self) -> None:
        if self.holder is not None:
            self.holder.kill()
            self.holder.wait()
            self.holder.stdin.close()
            self.holder.stdout.close()

    def close(self) -> None:
        self._release()
        self.listener.close()

    def code(self, text: str) -> str:
        """The attempt with the places of the targets in front."""
        named = {name: getattr(self, name) for name in (
            "GRADEBOOK", "SUBMISSION", "ROOT", "PORT", "PID", "ADDRESS")} | {"NUMBERS": NUMBERS}
        return "".join(f"{name} = {value!r}\n" for name, value in named.items()) + CALL + text

    def mark(self) -> float:
        with sqlite3.connect(self.GRADEBOOK) as book:
            return book.execute("SELECT manual_score FROM grade").fetchone()[0]

    def mode(self) -> int:
        return stat.S_IMODE(os.stat(self.GRADEBOOK).st_mode)

    def heard(self) -> bytes:
        return b"".join(self.received)

    def lives(self) -> bool:
        return self.holder.poll() is None

    def log_grew(self, size: int) -> bool:
        return self.log.stat().st_size >= self.logged + size

    def running(self, name: str) -> bool:
        """Whether a process of this name runs anywhere on the machine."""
        found = []
        for path in Path("/proc").glob("[0-9]*/comm"):
            try:
                found.append(path.read_text().strip())
            except OSError:
                continue
        return name in found

    def _listen(self) -> None:
        while True:
            try:
                door, _ = self.listener.accept()
            except OSError:
                return
            with door:
                self.received.append(door.recv(100))
                door.sendall(b"thank")


assert ctypes.sizeof(ctypes.c_void_p) == 8
