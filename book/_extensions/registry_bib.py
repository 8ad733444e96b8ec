"""The papers of the registry as a BibTeX file, written before the bibliography is read."""

from pathlib import Path

from attnlab.mechanisms import MECHANISMS, Paper

TARGET = "_build/registry.bib"


def entry(paper: Paper) -> str:
    """One BibTeX entry; double braces keep the capitals of the title."""
    kind, where = (
        ("article", "journal") if "Transactions" in paper.venue else ("inproceedings", "booktitle")
    )
    fields = {
        "title": f"{{{paper.title}}}",
        "author": " and ".join(paper.authors),
        where: paper.venue,
        "year": paper.year,
        "url": paper.url,
    }
    return (
        f"@{kind}{{{paper.bibkey},\n"
        + "".join(f"  {k} = {{{v}}},\n" for k, v in fields.items())
        + "}\n"
    )


def write(app, config) -> None:
    """Write `_build/registry.bib`, unless it already holds the same."""
    papers = {record.paper.bibkey: record.paper for record in MECHANISMS.values()}
    text = "% generated from attnlab.mechanisms by book/_extensions/registry_bib.py\n"
    text += "\n".join(entry(paper) for paper in papers.values())
    target = Path(app.srcdir, TARGET)
    if not target.is_file() or target.read_text("utf-8") != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def setup(app):
    app.connect("config-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
