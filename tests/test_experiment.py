"""The runner: resumable, whole, honest about what it measured, and clear about what it cannot."""

import json
from dataclasses import replace

import pytest
import torch

from attnlab import baselines, cifar10, configs, experiment, grids, ledger, matching
from attnlab.costs import parameters
from attnlab.grids import GRIDS, Grid, Row, UnknownGrid, bench
from attnlab.grids.record import matched
from attnlab.host import SHAPES, Host
from attnlab.ledger import LedgerError
from attnlab.profiles import PROFILES
from solutions.se import SEBlock

SE = Row("se", "stage1", "solutions.se:SEBlock", {"reduction": 2})
ROWS = (bench.PLAIN, bench.CONV, *matched(SE))
NAMES = [row.name for row in ROWS]
TINY = Grid("rule", ROWS, "rule", train_images=64, test_images=50)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setitem(PROFILES, "tiny", replace(PROFILES["tiny"], epochs=1))
    monkeypatch.setitem(GRIDS, "rule", TINY)
    monkeypatch.setattr(experiment, "time_match", lambda *_: matching.Match((16, 33), 0.101, 0.1))


def call(tmp_path, *words):
    return experiment.main(["--ledger", str(tmp_path), *words])


def test_run_writes_every_row_and_seed_and_measures_nothing_twice(tmp_path, monkeypatch, capsys):
    assert call(tmp_path, "run", "rule", "--seeds", "2") == 0
    rows = ledger.load("rule", tmp_path)
    assert sorted(rows) == sorted(NAMES)
    assert all(sorted(entries) == [0, 1] for entries in rows.values())
    entry = rows["se-stage1"][1]
    host = Host(lambda c: SEBlock(c, 2))
    assert entry.results["parameters"] == parameters(host)
    assert entry.results["multiply_adds"] > rows["plain-none"][1].results["multiply_adds"]
    assert entry.data.startswith("rule ")
    assert set(entry.versions) == {"python", "torch", "numpy"}

    def twice(*_):
        raise AssertionError("measured although the ledger has it")

    monkeypatch.setattr(experiment, "measure", twice)
    assert call(tmp_path, "run", "rule", "--seeds", "2") == 0


def test_dense_grid_reports_mean_iou(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(GRIDS, "mark", replace(TINY, name="mark", question="mark"))
    rows = "params-se-stage1,se-stage1"
    assert call(tmp_path, "run", "mark", "--seeds", "1", "--rows", rows) == 0
    assert 0 < ledger.mean_interval("mark", "se-stage1", "mean_iou", tmp_path).mean < 1
    assert call(tmp_path, "summary", "mark") == 0
    assert "mark: mean_iou, measured on" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["cifar", "cifar-all"])
def test_cifar_grids_run_on_whatever_images_there_are(tmp_path, monkeypatch, name):
    """Both profiles, on the CPU, uncompiled: random images stand in for CIFAR-10."""
    images = (torch.randn(60, 3, 32, 32), torch.arange(60) % 10)
    monkeypatch.setattr(cifar10, "fingerprint", lambda: "cifar10 stand-in")
    monkeypatch.setattr(cifar10, "experiment", lambda train, test, mark: (images, images))
    profile = GRIDS[name].profile
    short = replace(PROFILES[profile], epochs=1, batch=20, compiled=False)
    monkeypatch.setitem(PROFILES, profile, short)
    widths = [4 * stage.widen for stage in SHAPES[GRIDS[name].shape].stages]
    match = matching.Match((*widths[:-1], 1 + widths[-1]), 0.101, 0.1)
    monkeypatch.setattr(experiment, "time_match", lambda *_: match)
    block = Row("se", "every", "solutions.se:SEBlock", {"reduction": 4})
    conv = Row("conv", "every", "attnlab.baselines:Pointwise", {"reduction": 4})
    rows = (bench.PLAIN, conv, *matched(block))
    monkeypatch.setitem(GRIDS, name, replace(GRIDS[name], rows=rows, width=4))
    assert call(tmp_path, "run", name, "--seeds", "1") == 0
    rows = ledger.load(name, tmp_path)
    assert sorted(rows) == ["conv-every", "params-se-every", "plain-none", "se-every",
                            "time-se-every"]  # fmt: skip
    entry = rows["se-every"][0]
    assert entry.data == "cifar10 stand-in"
    assert entry.config["augmented"]
    assert entry.results["parameters"] == rows["conv-every"][0].results["parameters"]


def test_measured_on_a_copy_is_said(capsys):
    assert experiment.main(["summary", "cifar"]) == 0
    assert "(JPEG copy, quality 75, not the original pixels)" in capsys.readouterr().out


