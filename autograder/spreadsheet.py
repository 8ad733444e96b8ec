"""CSV that a spreadsheet only reads: no text of it is taken for a formula.

A cell that begins with = + - @ (or their wide, small and raised forms), a tab or a line break
may be run by Excel, LibreOffice or Google Sheets; see OWASP, "CSV Injection". A program set to
another separator may cut a cell at it, so what follows one is treated alike.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

TRIGGERS = "=+-@\N{MINUS SIGN}"
SEPARATOR = re.compile(r"([,;|])")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def harmless(text: str) -> str:
    """The text with an apostrophe before each part that could be taken for a formula.

    Line breaks, tabs and other control characters become spaces; signed numbers stay as they are.
    """
    clean = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs") else letter
                    for letter in text)
    if NUMBER.fullmatch(clean):
        return clean
    return "".join(f"'{part}" if _is_formula(part) else part for part in SEPARATOR.split(clean))


def _is_formula(part: str) -> bool:
    """Whether the first letter that shows, quotation marks left out, begins a formula."""
    for letter in unicodedata.normalize("NFKC", part):
        if unicodedata.category(letter)[0] not in "CZ" and letter != '"':
            return letter in TRIGGERS
    return False


def sheet(rows: Iterable[Sequence[str | float | None]], empty: str = "") -> str:
    """Rows as CSV (RFC 4180), every text harmless; `empty` stands for None."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str)
                         else empty if cell is None else shown(cell) for cell in row])
    return out.getvalue()


def shown(points: float) -> str:
    """Points with at most four places, as every importer reads them."""
    return f"{round(points, 4):.10g}"
