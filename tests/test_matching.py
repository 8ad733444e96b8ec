"""Hosts that cost as much as a host with a block: in parameters, and in the time of a step."""

from dataclasses import replace

import pytest

from attnlab import configs, experiment, ledger, matching
from attnlab.baselines import nearest_widths
from attnlab.configs import build, configure, step_grid, stored_widths
from attnlab.costs import parameters
from attnlab.grids import GRIDS, Grid, Row, bench
from attnlab.grids.record import matched
from attnlab.host import Host
from attnlab.ledger import LedgerError

SE = Row("se", "stage1", "solutions.se:SEBlock", {"reduction": 2})
TINY = Grid("rule", (bench.PLAIN, *matched(SE)), "rule", train_images=64, test_images=50)


@pytest.mark.parametrize("target", [5796, 5799, 6052, 6176, 6380, 8000, 20_000])
def test_nearest_widths_are_within_one_percent(target):
    widths = nearest_widths(target)
    assert abs(parameters(Host(widths=widths)) / target - 1) < 0.01
    assert all(w >= first for w, first in zip(widths, (16, 32), strict=True))


def test_nearest_widths_are_the_nearest_of_all():
    """Against every pair of widths in reach, one by one."""
    for target in (6052, 6400, 7001):
        sizes = {
            (a, b): parameters(Host(widths=(a, b))) for a in (16, 17, 18) for b in range(32, 50)
        }
        best = min(abs(size - target) for size in sizes.values())
        assert abs(sizes[nearest_widths(target)] - target) == best


def test_host_with_no_more_parameters_is_the_plain_one():
    assert nearest_widths(parameters(Host())) == (16, 32)
    assert nearest_widths(100) == (16, 32)


def test_every_parameter_matched_row_of_the_course_is_within_one_percent():
    for grid in GRIDS.values():
        if grid.question is None:
            continue
        for row in (row for row in grid.rows if row.by == "parameters" and row.matches):
            own = parameters(build(configure(grid, row, "tiny"), 0))
            block = parameters(build(configure(grid, grid.row(row.matches), "tiny"), 0))
            assert abs(own / block - 1) < 0.01, f"{grid.name}/{row.name}: {own} against {block}"


def fake_clock(monkeypatch, seconds):
    """A step of a host takes what `seconds` says of its config."""
    monkeypatch.setattr(matching, "host_step", lambda config, device: config)
    monkeypatch.setattr(matching, "_seconds", lambda config, device: seconds(config))


