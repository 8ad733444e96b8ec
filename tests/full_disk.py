"""Grades a class on a disk that is too small, makes room, grades again; prints what is left.

`python tests/full_disk.py FOLDER BYTES`, as root: the disk is in a mount namespace of its own.
Exits with 77 where the machine does not let it mount.
"""

import ctypes
import json
import subprocess
import sys
from pathlib import Path

from grader_crash import command, environment, graded_again, seeded_course, state

NEW_MOUNTS, PRIVATE, REMOUNT = 0x20000, (1 << 18) | (1 << 14), 32
NOT_HERE = 77


def main() -> None:
    folder, size = Path(sys.argv[1]), sys.argv[2]
    libc, place = ctypes.CDLL(None), bytes(folder)
    if (libc.unshare(NEW_MOUNTS) or libc.mount(None, b"/", None, PRIVATE, None)
            or libc.mount(b"tmpfs", place, b"tmpfs", 0, f"size={size}".encode())):
        sys.exit(NOT_HERE)
    course, own = seeded_course(folder), folder.with_name(f"{folder.name}-tmp")
    done = subprocess.run(command(course), env=environment(own), capture_output=True, text=True)
    libc.mount(b"tmpfs", place, b"tmpfs", REMOUNT, b"size=64m")
    graded_again(course, own)
    print(json.dumps({"code": done.returncode, "said": done.stderr, "state": state(course)}))


if __name__ == "__main__":
    main()
