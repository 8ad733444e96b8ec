"""What the ledger shows, as tables: `{verdict-rule}`, `{bench}`, `{questions}`, `{evidence} cifar`.

`{bench}` holds every mechanism against every question, `{questions}` tells what each asks and who
answers, `{families}` what tells a family from others. `{evidence}` tells row by row what was
measured: in the grids that are named, or, for `placement` and `ablation`, of the forms of that kind
in all grids; `{shown}` picks out those that are shown to differ. Words and tests come from
`attnlab.verdicts`.
"""

from collections.abc import Iterable

from atlas_directive import BREAK, linked, table
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from attnlab.cifar10 import describe
from attnlab.families import FAMILIES, told_apart
from attnlab.grids import GRIDS, Grid, Row, find
from attnlab.host import PLACEMENTS
from attnlab.ledger import ROOT
from attnlab.mechanisms import MECHANISMS
from attnlab.questions import QUESTIONS
from attnlab.statistics import Comparison, Interval, interval
from attnlab.summary import sentence
from attnlab.verdicts import (
    ABLATION,
    MISSING,
    PLACEMENT,
    RULE,
    Verdict,
    changes,
    entries,
    forms,
    main_forms,
    verdicts,
)  # fmt: skip


def marked(word: str) -> str:
    """A verdict as text that the style sheet can shade."""
    return f"[{word}]{{.verdict .{word.split()[0]}}}"


def scored(score: Interval) -> str:
    """Mean and half-width; the mean alone of a single training."""
    return f"{score.mean:.2f} ± {score.half:.2f}" if score.n > 1 else f"{score.mean:.2f}"


def cell(verdict: Verdict | None) -> str:
    """Word, score, and how many trainings reached the answer by themselves."""
    if verdict is None or verdict.score is None:
        return marked(MISSING)
    reached = f"{verdict.reached} of {verdict.score.n}"
    count = f"n = {verdict.score.n}" if verdict.word == MISSING else reached
    return BREAK.join([marked(verdict.word), f"[{scored(verdict.score)}]{{.score}}", count])


def bench() -> list[str]:
    """Every mechanism against every question, and a line of those that have no row there."""
    grids = find("bench")
    shown = [(main_forms(grid), verdicts(grid)) for grid in grids]
    rows, without = [], []
    for key, record in MECHANISMS.items():
        cells = [found[mains[key].name] if key in mains else None for mains, found in shown]
        if any(key in mains for mains, _ in shown):
            rows.append([linked(record), *map(cell, cells)])
        elif record.status != "named":
            without.append(linked(record))
    heads = ["Mechanism", *(f"*{grid.name}*" for grid in grids)]
    lines = table(heads, rows, "auto", "evidence bench")
    return [*lines, "", f"Without a row on the bench: {', '.join(without)}."] if without else lines


def questions() -> list[str]:
    """Each question, what it takes, and which mechanisms earn which verdict on it."""
    rows = []
    for grid in find("bench"):
        asked, mains, found = QUESTIONS[grid.question], main_forms(grid), verdicts(grid)
        who = {word: [k for k in MECHANISMS if k in mains and found[mains[k].name].word == word]
               for word in RULE}  # fmt: skip
        earned = [f"{marked(word)} {', '.join(keys)}" for word, keys in who.items() if keys]
        asks = BREAK.join([f"*{grid.name}*: {asked.sentence}", f"[{asked.why}]{{.quiet}}"])
        rows.append([asks, BREAK.join(earned)])
    return table(("Question, and what it takes", "Verdicts"), rows, "50 50", "evidence stacked")


def families() -> list[str]:
    """Each family, the question that tells it from others, and the differences that do."""
    rows = [
        [family.name, f"*{family.question}*, `{family.row}`",
         BREAK.join(map(difference, told_apart(family).items()))]
        for family in FAMILIES
    ]  # fmt: skip
    return table(("Family", "Question, row", "Shown"), rows, "20 25 55", "evidence stacked")


def evidence(names: str) -> list[str]:
    """A heading, a caption and a table for each grid, or for each that has forms of a kind."""
    if names in (PLACEMENT, ABLATION):
        chosen = [(grid, kept(grid, names)) for grid in GRIDS.values()]
    else:
        chosen = [(grid, grid.rows) for name in names.split() for grid in find(name)]
    shown = [(grid, rows) for grid, rows in chosen if rows]
    parts = [(f"**{grid.name}**", "", *told(grid, rows), "") for grid, rows in shown]
    return [line for part in parts for line in part]


