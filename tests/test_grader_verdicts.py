"""Verdicts on a small exercise: three outcomes, each for its own reason, and other tasks go on."""

import os
import signal
import sys
from pathlib import Path

import pytest
from grader_world import KEY, MEAN, RIGHT, SCALE, SECRET, source_notebook

from autograder.feedback import page
from autograder.limits import MIB, Limits
from autograder.source import make_plan
from autograder.worker import Nursery, Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

LIMITS = Limits(cell_seconds=1.5, step_seconds=1.5, retry_seconds=0.5, memory=512 * MIB)
PLAN = make_plan(KEY, source_notebook(), "")


@pytest.fixture(scope="module")
def worker():
    nursery = Nursery(Path("/"), PLAN, LIMITS)
    worker = Worker(nursery, seed=5)
    worker.start()
    yield worker
    worker.stop()
    nursery.stop()


def outcomes(worker: Worker, **cells: str) -> dict[str, tuple]:
    """Test -> (outcome or reason, points, message), for cells in the place of right ones."""
    texts = RIGHT | {f"tiny-{name}": text for name, text in cells.items()}
    result = worker.grade("anna", texts)
    return {task.name.removeprefix("tiny-").removesuffix("-test"):
            (task.reason or task.outcome, task.points, task.message) for task in result.tasks}


def test_right_answers_get_all_points_and_partial_credit_counts(worker):
    came = outcomes(worker)
    assert {name: points for name, (_, points, _) in came.items()} == {
        "mean": 1, "scale": 2, "partial": 1.5}
    assert {outcome for outcome, _, _ in came.values()} == {"passed"}


