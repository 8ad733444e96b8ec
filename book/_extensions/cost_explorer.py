"""`{costs}`: every formula of the registry as a table for one map, and as data for a live figure.

The page's script, `book/_static/costs-live.js`, works the same formulas out for any map. A formula
becomes a tree of lists, `["+", left, right]`; letters stay words and numbers stay numbers.
"""

import ast
import json

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from attnlab.mechanisms import MECHANISMS, Formula, Mechanism
from attnlab.mechanisms.record import WORDS

# What a mechanism that works on words, glimpses or classes is asked about when its input is a map.
ON_A_MAP = {
    "N": "H*W", "Q": "H*W", "L": "H*W", "E": "C", "K": "19", "m": "C", "v": "C",
    "query_size": "C", "key_size": "C", "region_size": "C", "state_size": "C",
}  # fmt: skip
HIDDEN = {"bahdanau": "C//2", "sat": "C//2", "racnn": "C//2"}
SHOWN = {"C": 256, "H": 32, "W": 32, "r": 16, "k": 7}
COSTS = ("parameters", "multiply_adds", "affinity")
BYTES = 4  # of a float32
SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
    ast.GtE: ">=", ast.And: "and", ast.Or: "or", ast.USub: "negative", ast.Not: "not",
}  # fmt: skip


def tree(text: str) -> list | str | int:
    """An expression of the registry as nested lists; raises ValueError for one it cannot have."""
    return _tree(ast.parse(text, mode="eval").body)


def _tree(node: ast.expr) -> list | str | int:
    match node:
        case ast.Constant(int() as value):
            return value
        case ast.Name(letter):
            return letter
        case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]):
            return [SIGNS[type(sign)], _tree(left), _tree(right)]
        case ast.BoolOp(sign, values):
            return [SIGNS[type(sign)], *map(_tree, values)]
        case ast.UnaryOp(sign, value):
            return [SIGNS[type(sign)], _tree(value)]
        case ast.IfExp(test, then, otherwise):
            return ["if", _tree(test), _tree(then), _tree(otherwise)]
        case ast.Call(ast.Name("max"), values):
            return ["max", *map(_tree, values)]
    raise ValueError(f"the live figure cannot work out {ast.unparse(node)!r}")


def assumed(record: Mechanism, formula: Formula) -> dict[str, str]:
    """Letter to expression, of the letters that neither the formula nor a slider settles."""
    known = ON_A_MAP | ({"h": HIDDEN[record.key]} if record.key in HIDDEN else {})
    settled = {*SHOWN, *formula.defaults, *formula.where}
    open_letters = set(formula.words.values()) - settled
    return {letter: known[letter] for letter in sorted(open_letters & known.keys())}


def plan(record: Mechanism, formula: Formula) -> dict:
    """A formula as data: its tree, its derived letters, its defaults."""
    where = assumed(record, formula) | dict(formula.where)
    return {
        "tree": tree(formula.text),
        "where": [[letter, tree(text)] for letter, text in where.items()],
        "defaults": dict(formula.defaults),
    }


def data() -> list[dict]:
    """What the script gets of every mechanism that has costs."""
    return [
        {
            "key": record.key,
            "title": record.title,
            "costs": {
                cost: plan(record, getattr(record, cost))
                for cost in COSTS if getattr(record, cost) is not None
            },
        }
        for record in MECHANISMS.values() if record.parameters is not None
    ]  # fmt: skip


def worked_out(record: Mechanism, cost: str, setting: dict[str, int]) -> int:
    """A cost of the registry for a setting of C, H, W, r and k; 0 where it has none."""
    formula = getattr(record, cost)
    if formula is None:
        return 0
    given = {letter: setting[letter] for letter in set(formula.words.values()) & set(setting)}
    given |= {
        letter: eval(text, {"__builtins__": {}}, dict(setting))
        for letter, text in assumed(record, formula).items()
    }
    return formula(**{WORDS.get(letter, letter): value for letter, value in given.items()})


def held(record: Mechanism, setting: dict[str, int]) -> int:
    """Bytes that coexist at least: the map before and after, and the weights of pairs, float32."""
    maps = 2 * setting["C"] * setting["H"] * setting["W"]
    return BYTES * (maps + worked_out(record, "affinity", setting))


class Costs(SphinxDirective):
    """The table for `SHOWN`, and the data of the live figure beside it."""

    def run(self):
        rows = "".join(
            f'<tr data-key="{r.key}"><th scope="row">{r.title}</th>'
            f"<td>{worked_out(r, 'parameters', SHOWN):,}</td>"
            f"<td>{worked_out(r, 'multiply_adds', SHOWN):,}</td><td>{held(r, SHOWN):,}</td></tr>"
            for r in MECHANISMS.values() if r.parameters is not None
        )  # fmt: skip
        setting = ", ".join(f"{letter} = {value}" for letter, value in SHOWN.items())
        text = (
            '<div class="attn-live" id="costs-live">'
            f'<script type="application/json">{json.dumps(data())}</script>'
            f"<div class='controls'></div><table><caption>At {setting}</caption><thead><tr>"
            '<th scope="col">mechanism</th><th scope="col">parameters</th>'
            '<th scope="col">multiply-adds</th><th scope="col">bytes held at once</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )
        return [nodes.raw("", text, format="html")]


def setup(app):
    app.add_directive("costs", Costs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
