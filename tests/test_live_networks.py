"""The hosts that run in the page compute what their hosts in torch compute, and weigh little."""

import json
import sys

import numpy as np
import pytest
import torch
from book_pages import BOOK
from live_figures import node
from live_weights import text

from attnlab import ledger, live
from attnlab.questions import draw
from attnlab.runs import TEST_SEEDS
from solutions.looks import along_one_cross, pair_weights
from solutions.query_maps import arriving

sys.path.insert(0, str(BOOK / "_extensions"))
import look_directive

STATIC = BOOK / "_static"
MOST = 200_000  # bytes of weights and scripts on one page
AT_HOME = 100_000  # of both when a page has loaded: of the weights, those of the first question
SLACK = 0.005  # of a share of right answers, as for the kept hosts
LOOKS = [(question, key) for question, hosts in live.LOOK.items() for key in hosts]


def in_node(script: str, *files: str) -> object:
    """What a script prints; the stored hosts of `files` are in attnHosts."""
    paths = [STATIC / "host-live.js", STATIC / "scene-live.js",
             *(live.ROOT / f"{file}.js" for file in files)]  # fmt: skip
    names = ["const hostLive = ", "const sceneLive = ", *("" for _ in files)]
    lines = [f"{name}require({json.dumps(str(path))});"
             for name, path in zip(names, paths, strict=True)]  # fmt: skip
    return node("\n".join([*lines, f"console.log(JSON.stringify({script}))"]))


def ran(file: str, key: str, image: torch.Tensor) -> dict:
    """A stored host on one image (3, 32, 32), in node."""
    plain = "(_, v) => (v instanceof Float32Array ? [...v] : v)"
    numbers = json.dumps(image.flatten().tolist())
    return in_node(
        f'JSON.parse(JSON.stringify(hostLive.run(hostLive.unpack(attnHosts["{file}"].hosts.{key}), '
        f'"{key}", Float32Array.from({numbers})), {plain}))', file,
    )  # fmt: skip


@pytest.mark.parametrize(("question", "key"), LOOKS)
def test_the_page_and_torch_give_the_same_logits_and_maps(question, key):
    host, image = live.read(f"look-{question}", key), draw(question, 1, TEST_SEEDS).images
    found = ran(f"look-{question}", key, image[0])
    with torch.no_grad():
        x = arriving(host, host.after_stage1, image)
        logits = torch.tensor(found["logits"])
        torch.testing.assert_close(logits, host(image)[0], rtol=1e-4, atol=1e-4)
        maps = {key: pair_weights(host.after_stage1, x)}
        if key == "cc":
            maps["cc-once"] = along_one_cross(host.after_stage1, x)
    assert maps.keys() == found["maps"].keys()
    for name, expected in maps.items():
        torch.testing.assert_close(
            torch.tensor(found["maps"][name]).view(64, 64), expected[0], rtol=1e-3, atol=1e-5
        )


@pytest.mark.parametrize("file", live.FILES)
def test_the_weights_in_the_page_are_those_of_the_kept_hosts(file):
    assert (live.ROOT / f"{file}.js").read_text("utf-8") == text(file)


@pytest.mark.parametrize(("question", "key"), LOOKS)
def test_rounded_to_the_page_a_host_answers_as_often(question, key):
    kept = live.LOOK[question][key]
    score = ledger.values(kept.grid, kept.row, "accuracy")[kept.seed]
    assert kept.score(live.read(f"look-{question}", key)) == pytest.approx(score, abs=SLACK)


def test_folded_layers_leave_a_host_as_it_was():
    kept = live.LOOK["key"]["da"]
    host, images = kept.load(), draw("key", 8, 5).images
    with torch.no_grad():
        expected = host(images)
        torch.testing.assert_close(live.fill(kept.untrained(), live.layers(host))(images), expected)


def test_the_page_paints_what_the_bench_paints():
    things = live.stored("look-key")["scenes"][1]
    found = in_node(f"[...sceneLive.paint(sceneLive.thingsOf({things}), 7)]")
    np.testing.assert_allclose(found, live.painted(things, 7).flatten(), atol=1e-6)


@pytest.mark.parametrize("question", live.LOOK)
def test_the_page_knows_the_right_answer(question):
    scenes = live.stored(f"look-{question}")["scenes"]
    script = f'{scenes}.map((s) => sceneLive.answer("{question}", sceneLive.thingsOf(s)))'
    assert in_node(script) == draw(question, len(scenes), TEST_SEEDS).labels.tolist()


CUE, ROWS, CHECKS = [0, 0, 4, 0], [9, 9, 0, 0], [20, 20, 2, 0]


@pytest.mark.parametrize("things", [[], [CUE], [CUE, ROWS, CHECKS], [CUE, CUE, ROWS]])
def test_an_image_that_asks_nothing_has_no_answer(things):
    assert in_node(f'sceneLive.answer("key", sceneLive.thingsOf({things}))') is None


def test_a_page_gets_few_bytes():
    scripts = sum((STATIC / f"{name}.js").stat().st_size for name in look_directive.SCRIPTS)
    weights = [(live.ROOT / f"look-{question}.js").stat().st_size for question in live.LOOK]
    assert scripts + weights[0] <= AT_HOME
    assert scripts + sum(weights) <= MOST
