"""`autograder doctor`: what isolates students' code here, what is missing, how to get it."""

import json
import socket

from autograder.course import ROOT
from autograder.limits import Limits
from autograder.profile import GPU, choose
from autograder.source import Plan
from autograder.worker import Nursery

ADVICE = {
    "landlock": "needed. Linux 5.13 or newer with CONFIG_SECURITY_LANDLOCK, and `landlock` in the "
                "kernel's lsm= list (see /sys/kernel/security/lsm); containers may have to allow "
                "its three system calls",
    "seccomp": "needed. A kernel with CONFIG_SECCOMP_FILTER on x86-64 or aarch64",
    "rlimits": "needed. A container or shell may have lower hard limits than the grader asks for",
    "no_new_privs": "needed by Landlock and seccomp; every Linux since 3.5 has it",
    "capabilities": "students' code keeps rights of root; grade as an ordinary user instead",
    "namespaces": "optional. Ubuntu 24.04: sysctl kernel.apparmor_restrict_unprivileged_userns=0; "
                  "Docker: --security-opt seccomp=unconfined or a profile that allows unshare; "
                  "elsewhere: sysctl user.max_user_namespaces=10000",
    "temp folder": "optional. With namespaces a student's files live in memory and are limited "
                   "together, not file by file",
    "memory group": "optional. A cgroup below which this user may make groups, with the memory "
                    "controller on for them (cgroup.subtree_control); without it memory is "
                    "limited by rlimits",
}


def examine(as_json: bool = False) -> int:
    """Prints the report; 0 when untrusted code can be graded here, 3 when not."""
    from autograder.sandbox import NEEDED

    active = probe()
    walls = {name: active.get(name, "no: not tried") for name in ADVICE}
    missing = [name for name in NEEDED if active.get(name, "no:").startswith("no:")]
    code = 3 if missing else 0
    if as_json:
        print(json.dumps({"verb": "doctor", "exit_code": code, "walls": walls,
                          "missing": missing, "limits": Limits().to_dict(),
                          "gpu": choose(True).words(True)}, indent=1))
    else:
        print(report(walls, missing))
    return code


def report(walls: dict[str, str], missing: list[str]) -> str:
    """What stands and what does not, with advice, in lines for a person."""
    lines = ["What isolates a student's code on this machine", ""]
    for name, words in walls.items():
        here = not words.startswith("no:")
        lines.append(f"  {'yes' if here else 'NO ':3}  {name:13} {words.removeprefix('no: ')}")
        if not here:
            lines.append(f"       {'':13} -> {ADVICE[name]}")
    lines += ["", f"Not enough to grade untrusted code: {', '.join(missing)} missing. `--unsafe` "
              f"grades all the same, and every result says so." if missing
              else "Enough to grade untrusted code.",
              f"Tests tagged `gpu` run with the profile {choose(True).words(True)}.",
              f"What the profile gpu weakens: {GPU.weakens.removeprefix('weaker: ')}."]
    limits = ", ".join(f"{name} {value:,}" for name, value in Limits().to_dict().items())
    return "\n".join([*lines, "", f"Limits: {limits}"])


def probe() -> dict[str, str]:
    """Starts one student process as grading does, and returns the walls that it reports."""
    from autograder.session import Session

    limits = Limits()
    nursery = Nursery(ROOT, Plan("doctor", "", (), ()), limits)
    students, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with students:
        with theirs:
            nursery.fork(theirs)
        session = Session(students, limits, unsafe=True)
        try:
            session.start()
        finally:
            session.stop()
    nursery.stop()
    return session.isolation
