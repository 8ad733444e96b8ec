"""How far a reader has come: the notes, in node, and in a browser what is kept and forgotten."""

import book_audit
import chromium
import pytest
from live_figures import computed

NOTES = "return JSON.parse(localStorage.getItem('where-to-look.read') || '{}')"
MARKS = """return [...document.querySelectorAll(arguments[0])].map(mark =>
    [mark.parentElement.textContent.split(' ')[0], mark.textContent.trim()])"""
SAID = "return document.querySelector('#reading-progress p').textContent"
FORGET = "document.querySelector('#reading-progress button').click()"
END = "window.scrollTo(0, document.documentElement.scrollHeight)"


def done(function, *arguments):
    return computed("progress.js", function, *arguments)


@pytest.mark.parametrize(
    ("text", "notes"),
    [('{"book/se": 0.5}', {"book/se": 0.5}), ("{", {}), (None, {}), ("7", {}),
     ('{"book/se": "much", "book/da": 2, "book/cc": 1}', {"book/cc": 1})],
)  # fmt: skip
def test_what_is_kept_is_read_and_what_is_no_share_is_left(text, notes):
    assert done("read", text) == notes


def test_a_page_never_becomes_less_read():
    assert done("noted", {"a": 0.5}, "a", 0.2) == {"a": 0.5}
    assert done("noted", {"a": 0.5, "b": 1}, "a", 0.754) == {"a": 0.75, "b": 1}
    assert done("noted", {}, "a", 0.985) == {"a": 1}


def test_a_page_is_read_when_its_end_was_seen():
    assert [done("state", share) for share in (0.2, 0.97, 1)] == ["begun", "begun", "read"]


def test_the_sentence_counts_chapters_and_says_who_knows():
    said = done("said", {"a": 1, "b": 0.3, "elsewhere": 1}, ["a", "b", "c"])
    assert said.startswith("Read to the end: 1 of 3 chapters, and 1 begun.")
    assert "nothing is sent anywhere" in said
    assert "begun" not in done("said", {"a": 1}, ["a", "b"])


@pytest.fixture(scope="module")
def address():
    with book_audit.served() as address:
        yield address


@pytest.fixture
def browser():
    if absent := chromium.missing():
        pytest.skip(f"not run: {absent} is not installed")
    browser = chromium.Browser()
    yield browser
    browser.close()


@pytest.mark.browser
def test_a_page_read_to_its_end_is_marked_until_it_is_forgotten(browser, address):
    browser.open(f"{address}/book/capstone.html")
    browser.run(END)
    browser.wait("return JSON.parse(localStorage.getItem('where-to-look.read') || '{}')"
                 "['book/capstone'] === 1")  # fmt: skip
    browser.requests()
    browser.open(f"{address}/book/intro.html")
    browser.wait("return document.querySelector('#reading-progress p')")
    assert browser.run(MARKS, ".facts .progress-mark")[0][1] == "read"
    assert ["Where", "read"] in browser.run(MARKS, ".bd-sidebar-primary .progress-mark")
    assert "1 of 18 chapters" in browser.run(SAID)
    assert all(asked.startswith((address, "data:", "blob:")) for asked in browser.requests())
    browser.run(FORGET)
    assert browser.run(NOTES) == {}
    assert browser.run(MARKS, ".progress-mark") == []
    assert "0 of 18 chapters" in browser.run(SAID)


@pytest.mark.browser
def test_without_a_store_the_page_works_and_says_nothing_wrong(browser, address):
    script = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('none'); }})"
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)
    browser.open(f"{address}/book/intro.html")
    browser.wait("return document.querySelector('#reading-progress p')")
    assert "0 of 18 chapters" in browser.run(SAID)
    assert browser.run("return document.querySelectorAll('.card-chapter a').length") == 18
