"""The claims page: every article, every verdict a known word, every row and every link there."""

import re

import claims_directive as claims
import pytest
from book_pages import BOOK, SOURCES

from attnlab.grids import GRIDS, find
from attnlab.mechanisms import ARTICLES
from attnlab.statistics import Comparison, Interval

CLAIMS = claims.read()
EVERY = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.article}: {claim.says}")
LABELS = set(re.findall(r"^\(([\w-]+)\)=$", "\n".join(p.read_text("utf-8") for p in SOURCES), re.M))


@pytest.mark.parametrize("article", ARTICLES)
def test_every_article_has_claims_and_a_table(article):
    assert len([claim for claim in CLAIMS if claim.article == article]) >= 10
    assert f"{{claims}} {article}" in (BOOK / "claims.md").read_text("utf-8")


@EVERY
def test_a_claim_has_a_verdict_or_rows_that_give_it(claim):
    assert claim.article in ARTICLES
    assert (claim.verdict is None) == bool(claim.rows)
    assert claim.verdict in (None, *claims.VERDICTS)
    assert claim.says.endswith(".")


@EVERY
def test_rows_are_in_the_ledger_or_said_to_be_owed(claim):
    told, found = claims.shown(claim)[2], claims.tested(claim)
    for spec in claim.rows:
        parts = claims.SPEC.fullmatch(spec)
        assert parts, f"{spec!r}: write grid/row vs row: higher, lower or equal"
        grid, held = GRIDS[parts["grid"]], spec in found
        for row in (grid.row(parts["row"]).name, grid.row(parts["other"]).name):
            assert row in told
            assert not held or row in claims.scores(grid.name)
        assert held or claims.owed(grid.name) in told
    assert ("owed: " in told) == any(spec not in found for spec in claim.rows)


@EVERY
def test_every_reason_leads_to_a_section(claim):
    links = re.findall(r"\]\(([^)]+)\)", claim.why)
    assert links or "{cite}" in claim.why or claim.verdict == claims.BEYOND
    for link in links:
        if link.startswith("#"):
            assert link[1:] in LABELS, link
        else:
            assert (BOOK.parent / link.lstrip("/")).is_file(), link


def found(mean, shown):
    return Comparison(Interval(mean, 0.1, 0.1, 10), 0.01 if shown else 1.0, shown)


@pytest.mark.parametrize(
    ("ways", "results", "word"),
    [
        (["higher"], [found(0.2, True)], claims.RIGHT),
        (["lower"], [found(0.2, True)], claims.WRONG),
        (["higher"], [found(0.2, False)], claims.OPEN),
        (["equal"], [found(0.2, False)], claims.OPEN),
        (["equal"], [found(-0.2, True)], claims.WRONG),
        (["higher", "lower"], [found(0.2, True), found(0.1, False)], claims.HALF),
        (["higher", "higher"], [found(0.2, True), found(-0.1, True)], claims.HALF),
        (["higher", "higher"], [found(0.2, True)], claims.MISSING),
    ],
)
def test_rows_decide(ways, results, word):
    rows = tuple(f"g/r{n} vs s: {way}" for n, way in enumerate(ways))
    claim = claims.Claim("000", "It is so.", "[Because](#x).", rows=rows)
    assert claims.verdict(claim, dict(zip(rows, results, strict=False))) == word


def test_each_claim_is_shown_once():
    tables = [*ARTICLES, claims.EXPERIMENT]
    assert sum(len(claims.chosen(which)) for which in tables) == len(CLAIMS)


def test_the_two_pages_show_every_grid():
    text = "\n".join((BOOK / f"{page}.md").read_text("utf-8") for page in ("bench", "claims"))
    named = " ".join(re.findall(r"\{evidence\} (.*)", text)).split()
    told = {grid.name for name in named if name not in ("placement", "ablation")
            for grid in find(name)}  # fmt: skip
    assert GRIDS.keys() - told <= {"cifar-placement"}, "which is shown among the placements"
