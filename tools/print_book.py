"""Print the book as it is built to one PDF, `_build/where-to-look.pdf`: `make pdf`.

The articles are joined in the order of the contents on one page, whose only script sets formulas:
answers are unfolded, and a live figure is the picture and the table that stand in its place.
Chromium prints that page; print.css says how it looks on paper. It needs some minutes.
"""

import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

import yaml

from tools.serve import server

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--no-pdf-header-footer", "--generate-pdf-document-outline",
             "--virtual-time-budget=600000")  # fmt: skip
PATIENCE = 1800  # seconds, for a slow machine
ARTICLE = re.compile(r'<article class="bd-article"[^>]*>(.*?)</article>', re.S)
SCRIPT = re.compile(r"<script\b.*?</script>", re.S)
STYLE = re.compile(r'<link[^>]*rel="stylesheet"[^>]*>')
FORMULAS = re.compile(
    r"<script[^>]*>window\.MathJax.*?</script>|<script[^>]*mathjax/[^>]*></script>"
)
ADDRESS = re.compile(r'\b(src|href)="(?!data:|\w+:|#)([^"]*)"')
WHOLE = """<!doctype html><html lang="en" data-theme="light" data-mode="light"><head>
<meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,">{head}</head>
<body class="whole-book"><main class="bd-main"><div class="bd-content">
<div class="bd-article-container">{articles}</div></div></main></body></html>"""


class PrintError(Exception):
    """The book could not be printed; the message says what is missing."""


def contents(root: Path) -> list[str]:
    """The pages in their order, as in `book/se`."""
    given = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    return [given["root"], *(c["file"] for part in given["parts"] for c in part["chapters"])]


def label(page: str, anchor: str = "") -> str:
    """The id of a page, or of a place on it, on the joined page."""
    return f"{page.replace('/', '-')}--{anchor}" if anchor else page.replace("/", "-")


def target(page: str, link: str, pages: Iterable[str]) -> str | None:
    """Where a link of a page leads on the joined page; None for a file that paper does not have."""
    if re.match(r"\w+:", link):
        return link
    file, _, anchor = link.partition("#")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(file)))
    to = joined.removesuffix(".html") if file else page
    return f"#{label(to, anchor)}" if to in pages else None


def inside(page: str, html: str) -> str:
    """What a page loads, by addresses from the folder beside which the joined page lies."""

    def moved(match: re.Match) -> str:
        address = posixpath.join("html", posixpath.dirname(page), match[2])
        return f'{match[1]}="{posixpath.normpath(address)}"'

    return ADDRESS.sub(moved, html)


def article(page: str, html: str, pages: Iterable[str]) -> str:
    """A page's article with ids and links of its own, unfolded and without scripts."""
    found = ARTICLE.search(html)
    if found is None:
        raise PrintError(f"{page}.html has no article: build the book again with `make book`")

    def link(match: re.Match) -> str:
        to = target(page, match[2], pages)
        return f'{match[1]}href="{to}"' if to else match[1]

    text = STYLE.sub("", SCRIPT.sub("", found[1]))
    text = re.sub(r'\b(id|for|aria-labelledby|aria-describedby)="([^"]+)"',
                  lambda m: f'{m[1]}="{label(page, m[2])}"', text)  # fmt: skip
    text = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{label(page, m[1])})", text)
    text = re.sub(r'(<(?:a|use)\b[^>]*?)href="([^"]*)"', link, text)
    text = re.sub(r"<(?:img|source)\b[^>]*>", lambda m: inside(page, m[0]), text)
    text = re.sub(r"<details(?![^>]*\bhide\b)(?![^>]*\bopen\b)", "<details open", text)
    text = re.sub(r"<p[^>]*>This figure needs JavaScript[^<]*</p>", "", text)
    return f'<article class="bd-article" id="{label(page)}">{text}</article>'


def joined(site: Path, pages: list[str]) -> str:
    """The whole book as one page, to lie beside the site's folder `html`."""
    texts = {page: (site / f"{page}.html").read_text("utf-8") for page in pages}
    asked = [inside(page, part) for kind in (STYLE, FORMULAS) for page, text in texts.items()
             for part in kind.findall(text)]  # fmt: skip
    articles = "".join(article(page, text, pages) for page, text in texts.items())
    title = re.search(r"<title>([^<&]*)", texts[pages[0]])[1].strip()
    return WHOLE.format(title=title, head="".join(dict.fromkeys(asked)), articles=articles)


def print_page(address: str, pdf: Path) -> None:
    """Let Chromium print what lies at an address; raises PrintError when no PDF comes of it."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise PrintError(f"none of {', '.join(BROWSERS)} is installed; any of them prints the book")
    pdf.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, *ARGUMENTS, f"--user-data-dir={profile}", f"--print-to-pdf={pdf}", address],
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
    if not pdf.is_file():
        raise PrintError(f"{browser} ended with {done.returncode}: {done.stderr[-1000:]}")


def main() -> None:
    """Join, print, and say where the PDF lies."""
    pages = contents(ROOT)
    whole, pdf = BUILD / "whole.html", BUILD / "where-to-look.pdf"
    try:
        whole.write_text(joined(BUILD / "html", pages), "utf-8")
        with server(0, BUILD) as serving:
            threading.Thread(target=serving.serve_forever, daemon=True).start()
            print_page(f"http://127.0.0.1:{serving.server_address[1]}/{whole.name}", pdf)
            serving.shutdown()
    except (PrintError, OSError, subprocess.TimeoutExpired) as error:
        sys.exit(f"print_book: {error}")
    print(f"{len(pages)} pages of the book: {pdf.relative_to(ROOT)}, {pdf.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
