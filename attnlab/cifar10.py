"""CIFAR-10 in its official binary layout, from a folder or by download. No pickles.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
https://www.cs.toronto.edu/~kriz/cifar.html. Six files of 10,000 records; a record is one label
byte and 3,072 pixel bytes: the red, the green and the blue plane, row by row.

The folder is the argument, or the environment variable ATTNLAB_CIFAR10, or `data/` under the
working folder. 45,000 of the 50,000 training images are for training, 5,000, chosen once by a
seed, for choosing; the test images are read once, at the end.
"""

import hashlib
import os
import sys
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

CLASSES = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"  # the checksum on the official page
FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{k}.bin" for k in range(1, 6))
TEST_FILES = ("test_batch.bin",)
RECORD, RECORDS = 3073, 10_000
CHOOSING, SPLIT_SEED = 5_000, 10
COPIES = {"cifar10 7772166cd5373d34": "JPEG copy, quality 75, not the original pixels"}
MEAN, SD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)  # of the training images


class DataError(Exception):
    """A file of CIFAR-10 that is missing, unreadable, cut short or wrong; says what to do."""


@dataclass(frozen=True)
class Images:
    """uint8 images (N, 3, 32, 32), int64 labels (N,), and the fingerprint of the folder."""

    images: Tensor
    labels: Tensor
    fingerprint: str

    def floats(self) -> Tensor:
        """float32, each channel with mean 0 and sd 1 over the training images."""
        return floats(self.images)

    def take(self, rows: Tensor) -> "Images":
        """The images of these row numbers, in this order."""
        return Images(self.images[rows], self.labels[rows], self.fingerprint)


def floats(images: Tensor) -> Tensor:
    """uint8 (N, 3, 32, 32) -> float32, each channel with mean 0 and sd 1 over the training set."""
    mean, sd = (torch.tensor(n, device=images.device).view(3, 1, 1) for n in (MEAN, SD))
    return (images.float() / 255 - mean) / sd


def absent() -> str:
    """Why there is no CIFAR-10 here, in words; empty where it is."""
    try:
        locate()
    except DataError as error:
        return str(error)
    return ""


def sample(split: str, n: int, seed: int) -> Images:
    """n images of a split, the same for the same seed, no two alike."""
    whole = load(split)
    rows = torch.randperm(len(whole.labels), generator=torch.Generator().manual_seed(seed))
    return whole.take(rows[:n])


def locate(folder: str | Path | None = None) -> Path:
    """The folder that holds the six files; raises DataError when there is none."""
    root = Path(folder or os.environ.get("ATTNLAB_CIFAR10") or "data")
    for candidate in (root, root / FOLDER):
        if any((candidate / name).exists() for name in (*TRAIN_FILES, *TEST_FILES)):
            return candidate
    raise DataError(
        f"no CIFAR-10 under {root.resolve()}; expected {FOLDER}/{TRAIN_FILES[0]} and five more: "
        f"download them with `python -m attnlab.cifar10 {root}`, or set ATTNLAB_CIFAR10"
    )


def load(split: str, folder: str | Path | None = None, records: int = RECORDS) -> Images:
    """One of the splits "train" (45,000), "choose" (5,000) or "test" (10,000), checked.

    `records` is the number of records of each file; tests use small ones, of which a tenth of
    the training images is for choosing.
    """
    if split not in ("train", "choose", "test"):
        raise ValueError(f"no split {split!r} of CIFAR-10; choose from train, choose, test")
    path = locate(folder)
    mark = fingerprint(path, records)
    whole = _join([_read(path / name, records) for name in _files(split)], mark)
    if split == "test":
        return whole
    n = len(whole.labels)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(SPLIT_SEED))
    choosing = n * CHOOSING // 50_000
    return whole.take(order[choosing:] if split == "train" else order[:choosing])


def fingerprint(folder: str | Path | None = None, records: int = RECORDS) -> str:
    """Sixteen hexadecimal digits of the six files, each checked for size and label counts."""
    path = locate(folder)
    stamps = []
    for name in (*TRAIN_FILES, *TEST_FILES):
        _check_size(path / name, records)
        stamps.append((path / name).stat().st_mtime_ns)
    return _fingerprint(path, records, tuple(stamps))


def describe(mark: str) -> str:
    """A fingerprint, and what is known of the images behind it."""
    return f"{mark} ({COPIES[mark]})" if mark in COPIES else mark


@cache
def _fingerprint(path: Path, records: int, _stamps: tuple[int, ...]) -> str:
    digest = hashlib.sha256()
    train = np.zeros(10, np.int64)
    for name in TRAIN_FILES:
        rows = _read(path / name, records)
        train += np.bincount(rows[:, 0], minlength=10)
        digest.update(rows)
    test = _read(path / TEST_FILES[0], records)
    digest.update(test)
    _check_counts(path, "the five training files", train)
    _check_counts(path / TEST_FILES[0], "it", np.bincount(test[:, 0], minlength=10))
    return f"cifar10 {digest.hexdigest()[:16]}"


