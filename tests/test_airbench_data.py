"""What airbench is fed: our arrays, in the layout its loader reads, and whole files only."""

import numpy as np
import pytest
import torch

from attnlab.cifar10 import CLASSES, FOLDER, RECORD, TEST_FILES, TRAIN_FILES, DataError, load
from tools import airbench_data

RECORDS = 40


@pytest.fixture
def folder(tmp_path):
    """Six small files of random pixels in the official layout."""
    random = np.random.default_rng(0)
    path = tmp_path / "cifar" / FOLDER
    path.mkdir(parents=True)
    for name in (*TRAIN_FILES, *TEST_FILES):
        rows = random.integers(0, 256, (RECORDS, RECORD), np.uint8)
        rows[:, 0] = np.arange(RECORDS) % 10
        rows.tofile(path / name)
    return path


def test_arrays_are_ours_with_channels_last(folder, tmp_path):
    files = airbench_data.write(tmp_path / "out", folder, RECORDS)
    assert [path.name for path in files] == ["train.pt", "test.pt"]
    for path, split in zip(files, ("train", "test"), strict=True):
        held, ours = torch.load(path, weights_only=True), load(split, folder, RECORDS)
        assert sorted(held) == ["classes", "images", "labels"]
        assert held["images"].dtype == torch.uint8
        assert held["images"].shape == (len(ours.labels), 32, 32, 3)
        assert held["images"].is_contiguous()
        assert torch.equal(held["images"].permute(0, 3, 1, 2), ours.images)
        assert torch.equal(held["labels"], ours.labels)
        assert held["classes"] == list(CLASSES)
    assert len(torch.load(files[0], weights_only=True)["labels"]) == 5 * RECORDS * 9 // 10


def test_missing_images_and_full_disk_are_named(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ATTNLAB_CIFAR10", str(tmp_path / "nowhere"))
    assert airbench_data.main([str(tmp_path / "out")]) == 2
    assert "airbench_data: no CIFAR-10 under" in capsys.readouterr().err
    assert airbench_data.main([]) == 2

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(airbench_data.os, "replace", full)
    with pytest.raises(DataError, match=r"train\.pt: could not be written \(.*No space left"):
        airbench_data.write(tmp_path / "out", folder, RECORDS)
    assert not list((tmp_path / "out").iterdir())
