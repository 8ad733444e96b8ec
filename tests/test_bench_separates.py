"""Each family of mechanisms has a question that tells it from others, as the ledger shows it."""

import pytest

from attnlab.families import FAMILIES, told_apart
from attnlab.grids import GRIDS, bench
from attnlab.ledger import ROOT, load, paired
from attnlab.questions import QUESTIONS
from attnlab.statistics import holm

CONTROL = "local"  # every host answers it: what the others ask is not in one place


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_has_a_question_that_tells_it_from_others(family):
    for rival, comparison in told_apart(family).items():
        assert comparison.difference.n >= 10
        assert comparison.shown, (rival, comparison)
        assert comparison.difference.mean > 0, (rival, comparison)


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name != CONTROL])
def test_a_question_that_separates_nothing_is_dropped(question):
    """Some mechanism is shown better than the plain host and than some other mechanism."""
    quantity, rows = GRIDS[question].quantity, load(question, ROOT)
    names = [row.name for row in bench.MAIN[2:] if row.name in rows]
    scores = {name: paired(question, name, "plain-none", quantity, ROOT) for name in names}
    best = max(scores, key=lambda name: scores[name].difference.mean)
    assert holm(scores)[best].shown
    worst = min(scores, key=lambda name: scores[name].difference.mean)
    assert paired(question, best, worst, quantity, ROOT).shown
