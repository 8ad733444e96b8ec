"""The hosts that run in the page compute what their hosts in torch compute, and weigh little."""

import json
from functools import cache

import gates_directive
import look_directive
import numpy as np
import pytest
import torch
from book_pages import BOOK
from live_figures import node
from live_weights import text

from attnlab import ledger, live
from attnlab.questions import draw
from attnlab.runs import TEST_SEEDS
from solutions.looks import along_one_cross, channel_gates, pair_weights, place_gates
from solutions.query_maps import arriving

STATIC = BOOK / "_static"
MOST = 200_000  # bytes of weights and scripts on one page
AT_FIRST = 100_000  # of both before the reader chooses another question
SHUT = 3  # a channel
SLACK = 0.005  # of a share of right answers, as for the kept hosts
GATED = [(question, key) for question, hosts in live.GATES.items() for key in hosts]
LOOKS = [(question, key) for question, hosts in live.LOOK.items() for key in hosts]


def in_node(script: str, *files: str) -> object:
    """What a script prints; the stored hosts of `files` are in attnHosts."""
    paths = [STATIC / "host-live.js", STATIC / "scene-live.js",
             *(live.ROOT / f"{file}.js" for file in files)]  # fmt: skip
    names = ["const hostLive = ", "const sceneLive = ", *("" for _ in files)]
    lines = [f"{name}require({json.dumps(str(path))});"
             for name, path in zip(names, paths, strict=True)]  # fmt: skip
    return node("\n".join([*lines, f"console.log(JSON.stringify({script}))"]))


@cache
def ran(file: str) -> dict[str, list[dict]]:
    """What node makes of a file's first test image: for each host with no channel shut, then one.

    Numbers are tensors; those of a host's maps stand under the maps' own names.
    """
    image = draw(file.partition("-")[2], 1, TEST_SEEDS).images[0]
    script = f"""Object.fromEntries(Object.entries(attnHosts["{file}"].hosts).map(([key, one]) => {{
        const image = Float32Array.from({image.flatten().tolist()});
        const layers = hostLive.unpack(one);
        return [key, [[], [{SHUT}]].map((shut) => {{
            const {{ maps, ...found }} = hostLive.run(layers, key, image, new Set(shut));
            const numbers = Object.entries({{ ...found, ...maps }});
            return Object.fromEntries(numbers.map(([name, all]) => [name, [...all]]));
        }})];
    }}))"""
    return {
        key: [{name: torch.tensor(numbers) for name, numbers in one.items()} for one in both]
        for key, both in in_node(script, file).items()
    }


