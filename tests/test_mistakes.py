"""Every named mistake loses points and reads its own sentence; every right variant loses none."""

import ast
import importlib
from itertools import combinations

import lost_points
import pytest
import torch
from notebook_runs import answered, graded, solved

from attnlab.check import CheckFailed, check, use_cases
from attnlab.check.cases import BlockTask, labelled, make_cases
from attnlab.check.cells import as_cell
from attnlab.check.compare import same
from exercises import COMPARED as KEYS
from exercises import TAUGHT, ZOO

TASKS = {key: importlib.import_module(f"solutions.mistakes.{key}").TASKS for key in KEYS}
VARIANTS = {key: importlib.import_module(f"solutions.variants.{key}").VARIANTS for key in KEYS}
FRESH = {key: make_cases(TASKS[key], lost_points.SEED) for key in KEYS}
FORMS = [
    pytest.param(key, name, label, build, id=f"{key}.{name}-{label}")
    for key, tasks in TASKS.items()
    for name, task in tasks.items()
    for label, build in labelled(task.mistakes)
]
RIGHT = [(key, variant) for key, variants in VARIANTS.items() for variant in variants]


@pytest.mark.parametrize(("key", "name", "label", "build"), FORMS)
def test_a_mistake_reads_its_own_sentence(key, name, label, build):
    mistake = next(m for m in TASKS[key][name].mistakes if m.name == label.partition("#")[0])
    with pytest.raises(CheckFailed, match=r"Likely cause: .*\n  Read again: “") as caught:
        check(f"{key}.{name}", build)
    assert caught.value.mistake == mistake.name
    assert mistake.sentence in str(caught.value)


@pytest.mark.parametrize(("key", "name", "label", "build"), FORMS)
def test_a_mistake_loses_points(key, name, label, build):
    messages = lost_points.lost_to(key, TASKS[key][name].reference.__name__, build, FRESH[key])
    own = next(m for m in TASKS[key][name].mistakes if m.name == label.partition("#")[0])
    assert any(own.sentence in message for message in messages.values()), messages
    told, lost = lost_points.stored(key)["lost"].get(name, {}), lost_points.names_of(messages)
    assert told.get(label) == lost, f"run `python tools/lost_points.py {key}`"


@pytest.mark.parametrize(("key", "variant"), RIGHT)
def test_a_right_variant_gets_full_marks(key, variant):
    answers = {name: as_cell(obj, name) for name, obj in VARIANTS[key][variant].items()}
    with use_cases(FRESH.__getitem__):
        messages = graded(answered(solved(key), answers), skip="trains")
    assert set(messages.values()) == {""}, messages


@pytest.mark.slow
@pytest.mark.parametrize(("key", "variant"), [pair for pair in RIGHT if pair[0] in (*TAUGHT, *ZOO)])
def test_a_right_variant_trains_to_full_marks(key, variant):
    answers = {name: as_cell(obj, name) for name, obj in VARIANTS[key][variant].items()}
    with use_cases(FRESH.__getitem__):
        messages = graded(answered(solved(key), answers), only="trains")
    assert set(messages.values()) == {""}, messages


@pytest.mark.parametrize("key", KEYS)
def test_there_are_enough_mistakes_and_no_two_are_the_same(key):
    blocks = [task for task in TASKS[key].values() if isinstance(task, BlockTask)]
    for task in blocks:
        cases = FRESH[key][next(n for n, t in TASKS[key].items() if t is task)]
        every = cases.ordinary + cases.coincidences
        signs = {
            m.name: [(c.outcomes.get(m.name), c.signatures.get(m.name)) for c in every]
            for m in task.mistakes
            if m.breaks == "values"
        }
        for one, other in combinations(signs, 2):
            assert not _same_signs(signs[one], signs[other]), f"{one} and {other} do the same"
    if key not in TAUGHT:
        return
    biggest = max(blocks, key=lambda task: len(task.mistakes))
    assert len(biggest.mistakes) >= 8
    case = FRESH[key][next(n for n, t in TASKS[key].items() if t is biggest)].ordinary[0]
    subtle = [y for y in case.outcomes.values() if y.shape == case.y.shape]
    assert sum((y - case.y).abs().max() > 1e-3 for y in subtle) >= 6


@pytest.mark.parametrize("key", KEYS)
def test_no_variant_is_a_renamed_copy(key):
    assert len(VARIANTS[key]) >= 3
    references = {task.reference.__name__: task.reference for task in TASKS[key].values()}
    for name in references:
        versions = {v: objects[name] for v, objects in VARIANTS[key].items() if name in objects}
        versions["reference"] = references[name]
        shapes = {v: _anonymous(as_cell(obj, name)) for v, obj in versions.items()}
        for one, other in combinations(shapes, 2):
            assert shapes[one] != shapes[other], f"{name}: {one} is {other} renamed"


def test_a_renamed_copy_would_be_seen():
    one = "def squeeze(x):\n    return x.mean(dim=(2, 3))\n"
    other = 'def squeeze(maps):\n    """Says more."""\n    return maps.mean(dim=(2, 3))\n'
    assert _anonymous(one) == _anonymous(other)


@pytest.mark.parametrize("key", KEYS)
def test_variants_use_loops_and_einsum(key):
    sources = [as_cell(obj, n) for v in VARIANTS[key].values() for n, obj in v.items()]
    assert any("einsum" in source for source in sources)
    trees = [ast.walk(ast.parse(source)) for source in sources]
    assert any(isinstance(node, ast.For) for tree in trees for node in tree)


def _same_signs(left: list, right: list) -> bool:
    return all(
        (a is b if a is None or b is None else same(a, b)) and s == t
        for (a, s), (b, t) in zip(left, right, strict=True)
    )


def _anonymous(source: str) -> str:
    """The syntax tree without docstrings, its variables numbered in order of appearance."""
    tree = ast.parse(source)
    numbers: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:]
        for field in ("id", "arg", "attr", "name"):
            word = getattr(node, field, None)
            if isinstance(word, str) and not hasattr(torch, word) and word != "forward":
                setattr(node, field, numbers.setdefault(word, f"v{len(numbers)}"))
    return ast.dump(tree)
