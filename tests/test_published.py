"""What a site with an address has, and one without it has not."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
import yaml
from book_pages import BOOK, ROOT
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util.docutils import docutils_namespace

from exercises import KEYS

sys.path.insert(0, str(BOOK / "_extensions"))
import published

SETTINGS = f"""
extensions = ["published"]
templates_path = [{str(BOOK / "_templates")!r}]
html_theme_options = dict()
course_moved = {{"book/old": "book/new"}}
"""


def built(folder: Path, monkeypatch, url: str, hub: str = "") -> Path:
    """A site of one page, whose repository is at `url`."""
    (folder / "book").mkdir()
    (folder / "conf.py").write_text(SETTINGS + f"course_hub = {hub!r}\n")
    text = ":download:`a <se.ipynb>`\n\n.. launch:: se\n\n.. toctree::\n\n   book/new\n"
    (folder / "index.rst").write_text(f"Home\n====\n\n{text}")
    (folder / "se.ipynb").write_text("{}")
    (folder / "book" / "new.rst").write_text("New\n===\n")
    monkeypatch.setattr(published, "repository", lambda _: REPOSITORY(url))
    with docutils_namespace():
        app = Sphinx(folder, folder, folder / "html", folder / "trees", "html", status=None,
                     warningiserror=True)  # fmt: skip
        app.build()
    return folder / "html"


REPOSITORY = published.repository


def test_without_an_address_there_is_nothing_to_launch_and_no_map(tmp_path, monkeypatch):
    site = built(tmp_path, monkeypatch, "")
    home = (site / "index.html").read_text()
    assert "colab" not in home
    assert re.search(r'href="_downloads/\w+/se\.ipynb"', home)
    assert 'rel="canonical"' not in home
    assert not (site / "sitemap.xml").exists()
    assert 'href="/book/intro.html"' in (site / "404.html").read_text()
    assert 'url=../book/new.html"' in (site / "book" / "old.html").read_text()


def test_with_an_address_the_notebook_is_launched_and_every_page_has_its_own(tmp_path, monkeypatch):
    url = "https://github.com/Ada-L/where.to-look"
    site = built(tmp_path, monkeypatch, url, "https://hub.example.edu/")
    home = (site / "index.html").read_text()
    colab = "https://colab.research.google.com/github/Ada-L/where.to-look/blob/students/"
    assert f'href="{colab}se/se.ipynb"' in home
    assert "/v2/gh/Ada-L/where.to-look/students?labpath=se/se.ipynb" in home
    pulled = "git-pull?repo=https%3A%2F%2Fgithub.com%2FAda-L%2Fwhere.to-look&amp;branch=students"
    opened = "&amp;urlpath=lab%2Ftree%2Fwhere.to-look%2Fse%2Fse.ipynb"
    assert f"https://hub.example.edu/hub/user-redirect/{pulled}{opened}" in home
    assert f'href="{url}/releases/latest/download/se.ipynb"' in home
    assert "_downloads" not in home
    base = "https://ada-l.github.io/where.to-look/"
    assert f'<link rel="canonical" href="{base}index.html"' in home
    found = re.findall("<loc>(.*?)</loc>", (site / "sitemap.xml").read_text())
    assert found == [f"{base}book/new.html", f"{base}index.html"]
    lost = (site / "404.html").read_text()
    assert '<base href="/where.to-look/">' in lost
    assert f'href="{base}book/new.html"' in (site / "book" / "old.html").read_text()


def test_a_page_says_when_and_with_what_it_was_executed(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    text = published.executed()
    assert "Executed on 1 January 1970 with Python 3." in text
    assert f"PyTorch {torch.__version__.partition('+')[0]}" in text


@pytest.mark.parametrize("url", ["github.com/a/b", "https://gitlab.com/a/b", "https://github.com/a"])
def test_an_address_that_is_none_is_named(url):
    with pytest.raises(ConfigError, match=r"expected https://github\.com/OWNER/NAME"):
        published.repository(url)


def test_every_exercise_is_downloaded_and_launched_on_its_chapters_page():
    launched = []
    for page in BOOK.glob("*.md"):
        text = page.read_text("utf-8")
        keys = re.findall(r"^```\{launch\} (\S+)\n```$", text, re.M)
        assert keys == re.findall(r"\{download\}`(\w+)\.ipynb <\.\./exercises/\1/\1\.ipynb>`", text)
        launched += keys
    assert sorted(launched) == sorted(KEYS)


def kept(addresses: str, contents: dict, moved: dict[str, str]) -> list[str]:
    """What is wrong with the addresses: lost ones, pages that are not listed, redirects astray."""
    listed = {line for line in addresses.splitlines() if line and not line.startswith("#")}
    pages = {contents["root"], *(c["file"] for part in contents["parts"] for c in part["chapters"])}
    wrong = [f"{page} is gone; name its new place in course_moved"
             for page in listed - pages - moved.keys()]  # fmt: skip
    wrong += [f"{page} is new; add it to book/addresses.txt" for page in pages - listed]
    wrong += [f"{old} is a page, and may not be a redirect too" for old in pages & moved.keys()]
    return wrong + [f"{new} is no page to move to" for new in set(moved.values()) - pages]


ADDRESSES = (BOOK / "addresses.txt").read_text("utf-8")
CONTENTS = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
SETTINGS_NOW = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))


def test_every_address_that_was_published_is_still_a_page_or_leads_to_one():
    assert kept(ADDRESSES, CONTENTS, SETTINGS_NOW["sphinx"]["config"]["course_moved"]) == []


@pytest.mark.parametrize(("old", "new", "moved", "said"), [
    ("book/se", "book/squeeze", {}, ["book/se is gone", "book/squeeze is new"]),
    ("book/se", "book/squeeze", {"book/se": "book/squeeze"}, ["book/squeeze is new"]),
    ("", "", {"book/se": "book/eca"}, ["book/se is a page"]),
    ("", "", {"book/old": "book/older"}, ["book/older is no page"]),
])  # fmt: skip
def test_a_lost_address_is_named(old, new, moved, said):
    contents = yaml.safe_load(yaml.safe_dump(CONTENTS).replace(f"file: {old}\n", f"file: {new}\n"))
    wrong = kept(ADDRESSES, contents, moved)
    assert len(wrong) == len(said)
    assert all(line.startswith(start) for line, start in zip(wrong, said, strict=True))


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


MAY_WRITE = {"publish": {"pages", "id-token"}, "release": {"contents"}}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_pins_what_it_uses_and_may_do_only_what_it_must(path):
    text = path.read_text("utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert not [action for action in used if not re.search(r"@[0-9a-f]{40}$", action)]
    plan = yaml.safe_load(text)
    assert plan["permissions"] == {"contents": "read"}
    for name, job in plan["jobs"].items():
        writes = {what for what, may in job.get("permissions", {}).items() if may == "write"}
        assert writes <= MAY_WRITE.get(name, set())
        assert not (writes and any("checkout" in step.get("uses", "") for step in job["steps"]))
        assert job["timeout-minutes"] <= 60
    commands = "\n".join(step.get("run", "") for job in plan["jobs"].values()
                         for step in job["steps"])  # fmt: skip
    assert "${{" not in commands, "an expression inside a command runs whatever it holds"


def workflow(name: str) -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8"))


def test_only_main_is_published_and_only_with_an_address():
    publish = workflow("book")["jobs"]["publish"]
    assert publish["needs"] == ["test", "build"]
    assert {part.strip() for part in publish["if"].split("&&")} == {
        "github.ref == 'refs/heads/main'", "github.event_name == 'push'",
        "needs.build.outputs.address != ''",
    }  # fmt: skip


def test_once_a_week_the_newest_allowed_versions_are_tried():
    plan = workflow("book")
    assert plan[True]["schedule"], "YAML reads `on` as True"
    steps = plan["jobs"]["test"]["steps"]
    newest = [step.get("if") for step in steps].index("github.event_name == 'schedule'")
    assert steps[newest]["run"] == "make setup lock clean-all"
    assert steps[newest + 1]["run"] == ".ci/run"
    verbs = (ROOT / "Makefile").read_text("utf-8")
    assert all(f"\n{verb}:" in verbs for verb in ("setup", "lock", "clean-all", "test"))


STUB = """#!/bin/sh
echo "$@" >> "$HOME/gh.log"
"""


def test_a_release_is_attached_and_put_on_the_branch_that_the_buttons_open(tmp_path):
    """The job's own commands, with git's real branch and a stand-in for `gh`."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gh").write_text(STUB)
    (tmp_path / "bin" / "gh").chmod(0o755)
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "hub.git"], check=True)
    address = "https://x-access-token:secret@github.com/ada/course"
    (tmp_path / ".gitconfig").write_text(f'[url "{tmp_path}/hub.git"]\ninsteadOf = {address}\n')
    env = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path),
           "GH_TOKEN": "secret", "GITHUB_REPOSITORY": "ada/course"}  # fmt: skip
    for version in ("0.1.0", "0.2.0"):
        work = tmp_path / version
        (work / "bundle").mkdir(parents=True)
        with zipfile.ZipFile(work / "bundle" / f"where-to-look-{version}.zip", "w") as archive:
            for name in ("se/se.ipynb", "x.whl", "binder/runtime.txt", f"only-{version}"):
                archive.writestr(f"where-to-look-{version}/{name}", version)
        sums = "sha256sum where-to-look-* > SHA256SUMS"
        subprocess.run(sums, shell=True, cwd=work / "bundle", check=True)
        for step in workflow("release")["jobs"]["release"]["steps"][1:]:
            subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], cwd=work, check=True,
                           env=env | {"GITHUB_REF_NAME": f"v{version}"})  # fmt: skip
    log = (tmp_path / "gh.log").read_text()
    assert "release create v0.2.0 --repo ada/course --verify-tag" in log
    assert "bundle/where-to-look-0.2.0.zip" in log
    git = ["git", "-C", tmp_path / "hub.git"]
    files = subprocess.check_output([*git, "ls-tree", "-r", "--name-only", "students"], text=True)
    assert files.split() == ["binder/runtime.txt", "only-0.2.0", "se/se.ipynb"]
    said = subprocess.check_output([*git, "log", "--format=%s", "students"], text=True)
    assert said.splitlines() == ["Release v0.2.0", "Release v0.1.0"], "no history is thrown away"
    assert published.BRANCH == "students"