@pytest.mark.parametrize(("question", "key"), LOOKS)
def test_the_page_and_torch_give_the_same_logits_and_maps(question, key):
    host, image = live.read(f"look-{question}", key), draw(question, 1, TEST_SEEDS).images
    found = ran(f"look-{question}")[key][0]
    with torch.no_grad():
        x = arriving(host, host.after_stage1, image)
        torch.testing.assert_close(found["logits"], host(image)[0], rtol=1e-4, atol=1e-4)
        maps = {key: pair_weights(host.after_stage1, x)}
        if key == "cc":
            maps["cc-once"] = along_one_cross(host.after_stage1, x)
    assert found.keys() == {"logits", "shares", *maps}
    for name, expected in maps.items():
        torch.testing.assert_close(found[name].view(64, 64), expected[0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("question", "key"), GATED)
def test_the_page_and_torch_give_the_same_gates(question, key):
    host, image = live.read(f"gates-{question}", key), draw(question, 1, TEST_SEEDS).images
    found, shut = ran(f"gates-{question}")[key]
    with torch.no_grad():
        x = arriving(host, host.after_stage1, image)
        torch.testing.assert_close(found["logits"], host(image)[0], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(found["gates"], channel_gates(host.after_stage1, x)[0])
        if key == "cbam":
            places = place_gates(host.after_stage1, x)[0].flatten()
            torch.testing.assert_close(found["places"], places, rtol=1e-4, atol=1e-5)
        expected = gates_directive.closed(host, image, SHUT)
    torch.testing.assert_close(shut["logits"], expected, rtol=1e-4, atol=1e-4)


def test_the_channel_that_decides_is_the_one_whose_loss_costs_most():
    host = live.read("gates-rule", "se-2")
    things = live.stored("gates-rule")["scenes"][0]
    module = json.dumps(str(STATIC / "gates-live.js"))
    layers = 'hostLive.unpack(attnHosts["gates-rule"].hosts["se-2"])'
    image = f"sceneLive.paint(sceneLive.thingsOf({things}), 0)"
    with torch.no_grad():
        painted = live.painted(things, 0)
        answer = int(host(painted)[0].argmax())
    script = f'require({module}).deciding({layers}, "se-2", {image}, new Set(), {answer})'
    found = in_node(script, "gates-rule")
    with torch.no_grad():
        left = [float(gates_directive.closed(host, painted, c).softmax(0)[answer])
                for c in range(16)]  # fmt: skip
    assert found["channel"] == int(np.argmin(left))
    assert found["left"] == pytest.approx(min(left), abs=1e-4)


@pytest.mark.parametrize("file", live.FILES)
def test_the_weights_in_the_page_are_those_of_the_kept_hosts(file):
    assert (live.ROOT / f"{file}.js").read_text("utf-8") == text(file)


@pytest.mark.slow
@pytest.mark.parametrize("file", live.FILES)
def test_rounded_to_the_page_a_host_answers_as_often(file):
    for key, kept in live.FILES[file].items():
        score = ledger.values(kept.grid, kept.row, "accuracy")[kept.seed]
        assert kept.score(live.read(file, key)) == pytest.approx(score, abs=SLACK)


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


@pytest.mark.parametrize("file", live.FILES)
def test_the_page_knows_the_right_answer(file):
    question = file.partition("-")[2]
    scenes = live.stored(file)["scenes"]
    script = f'{scenes}.map((s) => sceneLive.answer("{question}", sceneLive.thingsOf(s)))'
    assert in_node(script) == draw(question, len(scenes), TEST_SEEDS).labels.tolist()


CUE, ROWS, CHECKS = [0, 0, 4, 0], [9, 9, 0, 0], [20, 20, 2, 0]


@pytest.mark.parametrize("things", [[], [CUE], [CUE, ROWS, CHECKS], [CUE, CUE, ROWS]])
def test_an_image_that_asks_nothing_has_no_answer(things):
    assert in_node(f'sceneLive.answer("key", sceneLive.thingsOf({things}))') is None


def test_a_weight_is_said_to_lie_on_a_thing_beside_it_or_on_neither():
    module, row = json.dumps(str(STATIC / "look-live.js")), [0.0] * 64
    for place, weight in ((0, 0.5), (2, 0.25), (18, 0.125), (63, 0.0625)):
        row[place] = weight
    script = f"require({module}).sharesOf({row}, sceneLive.thingsOf({[CUE]}))"
    found = {one["name"]: one["share"] for one in in_node(script)}
    assert found == {"red cue": 0.5, "beside the red cue": 0.375, "background": 0.0625}


@pytest.mark.parametrize("directive", [look_directive.Look, gates_directive.TurnGates])
def test_a_page_gets_few_bytes(directive):
    scripts = sum((STATIC / f"{name}.js").stat().st_size for name in directive.scripts)
    weights = [path.stat().st_size for path in live.ROOT.glob(f"{directive.figure}-*.js")]
    assert len(weights) >= 2
    assert scripts + sum(weights) <= MOST


@pytest.mark.parametrize("question", live.LOOK)
def test_a_page_that_has_just_loaded_gets_fewer(question):
    scripts = sum((STATIC / f"{name}.js").stat().st_size for name in look_directive.Look.scripts)
    assert scripts + (live.ROOT / f"look-{question}.js").stat().st_size <= AT_FIRST
