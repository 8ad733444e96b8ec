"""Zygotes: warm processes that fork one fresh process for each submission.

`python -m autograder.zygote FD ORDER` is the nursery: it warms what both kinds need, and forks them
when the parent asks. A student zygote has imported what the exercise's set-up cells import, and
never `solutions`, a test, a label or nbgrader. A verdict zygote adds the reference and the secret
cases, and asks its student zygote for students.

ORDER is JSON. FD is a socket to the parent; its end of file ends the nursery and all below it.
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import warnings
from pathlib import Path

from autograder import namespaces
from autograder.keeper import Keeper
from autograder.limits import Limits
from autograder.profile import PROFILES, Profile
from autograder.warm import die_with_parent, importing, warm_imports, warm_torch, warm_training

MESSAGE = 2**16
PRIVATE = ("solutions", "nbgrader", "autograder.verdict", "autograder.judge", "autograder.session")


class StudentZygote:
    """Forks student processes on request; each request brings one end of a wire."""

    def __init__(self, control: socket.socket, limits: Limits, profile: Profile):
        leaked = [name for name in PRIVATE if name in sys.modules]
        if leaked:
            raise RuntimeError(f"the student zygote has imported {leaked}; set-up cells may not")
        self.control, self.limits, self.profile = control, limits, profile
        self.group = namespaces.MemoryGroup(limits.memory + 2**29)

    def serve(self) -> None:
        while True:
            message, descriptors, _, _ = socket.recv_fds(self.control, MESSAGE, 1)
            if not message:
                break
            self._fork_keeper(json.loads(message), descriptors[0])
            reap()
        self.group.remove()

    def _fork_keeper(self, request: dict, wire: int) -> None:
        if os.fork() == 0:
            try:
                Keeper(self.control, self.group, self.limits, request, self.profile).run(wire)
            finally:
                os._exit(0)
        os.close(wire)


def reap() -> None:
    """Collects children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def fork_zygote(order: dict, limits: Limits, control: socket.socket, sockets: list[int]) -> None:
    """Forks a zygote; `sockets` are its own: its control, and a verdict zygote's students."""
    if os.fork() == 0:
        status = 1
        try:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            die_with_parent()
            own = [socket.socket(fileno=descriptor) for descriptor in sockets]
            if len(own) == 1:
                StudentZygote(*own, limits, PROFILES[order["profile"]]).serve()
            else:
                from autograder.verdict import VerdictZygote

                VerdictZygote(*own, limits, Path(order["root"])).serve()
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)
    for descriptor in sockets:
        os.close(descriptor)


def leave() -> None:
    """Ends the nursery when its zygotes have ended, or after a moment, and then them with it."""
    signal.alarm(3)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)  # torch takes its time to leave in order


def main() -> None:
    """The nursery."""
    warnings.simplefilter("ignore")
    control, order = socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2])
    limits = Limits(**order["limits"])
    on_cpu = not PROFILES[order["profile"]].devices
    with importing():
        warm_torch(on_cpu)
        if order["trains"] and on_cpu:
            warm_training()
        importlib.import_module("autograder.student").plain_python("%time 1")
        warm_imports(order["imports"])
    signal.signal(signal.SIGCHLD, lambda *_: reap())  # so their processor time counts as ours
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE, 2)
        if not message:
            leave()
        fork_zygote(order, limits, control, descriptors)


if __name__ == "__main__":
    main()
