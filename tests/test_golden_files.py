"""Wrong files, manifests and folders of golden cases: each is a failing item that says why."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from golden_blocks import block_for
from golden_cases import Comparison, GoldenError, read_arrays, read_manifest

HERE = Path(__file__).parent / "golden"
CASES = {case["id"]: case for case in read_manifest(HERE)}
PLAIN, BIASED = CASES["se.nobias_r4"], CASES["se.bias_r2"]


@pytest.fixture
def copy(tmp_path):
    """A folder with the two cases of SE alone."""
    folder = tmp_path / "cases"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("[!s]*.npz"))
    rewrite(folder, lambda cases: cases.__setitem__(slice(None), [PLAIN, BIASED]))
    return folder


def rewrite(folder, change):
    """Change a manifest in place: `change` gets and alters its list of cases."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest["cases"])
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def save(folder, case, arrays):
    """Write other arrays for a case, its checksum and list of arrays put right."""
    np.savez(folder / case["file"], **arrays)
    digest = hashlib.sha256((folder / case["file"]).read_bytes()).hexdigest()
    return case | {"sha256": digest, "arrays": sorted(arrays)}


def test_array_that_nothing_answers_to_is_an_error(copy):
    arrays = read_arrays(copy, PLAIN)
    extra = {
        "eval.att": arrays["eval.y"],
        "eval.g.third.weight": arrays["cot"],
        "b.mean": np.ones(2),
    }
    case = save(copy, PLAIN, arrays | extra | {"strange": np.ones(2)})
    found = "\n".join(Comparison(case, read_arrays(copy, case), block_for(case)).run())
    assert "eval.att: the block gives nothing" in found
    assert "eval.g.third.weight: the block has no such parameter" in found
    assert "mean: the block has no such parameter or buffer" in found
    assert "strange: nothing in the block answers to this array" in found


def test_gradient_that_the_case_lacks_must_not_flow(copy):
    arrays = read_arrays(copy, PLAIN)
    del arrays["eval.d.x"]
    case = save(copy, PLAIN, arrays)
    found = Comparison(case, read_arrays(copy, case), block_for(case)).run()
    assert [c.split(":")[0] for c in found] == ["eval.d.x"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a zip", "sha256 is"),
        (None, "cannot be read: .*No such file"),
    ],
)
def test_file_that_is_wrong_or_missing_is_named(copy, content, words):
    path = copy / PLAIN["file"]
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GoldenError, match=f"{path.name}.*{words}"):
        read_arrays(copy, PLAIN)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + bytes(40)])
def test_file_that_is_no_archive_is_named_though_its_checksum_is_right(copy, content):
    (copy / PLAIN["file"]).write_bytes(content)
    case = PLAIN | {"sha256": hashlib.sha256(content).hexdigest()}
    with pytest.raises(GoldenError, match="cannot be read"):
        read_arrays(copy, case)


def test_arrays_that_the_manifest_does_not_list_are_named(copy):
    case = PLAIN | {"arrays": [*PLAIN["arrays"], "eval.att"]}
    with pytest.raises(GoldenError, match=r"differ in eval\.att"):
        read_arrays(copy, case)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cases: cases.clear(), "lists no case"),
        (lambda cases: cases.append(cases[0]), "lists twice: se.nobias_r4"),
        (lambda cases: cases[0].pop("hyper"), "lacks fields: se.nobias_r4: hyper"),
        (lambda cases: cases[0].pop("id"), "is not a manifest of golden cases: KeyError"),
    ],
)
def test_manifest_that_cannot_be_run_says_why(copy, change, words):
    rewrite(copy, change)
    with pytest.raises(GoldenError, match=words):
        read_manifest(copy)


def test_every_bad_folder_and_case_is_a_failing_item(copy, tmp_path):
    """The real command: nothing is skipped, nothing is quietly left out."""
    rewrite(copy, lambda cases: cases.append(PLAIN | {"id": "gam.a", "mechanism": "gam"}))
    rewrite(copy, lambda cases: cases.append(PLAIN | {"id": "sea.a", "mechanism": "sea"}))
    (copy / BIASED["file"]).write_bytes(b"cut short")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{", encoding="utf-8")
    folders = [copy, tmp_path / "none", tmp_path / "empty", tmp_path / "broken"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "test_case"]
    command += [str(Path(__file__).with_name("test_golden.py"))]
    command += [f"--golden-dir={folder}" for folder in folders]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "6 failed, 1 passed" in done.stdout
    for words in (
        "no block for 'gam' yet (status named)",
        "no mechanism 'sea'; did you mean",
        "se.bias_r2.npz: sha256 is",
        "none does not exist; check --golden-dir",
        "empty has no manifest.json",
        "is not a manifest of golden cases",
    ):
        assert words in done.stdout
