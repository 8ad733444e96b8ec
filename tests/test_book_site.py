"""The book as it is built: nothing from outside, alt texts, links, and all that it must show."""

import re
import runpy
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from book_audit import broken_links
from book_pages import ROOT, Page

from attnlab.mechanisms import MECHANISMS

BUILDER = runpy.run_path(str(ROOT / "tools" / "build_book.py"))
TAUGHT = [record for record in MECHANISMS.values() if record.status == "taught"]


@pytest.fixture(scope="module")
def site() -> dict[str, Page]:
    """Every page of the book by its name, built now unless it is up to date."""
    BUILDER["build"]()
    html = ROOT / "_build" / "html"
    pages = [*(html / "book").rglob("*.html"), html / "search.html", html / "genindex.html"]
    return {path.stem: Page(path) for path in pages}


def test_building_again_when_nothing_changed_does_nothing(tmp_path, monkeypatch):
    inside = BUILDER["build"].__globals__
    for name, value in (("BUILD", tmp_path), ("INDEX", tmp_path / "html" / "index.html")):
        monkeypatch.setitem(inside, name, value)
    monkeypatch.setitem(inside, "digest", lambda patterns: "the same")
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").touch()
    (tmp_path / "html" / "pages.sha256").write_text("the same")
    assert BUILDER["build"]() is False


def test_the_digest_follows_every_file_that_a_page_is_made_of(tmp_path, monkeypatch):
    monkeypatch.setitem(BUILDER["digest"].__globals__, "ROOT", tmp_path)
    (tmp_path / "book").mkdir()
    seen = []
    for name, text in (("se.md", "one"), ("se.md", "two"), ("attn.css", "two")):
        (tmp_path / "book" / name).write_text(text)
        seen.append(BUILDER["digest"](["book/**/*"]))
    assert len(set(seen)) == 3
    assert BUILDER["digest"](["book/**/*"]) == seen[-1]


def test_every_page_of_the_contents_is_built(site):
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [contents["root"], *(c["file"] for part in contents["parts"] for c in part["chapters"])]
    assert {Path(file).stem for file in files} <= site.keys()


def test_no_page_loads_anything_from_another_server(site):
    outside = [(name, a) for name, page in site.items() for a in page.loads()
               if re.match(r"(\w+:)?//", a)]  # fmt: skip
    assert not outside
    for name, page in site.items():
        scripts = re.findall(r"<script[^>]*>(.*?)</script>", page.path.read_text("utf-8"), re.S)
        hosts = [h for s in scripts for h in re.findall(r"https?://[\w.]+", s)]
        assert not set(hosts) - {"https://schema.org"}, f"{name}: a script names {hosts}"


def test_every_file_that_a_page_loads_is_there(site):
    lost = [
        (name, address)
        for name, page in site.items()
        for address in page.loads()
        if not address.startswith(("#", "data:"))
        and not (page.path.parent / file_of(address)).is_file()
    ]
    assert not lost


def unhelpful(words: str) -> bool:
    """Too short to say what a picture shows, or the name of its file."""
    return len(words) < 20 or bool(re.search(r"\.(png|svg|jpe?g)$", words))


def test_every_picture_says_what_it_shows(site):
    for name, page in site.items():
        images = [a for tag, a in page.elements if tag == "img"]
        mute = [a["src"][:80] for a in images if unhelpful(a.get("alt") or "")]
        drawings = [a for tag, a in page.elements if tag == "svg" and a.get("role") == "img"]
        mute += [a for a in drawings if unhelpful(a.get("aria-label") or "")]
        assert not mute, f"{name}: no alt text, or a path instead of one: {mute}"


def test_every_link_inside_the_site_leads_somewhere(site):
    assert not broken_links(list(site.values()), ROOT / "_build" / "html")


def test_every_citation_names_its_paper(site):
    empty = [name for name, page in site.items() if re.search(r"\[\s*\](?!\S)", page.prose)]
    assert not empty


def test_the_atlas_shows_every_row_of_the_registry(site):
    shown = site["atlas"].text
    for record in MECHANISMS.values():
        assert record.title in shown, record.key
        assert f"{record.key} · {record.status}" in shown
        for cost in (record.parameters, record.multiply_adds):
            assert cost is None or cost.text in shown, f"{record.key}: {cost.text}"


def test_the_bibliography_holds_every_paper_of_the_registry(site):
    for record in MECHANISMS.values():
        assert record.paper.title in site["bibliography"].text, record.paper.bibkey


@pytest.mark.parametrize("record", TAUGHT, ids=lambda record: record.key)
def test_the_chapter_names_every_mistake(site, record):
    module = __import__(f"solutions.mistakes.{record.key}", fromlist=["TASKS"])
    shown = straight(site[record.page].text)
    mistakes = [m for task in module.TASKS.values() for m in getattr(task, "mistakes", ())]
    assert len(mistakes) >= 8
    for mistake in mistakes:
        for words in (mistake.name, mistake.sentence, mistake.symptom):
            assert straight(words) in shown, f"{record.page}.html does not show: {words}"


def file_of(address: str) -> str:
    """The file that an address names, without its query and anchor."""
    return unquote(re.split("[?#]", address)[0])


def straight(text: str) -> str:
    """Without what typography changes: case, quotes, dashes, spaces."""
    return re.sub(r"[\s\"'“”‘’`*–-]+", "", text.replace("…", "...")).lower()


def test_measured_numbers_are_on_the_chapter(site):
    marks = [a for tag, a in site["se"].elements if tag == "span" and a.get("class") == "ledger"]
    assert len(marks) >= 5, "the chapter quotes the ledger"


def test_a_search_for_excite_finds_the_chapter(site):
    index = (site["se"].path.parents[1] / "searchindex.js").read_text("utf-8")
    assert re.search(r'"excit": \[?\d', index)
