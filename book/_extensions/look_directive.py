"""`{look}`: where a place of an image looks, in trained hosts side by side, as a live figure.

The picture and the table that stand there without JavaScript are made here, by torch, from the
weights that the page's scripts compute with (`attnlab.live`). Beside each map stands what its host
reaches on the bench, and what all trainings of the ledger reach.
"""

from typing import ClassVar

from docutils.parsers.rst import directives
from page_hosts import PageHosts, drawing, embedded, scores, table

NAMES = {
    "nonlocal": "non-local", "cc-once": "criss-cross, one pass", "cc": "criss-cross, two passes",
    "gc": "global context", "da": "dual, positions",
}  # fmt: skip
STEP = 9.4  # from one map to the next, in places of the map


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


def maps_drawn(question: str) -> str:
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
            f'<text y="-.3" font-size=".68" fill="currentColor">{name}</text>'
            f'<use href="#look-image"{faint}/><g fill="var(--key)">{cells}</g>'
            f'<path d="M{place % 8} {place // 8}h1v1h-1z" fill="none" stroke-width=".2" '
            'stroke="var(--query)"/></g>'
        )
    words = f"One image of {question}; one place asks, and five maps show where it looks."
    return drawing(parts, f"{3 * STEP - 1.2:.1f} {2 * STEP + 1.8:.1f}", words)


class Look(PageHosts):
    """The live figure; `:questions:` names those that the reader may choose, the first to begin."""

    figure = "look"
    scripts = ("live", "host-live", "scene-live", "look-live")
    option_spec: ClassVar = {"questions": directives.unchanged}

    def questions(self) -> list[str]:
        from attnlab import live

        return self.options.get("questions", " ".join(live.LOOK)).split()

    def fallback(self) -> str:
        from attnlab import live

        question = self.questions()[0]
        reached, rows = scores(live.LOOK[question]), []
        for key, (row, answer) in seen(question)[2].items():
            one, most = reached[key.removesuffix("-once")], row.index(max(row))
            place = f"row {most // 8}, column {most % 8}: {max(row):.2f}"
            rows.append([NAMES[key], place, answer, one["score"],
                         f"{one['mean']} ({one['trainings']})"])  # fmt: skip
        heads = ["mechanism", "most of its weight", "answer to this image",
                 "right answers of this network", "of all trainings (how many)"]  # fmt: skip
        return maps_drawn(question) + table(heads, rows)


def setup(app):
    app.add_directive("look", Look)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