WRONG = {
    "author's message": ("def mean(x): return x", "failed", "the shape of the mean"),
    "hidden": ("def mean(x): return x.amax(dim=(2, 3))", "failed", "a hidden test failed"),
    "raises": ("def mean(x):\n    return x / nothing", "failed",
               "NameError at line 2 of its cell: `return x / nothing`"),
    "wrong type": ("def mean(x): return None", "failed", "could not use what your code gave"),
    "wrong kind": ("class mean:\n    def __init__(self, x): self.shape = 2, 3", "failed",
                   "mean(...) is of type mean; the test needs a number"),
    "syntax": ("def mean(x) return x", "missing name", "SyntaxError at line 1"),
    "other name": ("def means(x): return x", "missing name", "mean is not defined"),
    "hang": ("def mean(x):\n    while True: pass", "timeout", "mean did not finish within 1.5 s"),
    "hang in the cell": ("while True: pass", "missing name", "did not finish within 1.5 s"),
    "hungry": ("def mean(x): return torch.zeros(2**31)", "memory", "mean ran out of memory"),
    "hungry Python": ("def mean(x): return len([0] * 2**30)", "memory", "mean ran out of memory"),
    "exit": ("def mean(x):\n    import os\n    os._exit(0)", "died", "died (exit code 0)"),
    "crash": ("def mean(x):\n    import ctypes\n    ctypes.string_at(0)", "died", "signal 11"),
    "sys.exit": ("import sys\ndef mean(x): sys.exit(0)", "failed", "SystemExit"),
    "interrupt": ("def mean(x): raise KeyboardInterrupt", "failed", "KeyboardInterrupt"),
    "deep": ("def mean(x): return mean(x)", "failed", "RecursionError"),
    "forks": ("def mean(x):\n    import os\n    os.fork()", "not allowed", "new processes"),
    "opens": ("def mean(x): return open('/etc/passwd')", "not allowed", "files outside"),
    "too much": ("def mean(x): return torch.zeros(2**25)", "died", "larger than"),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_failure_has_its_reason_and_leaves_other_tasks_alone(name, worker):
    text, outcome, words = WRONG[name]
    came = outcomes(worker, mean=text)
    assert came["mean"][:2] == (outcome, 0)
    assert words in came["mean"][2]
    assert came["scale"][:2] == ("passed", 2)
    assert SECRET not in str(came)




@pytest.mark.parametrize("text", [
    "%matplotlib inline\n!echo none\nget_ipython().system('ls')\n" + MEAN,
    "%%time\n" + MEAN,
    "display(1)\nprint('noise' * 100)\n" + MEAN + "\nmean?",
], ids=["line magics", "cell magic", "help and output"])
def test_what_ipython_understands_is_understood(text, worker):
    assert outcomes(worker, mean=text)["mean"][:2] == ("passed", 1)


CHEATS = {
    "patches torch": "torch.allclose = lambda *a, **k: True\ndef mean(x): return x[:, :, 0, 0]",
    "always equal": """class Equal(torch.Tensor):
    shape = (2, 3)
    __eq__ = lambda *a: True
    __torch_function__ = classmethod(lambda cls, f, t, a=(), k=None: True)
def mean(x): return x.as_subclass(Equal)""",
    "reads the test": """import sys
def mean(x):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            if isinstance(value, torch.Tensor) and value.shape == (2, 3):
                return value
        frame = frame.f_back
    return x[:, :, 0, 0]""",
    "patches the probe": """import autograder.student as student
def forged(self, request):
    return {"value": True}
student.Desk.call = lambda self, **request: {"value": True}
def mean(x): return x""",
    "remembers": """kept = []
def mean(x):
    kept.append(x.new_zeros(2, 3))
    return kept[0]""",
    "hides behind getattr": """class Any:
    def __getattr__(self, name): return self
    def __call__(self, *args): return self
    def __eq__(self, other): return True
mean = Any()""",
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_trick_earns_nothing(name, worker):
    assert outcomes(worker, mean=CHEATS[name])["mean"][1] == 0


def test_state_of_one_submission_never_reaches_the_next(worker):
    outcomes(worker, mean="import builtins\nbuiltins.mean = lambda x: x.mean((2, 3))\n" + MEAN)
    assert outcomes(worker, mean="note = 0")["mean"][0] == "missing name"


def test_a_missing_cell_is_said(worker):
    result = worker.grade("anna", {"tiny-mean": MEAN})
    scale = next(task for task in result.tasks if task.name == "tiny-scale-test")
    assert (scale.reason, scale.points) == ("missing name", 0)
    assert "the cell tiny-scale is not in the notebook" in scale.message


def zygotes(nursery: Nursery) -> list[int]:
    """The nursery's children, in the order of their birth."""
    path = Path(f"/proc/{nursery.process.pid}/task/{nursery.process.pid}/children")
    return sorted(map(int, path.read_text().split()))


@pytest.mark.parametrize("which", ["student zygote", "verdict zygote", "nursery"])
def test_a_lost_process_is_replaced(which, worker):
    outcomes(worker)
    student, verdict = zygotes(worker.nursery)
    lost = {"student zygote": student, "verdict zygote": verdict,
            "nursery": worker.nursery.process.pid}
    os.kill(lost[which], signal.SIGKILL)
    assert outcomes(worker)["scale"][:2] == ("passed", 2)


def test_the_page_shows_reasons_and_isolation_and_no_hidden_text(worker):
    texts = RIGHT | {"tiny-mean": "def mean(x): return '<b>bold</b>'",
                     "tiny-scale": SCALE + "\n# ### BEGIN HIDDEN TESTS"}
    html = page(PLAN, texts, worker.grade("anna <script>", texts))
    assert SECRET not in html
    assert "<script>" not in html
    assert "&lt;b&gt;bold" in html
    assert "landlock" in html
    assert 'name="viewport"' in html
    assert "prefers-color-scheme:dark" in html
    assert "http://" not in html
    assert "https://" not in html


def test_a_plain_assert_shows_its_own_line(worker):
    came = outcomes(worker, scale=SCALE.replace('"a", 2', '"a", 3'))
    assert came["scale"][2] == 'this does not hold: assert note == ["a", 2, 0.5]'


def test_our_own_error_is_never_the_students():
    broken = source_notebook()
    broken["cells"][3]["source"] = "from attnlab.check import check\ncheck('none.such', mean)"
    plan = make_plan(KEY, broken, "")
    nursery = Nursery(Path("/"), plan, LIMITS)
    worker = Worker(nursery, seed=5)
    try:
        mean, scale, _ = worker.grade("anna", RIGHT).tasks
    finally:
        worker.stop()
        nursery.stop()
    assert (mean.outcome, mean.reason) == ("could not run", "our own error")
    assert scale.outcome == "passed"
