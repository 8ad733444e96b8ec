"""What a student process may use beyond the common walls, by name, and what that weakens.

The profile "gpu" is taken where a test cell is tagged `gpu` and the machine has an NVIDIA device;
the student process opens the device itself, for CUDA cannot be forked. Everywhere else it is "cpu".
"""

import glob
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.limits import MIB, Limits

PROFILE = "ATTNLAB_PROFILE"  # of a training; one that is named keeps it off a GPU
CONTROL = Path("/dev/nvidiactl")
LIBRARIES = "LD_LIBRARY_PATH"  # where some containers keep the driver's libraries


@dataclass(frozen=True)
class Profile:
    """devices, read: patterns of paths. environment: names kept. limits: in place of the common."""

    name: str
    devices: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    limits: dict = field(default_factory=dict)
    weakens: str = ""

    def device_files(self) -> list[Path]:
        return [Path(found) for pattern in self.devices for found in sorted(glob.glob(pattern))]

    def readable(self) -> list[Path]:
        """Call this before the environment is emptied: it may name folders of libraries."""
        named = os.environ.get(LIBRARIES, "").split(":") if LIBRARIES in self.environment else []
        found = [path for pattern in self.read for path in sorted(glob.glob(pattern))]
        return [Path(path) for path in (*found, *filter(os.path.isabs, named))]

    def bounded(self, limits: Limits) -> Limits:
        return replace(limits, **self.limits)

    def words(self, asked: bool) -> str:
        """What a result says of it. asked: whether a test wants a GPU."""
        if self.devices:
            opened = ", ".join(map(str, self.device_files()))
            return f"{self.name}: {opened or 'no device'} open to the student; {self.weakens}"
        return f"{self.name}: a test asks for a GPU and {absent()}" if asked else self.name


CPU = Profile("cpu")
GPU = Profile(
    "gpu",
    devices=("/dev/nvidiactl", "/dev/nvidia[0-9]*", "/dev/nvidia-uvm", "/dev/nvidia-caps/*"),
    read=("/proc/driver/nvidia", "/proc/devices", "/proc/meminfo", "/proc/self", "/proc/sys/vm",
          "/sys/devices", "/sys/bus/pci", "/sys/module/nvidia*", "/usr/local/cuda*",
          "/usr/local/nvidia", "/usr/share/nvidia"),
    environment=(LIBRARIES, "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"),
    limits={"memory": 8192 * MIB, "address_space": 0, "open_files": 1024, "threads": 512,
            "payload": 192 * MIB},
    weakens="weaker: the driver's calls are a large way into the kernel, no address-space limit, "
            "8 GiB of host memory, no limit on the GPU's own, /sys may be read",
)
PROFILES = {profile.name: profile for profile in (CPU, GPU)}


def choose(asked: bool) -> Profile:
    """The profile for an exercise; asked: whether one of its tests wants a GPU."""
    return GPU if asked and not absent() else CPU


def absent() -> str:
    """Why no test gets a GPU here, in words; nothing where one may try. Opens no device."""
    if os.environ.get(PROFILE) not in (None, "", "gpu"):
        return f"{PROFILE}={os.environ[PROFILE]} is set"
    return "" if CONTROL.exists() else "there is none here"
