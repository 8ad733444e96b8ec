"""Landlock: a process gives up, for good, every file and TCP port that it was not promised.

Source: landlock(7) and Documentation/userspace-api/landlock.rst of the Linux kernel; the numbers
are its stable interface, the same on every architecture.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, RULE_PATH_BENEATH = 1, 1

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
FIRST_RIGHTS = (1 << 13) - 1  # everything of ABI 1
ADDED_RIGHTS = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # refer, truncate, ioctl on devices
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
TCP_BIND_AND_CONNECT = 0b11  # ABI 4
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11  # ABI 6

READ = READ_FILE | READ_DIR  # enough to map a shared library; nothing may be executed
READ_WRITE = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG
FILE_RIGHTS = READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEVICE

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The kernel's Landlock version, 0 where it has none or it is switched off."""
    return max(0, _libc.syscall(CREATE_RULESET, None, 0, VERSION_FLAG))


def _call(number: int, *arguments: object) -> int:
    result = _libc.syscall(number, *arguments)
    if result < 0:
        reason = ctypes.get_errno()
        raise OSError(reason, f"Landlock call {number} failed: {os.strerror(reason)}")
    return result


def _handled(version: int) -> int:
    rights = FIRST_RIGHTS
    for since, right in ADDED_RIGHTS.items():
        rights |= right if version >= since else 0
    return rights


def _ruleset(version: int) -> int:
    """A new rule set that rules all this kernel can rule; the structure grew with the version."""
    fields = [_handled(version)]
    fields += [TCP_BIND_AND_CONNECT] if version >= 4 else []
    fields += [ABSTRACT_SOCKETS_AND_SIGNALS] if version >= 6 else []
    attributes = struct.pack(f"{len(fields)}Q", *fields)
    return _call(CREATE_RULESET, ctypes.c_char_p(attributes), len(attributes), 0)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # a machine without /lib64 or the like has nothing to allow there
    try:
        if not path.is_dir():
            rights &= FILE_RIGHTS
        rule = struct.pack("=Qi", rights, handle)
        _call(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.c_char_p(rule), 0)
    finally:
        os.close(handle)


def restrict(read: Iterable[Path], write: Iterable[Path], devices: Iterable[Path] = ()) -> str:
    """Leaves this process the given paths only; needs no_new_privs. Says what is active.

    Raises OSError where the kernel has no Landlock.
    """
    version = abi()
    if version == 0:
        raise OSError("this kernel offers no Landlock")
    truncate = TRUNCATE if version >= 3 else 0
    control = IOCTL_DEVICE if version >= 5 else 0
    ruleset = _ruleset(version)
    for path in read:
        _allow(ruleset, path, READ)
    for path in write:
        _allow(ruleset, path, READ_WRITE | truncate)
    for path in devices:
        _allow(ruleset, path, READ_FILE | WRITE_FILE | truncate | control)
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return describe(version)


def describe(version: int) -> str:
    """What this version of Landlock shuts, in words."""
    shut = ["files"]
    shut += ["TCP"] if version >= 4 else []
    shut += ["signals and abstract sockets"] if version >= 6 else []
    return f"ABI {version}: {', '.join(shut)}"
