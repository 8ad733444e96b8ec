"""`{mistakes} se`: the named mistakes of one exercise, by symptom, from solutions/mistakes."""

from importlib import import_module

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def capital(text: str) -> str:
    """A capital at the front, unless the first word is a name from code or a formula."""
    first = text.partition(" ")[0].rstrip(",;:")
    word = first == "a" or (len(first) > 1 and first.isalpha())
    return text[0].upper() + text[1:] if word else text


def entries(tasks) -> list[str]:
    """For each mistake once: its symptom as the term, then its name and the sentence that helps."""
    known = {
        (m.name, m.sentence): m for task in tasks.values() for m in getattr(task, "mistakes", ())
    }
    pairs = [
        (f"{capital(m.symptom)}.", f": *{capital(m.name)}.* {capital(m.sentence)}")
        for m in known.values()
    ]
    return [line for pair in pairs for line in (*pair, "")]


class Mistakes(SphinxDirective):
    """A definition list: symptom, then the mistake and what to do."""

    required_arguments = 1

    def run(self):
        tasks = import_module(f"solutions.mistakes.{self.arguments[0]}").TASKS
        box = nodes.container(classes=["mistakes"])
        self.state.nested_parse(StringList(entries(tasks)), self.content_offset, box)
        return [box]


def setup(app):
    app.add_directive("mistakes", Mistakes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
