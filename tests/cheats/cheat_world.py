"""A small exercise with tests of every usual form; its answers are wrong but for two points."""

import copy
import json
from pathlib import Path

from grader_world import code

from autograder.limits import MIB, Limits
from autograder.source import make_plan

ROOT = Path(__file__).resolve().parents[2]
KEY = "se"
SECRET = "the_secret_of_the_hidden_test"
LIMITS = Limits(cell_seconds=1.5, step_seconds=1.0, retry_seconds=0.3, memory=512 * MIB)
LONGEST = 300  # bytes of the cell `attend`

WRONG = {
    "channels": "def channels(x):\n    return x.shape[1]",
    "squeeze": "def squeeze(x):\n    return x.sum(dim=(2, 3))",
    "params": "def params(C, r):\n    return 0",
    "attend": "def attend(q, k, v):\n    return v",
    "block": """class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.reduce = nn.Linear(channels, channels // reduction, bias=bias)
        self.expand = nn.Linear(channels // reduction, channels, bias=bias)

    def forward(self, x):
        return x + torch.rand_like(x)""",
}
TESTS = {
    "channels": (1, "assert channels(torch.zeros(1, 5, 2, 2)) == 5"),
    "squeeze": (2, f"""x = torch.randn(2, 3, 4, 5)
expected = x.mean(dim=(2, 3))
came = squeeze(x)
assert came.shape == (2, 3), "the shape"
### BEGIN HIDDEN TESTS
{SECRET} = expected
torch.testing.assert_close(came, {SECRET})
### END HIDDEN TESTS"""),
    "sum": (1, """x = torch.randn(2, 3, 4, 5)
assert bool(abs(squeeze(x) - x.mean(dim=(2, 3))).max() < 1e-5), "the numbers"
"""),
    "check": (1, 'check("se.squeeze", squeeze)'),
    "params": (2, 'assert params(64, 16) == 2 * 64 * 64 // 16, "the count"'),
    "partial": (2, "2.0 if params(8, 2) == 64 else 0.0"),
    "time": (1, """import time

start = time.perf_counter()
squeeze(torch.ones(1, 1, 2, 2))
assert time.perf_counter() - start < 0.25, "the time"
"""),
    "attend": (2, """q, k, v = torch.randn(3, 1, 5, 4)
expected = torch.softmax(q @ k.mT / 2, dim=2) @ v
torch.testing.assert_close(attend(q, k, v), expected)
"""),
    "values": (2, 'check("se.block", SEBlock, "values")'),
    "batch": (1, 'check("se.block", SEBlock, "batch")'),
    "repeat": (1, 'check("se.block", SEBlock, "repeat")'),
}
SETUP = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
TOOLS = "from attnlab.check import check"
FORBIDDEN = ["scaled_dot_product", "multi_head_attention"]


def notebook(cells: dict[str, str] | None = None) -> dict:
    """The exercise; `cells` replace the wrong answers."""
    made = [code("setup", SETUP + TOOLS, ("setup",))]
    for name, text in (WRONG | (cells or {})).items():
        made.append(code(name, text, solution=True))
    for name, (points, text) in TESTS.items():
        made.append(code(f"{name}-test", text, grade=True, locked=True, points=points))
    by_name = {cell["id"]: cell for cell in made}
    by_name["attend"]["metadata"]["most_characters"] = LONGEST
    by_name["attend-test"]["metadata"]["forbids"] = FORBIDDEN
    return {"cells": made, "nbformat": 4, "nbformat_minor": 5, "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}}


EASY = 2.0  # points: the easy cell, and being quick about it
PLAN = make_plan(KEY, notebook(), "")


def edited(cells: dict[str, str], edit: object) -> dict:
    """What a student hands in."""
    handed_in = copy.deepcopy(notebook(cells))
    edit(handed_in)
    return json.loads(json.dumps(handed_in))
