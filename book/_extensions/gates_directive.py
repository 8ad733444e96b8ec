"""`{turn-gates}`: the gates of trained hosts, to be closed and opened, as a live figure.

Without JavaScript there stand a picture of the gates that one image opens, and a table of what each
host answers to it with all its gates, and without the channel that decides most.
"""

from page_hosts import PageHosts, drawing, embedded, scores, table

NAMES = {
    "se-2": "SE, r = 2", "se-4": "SE, r = 4", "se-8": "SE, r = 8", "se-16": "SE, r = 16",
    "eca-1": "ECA, k = 1", "eca-3": "ECA, k = 3", "eca-5": "ECA, k = 5", "eca-31": "ECA, k = 31",
    "cbam": "CBAM",
}  # fmt: skip
COLUMNS = 3  # of the picture
TALL, WIDE = 5, 9.4  # of one panel, in widths of a bar times two


def opened(question: str) -> tuple:
    """The first image (3, 32, 32), its words, and for each host its gates and two answers.

    The answers are that with all gates, and that without the channel whose loss costs most.
    """
    import torch

    from attnlab import live
    from solutions.looks import channel_gates
    from solutions.query_maps import arriving

    data = live.stored(f"gates-{question}")
    image, found = live.painted(data["scenes"][0], 0), {}
    for key in live.GATES[question]:
        host = live.read(f"gates-{question}", key)
        with torch.no_grad():
            gates = channel_gates(host.after_stage1, arriving(host, host.after_stage1, image))[0]
            shares = host(image)[0].softmax(0)
            without = torch.stack([closed(host, image, c) for c in range(len(gates))]).softmax(1)
        answer = int(shares.argmax())
        worst = int(without[:, answer].argmin())
        after = without[worst]
        told = [f"{data['answers'][int(s.argmax())]} with {s.max():.2f}" for s in (shares, after)]
        found[key] = gates.tolist(), told[0], f"channel {worst}: {told[1]}"
    return image[0], found


def closed(host, image, channel: int):
    """The logits (classes,) with the gate of one channel forced to 0."""
    def shut(_, given, out):
        out = out.clone()
        out[:, channel] = 0
        return out

    gate = host.after_stage1
    hook = getattr(gate, "channel", gate).register_forward_hook(shut)
    try:
        return host(image)[0]
    finally:
        hook.remove()


def bars(question: str) -> str:
    """The image, and each host's gates as bars."""
    image, found = opened(question)
    parts = [f'<image y="1" width="4" height="4" href="{embedded(image)}" '
             'style="image-rendering: pixelated"/>']  # fmt: skip
    for n, (key, (gates, *_)) in enumerate(found.items(), 1):
        left, top = n % COLUMNS * WIDE, n // COLUMNS * (TALL + 1) + 1
        lines = "".join(
            f'<path d="M{c / 2:.1f} 4v{-4 * gate:.2f}h.4v{4 * gate:.2f}z"/>'
            for c, gate in enumerate(gates)
        )
        parts.append(
            f'<g transform="translate({left:.1f} {top})">'
            f'<text y="-.3" font-size=".7" fill="currentColor">{NAMES[key]}</text>'
            '<path d="M0 4h8M0 0h8" stroke="currentColor" stroke-width=".03" opacity=".5"/>'
            f'<g fill="var(--channel)">{lines}</g></g>'
        )
    height = (len(found) // COLUMNS + 1) * (TALL + 1)
    words = f"One image of {question}, and the sixteen gates of {len(found)} networks as bars."
    return drawing(parts, f"{COLUMNS * WIDE - 1:.1f} {height}", words)


class TurnGates(PageHosts):
    """The live figure with the hosts of `attnlab.live.GATES`."""

    figure = "gates"
    scripts = ("live", "host-live", "scene-live", "gates-live")

    def questions(self) -> list[str]:
        from attnlab import live

        return list(live.GATES)

    def fallback(self) -> str:
        from attnlab import live

        question = self.questions()[0]
        found = opened(question)[1]
        rows = [
            [NAMES[key], *found[key][1:], one["score"], f"{one['mean']} ({one['trainings']})"]
            for key, one in scores(live.GATES[question]).items()
        ]
        heads = ["gates", "answer to this image", "with the channel closed that decides most",
                 "right answers of this network", "of all trainings (how many)"]  # fmt: skip
        return bars(question) + table(heads, rows)


def setup(app):
    app.add_directive("turn-gates", TurnGates)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
