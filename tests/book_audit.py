"""What a browser says of the built book, page by page: `make check-book` prints it.

Opens every page in Chromium and asks what it requested from other servers, what its console
complained of, and what axe-core (Deque's accessibility rules, a locked npm package) finds. Links
inside the site are followed in the files.
"""

import functools
import io
import json
import re
import runpy
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag

from book_pages import BOOK, ROOT, SOURCES, Page
from chromium import Browser, missing

from tools import fetch_npm, serve

PAGES = [f"book/{path.relative_to(BOOK).with_suffix('').as_posix()}.html" for path in SOURCES]
OTHERS = ["search.html?q=excite", "genindex.html"]
# What others' code does and the book does not mend: axe's rule, and the element that it names.
THEMES_OWN = {
    ("label-content-name-mismatch", ".search-button-field"),  # "Search" for "Search Ctrl+K"
    ("label-content-name-mismatch", ".theme-switch-button"),  # "Color mode" for its icon's words
    ("label-content-name-mismatch", ".nav-link"),  # the same button on narrow pages
    ("region", ".sidebar-primary-items__start > .sidebar-primary-item:nth-child(1)"),  # the logo
    ("aria-input-field-name", ".noUi-handle"),  # the slider of ipywidgets
}


@dataclass(frozen=True)
class Finding:
    """A page as a browser meets it: addresses outside, console errors, axe's rule and element."""

    page: str
    outside: list[str]
    errors: list[str]
    violations: list[tuple[str, str]]

    @property
    def own(self) -> list[tuple[str, str]]:
        """The violations that are not the theme's."""
        return [found for found in self.violations if found not in THEMES_OWN]

    def __str__(self) -> str:
        counts = f"{len(self.outside):8} {len(self.errors):8} {len(self.own):8}"
        notes = [*self.outside, *self.errors, *(f"{rule} at {at}" for rule, at in self.own)]
        return "\n    ".join([f"{self.page:42}{counts}", *notes])


@contextmanager
def served() -> Iterator[str]:
    """The address of the site, built if need be, on 127.0.0.1 and a free port."""
    runpy.run_path(str(ROOT / "tools" / "build_book.py"))["build"]()
    with serve.server(0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@functools.cache
def axe() -> str:
    """The source of axe-core, as package-lock.json names it."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    entry = lock["packages"]["node_modules/axe-core"]
    tarball = fetch_npm.obtain("axe-core", entry, ROOT / ".cache" / "npm")
    with tarfile.open(fileobj=io.BytesIO(tarball)) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


# A header that is a formula alone has a name for a screen reader, MathML's, that axe does not read.
RUN_AXE = """
const formula = (rule, node) => rule.id === 'empty-table-header'
    && document.querySelector(node.target[0]).querySelector('mjx-container');
return axe.run(document, {resultTypes: ['violations']}).then(found =>
    found.violations.flatMap(rule => rule.nodes.filter(node => !formula(rule, node))
        .map(node => [rule.id, node.target.join(' ')])))"""


def audit(browser: Browser, address: str, page: str) -> Finding:
    """Open a page and list what is wrong with it."""
    browser.requests()
    browser.log("browser")
    browser.open(f"{address}/{page}")
    browser.wait("return document.readyState === 'complete'")
    own = (address, "data:", "blob:", "chrome")
    outside = [asked for asked in browser.requests() if not asked.startswith(own)]
    errors = [e["message"] for e in browser.log("browser") if e["level"] == "SEVERE"]
    browser.run(axe())
    browser.patience(120)
    found = [(rule, where) for rule, where in browser.run(RUN_AXE)]
    return Finding(page, outside, errors, found)


def broken_links(pages: list[Page], root: Path) -> list[tuple[str, str]]:
    """(page, link) of the links inside the site that lead nowhere; "/" is its root."""
    known, broken = {page.path.resolve(): page for page in pages}, []
    for page in pages:
        for link in (link for link in page.links() if not re.match(r"\w+:", link)):
            file, anchor = urldefrag(link)
            folder = root if file.startswith("/") else page.path.parent
            target = (folder / unquote(file).lstrip("/")).resolve() if file else page.path.resolve()
            there = target in known and (not anchor or unquote(anchor) in known[target].ids)
            if not there and (target in known or not target.is_file()):
                broken.append((page.path.name, link))
    return broken


def main() -> int:
    """Print what was found; the exit status is 1 when anything was."""
    if absent := missing():
        print(f"check-book: {absent} is not installed; nothing was checked", file=sys.stderr)
        return 2
    print(f"{'page':42}{'outside':>8} {'errors':>8} {'axe':>8}")
    with served() as address:
        browser, findings = Browser(), []
        try:
            for page in [*PAGES, *OTHERS]:
                findings.append(audit(browser, address, page))
                print(findings[-1], flush=True)
        finally:
            browser.close()
    html = ROOT / "_build" / "html"
    broken = broken_links([Page(path) for path in sorted(html.rglob("*.html"))], html)
    bad = sum(len(f.outside) + len(f.errors) + len(f.own) for f in findings)
    theirs = sum(len(f.violations) - len(f.own) for f in findings)
    print(*(f"broken link in {page}: {link}" for page, link in broken), sep="\n")
    print(f"{len(findings)} pages, {bad} findings, {theirs} of the theme's own, "
          f"{len(broken)} broken links")  # fmt: skip
    return 1 if bad or broken else 0


if __name__ == "__main__":
    sys.exit(main())
