"""What students are handed: its files, its bytes, and that it needs nothing else of the course."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
import yaml
from test_install_cell import Student

from exercises import KEYS, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import bundle

URL = "https://github.com/Ada-L/where.to-look"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
WHEEL = f"where_to_look-{VERSION}-py3-none-any.whl"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The bundle of a course without an address."""
    return bundle.write(ROOT, tmp_path_factory.mktemp("made") / "bundle", "")


def members(path) -> dict[str, bytes]:
    """Name below the one folder of the zip -> contents."""
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def release_in(notebook: bytes) -> dict:
    """The arguments of the first cell's call."""
    text = "".join(json.loads(notebook)["cells"][0]["source"])
    return dict(re.findall(r"^    (\w+)='([^']*)',$", text, re.MULTILINE))


def test_the_bundle_holds_notebooks_wheel_licences_and_a_beginning(made):
    files = members(made)
    papers = {"README.md", "LICENSE", "LICENSE-TEXT", "binder/requirements.txt",
              "binder/runtime.txt", WHEEL}  # fmt: skip
    assert files.keys() == papers | {f"{key}/{key}.ipynb" for key in KEYS}
    assert f"./{WHEEL}" in files["README.md"].decode()
    assert "{" not in files["README.md"].decode()
    with zipfile.ZipFile(made) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_wheel_holds_attnlab_with_its_known_answers_and_nothing_else(made):
    with zipfile.ZipFile(made.parent / WHEEL) as archive:
        names = set(archive.namelist())
        record = archive.read(f"where_to_look-{VERSION}.dist-info/METADATA").decode()
    assert {name.split("/")[0] for name in names} == {
        "attnlab", f"where_to_look-{VERSION}.dist-info"
    }  # fmt: skip
    tracked = subprocess.check_output(["git", "ls-files", "attnlab"], cwd=ROOT, text=True).split()
    assert {name for name in names if name.startswith("attnlab/")} == set(tracked)
    assert {f"attnlab/known/{key}.npz" for key in KEYS} <= names
    assert f"Version: {VERSION}\n" in record
    assert "Requires-Dist: torch>=" in record
    assert "entry_points" not in " ".join(names)


def test_notebooks_name_the_wheel_and_its_hash_and_not_where_they_come_from(made):
    digest = hashlib.sha256((made.parent / WHEEL).read_bytes()).hexdigest()
    for name, data in members(made).items():
        if name.endswith(".ipynb"):
            known = {"version": VERSION, "wheel": WHEEL, "address": "", "sha256": digest}
            assert release_in(data) == known
            assert b"solutions" not in data
            assert json.loads(data)["metadata"]["where_to_look"] == {"version": VERSION}
            assert (made.parent / name.split("/")[1]).read_bytes() == data


def test_the_hashes_beside_it_are_those_of_the_files(made):
    sums = (made.parent / "SHA256SUMS").read_text()
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet"], input=sums, text=True,
                   cwd=made.parent, check=True)  # fmt: skip
    assert len(sums.splitlines()) == len(list(made.parent.iterdir())) - 1


def test_the_same_sources_give_the_same_bytes(made, tmp_path):
    before = os.umask(0o077)
    try:
        again = bundle.write(ROOT, tmp_path / "elsewhere", "")
    finally:
        os.umask(before)
    assert again.read_bytes() == made.read_bytes()


def test_with_an_address_the_wheel_comes_from_the_release(made, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "build_wheel", lambda root, folder: made.parent / WHEEL)
    files = members(bundle.write(ROOT, tmp_path / "bundle", URL + "/"))
    known = release_in(files["se/se.ipynb"])
    assert known["address"] == f"{URL}/releases/download/v{VERSION}/{WHEEL}"
    wanted = files["binder/requirements.txt"].decode().splitlines()
    assert wanted[-1] == f"where-to-look @ {known['address']}#sha256={known['sha256']}"
    assert re.fullmatch(r"torch==[\d.]+", wanted[1])
    assert files["binder/runtime.txt"] == b"python-3.12\n"


def test_a_notebook_without_the_cell_is_refused(tmp_path):
    (tmp_path / "se.ipynb").write_text(json.dumps({"cells": [{"id": "se-title"}], "metadata": {}}))
    with pytest.raises(SystemExit, match=r"se\.ipynb begins with 'se-title'; run `make notebooks`"):
        bundle.stamped(tmp_path / "se.ipynb", bundle.Release())


def test_the_version_is_the_one_that_is_cited():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == VERSION


TRY = """
import ast, json, re, sys
from pathlib import Path
for path in [Path("se.ipynb"), *sorted(Path("..").glob("*/*.ipynb"))]:
    texts = ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]
             if cell["cell_type"] == "code"]
    exec(texts[0])
    for text in texts[1:]:
        found = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom))
        exec("\\n".join(ast.unparse(node) for node in found))
        for name in re.findall(r'provided\\("([\\w.]+)"\\)', text):
            provided(name)
import attnlab
print(attnlab.__file__)
"""


def test_an_unpacked_bundle_works_with_no_more_of_the_course_than_its_wheel(made, tmp_path):
    """All that the notebooks import and lend, where there are the libraries and nothing else."""
    student = Student(tmp_path)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    (student.packages / "libraries.pth").write_text(libraries)
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / made.stem / "se"
    python = student.packages.parents[2] / "bin" / "python"
    done = subprocess.run([python, "-c", TRY], cwd=folder, text=True, env=student.env,
                          capture_output=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    assert first.startswith(f"Installing attnlab {VERSION} from file://")
    assert last == str(student.packages / "attnlab" / "__init__.py")
