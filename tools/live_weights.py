"""Write the hosts of the live figures for the page: `python tools/live_weights.py`.

Each file of `attnlab.live.FILES` holds the weights of its hosts, from book/weights, and scenes of
the question that they are asked, from its test images. `python tools/measure_maps.py` trains hosts
that are missing.
"""

import json
import sys

from attnlab import live
from attnlab.ledger import LedgerError, write_whole
from attnlab.questions import TEXTURES, draw
from attnlab.runs import TEST_SEEDS

SCENES = 12
ANSWERS = {
    "same": ("differ", "alike"), "key": TEXTURES[:3], "row": TEXTURES[:4], "rule": tuple("0123"),
    "beside": TEXTURES[:2],
}  # fmt: skip


def scenes(question: str) -> list[list[list[int]]]:
    """Scenes of the question: for each thing its top, left, texture and colour."""
    scene = draw(question, SCENES, TEST_SEEDS).scene
    sides = (scene.top, scene.left, scene.texture, scene.colour)
    return [[[int(side[n, k]) for side in sides] for k in range(len(scene.roles))]
            for n in range(SCENES)]  # fmt: skip


def text(file: str) -> str:
    """The file as a script: it adds one object to `attnHosts`."""
    kept = live.FILES[file]
    question = next(iter(kept.values())).grid
    data = {
        "question": question, "answers": ANSWERS[question], "scenes": scenes(question),
        "hosts": {key: live.packed(one.load()) for key, one in kept.items()},
    }  # fmt: skip
    return (
        "// Generated from book/weights by: python tools/live_weights.py\n"
        f'(globalThis.attnHosts ??= {{}})["{file}"] = {json.dumps(data, separators=(",", ":"))};\n'
    )


def main() -> int:
    """Write every file; the exit status is 1 where weights are missing."""
    try:
        for file in live.FILES:
            print(write_whole(live.ROOT / f"{file}.js", text(file)))
    except LedgerError as error:
        print(f"live_weights: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
