"""A seccomp filter in classic BPF, assembled here: no library, nothing to install.

Source: seccomp(2) and Documentation/userspace-api/seccomp_filter.rst of the Linux kernel.
A refused call fails with EPERM (a few with ENOSYS); a foreign instruction set ends the process.
"""

import ctypes
import errno
import os
import platform
import struct

from autograder.syscalls import AARCH64, REFUSED, WATCHED, X86_64

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMN = {"x86_64": X86_64, "aarch64": AARCH64}
X32_BIT = 0x40000000

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_BITS, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

CLONE_THREAD, MAP_SHARED_ANONYMOUS = 0x10000, 0x21
ACCESS_AND_TRUNCATE, TRUNCATE_READ_ONLY = 0o1003, 0o1000
F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY = 8, 10, 15, 1024, 1026
FIOSETOWN, SIOCSPGRP, TIOCSTI = 0x8901, 0x8902, 0x5412
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER_MODE = 1, 38, 22, 2

_libc = ctypes.CDLL(None, use_errno=True)

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def machine() -> str:
    """'x86_64' or 'aarch64'. Raises OSError for any other machine."""
    name = platform.machine()
    if name not in AUDIT_ARCH:
        raise OSError(f"the grader has no system call table for {name}; it knows {[*AUDIT_ARCH]}")
    return name


def refuse(code: int = errno.EPERM) -> Instruction:
    """Ends the filter: the call fails with this error."""
    return (RETURN, 0, 0, ERRNO | code)


def argument(position: int) -> Instruction:
    """Loads the low half of an argument; pids, flags and commands fit into it."""
    return (LOAD, 0, 0, ARGUMENTS + 8 * position)


def watched_bodies(pid: int) -> dict[str, list[Instruction]]:
    """For each watched call the instructions that refuse some of its arguments."""
    only_self = [argument(0), (JUMP_EQUAL, 1, 0, pid), refuse()]
    truncating = [(AND, 0, 0, ACCESS_AND_TRUNCATE), (JUMP_EQUAL, 0, 1, TRUNCATE_READ_ONLY),
                  refuse()]
    return {
        "clone": [argument(0), (JUMP_BITS, 1, 0, CLONE_THREAD), refuse()],
        "kill": only_self,
        "tgkill": only_self,
        "rt_sigqueueinfo": only_self,
        "rt_tgsigqueueinfo": only_self,
        "prlimit64": [argument(0), (JUMP_EQUAL, 2, 0, 0), (JUMP_EQUAL, 1, 0, pid), refuse()],
        "mmap": [argument(3), (AND, 0, 0, MAP_SHARED_ANONYMOUS),
                 (JUMP_EQUAL, 0, 1, MAP_SHARED_ANONYMOUS), refuse()],
        "open": [argument(1), *truncating],  # Landlock before ABI 3 has no truncate right
        "openat": [argument(2), *truncating],
        "fcntl": [argument(1), *refused_values(
            F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY)],
        "ioctl": [argument(1), *refused_values(FIOSETOWN, SIOCSPGRP, TIOCSTI)],
        "prctl": [argument(0), *refused_values(PR_SET_PDEATHSIG)],
    }


def refused_values(*values: int) -> list[Instruction]:
    """Refuses when the loaded argument is one of these."""
    return [line for value in values for line in ((JUMP_EQUAL, 0, 1, value), refuse())]


def program(pid: int, machine_name: str | None = None) -> list[Instruction]:
    """The whole filter for the process `pid`, as that process sees its own number."""
    name = machine_name or machine()
    column = COLUMN[name]
    lines: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCH[name]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if name == "x86_64":
        lines += [(JUMP_AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    for numbers, code in REFUSED.values():
        if numbers[column] is not None:
            lines += [(JUMP_EQUAL, 0, 1, numbers[column]), refuse(code)]
    for call, body in watched_bodies(pid).items():
        number = WATCHED[call][column]
        if number is not None:
            lines += [(JUMP_EQUAL, 0, len(body) + 1, number), *body, (LOAD, 0, 0, NUMBER)]
    return [*lines, (RETURN, 0, 0, ALLOW)]


def forbid_new_privileges() -> str:
    """No program started from here gains rights; Landlock and seccomp ask for this first."""
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs could not be set")
    return "set"


def install(lines: list[Instruction]) -> None:
    """Puts the filter on this process for good. Raises OSError where the kernel will not."""
    forbid_new_privileges()
    code = b"".join(struct.pack("HBBI", *line) for line in lines)
    kept = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(kept))
    if _libc.prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.c_char_p(header), 0, 0) != 0:
        reason = ctypes.get_errno()
        raise OSError(reason, f"the seccomp filter was refused: {os.strerror(reason)}")
