"""The ledger: whole entries or none, errors that name the file, sentences that claim no more."""

import json
import math
import os

import pytest
from scipy import stats

from attnlab import ledger, statistics, transfer
from attnlab.ledger import Entry, LedgerError, config_hash, quote

CONFIG = {"images": "rule", "width": 16}


def entry(key="se", placement="stage1", seed=0, accuracy=0.9, **changes):
    values = {
        "grid": "g", "key": key, "placement": placement, "seed": seed, "config": CONFIG,
        "hash": config_hash(CONFIG), "commit": "abc", "versions": {"torch": "2"},
        "device": "a CPU", "data": "rule 1",
        "results": {"accuracy": accuracy, "parameters": 6052}, "curve": [1.0, 0.5],
    }  # fmt: skip
    return Entry(**values | changes)


@pytest.fixture
def root(tmp_path):
    """Three rows over four seeds: se is better than plain, twin differs from plain by noise."""
    for seed, (se, plain, twin) in enumerate(
        [(0.98, 0.26, 0.25), (1.0, 0.25, 0.27), (0.97, 0.27, 0.25), (0.99, 0.24, 0.26)]
    ):
        ledger.write(entry(seed=seed, accuracy=se), tmp_path)
        ledger.write(entry("plain", "none", seed, plain), tmp_path)
        ledger.write(entry("twin", "none", seed, twin), tmp_path)
    return tmp_path


def test_what_is_written_is_read(tmp_path):
    path = ledger.write(entry(), tmp_path)
    assert path == tmp_path / "g" / "se-stage1-0.json"
    assert ledger.read(path) == entry()
    assert ledger.load("g", tmp_path) == {"se-stage1": {0: entry()}}


def test_hash_changes_with_any_setting_and_not_with_their_order():
    assert config_hash({"a": 1, "b": 2}) == config_hash({"b": 2, "a": 1})
    assert config_hash({"a": 1, "b": 2}) != config_hash({"a": 1, "b": 3})


def test_full_disk_keeps_the_old_entry(tmp_path, monkeypatch):
    path = ledger.write(entry(), tmp_path)

    def full(_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        LedgerError, match=r"se-stage1-0\.json: could not be written \(No space left"
    ):
        ledger.write(entry(accuracy=0.1), tmp_path)
    assert ledger.read(path) == entry()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[:200], "not a whole ledger entry"),
        (lambda text: "[]", "expected entry version 1, found None"),
        (lambda text: text.replace('"version": 1', '"version": 7'), "version 1, found 7"),
        (lambda text: text.replace('"commit"', '"comit"'), r"lacks \['commit'\], has unknown"),
        (lambda text: text.replace('"width": 16', '"width": 32'), "does not fit its hash"),
        (lambda text: text.replace('"seed": 0', '"seed": 5'), "holds g/se-stage1-5; rename it"),
    ],
)
def test_spoiled_entry_is_named_with_the_way_out(tmp_path, spoil, message):
    path = ledger.write(entry(), tmp_path)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(LedgerError, match=message) as caught:
        ledger.load("g", tmp_path)
    assert str(path) in str(caught.value)
    assert "run its grid again" in str(caught.value)


def test_half_written_files_are_not_entries(tmp_path):
    ledger.write(entry(), tmp_path)
    (tmp_path / "g" / ".se-stage1-1.json.99.part").write_text("{")
    assert list(ledger.load("g", tmp_path)["se-stage1"]) == [0]


def test_quote_gives_numbers(root):
    assert quote("g/se-stage1:accuracy:.3f", root) == "0.985"
    assert quote("g/se-stage1:accuracy:.1%", root) == "98.5%"
    assert quote("g/se-stage1:parameters:,.0f", root) == "6,052"
    assert quote("g/se-stage1:accuracy.n", root) == "4"
    half = stats.sem([0.98, 1.0, 0.97, 0.99]) * stats.t.ppf(0.975, 3)
    assert quote("g/se-stage1:accuracy:±.3f", root) == f"0.985 ± {half:.3f}"
    assert quote("g/se-stage1:accuracy.half:.4f", root) == f"{half:.4f}"


