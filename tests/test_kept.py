"""Trained hosts that pages look into: each is the run of the ledger that it says it is."""

import numpy as np
import pytest
from measure_maps import HOSTS, there

from attnlab import kept, ledger
from attnlab.grids import find
from attnlab.kept import Kept
from attnlab.ledger import LedgerError

SLACK = 0.005  # ten of 2,000 images: another processor rounds otherwise


MEASURED = [host for host in HOSTS if ledger.path_of(host.grid, host.row, host.seed).is_file()]


def test_most_hosts_are_runs_that_the_ledger_holds():
    assert len(MEASURED) >= 8


@pytest.mark.parametrize("host", MEASURED, ids=lambda host: f"{host.grid}-{host.row}")
def test_a_kept_host_reaches_what_the_ledger_says(host):
    (grid,) = find(host.grid)
    score = ledger.values(host.grid, host.row, grid.quantity)[host.seed]
    assert host.score(host.load()) == pytest.approx(score, abs=SLACK)


def test_every_file_of_weights_belongs_to_a_host():
    assert {path.name for path in kept.ROOT.iterdir()} == {host.path().name for host in HOSTS}


def test_weights_come_back_as_they_were(tmp_path):
    host = Kept("rule", "eca-stage1")
    model = host.untrained()
    host.save(model, tmp_path)
    again = host.load(tmp_path).state_dict()
    assert all((again[name] == value).all() for name, value in model.state_dict().items())


def test_weights_that_are_missing_or_of_another_config_name_the_way_out(tmp_path):
    host = Kept("rule", "eca-stage1")
    with pytest.raises(LedgerError, match=r"not there; write it with: python tools/measure_maps"):
        host.load(tmp_path)
    np.savez(host.path(tmp_path), config="0123")
    with pytest.raises(LedgerError, match=r"trained with another config; write it with"):
        host.load(tmp_path)


def test_what_the_ledger_has_is_not_measured_again():
    assert there(Kept("rule", "nonlocal-stage1", 0))
    assert not there(Kept("rule", "nonlocal-stage1", 999))
