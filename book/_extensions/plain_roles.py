"""Mends of what a screen reader would stumble over in the pages as Sphinx and MyST-NB write them.

A summary is named by its own words; an entry of the bibliography is an item of its list; an empty
corner of a table is no header; an aside in the margin is a note, and not a region of the page.
"""

import re

MENDS = (
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    (re.compile(r'(class="citation" id="[^"]*") role="doc-biblioentry"'), r'\1 role="listitem"'),
    (re.compile(r'<aside class="margin'), '<aside role="note" class="margin'),
    (re.compile(r"<th([^>]*)>(?:\s|<p>\s*</p>)*</th>"), r"<td\1></td>"),
)


def mended(body: str) -> str:
    """A page's text with every mend made."""
    for found, instead in MENDS:
        body = found.sub(instead, body)
    return body


def mend_page(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = mended(context["body"])


def setup(app):
    app.connect("html-page-context", mend_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