def test_quote_says_which_is_higher_only_when_the_interval_does(root):
    said = quote("g/se-stage1 vs plain-none:accuracy:.2f", root)
    assert said.startswith("0.73 higher (95 % interval 0.69 to 0.77, n = 4)")
    assert quote("g/plain-none vs se-stage1:accuracy:.2f", root).startswith("0.73 lower (95 %")
    said = quote("g/twin-none vs plain-none:accuracy:.2f", root)
    assert said == "no difference shown (95 % interval of the difference -0.03 to 0.04, n = 4)"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("g/se-stage1", "cannot read 'g/se-stage1'; expected grid/key-placement"),
        ("h/se-stage1:accuracy", r"no grid 'h' \(it has g\); measure it with: python -m"),
        ("g/sa-stage1:accuracy", "no row 'sa-stage1'; it has plain-none, se-stage1, twin-none"),
        ("g/se-stage1:acuracy", "no quantity 'acuracy'; it has accuracy, parameters"),
        ("g/se-stage1:accuracy.men", "no part 'men' of an interval; choose from mean, sd"),
        ("g/se-stage1:accuracy:.2x", "Unknown format code 'x'|Invalid format specifier"),
    ],
)
def test_quote_names_what_it_cannot_find(root, spec, message):
    with pytest.raises(LedgerError, match=message):
        quote(spec, root)


def test_comparison_pairs_by_seed(root):
    for seed in (7, 8, 9):
        ledger.write(entry("plain", "none", seed, 1.0), root)  # seeds that se does not have
    assert ledger.paired("g", "se-stage1", "plain-none", root=root).difference.n == 4
    with pytest.raises(ValueError, match=r"share no seed: \[1\] against \[2\]"):
        statistics.compare({1: 0.5}, {2: 0.5})


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 9, 10, 29])
def test_student_agrees_with_scipy(freedom):
    assert statistics.quantile(0.95, freedom) == pytest.approx(stats.t.ppf(0.975, freedom))
    assert statistics.inside(1.7, freedom) == pytest.approx(2 * stats.t.cdf(1.7, freedom) - 1)


def test_paired_test_agrees_with_scipy():
    ours, theirs = [0.91, 0.84, 0.97, 0.88], [0.85, 0.86, 0.90, 0.80]
    found = statistics.compare(dict(enumerate(ours)), dict(enumerate(theirs)))
    wanted = stats.ttest_rel(ours, theirs)
    assert found.p == pytest.approx(wanted.pvalue)
    assert found.difference.low == pytest.approx(wanted.confidence_interval().low)
    assert not found.shown


def test_holm_by_hand():
    made = statistics.interval([0.1, 0.2])
    raw = {n: statistics.Comparison(made, p, p < 0.05) for n, p in
           [("a", 0.01), ("b", 0.04), ("c", 0.03)]}  # fmt: skip
    adjusted = statistics.holm(raw)
    assert {n: round(c.p, 6) for n, c in adjusted.items()} == {"a": 0.03, "b": 0.06, "c": 0.06}
    assert [c.shown for c in adjusted.values()] == [True, False, False]


def test_one_seed_shows_nothing():
    one = statistics.compare({0: 0.9}, {0: 0.2})
    assert math.isinf(one.difference.half)
    assert not one.shown


def test_constant_difference_is_shown_and_none_is_not():
    assert statistics.compare({0: 1.0, 1: 1.0}, {0: 0.5, 1: 0.5}).shown
    assert not statistics.compare({0: 0.5, 1: 0.5}, {0: 0.5, 1: 0.5}).shown


def test_pack_and_unpack_carry_a_grid(root, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    file = other / "g.pack.json"
    assert transfer.pack("g", file, root) == 12
    assert transfer.unpack(file, other) == (12, 0)
    assert transfer.unpack(file, other) == (0, 12)
    assert ledger.load("g", other) == ledger.load("g", root)


def test_unpack_overwrites_no_other_number(root, tmp_path):
    file = tmp_path / "pack.json"
    transfer.pack("g", file, root)
    ledger.write(entry(accuracy=0.5), root)
    with pytest.raises(LedgerError, match="has other numbers for this run"):
        transfer.unpack(file, root)
    assert ledger.read(ledger.path_of("g", "se-stage1", 0, root)).results["accuracy"] == 0.5


def test_unpack_names_a_file_of_another_kind(tmp_path):
    file = tmp_path / "pack.json"
    file.write_text(json.dumps({"entries": [{"a": 1}]}))
    with pytest.raises(LedgerError, match=r"pack\.json: not a packed grid"):
        transfer.unpack(file, tmp_path)