def shown(kind: str) -> list[str]:
    """The forms of a kind that are shown different from the main one; how many others there are."""
    told, alike, missing = [], 0, 0
    for grid in GRIDS.values():
        against = changes(grid)
        for row in (row for rows in forms(grid, kind).values() for row in rows):
            main, comparison = against.get(row.name, (None, None))
            if comparison is None:
                missing += 1
            elif comparison.shown:
                told.append(f"- *{grid.name}*: `{row.name}`, {difference((main, comparison))}.")
            else:
                alike += 1
    return [*told, "", f"No difference shown: {alike} rows. Not measured: {missing} rows."]


def kept(grid: Grid, kind: str) -> list[Row]:
    """The forms of a kind, each mechanism's behind its main form."""
    mains = main_forms(grid)
    return [row for key, rows in forms(grid, kind).items() for row in (mains[key], *rows)]


def told(grid: Grid, rows: Iterable[Row]) -> list[str]:
    """What was measured of these rows of a grid."""
    runs = entries(grid)
    if not runs:
        return [f"Not measured yet: {', '.join(f'`{row.name}`' for row in rows)}.", ""]
    words, against = verdicts(grid), changes(grid)
    body = [line(grid, row, runs, words.get(row.name), against) for row in rows]
    heads = ("Row", "Score", "Verdict", "Difference")
    return [caption(grid, runs), "", *table(heads, body, "30 18 16 36", "evidence stacked")]


def caption(grid: Grid, runs: dict) -> str:
    """What the numbers are, of which images, by which device."""
    every = [entry for seeds in runs.values() for entry in seeds.values()]
    devices = sorted({entry.device for entry in every})
    data = sorted({describe(entry.data) for entry in every})
    score = "mean IoU" if grid.quantity == "mean_iou" else "share of right answers"
    images = f"{grid.train_images:,} images to train on, {grid.test_images:,} to test on"
    return f"Score: {score}; {images}; {'; '.join(data)}; {'; '.join(devices)}."


def line(grid: Grid, row: Row, runs: dict, verdict: Verdict | None, against: dict) -> list[str]:
    """One row of a grid: what it is, its score, its verdict, its differences."""
    place = PLACEMENTS.get(row.placement, "")
    settings = ", ".join(f"{k} = {v}" for k, v in row.settings.items())
    what = BREAK.join([f"`{row.name}`", *(f"[{t}]{{.quiet}}" for t in (settings, place) if t)])
    if row.name not in runs:
        return [what, "", marked(MISSING), ""]
    seeds = runs[row.name]
    score = interval([entry.results[grid.quantity] for entry in seeds.values()])
    size = next(iter(seeds.values())).results["parameters"]
    numbers = BREAK.join([scored(score), f"n = {score.n}", f"{size:,.0f} parameters"])
    rivals = dict(verdict.against) if verdict else {}
    if row.name in against:
        main, comparison = against[row.name]
        rivals[main] = comparison
    word = marked(verdict.word) if verdict else ""
    return [what, numbers, word, BREAK.join(map(difference, rivals.items()))]


def difference(pair: tuple[str, Comparison]) -> str:
    """Against which row, and what is shown."""
    return f"against `{pair[0]}` {sentence(pair[1])}"


def rule() -> list[str]:
    """The words and when each is given."""
    rows = [[marked(word), text] for word, text in RULE.items()]
    return table(("Verdict", "Given to a block that is"), rows, "auto", "evidence")


MAKERS = {"evidence": evidence, "bench": bench, "questions": questions, "families": families,
          "shown": shown,
          "verdict-rule": rule}  # fmt: skip


class Evidence(SphinxDirective):
    """The lines that the directive's maker gives."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self):
        for path in (ROOT, *ROOT.glob("*/*.json")):
            self.env.note_dependency(str(path))
        box = nodes.container()
        lines = StringList(MAKERS[self.name](*self.arguments))
        self.state.nested_parse(lines, self.content_offset, box)
        return box.children


def setup(app):
    for name in MAKERS:
        app.add_directive(name, Evidence)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
