"""`{mistakes} se`: the named mistakes of one mechanism, by symptom, from solutions/mistakes."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def home(key: str) -> ModuleType:
    """Where the mistakes of a key lie: with its exercise, or with its section in the zoo."""
    taught = f"solutions.mistakes.{key}"
    return import_module(taught if find_spec(taught) else f"solutions.mistakes.zoo.{key}")


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
        box = nodes.container(classes=["mistakes"])
        tasks = home(self.arguments[0]).TASKS
        self.state.nested_parse(StringList(entries(tasks)), self.content_offset, box)
        return [box]


def setup(app):
    app.add_directive("mistakes", Mistakes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
