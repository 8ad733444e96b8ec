"""The commands of the instructors' pages, typed in a copy of the repository."""

import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from book_pages import BOOK, SOURCES, Page, Source
from page_commands import PAGES, commands
from scratch import ROOT, copy_of_the_repository, link_environment, shell
from test_page_commands import ELSEWHERE

from autograder.sample_class import SAMPLE, submissions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux"),
]
KEY = "se"
PUPILS = [pupil for pupil in SAMPLE if pupil.name in ("ada", "emil")]
NAMED = {f"GIT_{who}_{what}": f"{what.lower()}@example.org" for who in ("AUTHOR", "COMMITTER")
         for what in ("NAME", "EMAIL")}  # fmt: skip


def to_run(name: str) -> list[str]:
    """The commands of a page that no other test runs."""
    (page,) = (page for page in PAGES if page.name == name)
    return [command for command in commands(page) if (name, command) not in ELSEWHERE]


def typed(typing: list[str], folder: Path, places: dict[str, str] | None = None) -> str:
    """What the commands of a page print, one after the other in one shell."""
    text = "\n".join(["set -e", *typing])
    for place, ours in (places or {}).items():
        text = text.replace(place, ours)
    return shell(text, folder, 3000, **NAMED)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    return copy_of_the_repository(tmp_path_factory.mktemp("pages") / "where-to-look")


@pytest.fixture(scope="module")
def classroom(copy):
    for student, text in submissions(copy, KEY, PUPILS).items():
        path = copy / "course" / "submitted" / student / KEY / f"{KEY}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return copy


def test_the_commands_of_a_graded_class_run(classroom):
    said = typed(to_run("README.md"), classroom)
    assert "canvas.csv" in said
    assert "emil  -5  block-values" in said
    assert typed(to_run("grading.md"), classroom) == "", "nobody ran out of time"
    said = typed(to_run("records.md"), classroom)
    assert "Nothing changed, nothing was graded again." in said
    extended = "nbgrader db student list && nbgrader db assignment list"
    assert "ada" in shell(extended, classroom)


def test_a_hub_is_set_up(copy, tmp_path):
    places = {"/srv/nbgrader": f"{tmp_path}/nbgrader", "/etc/jupyter": f"{tmp_path}/etc",
              "/srv/where-to-look": str(copy)}  # fmt: skip
    typed(to_run("hub.md"), copy, places)
    assert (tmp_path / "nbgrader" / "exchange").stat().st_mode & 0o777 == 0o777
    (wheel,) = (copy / "_build" / "bundle").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "attnlab/known/se.npz" in names
    assert not [name for name in names if name.startswith(("solutions", "tests", "autograder"))]


def test_a_certificate_is_made(tmp_path):
    typed(to_run("cluster.md"), tmp_path)
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


DIFF = re.compile(r"^```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_a_private_fork_asks_something_else(tmp_path):
    public = copy_of_the_repository(tmp_path / "public")
    shell("git init -q -b main && printf '.cache\\nvendor\\n' >> .git/info/exclude && "
          "git add -A . && git commit -q -m public", public, **NAMED)
    shell(f"git init -q --bare {tmp_path}/private.git", tmp_path)
    places = {"https://github.com/OWNER/NAME.git": str(public),
              "git@git.example.edu:teaching/attention-2027.git": f"{tmp_path}/private.git"}
    begin = to_run("private.md")
    clone, rest = begin[:5], begin[5:]
    assert rest[0] == "make setup"
    typed(clone, tmp_path, places)
    fork = tmp_path / "attention-2027"
    link_environment(fork)
    (diff,) = DIFF.findall((BOOK / "instructors" / "private.md").read_text("utf-8"))
    (fork / "fresh.diff").write_text(diff)
    said = typed(rest, fork, places)
    assert "wrote solutions/notebooks/se/se.ipynb" in said
    assert "the model answer passes all of them" in said.replace("\n", " ")
    pushed = shell("git log -1 --format=%s main", tmp_path / "private.git")
    assert pushed == "SE counts products only\n"
    check_handout(next((fork / "_build" / "bundle").glob("*.zip")))
    assert lost_by_the_public_answer(fork) == {f"{KEY}-macs-test"}


def check_handout(path: Path) -> None:
    names = zipfile.ZipFile(path).namelist()
    assert any(name.endswith(".whl") for name in names)
    assert not [name for name in names if "solutions" in name]
    text = zipfile.ZipFile(path).read(f"{path.stem}/se/se.ipynb").decode()
    assert "products alone" in text
    assert "BEGIN SOLUTION" not in text


def lost_by_the_public_answer(fork: Path) -> set[str]:
    """The tests that the open repository's solved notebook fails in the fork."""
    path = fork / "course" / "submitted" / "copier" / KEY / f"{KEY}.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / "notebooks" / KEY / f"{KEY}.ipynb", path)
    said = shell("autograder grade se --json 2>/dev/null", fork)
    (result,) = json.loads(said)["results"]
    return {task["name"] for task in result["tasks"] if task["points"] < task["max_points"]}


def test_plain_sphinx_builds_the_book(copy):
    cache = ROOT / "_build" / ".jupyter_cache"
    if cache.is_dir():  # else every page with code is executed
        shutil.copytree(cache, copy / "_build" / ".jupyter_cache")
    typed(to_run("leaving.md"), copy)
    assert "jupyter_book'" not in (copy / "conf.py").read_text("utf-8")
    for path in SOURCES:
        built = copy / "_build" / "sphinx" / path.relative_to(ROOT).with_suffix(".html")
        page, source = Page(built), Source(path)
        (title,) = re.findall(r"^# (.*)$", source.prose, re.MULTILINE)[:1]
        assert re.sub(r"\W", "", title) in re.sub(r"\W", "", page.prose)
        assert {f"equation-{label}" for label in source.equations} <= page.ids


def test_the_demo_runs(copy):
    if (ROOT / "_build").is_dir():  # what is up to date is not built again
        shutil.copytree(ROOT / "_build", copy / "_build", dirs_exist_ok=True)
    said = shell("make demo", copy, 3000)
    assert re.search(r"^pia +0 ", said, re.MULTILINE)
    assert "The gradebook" in said
