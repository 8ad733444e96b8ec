"""The parts that live figures are made of, on a page of our own: names, keys, what is said."""

import json

import pytest
from book_pages import BOOK
from live_figures import node

PAGE = """
class Element {
  constructor() { this.attributes = {}; this.listeners = {}; this.children = []; this.set = {};
    this.style = { setProperty: (name, value) => { this.set[name] = value; } }; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  append(...children) { this.children.push(...children); }
  addEventListener(kind, act) { this.listeners[kind] = act; }
  focus() { document.focused = this; }
  fire(kind, more = {}) { this.listeners[kind]({ preventDefault() {}, ...more }); }
}
globalThis.document = { createElement: () => new Element(), querySelectorAll: () => [] };
const parts = require(PATH);
""".replace("PATH", json.dumps(str(BOOK / "_static" / "live.js")))


def shown(script: str) -> object:
    return node(f"{PAGE}{script}")


def test_it_loads_without_a_page():
    path = json.dumps(str(BOOK / "_static" / "live.js"))
    script = f"const p = require({path}); p.start('x', 0); console.log(JSON.stringify(typeof p))"
    assert node(script) == "object"


def test_a_slider_says_its_value_in_words():
    values, said = shown("""
        const moved = [];
        const s = parts.slider("r", [1, 4, 16], 4, (v) => moved.push(v), (v) => `r = ${v}`);
        const input = s.element.children[1];
        const first = [input.value, input.attributes["aria-valuetext"]];
        input.value = 2; input.fire("input");
        console.log(JSON.stringify([[...first, ...moved], input.attributes["aria-valuetext"]]))""")
    assert values == [1, "r = 4", 16]
    assert said == "r = 16"


@pytest.mark.parametrize(
    ("keys", "place"),
    [("ArrowRight ArrowDown", 4), ("ArrowLeft", 0), ("End ArrowDown ArrowRight", 5), ("x", 0),
     ("End ArrowUp ArrowLeft", 1), ("End Home", 0)],
)  # fmt: skip
def test_arrows_move_over_a_board(keys, place):
    picked, stops, pressed = shown(f"""
        const picked = [0];
        const b = parts.board("query", 2, 3, (n) => picked.push(n));
        for (const key of "{keys}".split(" ")) b.element.fire("keydown", {{ key }});
        const stops = b.cells.flatMap((cell, n) => (cell.tabIndex === 0 ? [n] : []));
        const on = (cell) => cell.attributes["aria-pressed"] === "true";
        const pressed = b.cells.flatMap((cell, n) => (on(cell) ? [n] : []));
        console.log(JSON.stringify([picked.at(-1), stops, pressed]))""")
    assert (picked, stops, pressed) == (place, [place], [place])


def test_a_painted_board_says_its_numbers():
    names, shades = shown("""
        const b = parts.board("weights", 1, 2, () => {});
        b.paint([0.25, 7]);
        console.log(JSON.stringify([b.cells.map((c) => c.attributes["aria-label"]),
                                    b.cells.map((c) => c.set["--shade"])]))""")
    assert names == ["row 0, column 0: 0.25", "row 0, column 1: 7.00"]
    assert shades == ["25%", "100%"]


def test_numbers_can_be_typed_where_the_figure_allows_it():
    typed, label, printed = shown("""
        const typed = [];
        const g = parts.grid("x", 1, 2, { edit: (n, v) => typed.push([n, v]) });
        g.cells[1].value = "3.5"; g.cells[1].fire("input");
        g.cells[0].value = ""; g.cells[0].fire("input");
        const fixed = parts.grid("y", 1, 2);
        fixed.show([1, 2.346]);
        console.log(JSON.stringify([typed, g.cells[1].attributes["aria-label"],
                                    fixed.cells.map((c) => c.textContent)]))""")
    assert typed == [[1, 3.5]]
    assert label == "x, row 0, column 1"
    assert printed == ["1.00", "2.35"]


def test_a_line_speaks_only_when_it_changes():
    changes = shown("""
        let changes = 0;
        const line = { get textContent() { return this.text; },
                       set textContent(t) { changes += 1; this.text = t; } };
        for (const text of ["a", "a", "b"]) parts.say(line, text);
        console.log(JSON.stringify(changes))""")
    assert changes == 2
