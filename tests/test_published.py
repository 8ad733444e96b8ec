"""What a site with an address has, and one without it has not."""

import re
import sys
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


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


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
        assert writes <= ({"pages", "id-token"} if name == "publish" else set())
        assert job["timeout-minutes"] <= 60
    commands = "\n".join(step.get("run", "") for job in plan["jobs"].values()
                         for step in job["steps"])  # fmt: skip
    assert "${{" not in commands, "an expression inside a command runs whatever it holds"