def test_killed_run_is_taken_up_where_it_stopped(tmp_path, monkeypatch):
    real, count = experiment.measure, []

    def killed(runs, device):
        if len(count) == 3:
            raise KeyboardInterrupt
        count.extend(runs)
        return real(runs, device)

    monkeypatch.setattr(experiment, "measure", killed)
    with pytest.raises(KeyboardInterrupt):
        call(tmp_path, "run", "rule", "--seeds", "2")
    assert sum(len(seeds) for seeds in ledger.load("rule", tmp_path).values()) == 3
    monkeypatch.setattr(experiment, "measure", lambda runs, d: count.extend(runs) or real(runs, d))
    assert call(tmp_path, "run", "rule", "--seeds", "2") == 0
    assert len(count) == 10, "something was measured twice or left out"


def test_shards_divide_the_runs(tmp_path):
    for shard in ("1/3", "2/3", "3/3"):
        assert call(tmp_path, "run", "rule", "--seeds", "1", "--shard", shard) == 0
    assert len(ledger.load("rule", tmp_path)) == 5


def test_seeds_trained_together_are_entries_of_their_own(tmp_path, capsys):
    """Close to those trained alone, each with its share of the seconds; rounding may differ."""
    there = tmp_path / "there"
    words = ("run", "rule", "--seeds", "3", "--rows", "se-stage1")
    assert call(tmp_path, *words) == call(there, *words, "--together", "2") == 0
    alone, together = (ledger.load("rule", root)["se-stage1"] for root in (tmp_path, there))
    assert [entry.results.get("together") for entry in together.values()] == [2, 2, None]
    for seed, entry in together.items():
        assert entry.hash == alone[seed].hash
        assert entry.curve == pytest.approx(alone[seed].curve, rel=1e-3)
        assert entry.results["loss"] == pytest.approx(alone[seed].results["loss"], rel=1e-2)
    with pytest.raises(SystemExit, match="2"):
        call(tmp_path, *words, "--together", "0")
    assert "expected a number of at least 1, got '0'" in capsys.readouterr().err


def test_no_minutes_left_says_how_to_go_on(tmp_path, capsys):
    assert call(tmp_path, "run", "rule", "--seeds", "1", "--minutes", "-1") == 0
    assert "5 runs are left; give the same command again" in capsys.readouterr().out


def test_entry_of_other_settings_is_not_overwritten(tmp_path, monkeypatch, capsys):
    call(tmp_path, "run", "rule", "--seeds", "1", "--rows", "plain-none")
    monkeypatch.setitem(GRIDS, "rule", replace(TINY, train_images=32))
    assert call(tmp_path, "run", "rule", "--seeds", "1", "--rows", "plain-none") == 2
    assert "was measured with other settings (train_images)" in capsys.readouterr().err
    assert call(tmp_path, "run", "rule", "--seeds", "1", "--rows", "plain-none", "--redo") == 0
    entry = ledger.load("rule", tmp_path)["plain-none"][0]
    assert entry.config["train_images"] == 32


def test_verify_repeats_bit_for_bit_and_catches_a_changed_number(tmp_path, capsys):
    call(tmp_path, "run", "rule", "--seeds", "1", "--rows", "se-stage1")
    assert call(tmp_path, "verify", "rule", "--sample", "1") == 0
    assert "rule/se-stage1-0: the same, bit for bit" in capsys.readouterr().out
    path = ledger.path_of("rule", "se-stage1", 0, tmp_path)
    raw = json.loads(path.read_text())
    raw["results"]["loss"] += 1e-6
    path.write_text(json.dumps(raw))
    assert call(tmp_path, "verify", "rule", "--sample", "1") == 1
    assert "DIFFERS: loss was" in capsys.readouterr().out


def test_verify_elsewhere_allows_rounding_and_no_more(tmp_path, capsys):
    call(tmp_path, "run", "rule", "--seeds", "1", "--rows", "se-stage1")
    path = ledger.path_of("rule", "se-stage1", 0, tmp_path)
    raw = json.loads(path.read_text())
    raw["device"] = "another CPU"
    raw["results"]["accuracy"] += 0.02
    path.write_text(json.dumps(raw))
    assert call(tmp_path, "verify", "rule") == 0
    raw["results"]["accuracy"] += 0.2
    path.write_text(json.dumps(raw))
    assert call(tmp_path, "verify", "rule") == 1
    raw["results"]["accuracy"] -= 0.2
    raw["curve"][0] += 0.01
    path.write_text(json.dumps(raw))
    assert call(tmp_path, "verify", "rule") == 1
    assert capsys.readouterr().out.count("DIFFERS (measured on another CPU") == 2


