"""Linux namespaces, memory cgroups and capabilities: used where the machine gives them.

Source: namespaces(7), cgroups(7), capabilities(7). Everything here returns the words that a result
records; "no: ..." says what is missing.
"""

import ctypes
import os
from pathlib import Path

NEW_MOUNT, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = (
    0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
REMOUNT_PRIVATE = (1 << 18) | (1 << 14)  # MS_PRIVATE | MS_REC
NOSUID_NODEV_NOEXEC = 2 | 4 | 8
DETACH = 2
PR_CAPBSET_DROP, PR_CAP_AMBIENT, CLEAR_ALL = 24, 47, 4
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def unshare_all() -> str:
    """New user, process, network, IPC and mount namespaces for this process's next child."""
    ids = os.getuid(), os.getgid()
    inner = NEW_PID | NEW_NET | NEW_IPC | NEW_MOUNT
    if _libc.unshare(NEW_USER | inner) == 0:
        return f"user{_map_ids(*ids)}, pid, net, ipc, mount"
    reason = os.strerror(ctypes.get_errno())
    if _libc.unshare(inner) == 0:  # root without user namespaces
        return "pid, net, ipc, mount"
    return f"no: {reason}"


def _map_ids(uid: int, gid: int) -> str:
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    except OSError as error:  # isolates all the same; files still see the real ids
        return f" (ids not mapped: {error.strerror})"
    return ""


def mount_temp(folder: Path, size: int) -> str:
    """A memory file system of its own over `folder`, seen in this mount namespace only."""
    if _libc.mount(None, b"/", None, REMOUNT_PRIVATE, None) != 0:
        return f"no: {os.strerror(ctypes.get_errno())}"
    options = f"size={size},nr_inodes=2048,mode=700".encode()
    done = _libc.mount(b"tmpfs", bytes(folder), b"tmpfs", NOSUID_NODEV_NOEXEC, options)
    return f"{size // 2**20} MiB in memory" if done == 0 else (
        f"no: {os.strerror(ctypes.get_errno())}")


def unmount_temp(folder: Path) -> None:
    """Lets the memory file system go."""
    _libc.umount2(bytes(folder), DETACH)


def drop_capabilities() -> str:
    """Gives up every capability of this process for good."""
    for number in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            break
    _libc.prctl(PR_CAP_AMBIENT, CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if _libc.capset(header, nothing) != 0:
        return f"no: {os.strerror(ctypes.get_errno())}"
    return "all dropped"


class MemoryGroup:
    """A memory cgroup for the students of one zygote, or the reason why there is none."""

    def __init__(self, limit: int):
        self.folder: Path | None = None
        self.words = "no: no memory controller is delegated to this user"
        for parent, setting in _candidates():
            folder = parent / f"where-to-look-{os.getpid()}"
            try:
                _sweep(parent)
                folder.mkdir()
                (folder / setting).write_text(str(limit))
            except OSError as error:
                self.words = f"no: {error.strerror}"
                if folder.is_dir():
                    folder.rmdir()
                continue
            self.folder, self.words = folder, f"{limit // 2**20} MiB"
            return

    def join(self) -> None:
        """Moves the calling process into the group."""
        if self.folder:
            (self.folder / "cgroup.procs").write_text("0")

    def remove(self) -> None:
        if self.folder:
            try:
                self.folder.rmdir()
            except OSError:
                return  # a last student is still being reaped; the next start sweeps


def _candidates() -> list[tuple[Path, str]]:
    """The cgroup folders of this process that a memory limit could be set below."""
    found = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "memory":
            found.append((Path("/sys/fs/cgroup/memory" + path), "memory.limit_in_bytes"))
        if controllers == "":
            found.append((Path("/sys/fs/cgroup" + path), "memory.max"))
    return [(folder, setting) for folder, setting in found if folder.is_dir()]


def _sweep(parent: Path) -> None:
    """Removes groups whose zygote is gone."""
    for folder in parent.glob("where-to-look-*"):
        if not Path("/proc", folder.name.rpartition("-")[2]).exists():
            try:
                folder.rmdir()
            except OSError:
                continue  # still in use: a student outlives its zygote for a moment
