"""The registry in the book: `{atlas} all`, `guide`, `tree`, `costs` and `letters`.

What is shown comes from attnlab.atlas; the page's filters read the same facts from a block of JSON.
"""

import json

from docutils import nodes
from docutils.statemachine import StringList
from family_tree import drawing, legend, twin
from sphinx.util.docutils import SphinxDirective

from attnlab.atlas import BUDGETS, Row, asked, choices, rows
from attnlab.mechanisms import MECHANISMS, WORDS, Mechanism
from attnlab.questions import QUESTIONS
from attnlab.verdicts import ANSWERS, HELPS, MISSING, RULE

BREAK = "\n\n    "  # a new paragraph in a cell of a list-table
COLUMNS = {
    "Mechanism": 17, "Kind": 8, "Attends to": 19, "Form": 7, "Reach": 7, "Weights": 8,
    "Work": 7, "Questions": 16, "Paper": 11,
}  # fmt: skip


def linked(record: Mechanism) -> str:
    """The title, linked to its chapter or section when there is one."""
    section = f"#zoo-{record.key}" if record.status == "described" else ""
    address = section or f"/book/{record.page}.md"
    return f"[{record.title}]({address})" if record.page else record.title


def questions(row: Row) -> str:
    """What the ledger says, the good news first; or that it says nothing yet."""
    if len(row.with_verdict(MISSING)) == len(row.verdicts):
        return MISSING
    said = [(word, row.with_verdict(word)) for word in RULE]
    return BREAK.join(f"{word}: {', '.join(found)}" for word, found in said if found)


def cells(row: Row) -> tuple[str, ...]:
    """The row of the large table, in the order of `COLUMNS`."""
    record = row.record
    name = f"**{linked(record)}**", f"`{record.key}` · {record.status}"
    attends = f"{record.attends[0].upper()}{record.attends[1:]}.", record.note
    weights = "–" if row.weights is None else f"{row.weights:,}"
    return (
        BREAK.join(name), record.family, BREAK.join(filter(None, attends)), row.form, record.reach,
        weights, row.order, questions(row), f"{{cite}}`{record.paper.bibkey}`",
    )  # fmt: skip


def facts(row: Row) -> dict:
    """What the page's script sorts and filters by."""
    record = row.record
    words = [record.key, record.title, record.attends, record.note, *record.paper.authors]
    good = row.with_verdict(ANSWERS), row.with_verdict(HELPS)
    return {
        "name": record.title, "kind": record.family, "attends": record.attends, "form": row.form,
        "reach": record.reach, "weights": row.weights, "work": row.power, "order": row.order,
        "answers": good[0], "questions": good[0] + good[1], "year": record.paper.year,
        "text": " ".join(words).lower(),
    }  # fmt: skip


def formula(value) -> str:
    """The text that the registry evaluates, its conditions on a line of their own; or a dash."""
    text, _, notes = str(value if value is not None else "").partition(" with ")
    return BREAK.join(f"`{part}`" for part in (text, notes) if part) or "–"


def table(header, rows, widths: str, classes: str = "atlas", stub: int = 0) -> list[str]:
    """The lines of a MyST list-table; its first `stub` columns head their rows."""
    cells = [
        f"{'* -' if i == 0 else '  -'} {cell}" for r in (header, *rows) for i, cell in enumerate(r)
    ]
    options = [":header-rows: 1", f":stub-columns: {stub}", f":class: {classes}"]
    options.append(f":widths: {widths}")
    return "\n".join(["````{list-table}", *options, "", *cells, "````"]).splitlines()


def stacked(header, rows, widths: str, name: str) -> list[str]:
    """A table of the atlas. On a phone its rows are blocks, and each cell names its column."""
    first, *columns = header
    said = [
        (head, *(f"[{column}]{{.only-narrow}} {cell}"
                 for column, cell in zip(columns, cells, strict=True)))
        for head, *cells in rows
    ]  # fmt: skip
    return table((first, *columns), said, widths, f"atlas {name}", stub=1)


def everything() -> list[str]:
    """Every mechanism once."""
    return stacked(COLUMNS, map(cells, rows()), " ".join(map(str, COLUMNS.values())), "atlas-all")


def guide() -> list[str]:
    """For each question, whom the ledger names within each budget."""
    given, body = rows(), []
    for question in asked():
        found = [choices(question, within, given) for within in BUDGETS.values()]
        need = f"{QUESTIONS[question].sentence}{BREAK}`{question}`"
        body.append((need, *(named(question, some) for some in found)))
    return stacked(("Need", *map(capital, BUDGETS)), body, "31 20 24 25", "atlas-guide")


def named(question: str, found: list[Row]) -> str:
    """Mechanisms of one verdict in a cell, with their weights."""
    if not found:
        return "none that is measured"
    one = [f"{linked(row.record)} ({row.weights:,})" for row in found]
    return f"{found[0].verdicts[question]}:{BREAK}{BREAK.join(one)}"


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def costs() -> list[str]:
    """The closed forms of every mechanism."""
    body = [(f"{r.title}{BREAK}`{r.key}`", formula(r.parameters), formula(r.multiply_adds))
            for r in MECHANISMS.values()]  # fmt: skip
    return stacked(("Mechanism", "Parameters", "Multiply-adds"), body, "24 40 36", "atlas-costs")


def letters() -> list[str]:
    """What the letters of the closed forms stand for."""
    body = ((f"`{letter}`", word.replace("_", " ")) for letter, word in WORDS.items())
    return stacked(("Letter", "Stands for"), body, "20 80", "atlas-letters")


PARTS = {
    "all": everything, "guide": guide, "costs": costs, "letters": letters,
    "tree": lambda: twin(linked),
}  # fmt: skip


class Atlas(SphinxDirective):
    """One part of the atlas."""

    required_arguments = 1

    def run(self):
        part = self.arguments[0]
        if part not in PARTS:
            raise self.error(f"atlas: no part {part!r}; use one of {', '.join(PARTS)}")
        box = nodes.container()
        self.state.nested_parse(StringList(PARTS[part]()), self.content_offset, box)
        return [*(raw(html) for html in self.before(part)), *box.children]

    def before(self, part: str) -> list[str]:
        """HTML that stands in front of the text: the picture of the tree, the facts to sort by."""
        if part == "tree":
            return [legend(), *(drawing(narrow) for narrow in (False, True))]
        if part == "all":
            given = json.dumps([facts(row) for row in rows()], ensure_ascii=False)
            return [f'<script type="application/json" id="atlas-facts">{given}</script>']
        return []


def raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


def setup(app):
    app.add_directive("atlas", Atlas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
