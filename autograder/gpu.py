"""Tests that ask for a GPU, by the tag `gpu`: whether they get one, and the words for it.

Where autograder.profile opens an NVIDIA device to the students of an exercise, the process for such
a test opens CUDA itself, behind its walls and before any code of the student's is there, and says
whether that worked. If it did, a training takes all of CIFAR-10; else it is that of any CPU.
"""

import os
from dataclasses import replace

from autograder.profile import PROFILE

LONGEST = 200  # characters of what CUDA says


def opened() -> str:
    """In the student process: the GPU that it has opened, or "no: ..." where it could not."""
    import torch

    try:
        torch.ones(1, device="cuda").sum().item()
        return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
    except (RuntimeError, AssertionError, OSError) as error:
        return f"no: {str(error).splitlines()[0][:LONGEST]}"


def for_gpu(cases: dict[str, object]) -> dict[str, object]:
    """The cases with each training as large as its recipe says for a GPU."""
    return {name: _for_gpu(case) for name, case in cases.items()}


def _for_gpu(case: object) -> object:
    recipe = getattr(case, "recipe", {})
    return replace(case, recipe=recipe | recipe["gpu"]) if "gpu" in recipe else case


def words(active: str) -> str:
    """What a result says of a test that asked for a GPU. active: as `opened` has it."""
    if active.startswith("no:"):
        profile = os.environ.get(PROFILE) or "cpu"
        return (f"May use a GPU; {active.removeprefix('no: ')}, so it ran on the CPU with the "
                f"profile {profile}.")
    return f"Ran on the GPU with the profile gpu: {active}."
