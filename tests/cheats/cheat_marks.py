"""Tricks that want marks: edits of the wrong notebook, and what would pay without the wall."""

from cheat_records import MarkTrick
from cheat_snippets import (
    ASYNC_FALSE,
    CLOCK,
    DROP_ASSERTS,
    DUMP,
    EQUAL,
    ERRORS,
    FRAMES,
    GLOBALS,
    HALF,
    KERNEL,
    KNOWN,
    LEARNS,
    LONG,
    MIXES,
    OBJECT,
    PACKED,
    PROVIDED,
    REMEMBERS,
    RETURN_2,
    SAME,
    SHAKES,
    SLOW,
    SOLUTION,
    THREAD,
    TIE,
    TIED,
    ZERO,
    packed,
)
from cheat_world import LONGEST, WRONG
from grader_world import code

TWO, TEXT = ("two processes",), ("text only",)
SDPA = "F.scaled_dot_product_attention(q, k, v)"


def cell(notebook: dict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def tests(notebook: dict) -> list[dict]:
    """The graded cells but the easy one, which is passed honestly."""
    return [cell for cell in notebook["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade") and cell["id"] != "channels-test"]


def mark_tests(**nbgrader: object):
    """An edit of nbgrader's own metadata on every test cell."""
    return lambda notebook: [test["metadata"]["nbgrader"].update(nbgrader)
                             for test in tests(notebook)]


def skip_tests(notebook: dict) -> None:
    for test in tests(notebook):
        test["metadata"]["tags"] = ["skip-execution"]


def own_tests(notebook: dict) -> None:
    for test in tests(notebook):
        test["source"] = "pass"
        test["metadata"]["nbgrader"] |= {"points": 100, "locked": False}


def delete_tests(notebook: dict) -> None:
    doomed = tests(notebook)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in doomed]


def rename_tests(notebook: dict) -> None:
    for number, test in enumerate(tests(notebook)):
        test["metadata"]["nbgrader"] |= {"grade_id": f"mine-{number}", "grade": False}


def copy_easy(notebook: dict) -> None:
    notebook["cells"] += [cell(notebook, "channels-test")] * 200


def hook(line: str) -> str:
    """A squeeze cell that gets hold of the shell first."""
    return f"ip = get_ipython()\n{line}\n{WRONG['squeeze']}"


