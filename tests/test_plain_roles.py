"""The mends of built pages, each on a line as the builder writes it."""


import plain_roles
import pytest

LINES = {
    '<summary aria-label="Toggle hidden content">Show': "<summary>Show",
    '<div class="citation" id="id67" role="doc-biblioentry">': (
        '<div class="citation" id="id67" role="listitem">'
    ),
    '<th class="head"><p></p></th>': '<td class="head"></td>',
    '<th class="head"><p>C</p></th>': '<th class="head"><p>C</p></th>',
    "<th></th>": "<td></td>",
    '<aside class="margin sidebar">': '<aside role="note" class="margin sidebar">',
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_mended_and_others_are_left(line):
    assert plain_roles.mended(f"<p>a</p>{line}<p>b</p>") == f"<p>a</p>{LINES[line]}<p>b</p>"
