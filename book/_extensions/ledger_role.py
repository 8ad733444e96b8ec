"""`{ledger}`: a measured number in a sentence, read from the ledger when the page is built."""

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from attnlab.ledger import LedgerError, quote


class Ledger(SphinxRole):
    """`{ledger}`grid/key-placement:quantity:format`` becomes the text of that number."""

    def run(self):
        try:
            return [nodes.inline(self.rawtext, quote(self.text), classes=["ledger"])], []
        except LedgerError as error:
            problem = self.inliner.reporter.error(f"ledger role: {error}", line=self.lineno)
            return [nodes.inline(self.rawtext, self.text)], [problem]


def setup(app):
    app.add_role("ledger", Ledger())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