MARKS = (
    MarkTrick("patches torch", "replaces `assert_close` and `allclose`", TWO, row="1",
              cells={"squeeze": "torch.testing.assert_close = lambda *a, **k: None\n"
                                + WRONG["squeeze"]}),
    MarkTrick("dumps the history", "writes the cells that IPython remembers to a file", TWO,
              "hidden tests", "2a", {"squeeze": DUMP + WRONG["squeeze"]}, evidence="hidden tests"),
    MarkTrick("walks the frames", "finds the expected answer in the test's frame", TWO, row="2b",
              cells={"squeeze": FRAMES}),
    MarkTrick("exits in a cell", "`os._exit(0)`: no result, and the class stops", TWO,
              "the grading process", "3 cell", {"squeeze": "import os; os._exit(0)"},
              evidence="no result"),
    MarkTrick("exits when called", "`os._exit(0)` in a function that a test calls", TWO,
              "the grading process", "3 call",
              {"squeeze": "def squeeze(x):\n    import os\n    os._exit(0)"}, evidence="no result"),
    MarkTrick("leaves in a cell", "`sys.exit(0)` in every later cell, by an AST transformer", TWO,
              row="3b cell", cells={"squeeze": hook(
                  "import ast\nclass Leave(ast.NodeTransformer):\n    def visit_Module(self, m):\n"
                  "        m.body[:0] = ast.parse('raise SystemExit(0)').body\n        return m\n"
                  "ip.ast_transformers.append(Leave())")}),
    MarkTrick("leaves when called", "`SystemExit`, which prints no traceback", TWO, row="3b call",
              cells={"params": "def params(C, r): raise SystemExit"}),
    MarkTrick("another AssertionError", "makes failing checks leave with exit code 0", TWO, row="4",
              cells={"squeeze": ERRORS + WRONG["squeeze"]}),
    MarkTrick("a tensor that agrees", "a Tensor subclass whose comparisons are true", TWO,
              row="5 tensor", cells={"squeeze": EQUAL}),
    MarkTrick("a number that agrees", "an int whose `==` is always true", TWO, row="5 int",
              cells={"params": SAME}),
    MarkTrick("shows no traceback", "replaces `showtraceback`", TWO, row="6a",
              cells={"squeeze": hook("ip.showtraceback = lambda *a, **k: None")}),
    MarkTrick("handles all exceptions", "`set_custom_exc` with a silent handler", TWO, row="6b",
              cells={"squeeze": hook("ip.set_custom_exc((BaseException,), lambda *a, **k: None)")}),
    MarkTrick("runs nothing", "replaces `run_code`", TWO, row="6c",
              cells={"squeeze": hook(ASYNC_FALSE)}),
    MarkTrick("rewrites the text", "an input transformer that turns cells into `pass`", TWO,
              row="6d", cells={"squeeze": hook(
                  "ip.input_transformers_cleanup.append(lambda lines: ['pass\\n'])")}),
    MarkTrick("rewrites the tree", "an AST transformer that drops asserts and checks", TWO,
              row="6e", cells={"squeeze": hook(DROP_ASSERTS)}),
    MarkTrick("replies for the kernel", "replaces what executes and answers that all is well", TWO,
              row="6f", cells={"squeeze": KERNEL + WRONG["squeeze"]}),
    MarkTrick("patches in a thread", "puts its patches back every millisecond", TWO, row="7",
              cells={"squeeze": THREAD + WRONG["squeeze"]}),
    MarkTrick("own tests", "edits locked tests, 100 points each", TEXT, row="8a", edit=own_tests),
    MarkTrick("no tests", "deletes the tests it would fail", TEXT, row="8b", edit=delete_tests),
    MarkTrick("skips the tests", "tags them `skip-execution`", TEXT, row="8c", edit=skip_tests),
    MarkTrick("tests as solutions", "marks tests as solution cells", TEXT, row="8d",
              edit=mark_tests(solution=True)),
    MarkTrick("the same id twice", "copies the one passing test 200 times", TEXT, row="8e",
              edit=copy_easy),
    MarkTrick("renamed tests", "gives tests another grade id", TEXT, row="8f", edit=rename_tests),
    MarkTrick("ungraded tests", "sets `grade` to false on tests", TEXT, row="8g",
              edit=mark_tests(grade=False)),
    MarkTrick("imports the solution", "where it can be found on the path", ("landlock",),
              "solutions/", "11", {"block": SOLUTION}),
    MarkTrick("every cell is worth 2", "an AST transformer for nbgrader's partial credit", TWO,
              row="15", cells={"squeeze": hook(RETURN_2)}),
    MarkTrick("clears what is shown", "`clear_output` after every cell", TWO, row="17",
              cells={"squeeze": "from IPython.display import clear_output\n" + hook(
                  "ip.events.register('post_run_cell', "
                  "lambda *_: (clear_output(), ip.display_pub.clear_output()))")}),
    # Of our own design.
    MarkTrick("an object for everything", "an object that answers every attribute and operator",
              ("exact types", "two processes"), cells={"squeeze": OBJECT}),
    MarkTrick("rebinds check", "gives the tests' own names another meaning", TWO,
              cells={"squeeze": "check = lambda *a, **k: None\n" + WRONG["squeeze"]}),
    MarkTrick("reads what tests leave", "finds `expected` in the globals, from an earlier test",
              TWO, cells={"squeeze": GLOBALS}),
    MarkTrick("patches for a neighbour", "leaves torch patched for the next student",
              ("a process each",), "another submission", neighbour=True,
              cells={"squeeze": "torch.testing.assert_close = lambda *a, **k: None\n"
                                + WRONG["squeeze"]}),
    MarkTrick("stops the clock", "replaces `time.perf_counter` under a timed test",
              ("trusted clocks",), cells={"squeeze": CLOCK + SLOW}, base={"squeeze": SLOW}),
    MarkTrick("knows the public answers", "looks inputs up in the file of known answers",
              ("secret cases",), "the known answers", cells={"squeeze": KNOWN}),
    MarkTrick("hands in the finished block", "a subclass of the block that the course lends",
              ("secret cases", "landlock"), "the known answers", cells={"block": PROVIDED}),
)
# Shown to win in the test process, with one rule of the trusted side taken away.
RULES = (
    MarkTrick("a set-up cell of its own", "adds a cell tagged `setup`, which both sides run", TEXT,
              "the verdict process", edit=lambda notebook: notebook["cells"].insert(
                  1, code("mine", "check = lambda *names: None", ("setup",)))),
    MarkTrick("raises its own limit", "writes another `most_characters` into its cell", TEXT,
              cells={"attend": LONG}, base={"attend": LONG},
              edit=lambda notebook: cell(notebook, "attend")["metadata"].update(
                  most_characters=10**6)),
    MarkTrick("packs its text", "two letters of code in one letter of Unicode", ("bytes counted",),
              cells={"attend": packed(PACKED + " " * (LONGEST - len(PACKED)))},
              base={"attend": PACKED + "#" * LONGEST}),
    MarkTrick("keeps a finished attention", "calls scaled_dot_product_attention by another name",
              ("forbidden words",), cells={
                  "attend": f"kept = F.scaled_dot_product_attention\ndef attend(q, k, v): return "
                            f"{SDPA.replace('F.scaled_dot_product_attention', 'kept')}"}),
    MarkTrick("borrows a finished module", "`nn.MultiheadAttention` with weights of one",
              ("forbidden words",), cells={"attend": """def attend(q, k, v):
    m = nn.MultiheadAttention(4, 1, bias=False, batch_first=True)
    with torch.no_grad():
        m.in_proj_weight.copy_(torch.eye(4).repeat(3, 1)); m.out_proj.weight.copy_(torch.eye(4))
        return m(q, k, v, need_weights=False)[0]"""}),
    MarkTrick("calls the operator", "`torch.ops.aten`, below the function's name",
              ("forbidden words",), cells={
                  "attend": "def attend(q, k, v):\n"
                            "    return torch.ops.aten.scaled_dot_product_attention(q, k, v)"}),
    MarkTrick("remembers batches", "answers an image alone from the batch it was in before",
              ("fresh process",), cells={"block": REMEMBERS}, base={"block": MIXES}),
    MarkTrick("remembers draws", "a random block that repeats what it once drew",
              ("fresh process",), cells={"block": LEARNS}, base={"block": SHAKES}),
    MarkTrick("zero weights", "read by a test from the block, zeros make every gate one half",
              ("pushed weights",), cells={"block": HALF + ZERO}, base={"block": HALF}),
    MarkTrick("one memory, two names", "a weight that is a view of another, in step by itself",
              ("pushed weights",), cells={"block": TIED + TIE}, base={"block": TIED}),
    MarkTrick("answers NaN", "a comparison written as `not difference > tolerance` lets it pass",
              ("strict comparison",), cells={
                  "squeeze": "def squeeze(x): return x.sum(dim=(2, 3)) * torch.nan"}),
)
