"""`{look}`: where a place of an image looks, in trained hosts side by side, as a live figure.

The picture and the table that stand there without JavaScript are made here, by torch, from the
weights that the page's scripts compute with (`attnlab.live`). Beside each map stands what its host
reaches on the bench, and what all trainings of the ledger reach.
"""

import base64
import io
import json
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

NAMES = {
    "nonlocal": "non-local", "cc-once": "criss-cross, one pass", "cc": "criss-cross, two passes",
    "gc": "global context", "da": "dual, positions",
}  # fmt: skip
SCRIPTS = ("live", "host-live", "scene-live", "look-live")
QUESTIONS = ("key", "same", "row")
STEP = 9.4  # from one map to the next, in places of the map


def scores(question: str) -> dict[str, dict[str, str]]:
    """For each host what it reaches, and the mean of all trainings with half of its interval."""
    from attnlab import ledger, live

    found = {}
    for key, kept in live.LOOK[question].items():
        every = ledger.values(kept.grid, kept.row, "accuracy")
        mean = ledger.mean_interval(kept.grid, kept.row)
        found[key] = {"score": f"{every[kept.seed]:.2f}", "trainings": str(mean.n),
                      "mean": f"{mean.mean:.2f} ± {mean.half:.2f}"}  # fmt: skip
    return found


def seen(question: str) -> tuple:
    """The first image (3, 32, 32), its place that asks, and for each map (row of weights, answer).

    The place is in the middle of the first thing.
    """
    import torch

    from attnlab import live
    from solutions.cc import CrissCrossBlock
    from solutions.looks import along_one_cross, pair_weights
    from solutions.query_maps import arriving

    data = live.stored(f"look-{question}")
    things = data["scenes"][0]
    image = live.painted(things, 0)
    place = (things[0][0] + 4) // 4 * 8 + (things[0][1] + 4) // 4
    rows = {}
    for key in live.LOOK[question]:
        host = live.read(f"look-{question}", key)
        block = host.after_stage1
        with torch.no_grad():
            x, answer = arriving(host, block, image), data["answers"][int(host(image).argmax())]
            if isinstance(block, CrissCrossBlock):
                rows["cc-once"] = along_one_cross(block, x)[0, place].tolist(), answer
            rows[key] = pair_weights(block, x)[0, place].tolist(), answer
    return image[0], place, {key: rows[key] for key in NAMES if key in rows}


def embedded(image) -> str:
    """A picture (3, H, W) as the address of a PNG that holds it."""
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, image.permute(1, 2, 0).clamp(0, 1).numpy(), format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def drawing(question: str) -> str:
    """The image and the maps of one place, as SVG in the colours of the page."""
    image, place, maps = seen(question)
    parts = [f'<defs><image id="look-image" width="8" height="8" href="{embedded(image)}" '
             'style="image-rendering: pixelated"/></defs>']  # fmt: skip
    shown = [("the image", []), *((NAMES[key], row) for key, (row, _) in maps.items())]
    for n, (name, row) in enumerate(shown):
        left, top = n % 3 * STEP, n // 3 * (STEP + 0.6) + 1.2
        cells = "".join(
            f'<path d="M{p % 8} {p // 8}h1v1h-1z" opacity="{weight / max(row):.2f}"/>'
            for p, weight in enumerate(row) if weight > max(row) / 50
        )  # fmt: skip
        faint = ' opacity=".5"' if row else ""
        parts.append(
            f'<g transform="translate({left:.1f} {top:.1f})">'
            f'<text y="-.3" font-size=".8" fill="currentColor">{name}</text>'
            f'<use href="#look-image"{faint}/><g fill="var(--key, var(--attn-key))">{cells}</g>'
            f'<path d="M{place % 8} {place // 8}h1v1h-1z" fill="none" stroke-width=".2" '
            'stroke="var(--query, var(--attn-query))"/></g>'
        )
    words = f"One image of {question}; one place asks, and five maps show where it looks."
    size = f"0 0 {3 * STEP - 1.2:.1f} {2 * STEP + 1.8:.1f}"
    head = f'<svg class="attn" role="img" viewBox="{size}" aria-label="{words}">'
    return f"{head}{''.join(parts)}</svg>"


def table(question: str) -> str:
    """What stands beside the maps, as a table: each host's answer and how often it is right."""
    reached, maps = scores(question), seen(question)[2]
    rows = "".join(
        f'<tr><th scope="row">{NAMES[key]}</th><td>{maps[key][1]}</td><td>{score["score"]}</td>'
        f'<td>{score["mean"]} ({score["trainings"]})</td></tr>' for key, score in reached.items()
    )  # fmt: skip
    heads = ("mechanism", "answer to this image", "right answers of this network",
             "of all trainings (how many)")  # fmt: skip
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    return f'<table class="look-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


class Look(SphinxDirective):
    """The live figure; `:questions:` names those that the reader may choose, the first to begin."""

    option_spec: ClassVar = {"questions": directives.unchanged}

    def run(self):
        from attnlab import live
        from attnlab.questions import QUESTIONS as ASKED

        for path in [Path(__file__), *live.ROOT.glob("look-*.js")]:
            self.env.note_dependency(str(path))
        chosen = self.options.get("questions", " ".join(QUESTIONS)).split()
        base = "../" * self.env.docname.count("/") + "_static"
        about = {q: {"sentence": ASKED[q].sentence, "scores": scores(q)} for q in chosen}
        given = json.dumps({"base": f"{base}/hosts/", "questions": about}, ensure_ascii=False)
        scripts = "".join(f'<script defer src="{base}/{name}.js"></script>' for name in SCRIPTS)
        text = (
            f'<link rel="stylesheet" href="{base}/networks.css">'
            '<div class="attn-live" id="look-live">'
            f'<script type="application/json">{given}</script>'
            f"{drawing(chosen[0])}{table(chosen[0])}</div>{scripts}"
        )
        return [nodes.raw("", text, format="html")]


def setup(app):
    app.add_directive("look", Look)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
