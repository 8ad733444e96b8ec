"""Zygotes: warm processes that fork one fresh process for each submission.

`python -m autograder.zygote student FD LIMITS` forks student processes. It imports what the
exercise's set-up cells import, and never `solutions`, a test, a label or nbgrader.
`python -m autograder.zygote verdict FD LIMITS STUDENT_FD` forks verdict processes, which hold the
reference and the secret cases and ask the student zygote for students.

LIMITS is JSON. FD is a socket to the parent; its end of file ends the zygote.
"""

import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from pathlib import Path

from autograder import namespaces
from autograder.limits import Limits
from autograder.warm import die_with_parent, freeze, warm_imports, warm_torch, warm_training

MESSAGE = 2**16
PRIVATE = ("solutions", "nbgrader", "autograder.verdict", "autograder.session")


class StudentZygote:
    """Forks student processes on request; each request brings one end of a wire."""

    def __init__(self, control: socket.socket, limits: Limits):
        self.control, self.limits = control, limits
        self.group = namespaces.MemoryGroup(limits.memory + 2**29)

    def serve(self) -> None:
        while True:
            message, descriptors, _, _ = socket.recv_fds(self.control, MESSAGE, 1)
            if not message:
                break
            request = json.loads(message)
            if request["do"] == "warm":
                self._warm(request["imports"], request["trains"])
            else:
                self._fork_keeper(request, descriptors[0])
            self._reap()
        self.group.remove()

    def _warm(self, imports: list[str], trains: bool) -> None:
        warm_imports(imports)
        if trains:
            warm_training()
        leaked = [name for name in PRIVATE if name in sys.modules]
        if leaked:
            raise RuntimeError(f"the student zygote has imported {leaked}; set-up cells may not")
        freeze()
        self.control.send(json.dumps({"warm": True}).encode())

    def _fork_keeper(self, request: dict, wire: int) -> None:
        if os.fork() == 0:
            try:
                Keeper(self.control, self.group, self.limits, request).run(wire)
            finally:
                os._exit(0)
        os.close(wire)

    def _reap(self) -> None:
        """Collects keepers that have ended."""
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


class Keeper:
    """Stands between the zygote and one student process: makes its rooms, waits, tidies up."""

    def __init__(self, control: socket.socket, group: namespaces.MemoryGroup, limits: Limits,
                 request: dict):
        self.control, self.group, self.limits = control, group, limits
        self.unsafe = request["unsafe"]
        self.folder = Path(tempfile.mkdtemp(prefix="where-to-look-"))

    def run(self, wire: int) -> None:
        active = {"namespaces": namespaces.unshare_all()}
        mounted = not active["namespaces"].startswith("no:")
        active["temp folder"] = (
            namespaces.mount_temp(self.folder, self.limits.temp_folder) if mounted
            else f"on disk, {self.limits.file_size // 2**20} MiB a file")
        active["memory group"] = self.group.words
        child = os.fork()
        if child == 0:
            self._become_student(wire, active)
        os.close(wire)
        self._hand_over(child)
        if mounted:
            namespaces.unmount_temp(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _become_student(self, wire: int, active: dict[str, str]) -> None:
        """Never returns. Nothing of the student's is here yet."""
        from autograder.student import serve

        status = 1
        die_with_parent()
        try:
            try:
                self.group.join()
            except OSError as error:
                active["memory group"] = f"no: {error.strerror}"
            status = serve(wire, self.folder, active, self.limits, self.unsafe)
        finally:
            os._exit(status)

    def _hand_over(self, child: int) -> None:
        """Gives the asker a handle on the student, waits for its end and tells how it went."""
        handle = os.pidfd_open(child)
        told, tell = os.pipe()
        socket.send_fds(self.control, [b"{}"], [handle, told])
        os.close(told)
        self._wait(handle, tell)
        _, status, usage = os.wait4(child, 0)
        ending = {
            "exit": os.waitstatus_to_exitcode(status),
            "cpu": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * 1024,
        }
        try:
            os.write(tell, json.dumps(ending).encode())
        except BrokenPipeError:
            return  # nobody is left to read it

    def _wait(self, handle: int, tell: int) -> None:
        """Until the student has ended; kills it when nobody is left who would read its answers."""
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        poller.register(tell, 0)
        for descriptor, _ in poller.poll():
            if descriptor == tell:
                signal.pidfd_send_signal(handle, signal.SIGKILL)


def main() -> None:
    role, descriptor = sys.argv[1], int(sys.argv[2])
    warnings.simplefilter("ignore")
    control = socket.socket(fileno=descriptor)
    limits = Limits(**json.loads(sys.argv[3]))
    warm_torch()
    if role == "student":
        importlib.import_module("autograder.student").plain_python("%time 1")
        zygote = StudentZygote(control, limits)
    else:
        from autograder.verdict import VerdictZygote

        zygote = VerdictZygote(control, socket.socket(fileno=int(sys.argv[4])), limits)
    zygote.serve()
    os._exit(0)  # torch takes its time to leave in order


if __name__ == "__main__":
    main()
