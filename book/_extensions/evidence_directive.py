"""What the ledger shows, as tables: `{verdict-rule}`, `{bench}`, `{questions}`, `{evidence} cifar`.

`{bench}` holds every mechanism against every question, `{questions}` tells what each asks and who
answers, `{evidence} ablation` what was measured in the grids of a group, row by row. Words and tests come from `attnlab.verdicts`.
"""

import re

from atlas_directive import BREAK, linked, table
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from attnlab.cifar10 import describe
from attnlab.grids import GRIDS, GROUPS, Grid, Row
from attnlab.host import PLACEMENTS
from attnlab.ledger import ROOT
from attnlab.mechanisms import MECHANISMS
from attnlab.questions import QUESTIONS
from attnlab.statistics import Comparison, Interval, interval
from attnlab.summary import sentence
from attnlab.verdicts import MISSING, RULE, Verdict, changes, entries, main_forms, verdicts


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


def grids_of(group: str) -> list[Grid]:
    """The grids of a group: its members, or those whose name is the group's or begins with it."""
    names = GROUPS.get(group) or [n for n in GRIDS if re.fullmatch(rf"{group}(-.*)?", n)]
    return [GRIDS[name] for name in names]


def bench() -> list[str]:
    """Every mechanism against every question, and a line of those that have no row there."""
    grids = grids_of("bench")
    shown = [(main_forms(grid), verdicts(grid)) for grid in grids]
    rows, without = [], []
    for key, record in MECHANISMS.items():
        cells = [found.get(forms.get(key)) for forms, found in shown]
        if any(key in forms for forms, _ in shown):
            rows.append([linked(record), *map(cell, cells)])
        elif record.status != "named":
            without.append(linked(record))
    heads = ["Mechanism", *(f"*{grid.name}*" for grid in grids)]
    lines = table(heads, rows, "auto", "evidence bench")
    return [*lines, "", f"Without a row on the bench: {', '.join(without)}."] if without else lines


def questions() -> list[str]:
    """Each question, what it takes, and which mechanisms earn which verdict on it."""
    rows = []
    for grid in grids_of("bench"):
        asked, forms, found = QUESTIONS[grid.question], main_forms(grid), verdicts(grid)
        who = {word: [k for k in MECHANISMS if k in forms and found[forms[k]].word == word]
               for word in RULE}  # fmt: skip
        earned = [f"{marked(word)} {', '.join(keys)}" for word, keys in who.items() if keys]
        asks = BREAK.join([f"*{grid.name}*: {asked.sentence}", f"[{asked.why}]{{.quiet}}"])
        rows.append([asks, BREAK.join(earned)])
    return table(("Question, and what it takes", "Verdicts"), rows, "50 50", "evidence")


def evidence(group: str) -> list[str]:
    """A heading, a caption and a table for each grid of a group."""
    grids = grids_of(group)
    if not grids:
        return [f"No grid of the group *{group}* is defined yet: not measured."]
    return [line for grid in grids for line in (f"**{grid.name}**", "", *told(grid), "")]


def told(grid: Grid) -> list[str]:
    """What was measured of one grid, row by row."""
    runs = entries(grid)
    if not runs:
        rows = ", ".join(f"`{row.name}`" for row in grid.rows)
        return [f"Not measured yet: {rows}.", ""]
    words, against = verdicts(grid), changes(grid)
    rows = [line(grid, row, runs, words.get(row.name), against) for row in grid.rows]
    heads = ("Row", "Score", "Verdict", "Difference")
    return [caption(grid, runs), "", *table(heads, rows, "30 18 16 36", "evidence")]


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
    return f"`{pair[0]}`: {sentence(pair[1])}"


def rule() -> list[str]:
    """The words and when each is given."""
    rows = [[marked(word), text] for word, text in RULE.items()]
    return table(("Verdict", "Given to a block that is"), rows, "auto", "evidence")


class Evidence(SphinxDirective):
    """Lines of the function that is named after the directive."""

    optional_arguments = 1
    make = {"evidence": evidence, "bench": bench, "questions": questions, "verdict-rule": rule}

    def run(self):
        for path in (ROOT, *ROOT.glob("*/*.json")):
            self.env.note_dependency(str(path))
        box = nodes.container()
        lines = StringList(self.make[self.name](*self.arguments))
        self.state.nested_parse(lines, self.content_offset, box)
        return box.children


def setup(app):
    for name in Evidence.make:
        app.add_directive(name, Evidence)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
