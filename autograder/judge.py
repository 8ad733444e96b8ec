"""Grades one submission: each cell of the source in its order, each on its own side.

Set-up cells run on both sides, solution cells in the student process, test cells here, with the
student's names as remote probes. No byte of the student's code runs here.
"""

import ast
import contextlib
import io
import math
import sys
import time
import traceback
from functools import lru_cache
from pathlib import Path
from types import CodeType

import torch

import attnlab
from attnlab.check import use_cases
from attnlab.check.outcomes import CheckFailed, CouldNotRun
from autograder import asserted
from autograder.gpu import for_gpu, words
from autograder.outcome import BY_HAND, COULD_NOT_RUN, FAILED, PASSED, TaskResult
from autograder.profile import absent
from autograder.remote import RemoteName
from autograder.session import Cell, Lost, Refused, Session
from autograder.source import Plan, PlanCell, hidden_lines, python_only, used_names
from autograder.wire import Handle


class Judge:
    """One submission, its student processes and its secret cases."""

    def __init__(self, plan: Plan, session: Session, texts: dict[str, str], cases: dict,
                 seed: int, explain: bool = False):
        self.plan, self.session, self.texts = plan, session, texts
        self.cases, self.seed, self.explain = cases, seed, explain
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.trouble: dict[str, str] = {}  # solution cell -> why it did not run

    def results(self) -> list[TaskResult]:
        """Tests that train come last: they have a process, clock and budget to themselves."""
        found = {}
        for cell in self.plan.cells:
            if cell.kind == "setup":
                self._set_up(cell)
            elif cell.kind == "solution":
                self._solution(cell)
            elif not cell.trains:
                found[cell.name] = self._graded(cell)
        trainings = [cell for cell in self.plan.tests if cell.trains]
        if trainings:
            self.session.begin_training()
        found |= {cell.name: self._graded(cell) for cell in trainings}
        return [found[cell.name] for cell in self.plan.tests]

    def _set_up(self, cell: PlanCell) -> None:
        exec(compiled_setup(cell.text, cell.name), self.names)
        self._run_theirs(cell.name, cell.text)

    def _solution(self, cell: PlanCell) -> None:
        text = self.texts.get(cell.name)
        most = cell.most or self.session.limits.cell_text
        if text is None:
            self.trouble[cell.name] = f"the cell {cell.name} is not in the notebook"
        elif length(text) > most:
            self.trouble[cell.name] = (
                f"the cell {cell.name} has {length(text):,} characters, and {most:,} "
                f"are the most; one beyond plain ASCII counts for 2 to 4")
        else:
            self._run_theirs(cell.name, text)

    def _run_theirs(self, name: str, text: str) -> None:
        try:
            self.session.run_cell(Cell(name, text))
        except (CheckFailed, CouldNotRun) as error:
            self.trouble[name] = str(error)

    def _graded(self, cell: PlanCell) -> TaskResult:
        started = time.monotonic()
        result = TaskResult(cell.name, cell.title, BY_HAND, 0.0, cell.points)
        if cell.kind == "test":
            self._test(cell, result)
        else:
            result.message = "marked by hand"
        result.seconds = round(time.monotonic() - started, 3)
        return result

    def _test(self, cell: PlanCell, result: TaskResult) -> None:
        said = io.StringIO()
        self.session.training, self.session.forbids = cell.trains, cell.forbids
        torch.default_generator.manual_seed(self.seed)  # torch.manual_seed also formats a stack
        cases, where = self._device() if cell.gpu else (self.cases, "")
        self.session.heard.clear()
        try:
            scope = self.names | self._student_names(cell)
            with use_cases(lambda key: cases), contextlib.redirect_stdout(said):
                value = run_test(cell, scope)
        except (Lost, Refused):
            raise
        except BaseException as error:
            self._lost(cell, result, error)
            result.shown = self._shown(cell, error)
        else:
            result.outcome, result.message = PASSED, said.getvalue().strip()[:500]
            result.points = partial(value, cell.points)
            result.shown = self._shown(cell)
        if result.outcome != COULD_NOT_RUN:
            result.message = "\n".join(filter(None, [result.message, where]))

    def _device(self) -> tuple[dict, str]:
        """The cases of a test that asks for a GPU, larger on one, and the words on where it ran."""
        missing = absent()
        active = f"no: {missing}" if missing else self.session.open_gpu()
        return (self.cases if active.startswith("no:") else for_gpu(self.cases)), words(active)

    def _shown(self, cell: PlanCell, error: BaseException | None = None) -> dict:
        """What a replay tells beyond the verdict: the calls of the test, and what it compared."""
        if not self.explain:
            return {}
        calls = list(self.session.heard)
        found = asserted.shown(cell, error, set(self.plan.names)) if error else {}
        return found | {"calls": calls}

    def _student_names(self, cell: PlanCell) -> dict[str, object]:
        """The student's names that a test uses: plain values as they are, the rest as proxies."""
        found = {}
        for name in sorted(used_names(cell.text) & set(self.plan.names)):
            try:
                value = self.session.step({"do": "get", "name": name}, name)
            except CouldNotRun as error:
                why = self.trouble.get(self.plan.homes[name])
                if error.reason == "missing name" and why:
                    raise CouldNotRun("missing name", f"{error}: {why}") from None
                raise
            remote = type(value) is Handle
            found[name] = RemoteName(self.session, name, value, name) if remote else value
        return found

    def _lost(self, cell: PlanCell, result: TaskResult, error: BaseException) -> None:
        """Puts what a test raised into words: the author's, or why there is no verdict."""
        result.outcome = FAILED
        if isinstance(error, CouldNotRun):
            result.outcome, result.reason = COULD_NOT_RUN, error.reason
            result.message = str(error)
        elif isinstance(error, AssertionError):
            result.message = str(error) or unsaid(cell, error)
            result.mistake = getattr(error, "mistake", None) or ""
        elif ours(error):
            result.outcome, result.reason = COULD_NOT_RUN, "our own error"
            result.message = f"the test itself went wrong ({type(error).__name__})"
            print("".join(traceback.format_exception(error)), file=sys.stderr)
        else:
            result.message = (f"the test could not use what your code gave: "
                              f"{type(error).__name__}: {error}")


