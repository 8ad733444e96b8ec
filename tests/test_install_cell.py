"""The first cell of the notebooks, run in a fresh environment that has pip and nothing else."""

import functools
import hashlib
import http.server
import json
import os
import subprocess
import sys
import sysconfig
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from exercises import KEYS, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import install_cell
from install_cell import UNRELEASED, Release

WHEEL = "where_to_look-9.9-py3-none-any.whl"
AFTER = "\nimport attnlab, importlib.metadata as m\nprint('now', m.version('where-to-look'))\n"


def make_wheel(path: Path, name: str, version: str, package: str, needs: str = "") -> str:
    """Writes a wheel of one empty package; returns its SHA-256."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    files = {f"{package}/__init__.py": "", f"{info}/METADATA": about,
             f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(zipfile.ZipInfo(file), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder, and the address under which it is served."""
    folder = tmp_path_factory.mktemp("site")
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def release(site) -> Release:
    """A release whose wheel needs another package, as the real one needs torch."""
    folder, address = site
    digest = make_wheel(folder / WHEEL, "where-to-look", "9.9", "attnlab", "Requires-Dist: torsh\n")
    return Release("9.9", WHEEL, f"{address}/{WHEEL}", digest)


class Student:
    """A new environment, and a folder with one notebook's folder in it."""

    def __init__(self, folder: Path):
        self.folder = folder / "se"
        self.folder.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
        (self.packages,) = folder.glob("env/lib/python*/site-packages")
        (self.packages / "pip").symlink_to(Path(sysconfig.get_path("purelib"), "pip"))
        (folder / "index").mkdir()
        make_wheel(folder / "index" / "torsh-1-py3-none-any.whl", "torsh", "1", "torsh")
        self.env = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PIP_NO_CACHE_DIR": "1",
                    "PIP_FIND_LINKS": str(folder / "index")}  # fmt: skip

    def run(self, release: Release, after: str = AFTER) -> subprocess.CompletedProcess:
        """Runs the cell, then `after`, as the notebook's kernel would."""
        python = self.packages.parents[2] / "bin" / "python"
        command = [python, "-c", install_cell.source(release) + after]
        return subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True
        )

    def has(self) -> set[str]:
        return {path.name for path in self.packages.iterdir()} & {"attnlab", "torsh"}


@pytest.fixture
def student(tmp_path) -> Student:
    return Student(tmp_path)


def test_the_right_file_is_installed_with_what_it_needs(student, release):
    done = student.run(release)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Installing attnlab 9.9 from {release.address}\nnow 9.9\n"
    assert student.has() == {"attnlab", "torsh"}
    again = student.run(replace(release, address="http://127.0.0.1:9/gone.whl"))
    assert again.stdout + again.stderr == "now 9.9\n", "it is there, so nothing is asked of anyone"


def test_another_file_under_the_address_is_refused_whole(student, release):
    done = student.run(replace(release, sha256="0" * 64))
    assert done.returncode
    assert f"{release.address} is not the file that this notebook was made with" in done.stderr
    assert "Nothing was installed. Take notebook and wheel from one release" in done.stderr
    assert student.has() == set()


def test_a_wheel_beside_the_notebooks_needs_no_network_and_must_be_the_right_one(student, release):
    beside = student.folder.parent / WHEEL
    make_wheel(beside, "where-to-look", "9.9", "attnlab", "Requires-Dist: evil\n")
    alone = replace(release, address="")
    refused = student.run(alone)
    assert f"{beside.as_uri()} is not the file" in refused.stderr
    assert student.has() == set()
    make_wheel(beside, "where-to-look", "9.9", "attnlab", "Requires-Dist: torsh\n")
    assert student.run(alone).stdout.endswith("now 9.9\n")


NOWHERE = Release("9.9", WHEEL, "", "0" * 64)
UNHASHED = Release("9.9", WHEEL, "http://127.0.0.1:9/x.whl", "")


@pytest.mark.parametrize("known", [UNRELEASED, NOWHERE, UNHASHED])
def test_without_address_or_hash_it_says_what_to_do_and_asks_nobody(known, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it ran a command"))
    with pytest.raises(ModuleNotFoundError, match=r"Set the course up as its README says"):
        exec(install_cell.source(known), {})


def test_what_pip_says_is_passed_on(student, release):
    done = student.run(replace(release, address="http://127.0.0.1:9/gone.whl"))
    assert "pip could not install attnlab from http://127.0.0.1:9/gone.whl" in done.stderr
    assert "its last words" in done.stderr


def test_pip_is_never_given_a_bare_name(monkeypatch):
    asked = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: asked.append(command) or done)
    exec(install_cell.source(Release("1", "a.whl", "https://example.org/a.whl", "ab" * 32)), {})
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    names = [word for word in command[4:] if not word.startswith("--")]
    assert names == [f"where-to-look @ https://example.org/a.whl#sha256={'ab' * 32}"]


def test_where_attnlab_is_there_the_cell_does_nothing_and_tells_of_another_release(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it ran a command"))
    exec(install_cell.source(UNRELEASED), {})
    with pytest.warns(UserWarning, match=r"is of release 9\.9, and the attnlab .* is of \d"):
        exec(install_cell.source(Release("9.9", WHEEL, "https://example.org", "0" * 64)), {})


@pytest.mark.parametrize("key", KEYS)
def test_every_notebook_begins_with_the_cell_of_no_release(key):
    for path in (ROOT / "exercises" / key, ROOT / "solutions" / "notebooks" / key):
        first = json.loads((path / f"{key}.ipynb").read_text("utf8"))["cells"][0]
        assert first["id"] == f"{key}-install"
        assert "".join(first["source"]) == install_cell.source(UNRELEASED)
