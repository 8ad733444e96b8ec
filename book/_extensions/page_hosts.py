"""What live figures with trained hosts share when a page is built: scores, pictures, scripts."""

import base64
import io
import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

WITHOUT = "With JavaScript this figure answers to you. Without it, here is its first image."
Scores = dict[str, dict[str, str]]


def scores(hosts: dict) -> Scores:
    """For each kept host what it reaches, and the mean of all trainings with half its interval."""
    from attnlab import ledger

    found = {}
    for key, kept in hosts.items():
        every = ledger.values(kept.grid, kept.row, "accuracy")
        mean = ledger.mean_interval(kept.grid, kept.row)
        found[key] = {"score": f"{every[kept.seed]:.2f}", "trainings": str(mean.n),
                      "mean": f"{mean.mean:.2f} ± {mean.half:.2f}"}  # fmt: skip
    return found


def embedded(image) -> str:
    """A picture (3, H, W) as the address of a PNG that holds it."""
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, image.permute(1, 2, 0).clamp(0, 1).numpy(), format="png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table whose first column names its rows."""
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f'<table class="look-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def drawing(parts: list[str], size: str, words: str) -> str:
    """An SVG that is as wide as the page; `words` say what it shows."""
    head = f'<svg class="attn" role="img" viewBox="0 0 {size}" aria-label="{words}">'
    return f"{head}{''.join(parts)}</svg>"


class PageHosts(SphinxDirective):
    """A live figure named `figure` over the files `attnlab.live.FILES` of that name.

    `hosts(question)` are its kept hosts, `fallback(question)` the picture and the table that stand
    there without JavaScript.
    """

    figure: str
    scripts: tuple[str, ...]

    def questions(self) -> list[str]:
        """Those that the reader may choose, the first to begin with."""
        raise NotImplementedError

    def run(self):
        from attnlab import live
        from attnlab.questions import QUESTIONS

        for path in [*Path(__file__).parent.glob("*.py"), *live.ROOT.glob(f"{self.figure}-*.js")]:
            self.env.note_dependency(str(path))
        base = "../" * self.env.docname.count("/") + "_static"
        about = {
            question: {"sentence": QUESTIONS[question].sentence,
                       "scores": scores(live.FILES[f"{self.figure}-{question}"])}
            for question in self.questions()
        }  # fmt: skip
        given = json.dumps({"base": f"{base}/hosts/", "questions": about}, ensure_ascii=False)
        files = [f"{base}/{name}.js" for name in self.scripts]
        scripts = "".join(f'<script defer src="{file}"></script>' for file in files)
        text = (
            f'<link rel="stylesheet" href="{base}/networks.css">'
            f'<div class="attn-live" id="{self.figure}-live">'
            f'<script type="application/json">{given}</script>'
            f"<p>{WITHOUT}</p>{self.fallback()}</div>{scripts}"
        )
        return [nodes.raw("", text, format="html")]
