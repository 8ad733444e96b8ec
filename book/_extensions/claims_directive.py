"""The claims of the five articles: `{claims} 000` lists one article's, `{claims-count}` counts all.

They stand in book/claims.yml. `{claims} experiment` lists those that rest on the article's
experiment, which the list of its article leaves out. Where rows of the ledger decide, the verdict
is derived from them; p values are Holm's over the comparisons of one claim.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from atlas_directive import BREAK, table
from docutils import nodes
from docutils.statemachine import StringList
from evidence_directive import marked
from sphinx.util.docutils import SphinxDirective

from attnlab.grids import GRIDS
from attnlab.ledger import ROOT
from attnlab.mechanisms import ARTICLES
from attnlab.statistics import Comparison, compare, holm
from attnlab.summary import sentence
from attnlab.verdicts import ENOUGH, Scores, measured

SOURCE = Path(__file__).resolve().parents[1] / "claims.yml"
RIGHT, WRONG, HALF, OPEN = "right", "wrong", "half right", "not shown"
BEYOND, MISSING = "cannot be checked here", "not measured"
EXPERIMENT = "experiment"
VERDICTS = (RIGHT, HALF, WRONG, OPEN, BEYOND, MISSING)
SPEC = re.compile(r"(?P<grid>[\w-]+)/(?P<row>\S+) vs (?P<other>\S+): (?P<way>higher|lower|equal)")
CITED = {"000": "phpcn2025nonlocal", "001": "cdcxhlattention", "002": "qianjia2025local",
         "003": "jishi2021survey", "004": "wenku2024nam"}  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """One claim, as claims.yml has it; `verdict` is None where `rows` decide."""

    article: str
    says: str
    why: str
    verdict: str | None = None
    rows: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table it stands in: its article's, or that of the article's own experiment."""
        return EXPERIMENT if any(row.startswith("article/") for row in self.rows) else self.article


def read(source: Path = SOURCE) -> list[Claim]:
    """All claims, article by article. Raises TypeError for a field that is not known."""
    found = yaml.safe_load(source.read_text("utf-8"))
    return [
        Claim(article, **{**claim, "rows": tuple(claim.get("rows", ()))})
        for article, claims in found.items()
        for claim in claims
    ]


def chosen(which: str) -> list[Claim]:
    """The claims of a table."""
    return [claim for claim in read() if claim.table == which]


@lru_cache
def scores(grid: str) -> Scores:
    """`measured` of a grid, read once."""
    return measured(GRIDS[grid])


def tested(claim: Claim) -> dict[str, Comparison]:
    """Those comparisons of a claim that the ledger holds enough trainings for, with Holm's p."""
    found = {}
    for spec in claim.rows:
        parts = SPEC.fullmatch(spec)
        ours, theirs = (scores(parts["grid"]).get(parts[name], {}) for name in ("row", "other"))
        if len(ours.keys() & theirs.keys()) >= ENOUGH:
            found[spec] = compare(ours, theirs)
    return holm(found)


def verdict(claim: Claim, found: dict[str, Comparison]) -> str:
    """The claim's own verdict, or what its rows decide.

    Right when every comparison is shown as claimed, half right when some are; else wrong when one
    is shown to be otherwise, and not shown when none is. That two are equal is never shown.
    """
    if claim.verdict is not None:
        return claim.verdict
    if not all(spec in found for spec in claim.rows):
        return MISSING
    outcomes = [_outcome(SPEC.fullmatch(spec)["way"], found[spec]) for spec in claim.rows]
    if RIGHT in outcomes:
        return RIGHT if set(outcomes) == {RIGHT} else HALF
    return WRONG if WRONG in outcomes else OPEN


def _outcome(way: str, comparison: Comparison) -> str:
    if not comparison.shown:
        return OPEN
    return RIGHT if way == ("higher" if comparison.difference.mean > 0 else "lower") else WRONG


def shown(claim: Claim) -> list[str]:
    """A row of the table: the claim, its verdict, the reason with what the ledger says."""
    found = tested(claim)
    lines = [_line(spec, found) for spec in claim.rows]
    return [claim.says, marked(verdict(claim, found)), BREAK.join([claim.why, *lines])]


def _line(spec: str, found: dict[str, Comparison]) -> str:
    parts = SPEC.fullmatch(spec)
    words = sentence(found[spec]) if spec in found else f"not measured, {owed(parts['grid'])}"
    return f"[*{parts['grid']}*, `{parts['row']}` against `{parts['other']}`: {words}.]{{.quiet}}"


def owed(grid: str) -> str:
    """Where and how the missing rows of a grid are measured."""
    if GRIDS[grid].profile in ("gpu", "article"):
        return "owed: GPU, `python tools/measure_gpu.py`"
    return f"owed: CPU, `python -m attnlab.experiment run {grid}`"


def listed(which: str) -> list[str]:
    """The table of those claims."""
    rows = [shown(claim) for claim in chosen(which)]
    return table(("It says", "Verdict", "Why"), rows, "34 14 52", "evidence stacked claims")


def counted() -> list[str]:
    """How many claims of each article got which verdict."""
    every = [(claim.article, verdict(claim, tested(claim))) for claim in read()]
    rows = [
        [f"{title} {{cite}}`{CITED[n]}`", *(f"{every.count((n, word)) or ''}" for word in VERDICTS)]
        for n, title in ARTICLES.items()
    ]
    total = [str(sum(word == v for _, v in every)) for word in VERDICTS]
    heads = ["Article", *VERDICTS]
    return table(heads, [*rows, ["**All**", *total]], "40 10 10 10 10 10 10", "evidence")


class Claims(SphinxDirective):
    """The table of an article, or of the counts."""

    optional_arguments = 1

    def run(self):
        for path in (SOURCE, *ROOT.glob("*/*.json")):
            self.env.note_dependency(str(path))
        box = nodes.container()
        lines = listed(*self.arguments) if self.arguments else counted()
        self.state.nested_parse(StringList(lines), self.content_offset, box)
        return box.children


def setup(app):
    app.add_directive("claims", Claims)
    app.add_directive("claims-count", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
