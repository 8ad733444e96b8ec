"""`{mistakes} se`: the named mistakes of one exercise, by symptom, from solutions/mistakes."""

from importlib import import_module

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def entry(mistake) -> list[str]:
    """A symptom as the term, and under it the mistake's name and the sentence that helps."""
    return [mistake.symptom, f": **{mistake.name}.** {mistake.sentence}", ""]


class Mistakes(SphinxDirective):
    """A definition list: symptom, then the mistake and what to do."""

    required_arguments = 1

    def run(self):
        known = import_module(f"solutions.mistakes.{self.arguments[0]}").MISTAKES
        lines = [line for mistake in known for line in entry(mistake)]
        box = nodes.container(classes=["mistakes"])
        self.state.nested_parse(StringList(lines), self.content_offset, box)
        return [box]


def setup(app):
    app.add_directive("mistakes", Mistakes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
