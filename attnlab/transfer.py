"""Carry a grid from one machine to another as one file."""

import json
from dataclasses import asdict
from pathlib import Path

from attnlab.ledger import Entry, LedgerError, load, path_of, read, write, write_whole


def pack(grid: str, file: Path, root: Path) -> int:
    """Write all entries of a grid into one file; returns how many."""
    entries = [asdict(entry) for row in load(grid, root).values() for entry in row.values()]
    write_whole(file, json.dumps({"grid": grid, "entries": entries}, indent=1) + "\n")
    return len(entries)


def unpack(file: Path, root: Path) -> tuple[int, int]:
    """Write the entries of a packed file that the ledger lacks; returns (new, already there).

    Raises LedgerError before anything is written when the ledger holds other numbers for one.
    """
    try:
        entries = [Entry(**raw) for raw in json.loads(file.read_text(encoding="utf-8"))["entries"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"{file}: not a packed grid ({error!r}); pack it again") from error
    new = []
    for entry in entries:
        path = path_of(entry.grid, entry.row, entry.seed, root)
        if not path.exists():
            new.append(entry)
        elif read(path) != entry:
            raise LedgerError(
                f"{path}: the ledger has other numbers for this run than {file}; nothing was "
                f"unpacked: move one of them away"
            )
    for entry in new:
        write(entry, root)
    return len(new), len(entries) - len(new)
