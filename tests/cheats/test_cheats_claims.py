"""Forged answers do no harm, and would with the rule bent that they run into."""

import sys
from dataclasses import replace

import pytest
from cheat_claims import CLAIMS, EXECUTED, run
from cheat_open import OPEN
from grader_world import live_session

from autograder.limits import MIB, Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

LIMITS = Limits(cell_seconds=1.0, step_seconds=1.0, memory=512 * MIB)


@pytest.fixture(scope="module")
def session():
    with live_session(LIMITS) as session:
        yield session


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_it_does_no_harm(claim, session):
    EXECUTED.clear()
    came = run(claim, session)
    assert not claim.won(came), came


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_with_the_rule_bent_it_does(claim, session, monkeypatch):
    EXECUTED.clear()
    with monkeypatch.context() as patch:
        claim.off(patch, session)
        came = run(claim, session)
        assert claim.won(came), came
        session.stop()
    session.limits = replace(LIMITS)


@pytest.mark.parametrize("claim", OPEN, ids=lambda claim: claim.name)
def test_what_the_book_calls_open_is_open(claim, session):
    came = run(claim, session)
    assert claim.won(came), f"mended? Then take it out of cheat_open.py: {came}"