def length(text: str) -> int:
    """In bytes, for a letter of Unicode may carry as much as two or three of the alphabet."""
    return len(text.encode())


def run_test(cell: PlanCell, scope: dict) -> object:
    """Executes a test cell; the value of a last expression is nbgrader's partial credit."""
    body, last = compiled(cell.text, f"{asserted.TEST_FILE}{cell.name}>")
    exec(body, scope)
    return None if last is None else eval(last, scope)


@lru_cache(maxsize=1000)
def compiled(text: str, file: str) -> tuple[CodeType, CodeType | None]:
    """A test cell's code, and apart from it that of an expression at its end."""
    tree = ast.parse(python_only(text))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    ending = last and compile(ast.Expression(last.value), file, "eval")
    return compile(tree, file, "exec"), ending


@lru_cache(maxsize=1000)
def compiled_setup(text: str, name: str) -> CodeType:
    """A set-up cell's code."""
    return compile(python_only(text), f"<setup {name}>", "exec")


def warm_cells(plan: Plan) -> None:
    """Compiles what every submission meets, before the processes that judge one are forked."""
    for cell in plan.cells:
        if cell.kind == "setup":
            compiled_setup(cell.text, cell.name)
        elif cell.kind == "test":
            compiled(cell.text, f"{asserted.TEST_FILE}{cell.name}>")
            used_names(cell.text)


def partial(value: object, points: float) -> float:
    """Marks for the value of a test's last line, by nbgrader's rule: a number counts as marks."""
    if type(value) in (int, float) and math.isfinite(value) and 0 <= value <= points:
        return float(value)
    return points


def unsaid(cell: PlanCell, error: AssertionError) -> str:
    """Words for an assert without a message: its line, unless that is hidden."""
    numbers = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
               if frame.filename.startswith(asserted.TEST_FILE)]
    if not numbers or numbers[-1] in hidden_lines(cell.text):
        return "a hidden test failed"
    return f"this does not hold: {cell.text.splitlines()[numbers[-1] - 1].strip()}"


def ours(error: BaseException) -> bool:
    """Whether an exception came out of our own code, or names what no student could have given."""
    if isinstance(error, NameError | ImportError):
        return True
    own = tuple(str(Path(module.__file__).parent) for module in (attnlab, sys.modules[__name__]))
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename.startswith(own)
              and frame.name not in ("_test", "run_test")]
    in_test = any(frame.filename.startswith(asserted.TEST_FILE) for frame in frames)
    return bool(inside) or not in_test
