"""The quick printer of graded notebooks gives nbformat's own bytes."""

from itertools import cycle
from pathlib import Path

import nbformat
import pytest

from autograder.notebook import put_verdicts, rebuilt, template
from autograder.outcome import BY_HAND, COULD_NOT_RUN, FAILED, MISSING, PASSED, Result, TaskResult
from autograder.printed import Printer
from autograder.source import read_source

ROOT = Path(__file__).resolve().parents[1]
CELLS = {
    "as handed in": "x = 1\n",
    "line ends of every kind": "a = 1\r\nb = 2\rc = 'é 雷 \u2028'\n\n",
    "empty": "",
    "quotes and tabs": "\tprint(\"</script>\\n\")",
}


@pytest.mark.parametrize("key", ["se", "capstone"])
@pytest.mark.parametrize("text", CELLS.values(), ids=CELLS)
def test_bytes_are_those_of_nbformat(key, text):
    source, plan = read_source(ROOT, key)
    pattern = template(source)
    outcomes = cycle([(PASSED, ""), (FAILED, ""), (COULD_NOT_RUN, "timeout"),
                      (COULD_NOT_RUN, MISSING), (BY_HAND, "")])
    tasks = [TaskResult(cell.name, cell.title, outcome, 0.5, 1.0, f"{text} <b>\nü", reason)
             for cell, (outcome, reason) in zip(plan.tests, outcomes, strict=False)]
    result = Result("李雷", key, tasks, ["a note"], {"landlock": "ABI 7"})
    texts = dict.fromkeys(plan.solutions[1:], text)
    expected = nbformat.writes(put_verdicts(rebuilt(pattern, texts), result))
    printer = Printer(pattern)
    assert printer.text(texts, result) == expected
    assert printer.text(texts, result) == expected, "the printer changed its own template"
