"""CIFAR-10's binary files: read right, split honestly, and named when something is wrong."""

import hashlib
import importlib.util
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from attnlab import cifar10
from attnlab.cifar10 import CLASSES, FOLDER, RECORD, TEST_FILES, TRAIN_FILES, DataError

RECORDS = 40
SIBLING = Path(__file__).parents[2] / "shared" / "tools" / "make_cifar10.py"


def write_batches(folder, records=RECORDS):
    """Six files in the official layout; every pixel of image i of file k is 10 k + i % 7."""
    folder.mkdir(parents=True)
    for k, name in enumerate((*TRAIN_FILES, *TEST_FILES)):
        rows = np.empty((records, RECORD), np.uint8)
        rows[:, 0] = np.arange(records) % 10
        rows[:, 1:] = 10 * k + np.arange(records)[:, None] % 7
        rows[:, 1:1025] += 100  # the red plane comes first
        rows.tofile(folder / name)
    return folder


@pytest.fixture
def folder(tmp_path):
    return write_batches(tmp_path / "cifar" / FOLDER)


def test_layout_is_label_then_red_green_blue_rows(folder):
    rows = np.zeros((RECORDS, RECORD), np.uint8)
    rows[:, 0] = np.arange(RECORDS) % 10
    rows[3, 1 + 1024 + 32 * 5 + 6] = 200  # green, row 5, column 6
    rows.tofile(folder / "test_batch.bin")
    test = cifar10.load("test", folder, RECORDS)
    assert test.images.shape == (RECORDS, 3, 32, 32)
    assert test.images[3, 1, 5, 6] == 200
    assert test.images.sum() == 200
    assert test.labels.tolist() == rows[:, 0].tolist()


def test_parent_folder_and_environment_do_too(folder, monkeypatch):
    monkeypatch.setenv("ATTNLAB_CIFAR10", str(folder.parent))
    there = cifar10.load("test", records=RECORDS)
    assert there.fingerprint == cifar10.load("test", folder, RECORDS).fingerprint


def test_splits_share_nothing_and_leave_nothing(folder):
    train, choose = (cifar10.load(split, folder, RECORDS) for split in ("train", "choose"))
    assert (len(train.labels), len(choose.labels)) == (180, 20)

    def kinds(part):
        return torch.stack([part.images[:, 2, 0, 0].long(), part.labels], 1).tolist()

    whole = [(10 * k + i % 7, i % 10) for k in range(5) for i in range(RECORDS)]
    assert sorted(map(tuple, kinds(train) + kinds(choose))) == sorted(whole)
    again = cifar10.load("train", folder, RECORDS)
    assert torch.equal(train.images, again.images)


def test_floats_are_normalised_by_channel(folder):
    test = cifar10.load("test", folder, RECORDS)
    red = (test.images[0, 0, 0, 0] / 255 - cifar10.MEAN[0]) / cifar10.SD[0]
    assert test.floats()[0, 0, 0, 0].item() == pytest.approx(red.item(), abs=1e-5)


def test_fingerprint_sees_one_pixel(folder):
    before = cifar10.fingerprint(folder, RECORDS)
    path = folder / "data_batch_4.bin"
    raw = bytearray(path.read_bytes())
    raw[100] ^= 1
    path.write_bytes(raw)
    assert cifar10.fingerprint(folder, RECORDS) != before


def test_missing_folder_names_the_ways_out(tmp_path):
    with pytest.raises(DataError, match=r"no CIFAR-10 under .*python -m attnlab\.cifar10"):
        cifar10.load("test", tmp_path)


def test_missing_file_is_named(folder):
    (folder / "data_batch_3.bin").unlink()
    with pytest.raises(DataError, match=r"data_batch_3\.bin: No such file"):
        cifar10.load("test", folder, RECORDS)


def test_truncated_file_is_named(folder):
    path = folder / "data_batch_2.bin"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match=r"data_batch_2\.bin: expected 122,920 bytes .*39 whole"):
        cifar10.load("train", folder, RECORDS)


def test_file_of_another_kind_is_named(folder):
    (folder / "test_batch.bin").write_bytes(b"\x80" * (RECORD * RECORDS))
    with pytest.raises(DataError, match=r"test_batch\.bin: expected labels 0 to 9, found 128"):
        cifar10.load("test", folder, RECORDS)


def test_doubled_class_is_named(folder):
    path = folder / "data_batch_5.bin"
    rows = np.fromfile(path, np.uint8).reshape(RECORDS, RECORD)
    rows[rows[:, 0] == 4, 0] = 5
    rows.tofile(path)
    with pytest.raises(DataError, match="expected every class 20 times in the five training files"):
        cifar10.load("train", folder, RECORDS)


def test_unreadable_file_is_named(folder):
    path = folder / "data_batch_1.bin"
    path.unlink()
    path.mkdir()  # a folder where a file should be: unreadable even for root
    with pytest.raises(DataError, match=r"data_batch_1\.bin: "):
        cifar10.load("train", folder, RECORDS)


def archive(tmp_path, folder):
    path = tmp_path / "archive.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, arcname=FOLDER)
    return path.as_uri(), hashlib.md5(path.read_bytes()).hexdigest()


def test_download_is_whole_or_not_there(tmp_path, folder, monkeypatch, capsys):
    url, md5 = archive(tmp_path, folder)
    monkeypatch.setattr(cifar10, "RECORDS", RECORDS)
    monkeypatch.setattr(cifar10.fingerprint, "__defaults__", (None, RECORDS))
    target = tmp_path / "fetched"
    with pytest.raises(DataError, match=f"expected md5 {'0' * 32}, got {md5}; nothing kept"):
        cifar10.download(target, url, "0" * 32)
    assert list(target.iterdir()) == []
    there = cifar10.download(target, url, md5)
    assert sorted(p.name for p in there.iterdir()) == sorted((*TRAIN_FILES, *TEST_FILES))
    assert list(target.iterdir()) == [there]
    assert cifar10.download(target, "file:///nowhere", md5) == there  # already there: not fetched


def test_no_network_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.tar\.gz: could not be fetched"):
        cifar10.download(tmp_path, (tmp_path / "nowhere.tar.gz").as_uri(), "")


def test_command_line_checks_what_is_there(folder, capsys):
    assert cifar10.main([str(folder.parent)]) == 2
    assert "data_batch_1.bin: expected 30,730,000 bytes" in capsys.readouterr().err
    assert cifar10.main([]) == 2


def test_unknown_split_is_named(folder):
    with pytest.raises(ValueError, match="no split 'valid' of CIFAR-10; choose from train, choose"):
        cifar10.load("valid", folder, RECORDS)


@pytest.mark.slow
def test_all_sixty_thousand_images(tmp_path):
    if not SIBLING.exists():
        pytest.skip("not run: no sibling folder shared/ with tools/make_cifar10.py")
    pytest.importorskip("PIL", reason="not run: pillow is not installed")
    spec = importlib.util.spec_from_file_location("make_cifar10", SIBLING)
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    maker.main(tmp_path)
    parts = {split: cifar10.load(split, tmp_path) for split in ("train", "choose", "test")}
    assert {k: len(v.labels) for k, v in parts.items()} == {
        "train": 45_000, "choose": 5_000, "test": 10_000,
    }  # fmt: skip
    assert parts["train"].floats().mean().abs() < 0.02
    assert len(CLASSES) == 10
