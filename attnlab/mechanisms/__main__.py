"""Print the registry: `python -m attnlab.mechanisms`, or one record with `... mechanisms se`."""

import sys
from dataclasses import fields

from attnlab.mechanisms import MECHANISMS, Mechanism, UnknownKey, mechanism


def table() -> str:
    """All mechanisms, one on a line: key, status, paper, what is attended, parameters."""
    rows = [("key", "status", "paper", "attends", "parameters")]
    for record in MECHANISMS.values():
        formula = "-" if record.parameters is None else record.parameters.text
        rows.append((record.key, record.status, record.paper.cite(), record.attends, formula))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join(lines)


def card(record: Mechanism) -> str:
    """Everything the registry holds of one mechanism, a field on a line."""
    return "\n".join(f"{f.name:14}{getattr(record, f.name)}" for f in fields(record))


def main(keys: list[str]) -> str | int:
    """Print the table, or the cards of `keys`; an unknown key is the exit message."""
    try:
        print("\n\n".join(card(mechanism(key)) for key in keys) if keys else table())
    except UnknownKey as error:
        return str(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
