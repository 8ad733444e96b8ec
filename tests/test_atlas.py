"""The atlas: every mechanism once, its order in N, what the ledger lets it say, and the tree."""

from xml.etree import ElementTree

import atlas_directive as directive
import family_tree as tree
import pytest

from attnlab import atlas
from attnlab.ledger import Entry, config_hash, write
from attnlab.mechanisms import MECHANISMS, mechanism
from attnlab.mechanisms.named import TOUCHED


def test_every_mechanism_has_one_row_and_no_other_has():
    assert [row.record.key for row in atlas.rows()] == list(MECHANISMS)
    lines = directive.everything()
    for key, record in MECHANISMS.items():
        assert sum(f"`{key}` · {record.status}" in line for line in lines) == 1, key
    assert sum(line.startswith("* - ") for line in lines) == 1 + len(MECHANISMS)
    assert [fact["name"] for fact in map(directive.facts, atlas.rows())] == [
        record.title for record in MECHANISMS.values()
    ]


@pytest.mark.parametrize("key", TOUCHED)
def test_what_the_articles_only_touch_is_labelled(key):
    row = atlas.find(key)
    name, *others = directive.cells(row)
    assert f"**{row.record.title}**" in name
    assert "· named" in name
    assert (row.weights, row.order) == (None, "–")
    assert row.record.note in " ".join(others)
    assert "not measured" in others


@pytest.mark.parametrize(
    ("key", "order"),
    [("se", "N"), ("eca", "N"), ("nonlocal", "N²"), ("da", "N²"), ("cc", "N√N"), ("a2", "N"),
     ("gc", "N"), ("ram", "1"), ("mha", "N²"), ("rga", "N³"), ("itti", "N"), ("gam", "–")],
)  # fmt: skip
def test_orders_of_the_work(key, order):
    assert atlas.find(key).order == order


def test_every_closed_form_can_be_sized_and_has_an_order_with_a_name():
    for row in atlas.rows():
        assert row.order in atlas.ORDERS.values()
        assert (row.weights is None) == (row.record.parameters is None)


@pytest.mark.parametrize("channels", [4, 7, 8, 16, 33, 64, 127, 128, 256, 1000, 2047, 2048, 4096])
def test_the_kernel_in_the_registry_is_that_of_the_block(channels):
    from solutions.eca import kernel_size

    assert mechanism("eca").parameters(channels=channels) == kernel_size(channels)


def put(root, key, placement, accuracies, question="rule"):
    for seed, accuracy in enumerate(accuracies):
        entry = Entry(
            question, key, placement, seed, {}, config_hash({}), "abc", {}, "a CPU", "rule 1",
            {"accuracy": accuracy}, [],
        )  # fmt: skip
        write(entry, root)


@pytest.fixture
def root(tmp_path):
    """On one question: se answers, eca helps, gc is like its rivals, da harms, cc has few seeds."""
    for base in (("plain", "none"), ("conv", "stage1")):
        put(tmp_path, *base, [0.25, 0.26, 0.24, 0.25, 0.26])
    put(tmp_path, "se", "stage1", [0.99, 1.0, 0.98, 0.99, 1.0])
    put(tmp_path, "eca", "stage1", [0.5, 0.52, 0.51, 0.5, 0.53])
    put(tmp_path, "gc", "stage1", [0.26, 0.24, 0.25, 0.26, 0.24])
    put(tmp_path, "cc", "stage1", [1.0, 1.0])
    put(tmp_path, "da", "stage1", [0.1, 0.11, 0.1, 0.12, 0.1])
    return tmp_path


@pytest.mark.parametrize(
    ("key", "said"),
    [("se", "answers"), ("eca", "helps"), ("gc", "no difference shown"), ("da", "harms"),
     ("cc", "not measured"), ("gam", "not measured")],
)  # fmt: skip
def test_a_verdict_follows_the_ledger(root, key, said):
    assert atlas.find(key, root).verdicts["rule"] == said


def test_a_question_that_the_plain_host_answers_is_not_asked(root):
    put(root, "plain", "none", [1.0] * 5, "local")
    assert "local" not in atlas.asked(root)
    assert "rule" in atlas.asked(root)


def test_the_guide_names_who_answers_else_who_helps_the_cheapest_first(root):
    given = atlas.rows(root)
    few, linear, any_ = (atlas.choices("rule", within, given) for within in atlas.BUDGETS.values())
    assert [row.record.key for row in few] == ["eca"]
    assert [row.record.key for row in linear] == [row.record.key for row in any_] == ["se"]
    assert atlas.choices("same", lambda row: True, given) == []
    assert directive.named("rule", few).startswith("helps:")
    assert directive.named("same", []) == "none that is measured"


def test_nothing_measured_is_said_in_one_word(root):
    assert directive.questions(atlas.find("gam", root)) == "not measured"
    said = directive.questions(atlas.find("se", root)).split(directive.BREAK)
    assert said[0] == "answers: rule"
    assert said[-1].startswith("not measured: ")


def test_the_tree_holds_every_mechanism_once_under_its_first_parent():
    above, seen = [], []
    for depth, record in tree.ordered():
        above[depth:] = [record.key]
        seen.append(record.key)
        parents = [descent.parent for descent in record.descends_from]
        assert (above[depth - 1] == parents[0]) if parents else depth == 0
    assert sorted(seen) == sorted(MECHANISMS)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_the_drawing_shows_every_name_change_and_descent(narrow):
    drawing = ElementTree.fromstring(tree.drawing(narrow))
    words = "".join("".join(text.itertext()) for text in drawing.iter("text"))
    for record in MECHANISMS.values():
        assert f"{record.title} {record.paper.year}" in words
        assert all(descent.change in words for descent in record.descends_from)
    lines = [path for path in drawing.iter("path") if "line" in path.get("class", "")]
    assert len(lines) == sum(len(record.descends_from) for record in MECHANISMS.values())
    assert len(list(drawing.iter("path"))) == len(lines) + len(MECHANISMS)


@pytest.mark.parametrize("sizes", [tree.WIDE, tree.NARROW], ids=["wide", "narrow"])
def test_no_text_runs_out_of_the_drawing_or_into_the_next_column(sizes):
    for depth, record in tree.ordered():
        lines = tree.set_lines(depth, record, sizes)
        end = sizes.change_x or sizes.width
        assert all(lines.left + tree.BOLD * len(name) <= end for name in lines.name)
        left = sizes.change_x or lines.left
        assert all(left + tree.PLAIN * len(line) <= sizes.width for line in lines.changes)


def test_the_twin_says_what_the_drawing_shows():
    text = "\n".join(tree.twin(directive.linked))
    for record in MECHANISMS.values():
        assert text.count(f"**{directive.linked(record)}** (") == 1
        assert all(descent.change in text for descent in record.descends_from)


def test_an_unknown_part_is_refused_with_those_there_are():
    part = directive.Atlas.__new__(directive.Atlas)
    part.arguments, part.error = ["family"], ValueError
    with pytest.raises(ValueError, match=r"atlas: no part 'family'; use one of all, guide, costs"):
        part.run()
