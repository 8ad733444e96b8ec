"""What a first visit to a page loads, as a server sends it that compresses: at most 1.2 MB.

Chromium lists what it asked for; text is counted as `gzip -6` makes it, which is what GitHub Pages
sends, and what is compressed already (pictures, fonts) as it is.
"""

import gzip
from urllib.parse import unquote, urlsplit

import book_audit
import chromium
import pytest
from book_pages import ROOT

pytestmark = pytest.mark.browser
MOST = 1_200_000
PACKED = (".png", ".woff", ".woff2", ".jpg")
KINDS = {  # one page of each kind
    "the first page": "book/intro.html",
    "a widget": "book/primer.html",
    "a chapter": "book/se.html",
    "a chapter of pairs": "book/nonlocal.html",
    "several mechanisms": "book/spacezoo.html",
    "many maps": "book/maps.html",
    "a large table": "book/bench.html",
    "the atlas": "book/atlas.html",
    "the costs": "book/costs.html",
    "the exercises' end": "book/capstone.html",
    "for instructors": "book/instructors/mistakes.html",
    "the search, before its answers": "search.html",
}


def sent(address: str) -> int:
    """Bytes of an answer, compressed where a server would."""
    path = ROOT / "_build" / "html" / unquote(urlsplit(address).path).lstrip("/")
    content = path.read_bytes()
    return len(content) if path.suffix in PACKED else len(gzip.compress(content, 6))


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


@pytest.mark.parametrize("page", KINDS.values(), ids=KINDS.keys())
def test_a_first_visit_is_light(browser, address, page, record_property):
    browser.open(f"{address}/{page}")
    browser.wait("return document.readyState === 'complete'")
    browser.wait("return !window.MathJax?.startup?.promise || document.fonts.status === 'loaded'")
    browser.run("window.scrollTo(0, document.documentElement.scrollHeight)")
    asked = {a for a in browser.requests() if a.startswith(address)}
    weights = {a.removeprefix(address): sent(a) for a in asked}
    total = sum(weights.values())
    record_property("bytes", total)
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    print(f"{page}: {total:,} bytes in {len(asked)} answers, the heaviest {heaviest}")
    assert total <= MOST, heaviest