def test_a_grid_travels_as_one_file(tmp_path, capsys):
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "rule.pack.json"
    call(here, "run", "rule", "--seeds", "2", "--rows", "plain-none")
    assert call(here, "pack", "rule", str(file)) == 0
    assert call(there, "unpack", str(file)) == 0
    assert ledger.load("rule", there) == ledger.load("rule", here)
    assert call(there, "run", "rule", "--seeds", "2", "--rows", "plain-none") == 0
    assert "2 new entries, 0 that were there already" in capsys.readouterr().out


def test_list_names_every_grid(tmp_path, capsys):
    assert call(tmp_path, "list") == 0
    assert f"rule: {', '.join(NAMES)}\n" in capsys.readouterr().out


def test_summary_says_what_is_shown(tmp_path, capsys):
    call(tmp_path, "run", "rule", "--seeds", "2")
    capsys.readouterr()
    assert call(tmp_path, "summary", "rule") == 0
    text = capsys.readouterr().out
    assert "se-stage1" in text
    assert "time-se-stage1 vs plain-none: no difference shown" in text
    rivals = [line.split(" vs ")[1].split(":")[0] for line in text.splitlines() if "  se-" in line]
    assert rivals == ["plain-none", "conv-stage1", "params-se-stage1", "time-se-stage1"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "rul"), "no grid 'rul'; did you mean 'rule'?"),
        (("run", "rule", "--profile", "big"), "no profile 'big'; the profiles are tiny, cpu, gpu"),
        (("run", "rule", "--rows", "sa"), "has no row 'sa'; it has plain-none, conv-stage1"),
        (("summary", "rule"), "measure it with: python -m attnlab.experiment run rule"),
    ],
)
def test_what_does_not_exist_is_named(tmp_path, capsys, words, message):
    assert call(tmp_path, *words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--device", "toaster"), "expected a device of this machine, got 'toaster' ("),
        (("--device", "cuda:77"), "expected a device of this machine, got 'cuda:77' ("),
        (("--seeds", "0"), "expected a number of at least 1, got '0'"),
        (("--shard", "3/2"), "expected K/N with 1 <= K <= N, got '3/2'"),
    ],
)
def test_options_that_cannot_be_are_named(tmp_path, capsys, words, message):
    with pytest.raises(SystemExit, match="2"):
        call(tmp_path, "run", "rule", *words)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[:150], "se-stage1-0.json: not a whole ledger entry"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "entry version 1, found 2"),
    ],
)
def test_spoiled_entry_stops_the_run_and_loses_no_other(tmp_path, capsys, spoil, message):
    assert call(tmp_path, "run", "rule", "--seeds", "1", "--rows", "plain-none,se-stage1") == 0
    path = ledger.path_of("rule", "se-stage1", 0, tmp_path)
    path.write_text(spoil(path.read_text()))
    other = ledger.path_of("rule", "plain-none", 0, tmp_path).read_text()
    assert call(tmp_path, "run", "rule", "--seeds", "1", "--rows", "plain-none,se-stage1") == 2
    said = capsys.readouterr().err
    assert message in said
    assert "delete it and run its grid again, which measures only what is missing" in said
    assert ledger.path_of("rule", "plain-none", 0, tmp_path).read_text() == other


def test_missing_images_are_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ATTNLAB_CIFAR10", str(tmp_path))
    assert call(tmp_path, "run", "cifar") == 2
    assert "no CIFAR-10 under" in capsys.readouterr().err


def test_full_disk_is_named_and_loses_nothing(tmp_path, capsys, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger.os, "fsync", full)
    assert call(tmp_path, "run", "rule", "--seeds", "1") == 2
    assert "could not be written (No space left on device)" in capsys.readouterr().err


def test_block_that_cannot_be_imported_is_named():
    with pytest.raises(configs.RunError, match=r"'solutions\.se:SEBlok' cannot be imported"):
        configs.import_block("solutions.se:SEBlok")
    with pytest.raises(configs.RunError, match="expected 'module:attribute'"):
        configs.import_block("nothing.such:Block")


def test_every_grid_is_well_formed():
    for name in (*GRIDS, *grids.GROUPS):
        for grid in grids.find(name):
            names = [row.name for row in grid.rows]
            assert len(set(names)) == len(names)
            assert set(grid.baselines) <= set(names)
            matched = [row for row in grid.rows if row.matches]
            assert all(grid.row(row.matches).block for row in matched)
            assert {row.by for row in matched} <= {"parameters", "time"}
    with pytest.raises(UnknownGrid, match="no grid 'zzz'; there are local, rule"):
        grids.find("zzz")


def test_pointwise_has_the_parameters_of_se():
    se = parameters(Host(lambda c: SEBlock(c, 2)))
    assert parameters(Host(lambda c: baselines.Pointwise(c, 2))) == se


def test_ledger_error_is_one_of_the_named_ones():
    assert LedgerError in experiment.ERRORS
    assert Row("a", "last").name == "a-last"
