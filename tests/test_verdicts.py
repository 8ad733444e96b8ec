"""Verdicts on made-up ledgers: each word of the rule, and pages that live with missing rows."""


import evidence_directive as evidence
import pytest
from test_ledger import entry

from attnlab import ledger, verdicts
from attnlab.grids import Grid, Row, find
from attnlab.verdicts import ABLATION, PLACEMENT, RULE

SE, NONLOCAL = "solutions.se:SEBlock", "solutions.nonlocal:NonLocalBlock"
GRID = Grid(
    "g",
    (
        Row("plain"),
        Row("conv", "stage1", "attnlab.baselines:Pointwise"),
        Row("params-se", "stage1", matches="se-stage1"),
        Row("se", "stage1", SE),
        Row("se", "last", SE),
        Row("se-r4", "stage1", "solutions.ablations:Other", {"reduction": 4}),
        Row("nonlocal", "stage1", NONLOCAL),
        Row("gc", "stage1", "solutions.gc:GCBlock"),
    ),
    "rule",
)
NOISE = (0.010, -0.008, 0.004, -0.006)


def fill(root, **means):
    """Four trainings of each row, their scores around a mean; a list is taken as it is."""
    for name, mean in means.items():
        key, place = name.rsplit("_", 1)
        scores = mean if isinstance(mean, list) else [mean + n for n in NOISE]
        for seed, score in enumerate(scores):
            one = entry(key.replace("_", "-"), place, seed, score)
            ledger.write(one, root)


@pytest.mark.parametrize(
    ("scores", "word", "reached"),
    [
        (0.97, verdicts.ANSWERS, 4),
        (0.60, verdicts.HELPS, 0),
        ([0.25, 0.98, 0.26, 0.24], verdicts.NEITHER, 1),
        (0.10, verdicts.HARMS, 0),
        ([0.97, 0.98], verdicts.MISSING, 0),
    ],
)
def test_each_word_of_the_rule(tmp_path, scores, word, reached):
    fill(tmp_path, plain_none=[0.25, 0.26, 0.24, 0.25], conv_stage1=0.26, se_stage1=scores)
    found = verdicts.verdicts(GRID, tmp_path)["se-stage1"]
    assert (found.word, found.reached) == (word, reached)
    assert found.word in RULE
    assert found.score.n == (2 if word == verdicts.MISSING else 4)


def test_better_than_plain_alone_is_not_enough(tmp_path):
    fill(tmp_path, plain_none=[0.25, 0.26, 0.24, 0.25], conv_stage1=0.97, se_stage1=0.97)
    assert verdicts.verdicts(GRID, tmp_path)["se-stage1"].word == verdicts.NEITHER


def test_more_mechanisms_ask_for_more_evidence_and_more_forms_do_not(tmp_path):
    """A difference that one comparison shows is lost when Holm's method counts the others."""
    fill(tmp_path, plain_none=[0.25, 0.26, 0.24, 0.25], conv_stage1=[0.26, 0.25, 0.25, 0.24])
    fill(tmp_path, se_stage1=[0.28, 0.30, 0.27, 0.29])
    fill(tmp_path, se_last=[0.2, 0.3, 0.25, 0.24], se_r4_stage1=[0.3, 0.2, 0.25, 0.23])
    assert verdicts.verdicts(GRID, tmp_path)["se-stage1"].word == verdicts.HELPS
    fill(tmp_path, nonlocal_stage1=[0.2, 0.3, 0.25, 0.24], gc_stage1=[0.3, 0.2, 0.25, 0.23])
    assert verdicts.verdicts(GRID, tmp_path)["se-stage1"].word == verdicts.NEITHER


def test_forms_are_sorted_into_places_and_parts():
    assert [row.name for row in verdicts.forms(GRID, PLACEMENT)["se"]] == ["se-last"]
    assert [row.name for row in verdicts.forms(GRID, ABLATION)["se"]] == ["se-r4-stage1"]
    assert verdicts.main_forms(GRID).keys() == {"se", "nonlocal", "gc"}


def test_a_form_is_held_against_the_main_one(tmp_path):
    fill(tmp_path, plain_none=0.25, se_stage1=[0.9, 0.91, 0.92, 0.9], se_r4_stage1=0.5)
    main, change = verdicts.changes(GRID, tmp_path)["se-r4-stage1"]
    assert main == "se-stage1"
    assert change.shown
    assert change.difference.mean == pytest.approx(-0.4075)


def test_nothing_measured_is_said_and_not_raised(tmp_path):
    assert {v.word for v in verdicts.verdicts(GRID, tmp_path).values()} == {verdicts.MISSING}
    assert verdicts.changes(GRID, tmp_path) == {}


@pytest.mark.parametrize("name", sorted(evidence.MAKERS.keys() - {"families"}))
def test_tables_are_made_without_a_ledger(name, monkeypatch, tmp_path):
    names = {"evidence": ["bench"], "shown": ["ablation"]}.get(name, [])
    full = evidence.MAKERS[name](*names)
    monkeypatch.setattr(evidence, "entries", lambda grid: {})
    monkeypatch.setattr(evidence, "verdicts", lambda grid: verdicts.verdicts(grid, tmp_path))
    monkeypatch.setattr(evidence, "changes", lambda grid: {})
    bare = evidence.MAKERS[name](*names)
    assert "\n".join(full).count("±") > 50 or name not in ("bench", "evidence")
    assert "±" not in "\n".join(bare)
    assert "not measured" in "\n".join(bare).lower()


def test_every_mechanism_that_can_be_measured_is_on_the_page():
    text = "\n".join(evidence.bench())
    for grid in find("bench"):
        assert f"*{grid.name}*" in text
    for key, record in evidence.MECHANISMS.items():
        assert record.title in text or record.status == "named", key


def test_forms_that_differ_are_picked_out(monkeypatch, tmp_path):
    fill(tmp_path, plain_none=0.25, se_stage1=[0.9, 0.91, 0.92, 0.9], se_r4_stage1=0.5)
    monkeypatch.setattr(evidence, "GRIDS", {"g": GRID})
    monkeypatch.setattr(evidence, "changes", lambda grid: verdicts.changes(grid, tmp_path))
    assert evidence.shown(ABLATION)[0].startswith(
        "- *g*: `se-r4-stage1`, against `se-stage1` lower"
    )
    assert evidence.shown(PLACEMENT)[-1] == "No difference shown: 0 rows. Not measured: 1 rows."
