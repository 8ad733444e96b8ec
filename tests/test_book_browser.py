"""The book in a real browser: it asks nobody else, fits a phone, and its figures answer."""

import book_audit
import pytest
from book_pages import BOOK, SOURCES, Source

from attnlab.mechanisms import MECHANISMS

pytestmark = pytest.mark.browser
PAGES = [path.relative_to(BOOK).with_suffix("").as_posix() for path in SOURCES]
CHAPTERS = [record.page for record in MECHANISMS.values() if record.status == "taught"]


@pytest.mark.parametrize("page", [*book_audit.PAGES, *book_audit.OTHERS])
def test_a_page_asks_no_other_server_has_no_errors_and_keeps_axes_rules(browser, address, page):
    found = book_audit.audit(browser, address, page)
    assert not [*found.outside, *found.errors, *found.own]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_phone(browser, address, page):
    browser.view(390, 844)
    browser.open(f"{address}/book/{page}.html")
    assert browser.run("return document.documentElement.scrollWidth") <= 390
    browser.view(1280, 900)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_follows_the_readers_colour_scheme(browser, address, page, dark):
    browser.view(1280, 900, dark=dark)
    browser.open(f"{address}/book/{page}.html")
    script = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    red, green, blue = browser.run(script)[:3]
    assert (max(red, green, blue) < 60) if dark else (min(red, green, blue) > 200)
    browser.view(1280, 900)


@pytest.mark.parametrize("page", CHAPTERS)
def test_formulas_are_set(browser, address, page):
    browser.open(f"{address}/book/{page}.html")
    formulas = len(Source(BOOK / f"{page}.md").equations)
    counted = "document.querySelectorAll('mjx-container[display]').length"
    browser.wait(f"return {counted} >= {formulas}")


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_live_figure_is_drawn_and_can_be_reached_by_tab(browser, address, page):
    browser.open(f"{address}/book/{page}.html")
    browser.wait("return document.querySelector('.attn-live [role=status]')?.textContent")
    stops = ".attn-live :is(button:not([tabindex='-1']), input, select)"
    assert browser.run(f'return document.querySelectorAll("{stops}").length') >= 1
    nameless = """return [...document.querySelectorAll('.attn-live :is(button, input, select)')]
        .filter(e => !(e.textContent || e.getAttribute('aria-label'))).length"""
    assert browser.run(nameless) == 0


STATUS = "return document.querySelector('#se-live [role=status]').textContent"
PRESS = """[...document.querySelectorAll('#se-live button')]
    .find(button => button.textContent === arguments[0]).click()"""
TYPE = """const input = document.querySelector('#se-live input');
    input.value = 41; input.dispatchEvent(new Event('input'))"""


def test_the_live_figure_answers_and_says_so(browser, address):
    browser.open(f"{address}/book/se.html")
    browser.wait("return document.querySelector('#se-live [role=status]')")
    states = {
        "Shuffle positions": "0.73 and 0.27",
        "Swap channels": "0.50 and 0.50",
        "Start again": "0.73 and 0.27",
        "Raise a pixel by 8": "0.50 and 0.50",
    }
    for label, gates in states.items():
        browser.run(PRESS, label)
        assert gates in browser.run(STATUS)
    browser.run(TYPE)
    assert "Means 12.00 and 2.00" in browser.run(STATUS)


SHOWN = """return [...document.querySelectorAll('.widget-html p')]
    .filter(p => p.offsetParent).map(p => p.textContent).join()"""
ARROW = """document.querySelector('.noUi-handle').dispatchEvent(
    new KeyboardEvent('keydown', {key: 'ArrowRight', keyCode: 39, bubbles: true}))"""


def test_the_widget_of_the_primer_works_without_a_kernel(browser, address):
    browser.open(f"{address}/book/primer.html")
    browser.wait("return document.querySelector('.noUi-handle')")
    assert browser.run(SHOWN) == "1 layer of 3x3: 3 by 3 inputs"
    browser.run(ARROW)
    browser.wait(f"{SHOWN} === '2 layers of 3x3: 5 by 5 inputs'")


FOUND = """return [...document.querySelectorAll('#search-results a')]
    .some(link => link.href.includes('book/se.html'))"""


def test_the_search_finds_the_chapter(browser, address):
    browser.open(f"{address}/search.html?q=excite")
    browser.wait(FOUND)


NAMES = """return [...document.querySelectorAll('.atlas-all tbody tr')]
    .filter(row => row.offsetParent).map(row => row.querySelector('strong').textContent)"""
SAID = "return document.querySelector('.atlas-form [role=status]')?.textContent"
FOCUS = """[...document.querySelectorAll('.atlas-all thead button')]
    .find(button => button.textContent === arguments[0]).focus()"""
SORTS = """return [...document.querySelectorAll('.atlas-all th[aria-sort]')]
    .map(head => `${head.textContent} ${head.getAttribute('aria-sort')}`)"""
CHOOSE = """const field = document.querySelector(`.atlas-form [aria-label="${arguments[0]}"]`);
    field.value = arguments[1]; field.dispatchEvent(new Event('change'))"""
RING = "return getComputedStyle(document.activeElement).outlineStyle"


@pytest.fixture
def atlas(browser, address):
    browser.view(1280, 900)
    browser.open(f"{address}/book/atlas.html")
    browser.wait(SAID)
    return browser


def test_the_atlas_is_sorted_from_the_keyboard_and_says_so(atlas):
    listed = atlas.run(NAMES)
    assert sorted(listed) == sorted(record.title for record in MECHANISMS.values())
    atlas.run(FOCUS, "Form")
    atlas.press("Tab", "Tab")
    assert atlas.run(RING) == "solid"
    for direction, first in (("ascending", "Saliency map"), ("descending", "Relation-aware")):
        atlas.press("Enter")
        assert atlas.run(SORTS) == [f"Weights {direction}"]
        assert atlas.run(NAMES)[0].startswith(first)
        assert atlas.run(SAID) == f"30 of 30 mechanisms shown, sorted by weights, {direction}."
    atlas.run(PRESS.replace("#se-live", ".atlas-form"), "Show all again")
    assert atlas.run(NAMES) == listed
    assert atlas.run(SORTS) == []


def test_the_atlas_shows_what_was_asked_for_and_how_much_it_is(atlas):
    atlas.run(CHOOSE, "Kind", "classes")
    assert atlas.run(NAMES) == ["Object-contextual representations"]
    assert atlas.run(SAID) == "1 of 30 mechanisms shown."
    atlas.run(CHOOSE, "Form", "gate")
    assert atlas.run(NAMES) == []
    assert "show all again" in atlas.run(SAID)


def test_the_fields_of_the_atlas_have_names_that_are_seen(atlas):
    names = """return [...document.querySelectorAll('.atlas-form label')].map(label => [
        label.querySelector('.name').textContent, label.control?.getAttribute('aria-label')])"""
    fields = atlas.run(names)
    assert len(fields) == 8
    assert all(heard.startswith(seen) for seen, heard in fields)


def test_the_atlas_is_a_plain_table_without_scripts(browser, address):
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"{address}/book/atlas.html")
        names = browser.run(NAMES)
        controls = "return document.querySelectorAll('.bd-article :is(button, select)').length"
        assert browser.run(controls) == 0
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)
    assert names == [record.title for record in MECHANISMS.values()]
