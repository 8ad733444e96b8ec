"""A student's way through the built site, by keyboard: search, chapter, live figure, notebook."""

import json
import time
from pathlib import Path

import book_audit
import chromium
import nbformat
import pytest
from book_pages import ROOT

pytestmark = pytest.mark.browser
KEYS = {"Enter": 13, "Tab": 9, " ": 32}
CODE = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS")


@pytest.fixture(scope="module")
def address():
    with book_audit.served() as address:
        yield address


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["laptop", "phone"])
def reader(request, address):
    """A browser of its own: nothing is in its cache, and its log is this path's alone."""
    absent = chromium.missing()
    if absent:
        pytest.skip(f"not run: {absent} is not installed")
    browser = chromium.Browser(*request.param)
    browser.view(*request.param)
    yield browser
    browser.close()


def press(browser: chromium.Browser, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        text = {"text": "\r"} if (kind, key) == ("keyDown", "Enter") else {}
        browser.cdp("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                    windowsVirtualKeyCode=KEYS[key], **text)  # fmt: skip


FOCUS = """const shown = [...document.querySelectorAll(arguments[0])]
    .filter(e => e.getClientRects().length && (!arguments[1] || e.innerText === arguments[1]));
    shown[0].focus(); return document.activeElement === shown[0]"""
AT = "return location.pathname"


def follow(browser: chromium.Browser, selector: str, words: str = "") -> None:
    """Goes to the first such element that is seen, and presses Enter there."""
    browser.wait(f"return [...document.querySelectorAll({json.dumps(selector)})]"
                 ".some(e => e.getClientRects().length)")
    assert browser.run(FOCUS, selector, words), f"{selector} {words!r} takes no focus"
    press(browser, "Enter")


def test_a_student_finds_a_chapter_uses_its_figure_and_takes_the_notebook(
        reader, address, tmp_path):
    reader.open(f"{address}/index.html")
    reader.wait("return location.pathname.endsWith('/book/intro.html')")
    follow(reader, ".bd-article a[href*='primer.html']")
    reader.wait("return location.pathname.endsWith('/book/primer.html')")

    follow(reader, ".search-button__button")
    reader.wait("return document.activeElement.type === 'search'")
    reader.cdp("Input.insertText", text="excite")
    press(reader, "Enter")
    follow(reader, "#search-results a[href*='book/se.html']")
    reader.wait("return location.pathname.endsWith('/book/se.html')")

    said = "return document.querySelector('#se-live [role=status]')?.textContent"
    reader.wait(said)
    before = reader.run(said)
    follow(reader, "#se-live button", "Raise a pixel by 8")
    assert reader.run(said) != before
    assert "0.50 and 0.50" in reader.run(said)
    press(reader, "Tab")
    assert reader.run("return !!document.activeElement.closest('#se-live')"), "Tab stays in order"

    reader.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    follow(reader, ".bd-article a.download[href$='se.ipynb']")
    check_notebook(awaited(tmp_path / "se.ipynb"))

    asked = reader.requests()
    assert len(asked) > 20
    assert not [one for one in asked if not one.startswith((address, "data:", "blob:", "chrome"))]
    assert not [entry["message"] for entry in reader.log("browser") if entry["level"] == "SEVERE"]


def awaited(path: Path) -> Path:
    for _ in range(100):
        if path.is_file() and path.stat().st_size:
            return path
        time.sleep(0.1)
    raise AssertionError(f"{path.name} was not downloaded in 10 s: {list(path.parent.iterdir())}")


def check_notebook(path: Path) -> None:
    """It is the exercise's notebook, opens as one, and holds no answer."""
    assert path.read_bytes() == (ROOT / "exercises" / "se" / "se.ipynb").read_bytes()
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not [cell.id for cell in notebook.cells if any(mark in cell.source for mark in CODE)]
