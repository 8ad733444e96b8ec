"""Give airbench the arrays that this course trains on: `python tools/airbench_data.py FOLDER`.

K. Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, https://arxiv.org/abs/2404.00498;
https://github.com/KellerJordan/cifar10-airbench. Its loader takes FOLDER/train.pt and
FOLDER/test.pt where they are, and downloads where they are not: a dictionary of uint8 images
(N, 32, 32, 3), int64 labels (N,) and the names of the classes. Written here are our 45,000
training images and the test set, so that both are measured on the same. Then, in a clone of it:

    ln -s FOLDER cifar10 && python airbench94.py
"""

import os
import sys
from pathlib import Path

import torch

from attnlab.cifar10 import CLASSES, RECORDS, DataError, load


def write(folder: Path, source: str | Path | None = None, records: int = RECORDS) -> list[Path]:
    """Write both files, each whole or not at all; returns their paths.

    `source` is the folder of CIFAR-10, found as `attnlab.cifar10.locate` finds it. Raises
    DataError when it is missing or cannot be written.
    """
    parts = {split: load(split, source, records) for split in ("train", "test")}
    return [_save(folder / f"{split}.pt", part) for split, part in parts.items()]


def _save(path: Path, part) -> Path:
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    arrays = {
        "images": part.images.permute(0, 2, 3, 1).contiguous(),
        "labels": part.labels,
        "classes": list(CLASSES),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(arrays, aside)
        os.replace(aside, path)
    except (OSError, RuntimeError) as error:  # RuntimeError: how torch.save says a full disk
        aside.unlink(missing_ok=True)
        raise DataError(
            f"{path}: could not be written ({error}); make room or choose another folder"
        ) from error
    return path


def main(arguments: list[str] | None = None) -> int:
    """Write the files and print their names."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) != 1:
        print("usage: python tools/airbench_data.py FOLDER", file=sys.stderr)
        return 2
    try:
        print("\n".join(map(str, write(Path(arguments[0])))))
    except DataError as error:
        print(f"airbench_data: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