def _files(split: str) -> tuple[str, ...]:
    return TEST_FILES if split == "test" else TRAIN_FILES


def _check_size(path: Path, records: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}; {_again()}") from error
    if size != RECORD * records:
        whole, rest = divmod(size, RECORD)
        raise DataError(
            f"{path}: expected {RECORD * records:,} bytes ({records:,} records of {RECORD}), found "
            f"{size:,} ({whole:,} whole records and {rest:,} bytes over); {_again()}"
        )


def _read(path: Path, records: int) -> np.ndarray:
    _check_size(path, records)
    try:
        rows = np.fromfile(path, np.uint8).reshape(records, RECORD)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); {_again()}") from error
    wrong = np.flatnonzero(rows[:, 0] > 9)
    if len(wrong):
        raise DataError(
            f"{path}: expected labels 0 to 9, found {rows[wrong[0], 0]} in record {wrong[0]}, so "
            f"this is not a CIFAR-10 batch in the binary layout; {_again()}"
        )
    return rows


def _check_counts(path: Path, what: str, counts: np.ndarray) -> None:
    if (counts != counts.sum() // 10).any():
        raise DataError(
            f"{path}: expected every class {counts.sum() // 10:,} times in {what}, found "
            f"{counts.tolist()}; a file is doubled or exchanged: {_again()}"
        )


def _join(parts: list[np.ndarray], mark: str) -> Images:
    rows = np.concatenate(parts)
    images = torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).copy())
    return Images(images, torch.from_numpy(rows[:, 0].astype(np.int64)), mark)


def _again() -> str:
    return "delete the folder and fetch it again with `python -m attnlab.cifar10 FOLDER`"


@cache
def experiment(train: int, test: int, mark: str) -> tuple[tuple[Tensor, Tensor], ...]:
    """The first `train` images of the training split and `test` of the test set, as floats."""
    parts = []
    for split, n in (("train", train), ("test", test)):
        part = load(split)
        if part.fingerprint != mark:
            raise DataError(f"expected images {mark}, found {part.fingerprint}; run the grid again")
        part = part.take(torch.arange(min(n, len(part.labels))))
        parts.append((part.floats(), part.labels))
    return tuple(parts)


def download(folder: str | Path, url: str = URL, md5: str = MD5) -> Path:
    """Fetch, check and unpack the official archive (162 MB); returns the folder of the six files.

    Nothing is left behind when it fails: the archive is checked and unpacked aside, and the
    finished folder renamed into place.
    """
    target = Path(folder) / FOLDER
    if target.exists():
        fingerprint(target)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".cifar10-") as aside:
        archive = Path(aside) / "archive.tar.gz"
        found = _fetch(url, archive)
        if found != md5:
            raise DataError(f"{url}: expected md5 {md5}, got {found}; nothing kept, try again")
        _unpack(archive, Path(aside) / FOLDER)
        fingerprint(Path(aside) / FOLDER)
        os.replace(Path(aside) / FOLDER, target)
    return target


def _unpack(archive: Path, target: Path) -> None:
    """Write the archive's plain files into `target`, by their last names, so that none escapes.

    `extractall(filter="data")` would do, but Debian 12's Python 3.11.2 does not know the filter.
    """
    target.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile():
                (target / Path(member.name).name).write_bytes(tar.extractfile(member).read())


def _fetch(url: str, path: Path) -> str:
    """Write what `url` answers to `path` with a progress bar; returns its md5."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with urllib.request.urlopen(url, timeout=30) as answer, path.open("wb") as file:
            total = int(answer.headers.get("Content-Length", 0)) or None
            with tqdm(total=total, unit="B", unit_scale=True, desc="CIFAR-10") as bar:
                while chunk := answer.read(1 << 20):
                    file.write(chunk)
                    digest.update(chunk)
                    bar.update(len(chunk))
    except OSError as error:
        raise DataError(
            f"{url}: could not be fetched ({error}); check the network and the disk, or put the "
            f"archive's folder {FOLDER} where you want it yourself"
        ) from error
    return digest.hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """`python -m attnlab.cifar10 FOLDER`: fetch the files, or check those that are there."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) != 1:
        print("usage: python -m attnlab.cifar10 FOLDER", file=sys.stderr)
        return 2
    try:
        folder = download(arguments[0])
        print(f"60,000 images under {folder}, fingerprint {fingerprint(folder)}")
    except DataError as error:
        print(f"cifar10: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
