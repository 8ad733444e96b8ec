"""Live figures in a real browser: by keyboard alone, without scripts, and from a disk."""

import book_audit
import pytest
from book_pages import ROOT

pytestmark = pytest.mark.browser
FIGURES = {"maps": "look-live", "cbam": "gates-live", "nonlocal": "nonlocal-live"}


class Figure:
    """One live figure of the page that a browser has open."""

    def __init__(self, browser, name: str):
        self.browser, self.name = browser, name
        browser.wait(f"return document.querySelector('#{name} [role=status]')?.textContent")

    def said(self) -> str:
        """What the figure announced last."""
        return self.browser.run(
            f"return document.querySelector('#{self.name} [role=status]').textContent"
        )

    def focus(self, selector: str) -> None:
        """Give the keyboard to the first such element of the figure."""
        self.browser.run(f'document.querySelector("#{self.name} {selector}").focus()')

    def words(self, selector: str) -> list[str]:
        """The texts of all such elements of the figure."""
        script = f"""return [...document.querySelectorAll("#{self.name} {selector}")]
            .map(element => element.textContent)"""
        return self.browser.run(script)

    def press(self, label: str) -> None:
        """Press Enter on the button of that name."""
        self.browser.run(
            f"""[...document.querySelectorAll("#{self.name} button")]
                .find(button => button.textContent === arguments[0]).focus()""",
            label,
        )
        self.browser.press("Enter")


@pytest.fixture
def figure(browser, address, request):
    page = request.param
    browser.view(1280, 900)
    browser.open(f"{address}/book/{page}.html")
    return Figure(browser, FIGURES[page])


@pytest.mark.parametrize("figure", ["maps"], indirect=True)
def test_a_reader_moves_the_place_that_looks_and_reads_the_maps(figure):
    before, table = figure.said(), figure.words("tbody td")
    assert before.startswith("Row 6, column 6, on the green cue.")
    figure.focus("[aria-pressed=true]")
    figure.browser.press("ArrowLeft", "ArrowUp", "ArrowLeft")
    assert figure.said().startswith("Row 5, column 4, on the background.")
    assert figure.words("tbody td") != table
    figure.press("Next image")
    assert not figure.said().startswith("Row 5, column 4")


@pytest.mark.parametrize("figure", ["maps"], indirect=True)
def test_a_reader_draws_an_image_that_asks_nothing_and_then_one_that_asks(figure):
    figure.browser.run("document.querySelector('#look-live details').open = true")
    figure.press("Empty the image")
    assert "on the background" in figure.said()
    assert not any("right" in words or "wrong" in words for words in figure.words(".says"))
    figure.focus("[aria-pressed=true]")
    figure.browser.press("Home")
    figure.press("Put it at the place that looks")
    assert "on the red rows" in figure.said()
    choose = """const field = document.querySelector('#look-live [aria-label="texture"]');
        field.value = "solid"; field.dispatchEvent(new Event("change"))"""
    figure.browser.run(choose)
    figure.focus("[aria-pressed=true]")
    figure.browser.press("End")
    figure.press("Put it at the place that looks")
    assert "on the red cue" in figure.said()
    assert all("right" in words or "wrong" in words for words in figure.words(".says"))


@pytest.mark.parametrize("figure", ["maps"], indirect=True)
@pytest.mark.parametrize(("question", "maps"), [("same", 5), ("row", 3)])
def test_another_question_has_networks_of_its_own(figure, question, maps):
    choose = """const field = document.querySelector('#look-live select');
        field.value = arguments[0]; field.dispatchEvent(new Event("change"))"""
    figure.browser.run(choose, question)
    figure.browser.wait(f"return document.querySelectorAll('#look-live figure').length === {maps}")
    assert len(figure.words("tbody tr")) == maps


@pytest.mark.parametrize("figure", ["cbam"], indirect=True)
def test_a_reader_closes_gates_until_the_answer_falls(figure):
    assert figure.said().endswith("that is right.")
    figure.focus(".gate-list button")
    figure.browser.press("ArrowRight", "Enter")
    assert figure.said().startswith("Channel 1 is closed.")
    figure.press("Close the channel that decides")
    assert "the right answer loses most" in figure.said()
    figure.press("Close all")
    assert set(figure.words(".gate-list .number")) == {"0.00"}
    figure.press("Open all")
    assert figure.said().endswith("that is right.")


@pytest.mark.parametrize("figure", ["cbam"], indirect=True)
def test_the_slider_changes_the_network(figure):
    before = figure.words(".gate-list .number")
    figure.focus("input[type=range]")
    figure.browser.press("ArrowRight")
    after = figure.words(".gate-list .number")
    assert len(after) == 16
    assert after != before


@pytest.mark.parametrize("figure", ["nonlocal"], indirect=True)
def test_the_map_of_pairs_is_built_step_by_step(figure):
    shown = "return document.querySelectorAll('#nonlocal-live section:not([hidden])').length"
    for step in range(1, 6):
        assert figure.said().startswith(f"Step {step} of 5")
        assert figure.browser.run(shown) == step
        figure.focus("input[type=range]")
        figure.browser.press("ArrowRight")
    assert "compared by channel" in figure.said()
    figure.press("One bright pixel")
    assert figure.said().endswith("compared by channel it would get 0.00 and 0.00, "
                                  "and nothing from another place.")  # fmt: skip


@pytest.mark.parametrize("page", ["maps", "cbam"])
def test_without_scripts_there_are_a_picture_and_a_table(browser, address, page):
    browser.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"{address}/book/{page}.html")
        for tag in ("svg[aria-label]", "table", "tbody tr td"):
            found = f"return document.querySelectorAll('#{FIGURES[page]} {tag}').length"
            assert browser.run(found) >= 1, tag
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", value=False)


def test_the_networks_run_from_a_disk_too(browser, address):
    browser.open((ROOT / "_build" / "html" / "book" / "maps.html").as_uri())
    assert "Most weight" in Figure(browser, "look-live").said()


USED = {"maps": ["Next image"], "cbam": ["Close the channel that decides"],
        "nonlocal": ["Next step"] * 4}  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", FIGURES)
def test_a_used_figure_keeps_axes_rules(browser, address, page, dark):
    browser.view(1280, 900, dark=dark)
    browser.open(f"{address}/book/{page}.html")
    figure = Figure(browser, FIGURES[page])
    browser.run(f"document.querySelectorAll('#{figure.name} details').forEach(d => d.open = true)")
    for label in USED[page]:
        figure.press(label)
    browser.run(book_audit.axe())
    browser.patience(120)
    within = book_audit.RUN_AXE.replace("axe.run(document,", f"axe.run('#{figure.name}',")
    assert browser.run(within) == []


@pytest.mark.parametrize("page", FIGURES)
def test_a_used_figure_fits_a_phone(browser, address, page):
    browser.view(390, 844)
    browser.open(f"{address}/book/{page}.html")
    figure = Figure(browser, FIGURES[page])
    for label in USED[page]:
        figure.press(label)
    assert browser.run("return document.documentElement.scrollWidth") <= 390
    browser.view(1280, 900)
