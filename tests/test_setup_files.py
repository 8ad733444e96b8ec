"""One home for versions and verbs: lock, pyproject, environment.yml, Makefile, README agree."""

import importlib.metadata
import re
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools import lock
from tools.lock import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
PINS = dict(line.split("==") for line in LOCKED if not line.startswith("#"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
DIRECT = lock.direct(PYPROJECT) + PYPROJECT["build-system"]["requires"]
HELD = PYPROJECT["tool"]["where-to-look"]["hold"]


@pytest.mark.parametrize("requirement", sorted({*DIRECT, *HELD}))
def test_lock_satisfies_pyproject(requirement):
    wanted = Requirement(requirement)
    pinned = PINS.get(lock.canonical(wanted.name))
    assert pinned, f"requirements.lock lacks {wanted.name}; run `make lock`"
    assert wanted.specifier.contains(pinned, prereleases=True), f"{requirement}, locked {pinned}"


def test_lock_pins_names_and_versions_and_nothing_else():
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()[1:]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line) for line in lines)
    assert list(PINS) == sorted(PINS)
    assert not [name for name in PINS if lock.OF_ONE_MACHINE.match(name)]
    assert PINS["torch"] == "2.13.0"


def test_pyproject_leaves_older_torch_open():
    torch = next(each for each in map(Requirement, DIRECT) if each.name == "torch")
    assert torch.specifier.contains("2.11.0")
    assert not torch.specifier.contains("2.10.1")


def test_installed_versions_are_the_locked_ones():
    here = {name: importlib.metadata.version(name).partition("+")[0] for name in PINS}
    assert here == PINS


@pytest.mark.parametrize("python", [lock.OLDEST, "3.12.0", "3.13.0"])
def test_locked_versions_allow_every_supported_python(python):
    asked = {name: importlib.metadata.metadata(name).get("Requires-Python", "") for name in PINS}
    assert not [name for name in asked if not SpecifierSet(asked[name]).contains(python)]


def test_everything_that_a_locked_package_needs_is_locked():
    needs = [Requirement(each) for name in PINS for each in importlib.metadata.requires(name) or []]
    here = {each.name for each in needs if not each.marker or each.marker.evaluate({"extra": ""})}
    open_ends = {lock.canonical(name) for name in here} - PINS.keys()
    assert not {name for name in open_ends if not lock.OF_ONE_MACHINE.match(name)}


def test_environment_follows_lock_and_pyproject():
    text = (ROOT / "environment.yml").read_text("utf-8")
    assert text == lock.environment_text(PYPROJECT, PINS), "run `make lock`"


def test_environment_gives_conda_users_the_same_versions():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    assert f"python {lock.PYTHONS}" in conda
    pinned = dict(each.split("==") for each in conda[-1]["pip"] if "==" in each)
    assert pinned == {lock.name_of(each): PINS[lock.name_of(each)] for each in DIRECT[:-1]}


def test_resolving_drops_what_belongs_to_one_machine(monkeypatch):
    report = """{"install": [
        {"metadata": {"name": "Torch", "version": "2.13.0+cpu"}},
        {"metadata": {"name": "nvidia-cublas-cu12", "version": "1"}},
        {"metadata": {"name": "triton", "version": "3"}},
        {"metadata": {"name": "jupyter_core", "version": "5.9.1"}}]}"""
    answer = subprocess.CompletedProcess([], 0, stdout=report)
    monkeypatch.setattr(lock.subprocess, "run", lambda *args, **options: answer)
    assert lock.resolve(["torch"]) == {"jupyter-core": "5.9.1", "torch": "2.13.0"}


def verbs() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_every_verb_is_documented_and_listed_by_help():
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert verbs() == phony
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  ([a-z-]+) +\S+", said, re.MULTILINE)
    assert set(listed) == verbs()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_documents_name_only_verbs_that_exist(document):
    named = set(re.findall(r"\bmake ([a-z-]+)`", (ROOT / document).read_text("utf-8")))
    assert named, f"{document} names no verb"
    assert named <= verbs()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_files_that_documents_name_are_there(document):
    text = (ROOT / document).read_text("utf-8")
    rooms = "attnlab|autograder|book|docs|exercises|solutions|tests|tools"
    named = re.findall(rf"[`\"(]((?:{rooms})/[\w./-]*)[`\")]", text)
    named += re.findall(r"`((?:LICENSE|CITATION|CONTRIBUTING|README)[\w.-]*|_toc\.yml)`", text)
    assert not [name for name in named if not (ROOT / name).exists()]
    assert 'alt=""' not in text


def test_continuous_integration_calls_the_readmes_test_command():
    script = (ROOT / ".ci/run").read_text("utf-8")
    assert "exec make test" in script
    assert "make demo" in README
    assert "make test" in README


def test_ci_run_says_which_tool_is_missing(tmp_path):
    for tool in ("bash", "dirname", "git"):
        real = subprocess.check_output(["which", tool], text=True).strip()
        (tmp_path / tool).symlink_to(real)
    done = subprocess.run(
        [tmp_path / "bash", ROOT / ".ci/run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "missing here: make python3; on Debian" in done.stderr


def test_make_says_when_python_is_missing():
    command = ["make", "setup", "PYTHON=python3.99"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode
    assert "no 'python3.99' here; install Python 3.11 or newer" in done.stderr


def test_citation_has_what_the_format_requires():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PYPROJECT["project"]["version"]
    assert citation["message"]
    assert citation["title"]
    assert all(set(each) & {"name", "family-names"} for each in citation["authors"])
