"""The book as one page for the printer: what is joined, what is left out, and the PDF of it."""

import re
import shutil
import subprocess

import book_audit
import chromium
import pytest
from book_pages import ROOT

from tools import print_book

PAGE = """<html><head><title>{title} &#8212; Book</title>
<link rel="stylesheet" type="text/css" href="{up}_static/attn.css?v=1" />
<script>window.MathJax = {{}}</script>
<script defer src="{up}_static/vendor/mathjax/tex.js"></script>
<script src="{up}_static/progress.js"></script></head><body><nav>contents</nav>
<article class="bd-article">{body}</article></body></html>"""
ONE = """<section id="top"><h1>One</h1><a class="x" href="#top">here</a>
<a href="two/deep.html#end">on</a> <a href="../exercise.ipynb">file</a>
<a href="https://example.org/">out</a><img src="../_images/a.png"/>
<details class="admonition hide above-input"><summary>Show</summary></details>
<details><p>answer</p></details>
<div id="live"><svg><path marker-end="url(#tip)"/></svg><script>draw()</script></div></section>"""
PAGES = ["book/one", "book/two/deep"]


@pytest.fixture
def whole(tmp_path):
    (tmp_path / "book/two").mkdir(parents=True)
    (tmp_path / "book/one.html").write_text(PAGE.format(title="One", up="../", body=ONE))
    deep = '<section id="end"><a href="../one.html">back</a></section>'
    (tmp_path / "book/two/deep.html").write_text(PAGE.format(title="D", up="../../", body=deep))
    return print_book.joined(tmp_path, PAGES)


def test_every_page_is_there_once_in_its_order(whole):
    assert re.findall(r'<article class="bd-article" id="([^"]*)"', whole) == [
        "book-one", "book-two-deep"]  # fmt: skip
    assert "<title>One</title>" in whole
    assert "contents" not in whole


def test_links_lead_to_places_of_the_same_page(whole):
    for link in ("#book-one--top", "#book-two-deep--end", "#book-one", "https://example.org/"):
        assert f'href="{link}"' in whole
    assert "exercise.ipynb" not in whole
    assert 'id="book-two-deep--end"' in whole
    assert "url(#book-one--tip)" in whole


def test_files_are_found_from_beside_the_site_and_asked_for_once(whole):
    assert 'src="html/_images/a.png"' in whole
    assert whole.count("html/_static/attn.css?v=1") == 1
    assert whole.count("html/_static/vendor/mathjax/tex.js") == 1


def test_formulas_are_the_only_script_and_answers_are_unfolded(whole):
    assert "draw()" not in whole
    assert "progress.js" not in whole
    assert "<details open><p>answer" in whole
    assert '<details class="admonition hide above-input">' in whole


def test_a_page_without_an_article_is_named():
    with pytest.raises(
        print_book.PrintError, match=r"book/se\.html has no article: build the book"
    ):
        print_book.article("book/se", "<html></html>", PAGES)


def test_the_contents_begin_with_the_first_page():
    pages = print_book.contents(ROOT)
    assert pages[0] == "book/intro"
    assert len(pages) == len(set(pages)) > 25


@pytest.mark.browser
@pytest.mark.slow
def test_the_printed_book_has_every_chapter_and_its_formulas(tmp_path, monkeypatch):
    if absent := chromium.missing():
        pytest.skip(f"not run: {absent} is not installed")
    if not shutil.which("pdftotext"):
        pytest.skip("not run: pdftotext is not installed")
    with book_audit.served():
        print_book.main()
    text = subprocess.run(
        ["pdftotext", ROOT / "_build" / "where-to-look.pdf", "-"], capture_output=True, text=True
    ).stdout
    for words in ("Squeeze-and-Excitation", "Dual attention", "Bibliography"):
        assert words in text
    assert "\\sum" not in text, "a formula was printed as it is written"
