"""The registry in the book: `{atlas} channels` is one family, `{atlas} letters` the letters."""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from attnlab.mechanisms import MECHANISMS, WORDS, Mechanism, mechanism

BREAK = "\n\n    "  # a new paragraph in a cell of a list-table
HEADER = ("Mechanism", "Attends to", "Parameters", "Multiply-adds")


def linked(record: Mechanism) -> str:
    """The title, linked to its chapter or section when there is one."""
    section = f"#zoo-{record.key}" if record.status == "described" else ""
    address = section or f"/book/{record.page}.md"
    return f"[{record.title}]({address})" if record.page else record.title


def name(record: Mechanism) -> str:
    """The title, linked; the key, the status and the paper."""
    status, paper = f"`{record.key}` · {record.status}", f"{{cite}}`{record.paper.bibkey}`"
    return BREAK.join((f"**{linked(record)}**", status, paper))


def story(record: Mechanism) -> str:
    """What it attends to, what it was made from by which change, and the registry's note."""
    parents = [f"From {mechanism(d.parent).title}: {d.change}." for d in record.descends_from]
    return BREAK.join([f"{record.attends[0].upper()}{record.attends[1:]}.", *parents, record.note])


def formula(value) -> str:
    """The text that the registry evaluates, its conditions on a line of their own; or a dash."""
    text, _, notes = str(value if value is not None else "").partition(" with ")
    return BREAK.join(f"`{part}`" for part in (text, notes) if part) or "–"


def table(header, rows, widths: str, classes: str = "atlas") -> list[str]:
    """The lines of a MyST list-table."""
    cells = [
        f"{'* -' if i == 0 else '  -'} {cell}" for r in (header, *rows) for i, cell in enumerate(r)
    ]
    options = [":header-rows: 1", f":class: {classes}", f":widths: {widths}"]
    return "\n".join(["````{list-table}", *options, "", *cells, "````"]).splitlines()


class Atlas(SphinxDirective):
    """One family of the registry, or its letters, as a table."""

    required_arguments = 1

    def lines(self, family: str) -> list[str]:
        if family == "letters":
            words = ((f"`{letter}`", word.replace("_", " ")) for letter, word in WORDS.items())
            return table(("Letter", "Stands for"), words, "20 80")
        records = [record for record in MECHANISMS.values() if record.family == family]
        if not records:
            known = sorted({record.family for record in MECHANISMS.values()})
            raise self.error(f"atlas: no family {family!r} in the registry; use one of {known}")
        costs = [(formula(r.parameters), formula(r.multiply_adds)) for r in records]
        rows = [(name(r), story(r), *c) for r, c in zip(records, costs, strict=True)]
        return table(HEADER, rows, "24 30 25 21")

    def run(self):
        box = nodes.container()
        lines = StringList(self.lines(self.arguments[0]))
        self.state.nested_parse(lines, self.content_offset, box)
        return box.children


def setup(app):
    app.add_directive("atlas", Atlas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
