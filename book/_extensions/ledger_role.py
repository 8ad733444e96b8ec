"""`{ledger}`: a measured number in a sentence, read from the ledger when the page is built."""

from docutils import nodes
from sphinx.util.docutils import SphinxRole


class Ledger(SphinxRole):
    """`{ledger}`grid/key-placement:quantity:format`` becomes the text of that number."""

    def run(self):
        from attnlab.ledger import quote  # here, so that pages without numbers need no ledger

        try:
            return [nodes.inline(self.rawtext, quote(self.text), classes=["ledger"])], []
        except (KeyError, ValueError) as error:
            message = f"ledger role: {error}"
            return [nodes.inline(self.rawtext, self.text)], [self.inliner.reporter.error(message, line=self.lineno)]


def setup(app):
    app.add_role("ledger", Ledger())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
