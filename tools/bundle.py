"""Writes what students are handed, into _build/bundle: `make bundle`.

- where_to_look-<version>-py3-none-any.whl: `attnlab` with its known answers, and nothing else;
- <key>.ipynb: the notebooks, each with a first cell that installs that very wheel;
- where-to-look-<version>.zip: both, with a page to begin with, the licences, and a folder from
  which Binder makes its environment; unpacked, it is the branch that the launch buttons open;
- SHA256SUMS.

The version is pyproject.toml's. The wheel's address is that of the release in `repository.url` of
_config.yml; while that is empty the notebooks install the wheel that lies beside them. The same
sources give the same bytes.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

import install_cell
import notebooks
import yaml
from install_cell import Release

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "_build" / "bundle"
EPOCH = "315532800"  # 1 January 1980, the first day that a zip knows
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
TAKEN = ("name", "version", "description", "requires-python", "license", "license-files",
         "dependencies")  # fmt: skip
BUILD = "import os, sys; os.umask(0o022); from setuptools import build_meta; " \
        "build_meta.build_wheel(sys.argv[1])"  # fmt: skip
PYTHON = "python-3.12\n"  # Binder's runtime.txt
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"  # Binder has no room for those with CUDA


def students_project(pyproject: dict) -> str:
    """pyproject.toml of a wheel with `attnlab` alone; JSON's lists and strings are TOML's too."""
    fields = "".join(f"{name} = {json.dumps(pyproject['project'][name])}\n" for name in TAKEN)
    return (
        f"[build-system]\nrequires = {json.dumps(pyproject['build-system']['requires'])}\n"
        f'build-backend = "setuptools.build_meta"\n\n[project]\n{fields}\n'
        '[tool.setuptools.packages.find]\ninclude = ["attnlab*"]\n\n'
        '[tool.setuptools.package-data]\nattnlab = ["known/*.npz"]\n'
    )


def build_wheel(root: Path, folder: Path) -> Path:
    """The wheel of the package in `root`, built from a clean copy of it into `folder`."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    files = [*root.glob("attnlab/**/*.py"), *root.glob("attnlab/known/*.npz")]
    files += [root / name for name in pyproject["project"]["license-files"]]
    with tempfile.TemporaryDirectory() as place:
        for file in files:
            copy = Path(place) / file.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            copy.chmod(0o644)
        (Path(place) / "pyproject.toml").write_text(students_project(pyproject), "utf-8")
        command = [sys.executable, "-c", BUILD, str(folder)]
        env = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
        done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"setuptools built no wheel of {root}:\n{done.stderr[-3000:]}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def release_of(wheel: Path, url: str) -> Release:
    """What the notebooks have to know of the wheel, in the repository at `url` or in none."""
    version = wheel.name.split("-")[1]
    address = f"{url.rstrip('/')}/releases/download/v{version}/{wheel.name}" if url else ""
    return Release(version, wheel.name, address, hashlib.sha256(wheel.read_bytes()).hexdigest())


def stamped(path: Path, release: Release) -> str:
    """A student's notebook with the release in its first cell, and without its origin."""
    document = json.loads(path.read_text("utf-8"))
    first = document["cells"][0]
    if first["id"] != f"{path.stem}-install":
        raise SystemExit(f"{path} begins with {first['id']!r}; run `make notebooks`")
    first["source"] = install_cell.source(release).splitlines(keepends=True)
    document["metadata"]["where_to_look"] = {"version": release.version}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def environment(release: Release, root: Path) -> str:
    """Binder's requirements: the locked torch, and the release's wheel."""
    lock = (root / "requirements.lock").read_text("utf-8").splitlines()
    (torch,) = [line for line in lock if line.startswith("torch==")]
    wheel = f"./{release.wheel}"
    if release.address:
        wheel = f"where-to-look @ {release.address}#sha256={release.sha256}"
    return f"--extra-index-url {CPU_BUILDS}\n{torch}\n{wheel}\n"


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    """A zip whose bytes depend on names and contents only; all in one folder of its name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}", FIRST_DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            entry.create_system = 3  # the system of the mode above, whichever this one is
            archive.writestr(entry, files[name])


def write(root: Path, folder: Path, url: str) -> Path:
    """Writes everything anew into `folder`; returns the zip's path."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wheel = build_wheel(root, folder)
    release = release_of(wheel, url)
    start = (root / "docs" / "start.md").read_text("utf-8")
    files = {"README.md": start.format(version=release.version, wheel=wheel.name).encode()}
    files |= {name: (root / name).read_bytes() for name in ("LICENSE", "LICENSE-TEXT")}
    files |= {"binder/requirements.txt": environment(release, root).encode(),
              "binder/runtime.txt": PYTHON.encode(), wheel.name: wheel.read_bytes()}  # fmt: skip
    for path in sorted(root.glob("exercises/*/*.ipynb")):
        text = stamped(path, release).encode()
        files[f"{path.stem}/{path.name}"] = text
        (folder / path.name).write_bytes(text)
    bundle = folder / f"where-to-look-{release.version}.zip"
    write_zip(bundle, files)
    written = sorted(path for path in folder.iterdir())
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in written]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")
    return bundle


def main() -> None:
    """Write the bundle of this repository and say what is in it."""
    import known_answers

    if any(not (notebooks.is_fresh(key) and known_answers.is_fresh(key))
           for key in known_answers.keys()):  # fmt: skip
        raise SystemExit("bundle: notebooks or known answers are stale; run `make notebooks`")
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    bundle = write(ROOT, OUT, settings["repository"]["url"])
    print(f"{bundle.relative_to(ROOT)}: {bundle.stat().st_size:,} bytes; SHA256SUMS beside it")


if __name__ == "__main__":
    main()
