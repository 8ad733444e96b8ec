"""The keeper of one student process: makes its rooms, hands out its handle, waits, tidies up."""

import json
import os
import select
import shutil
import signal
import socket
import tempfile
from dataclasses import replace
from pathlib import Path

from autograder import namespaces
from autograder.limits import Limits
from autograder.profile import Profile
from autograder.warm import die_with_parent


class Keeper:
    """Stands between the zygote and one student process, which runs in new namespaces."""

    def __init__(self, control: socket.socket, group: namespaces.MemoryGroup, limits: Limits,
                 request: dict, profile: Profile):
        if request["trains"]:
            limits = replace(limits, processor_seconds=limits.train_processor_seconds)
        self.control, self.group, self.limits, self.profile = control, group, limits, profile
        self.number, self.unsafe, self.gpu = (request[n] for n in ("number", "unsafe", "gpu"))
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
            status = serve(wire, self.folder, active, self.limits, self.unsafe,
                           self.profile, self.gpu)
        finally:
            os._exit(status)

    def _hand_over(self, child: int) -> None:
        """Gives the asker a handle on the student, waits for its end and tells how it went."""
        handle = os.pidfd_open(child)
        told, tell = os.pipe()
        socket.send_fds(self.control, [json.dumps(self.number).encode()], [handle, told])
        os.close(told)
        self._wait(child, handle, tell)
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

    def _wait(self, child: int, handle: int, tell: int) -> None:
        """Until the student has ended; kills it when nobody is left who would read its answers.

        No rlimit counts the threads of one process alone, so they are counted here.
        """
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        poller.register(tell, 0)
        while not (found := poller.poll(self.limits.look_seconds * 1000)):
            if len(os.listdir(f"/proc/{child}/task")) > self.limits.threads:
                break
        if handle not in dict(found):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
