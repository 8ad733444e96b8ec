"""`{costs}`: every formula of the registry as a table for one map, and as data for a live figure.

The page's script, `book/_static/costs-live.js`, works the same formulas out for any map. A formula
becomes a tree of lists, `["+", left, right]`; letters stay words and numbers stay numbers.
"""

import ast
import json

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from attnlab.cost_blocks import written_floats
from attnlab.mechanisms import MECHANISMS, WORDS, Formula, Mechanism

CLASSES = 19  # of the regions, as in street scenes
AS_MANY = {"Q": "H*W", "L": "H*W", "K": str(CLASSES)}  # open letters that are not channels
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


def assumed(formula: Formula) -> dict[str, str]:
    """Letter to expression, of those that neither the formula nor a slider settles.

    The rule of `Formula.for_map` in letters, but that the map always is as wide as the slider says.
    """
    settled = {*SHOWN, *formula.defaults, *formula.where}
    open_letters = sorted(set(formula.words.values()) - settled)
    return {letter: AS_MANY.get(letter, "C") for letter in open_letters}


def plan(formula: Formula) -> dict:
    """A formula as data: its tree, its derived letters, its defaults."""
    where = assumed(formula) | dict(formula.where)
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
                cost: plan(getattr(record, cost))
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
    letters = set(formula.words.values())
    given = {letter: setting[letter] for letter in letters & setting.keys()}
    given |= {
        letter: eval(text, {"__builtins__": {}}, dict(setting))
        for letter, text in assumed(formula).items()
    }
    return formula(**{WORDS.get(letter, letter): value for letter, value in given.items()})


def held(record: Mechanism, setting: dict[str, int]) -> int:
    """Bytes that coexist where the equations are done as they are written, in float32."""
    pairs = worked_out(record, "affinity", setting)
    return BYTES * written_floats(setting["C"], setting["H"], setting["W"], pairs)


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
            '<th scope="col">multiply-adds</th><th scope="col">bytes as written</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )
        return [nodes.raw("", text, format="html")]


def setup(app):
    app.add_directive("costs", Costs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