def test_search_finds_the_stage_and_width_that_take_as_long(monkeypatch):
    """Time grows in leaps when a stage leaves a multiple of eight, as it does on real machines."""

    def seconds(config):
        if config["block"]:
            return 1.31
        early, late = config["widths"]
        return 1 + 0.1 * (early > 16) + 0.02 * (early - 16) + 0.1 * -(-(late - 32) // 8)

    fake_clock(monkeypatch, seconds)
    match = matching.time_match(configure(TINY, SE, "tiny"))
    assert match.ratio == pytest.approx(1, abs=0.01)
    assert match.block_seconds == 1.31


def test_compiled_hosts_are_widened_by_eights_in_the_last_stage(monkeypatch):
    asked = set()

    def seconds(config):
        asked.add(tuple(config.get("widths", ())))
        return 2.0 if config["block"] else 1 + config["widths"][1] / 200

    fake_clock(monkeypatch, seconds)
    config = configure(TINY, SE, "tiny")
    match = matching.time_match(config | {"profile": config["profile"] | {"compiled": True}})
    assert match.widths == (16, 200)
    assert all(w[0] == 16 and w[1] % 8 == 0 for w in asked if w)


def test_median_survives_a_disturbed_step(monkeypatch):
    ticks = iter([1.0, 1.0] * matching.WARM_UP + [1.0, 2.0, 50.0, 2.0, 1.0, 2.0])
    fake_clock(monkeypatch, lambda config: next(ticks))
    assert matching.median_steps([{}, {}], "cpu", 3) == [1.0, 2.0]


def test_steps_of_the_host_with_a_block_take_longer():
    """The real thing, shortened: a host of twice the width takes longer than the plain one."""
    config = configure(TINY, bench.PLAIN, "tiny")
    plain, wide = matching.median_steps([config, config | {"widths": [64, 128]}], "cpu", 5)
    assert 0 < plain < wide


def test_dense_questions_and_cifar_have_hosts_of_their_own():
    shared = {step_grid(GRIDS[name]) for name in ("rule", "row", "key", "same", "local")}
    assert shared == {"steps-bench"}
    assert step_grid(GRIDS["mark"]) == "steps-mark"
    assert step_grid(GRIDS["cifar-all"]) == "steps-cifar-all"
    assert step_grid(replace(GRIDS["rule"], size=48)) == "steps-rule"


@pytest.fixture
def found(tmp_path, monkeypatch):
    """A ledger in which the time-matched host of `se-stage1` was found once."""
    monkeypatch.setitem(GRIDS, "rule", TINY)
    calls = []

    def once(config, device):
        calls.append(config)
        return matching.Match((16, 34), 0.102, 0.1)

    monkeypatch.setattr(experiment, "time_match", once)
    assert experiment.main(["--ledger", str(tmp_path), "match", "rule"]) == 0
    return tmp_path, calls


def test_match_is_measured_once_and_kept(found, capsys):
    root, calls = found
    assert experiment.main(["--ledger", str(root), "match", "rule"]) == 0
    assert len(calls) == 1
    assert ledger.quote("steps-bench/time-se-stage1:ratio:.2f", root) == "1.02"
    row = TINY.row("time-se-stage1")
    assert configure(TINY, row, "tiny", root)["widths"] == [16, 34]
    assert experiment.main(["--ledger", str(root), "match", "rule", "--redo"]) == 0
    assert len(calls) == 2


def test_of_two_shards_that_match_at_once_the_first_decides(found, monkeypatch):
    root, _ = found
    path = ledger.path_of("steps-bench", "time-se-stage1", 0, root)
    first = path.read_text()
    path.unlink()

    def slower(config, device):
        path.write_text(first)
        return matching.Match((16, 38), 0.1, 0.1)

    monkeypatch.setattr(experiment, "time_match", slower)
    assert experiment.main(["--ledger", str(root), "match", "rule"]) == 0
    assert path.read_text() == first


def test_host_found_for_another_block_is_not_used(found, monkeypatch, capsys):
    root, _ = found
    other = replace(SE, settings={"reduction": 8})
    monkeypatch.setitem(GRIDS, "rule", replace(TINY, rows=(bench.PLAIN, *matched(other))))
    assert experiment.main(["--ledger", str(root), "run", "rule"]) == 2
    message = capsys.readouterr().err
    assert "found for other settings (settings); find it again with: python -m" in message
    assert "match rule --rows se-stage1 --redo" in message


def test_spoiled_match_is_named(found):
    root, _ = found
    path = ledger.path_of("steps-bench", "time-se-stage1", 0, root)
    path.write_text(path.read_text()[:100])
    block = configure(TINY, SE, "tiny")
    with pytest.raises(LedgerError, match=r"time-se-stage1-0\.json: not a whole ledger entry"):
        stored_widths(TINY, TINY.row("time-se-stage1"), block, root)


def test_row_without_widths_says_how_to_find_them(tmp_path):
    with pytest.raises(configs.RunError, match=r"no widths yet; find them with: .* match rule"):
        configure(TINY, TINY.row("time-se-stage1"), "tiny", tmp_path)


def test_what_the_ledger_holds_is_within_five_percent():
    """Every time-matched host of the course, as it was measured."""
    for folder in sorted(ledger.ROOT.glob("steps-*")):
        for row in ledger.load(folder.name):
            ratio = ledger.values(folder.name, row, "ratio")[0]
            assert abs(ratio - 1) <= matching.NEAR, f"{folder.name}/{row}: {ratio:.3f}"
