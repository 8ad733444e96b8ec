"""The ledger: every measured number of the course, one file for each run.

`book/ledger/<grid>/<key>-<placement>-<seed>.json` holds what was run (config and its hash), where
(commit, versions, device, data fingerprint) and what came out. Entries are written whole or not at
all. The book reads them through `quote`, which is what its `{ledger}` role calls.
"""

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from attnlab.statistics import Comparison, Interval, compare, interval

VERSION = 1
ROOT = Path(os.environ.get("ATTNLAB_LEDGER", Path(__file__).parents[1] / "book" / "ledger"))


class LedgerError(Exception):
    """An entry, row or quantity that is not there or cannot be read; says what to do about it."""


@dataclass(frozen=True)
class Entry:
    """One run. `results` are the numbers that are averaged over seeds; `curve` is loss by epoch."""

    grid: str
    key: str
    placement: str
    seed: int
    config: dict
    hash: str
    commit: str
    versions: dict[str, str]
    device: str
    data: str
    results: dict[str, float]
    curve: list[float]
    version: int = VERSION

    @property
    def row(self) -> str:
        """The name of the row of a table that this run belongs to."""
        return f"{self.key}-{self.placement}"

    @property
    def name(self) -> str:
        """The name of the entry's file, without its folder and ending."""
        return f"{self.row}-{self.seed}"


def config_hash(config: dict) -> str:
    """Sixteen hexadecimal digits that change whenever any setting of a run does."""
    text = json.dumps(config, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def path_of(grid: str, row: str, seed: int, root: Path = ROOT) -> Path:
    """Where the entry of a run lies."""
    return root / grid / f"{row}-{seed}.json"


def write(entry: Entry, root: Path = ROOT) -> Path:
    """Write an entry, whole or not at all; a full disk leaves what was there before."""
    path = path_of(entry.grid, entry.row, entry.seed, root)
    return write_whole(path, json.dumps(asdict(entry), indent=1) + "\n")


def write_whole(path: Path, text: str) -> Path:
    """Put `text` beside `path`, then rename it into place; raises LedgerError when it cannot."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise LedgerError(
            f"{path}: could not be written ({error.strerror}); nothing of it was kept and nothing "
            f"else was touched: make room or choose another folder, then run again"
        ) from error
    return path


def read(path: Path) -> Entry:
    """Read one entry; raises LedgerError that names the file and the way out."""
    again = "delete it and run its grid again, which measures only what is missing"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LedgerError(f"{path}: not a whole ledger entry ({error}); {again}") from error
    version = raw.get("version") if isinstance(raw, dict) else None
    if version != VERSION:
        raise LedgerError(f"{path}: expected entry version {VERSION}, found {version}; {again}")
    missing = sorted({f.name for f in fields(Entry)} - raw.keys())
    unknown = sorted(raw.keys() - {f.name for f in fields(Entry)})
    if missing or unknown:
        raise LedgerError(f"{path}: lacks {missing}, has unknown {unknown}; {again}")
    if config_hash(raw["config"]) != raw["hash"]:
        raise LedgerError(f"{path}: its config does not fit its hash {raw['hash']}; {again}")
    entry = Entry(**raw)
    if path.stem != entry.name or path.parent.name != entry.grid:
        raise LedgerError(f"{path}: holds {entry.grid}/{entry.name}; rename it or {again}")
    return entry


def load(grid: str, root: Path = ROOT) -> dict[str, dict[int, Entry]]:
    """All entries of a grid: row name -> seed -> entry, sorted by both."""
    folder = root / grid
    if not folder.is_dir():
        known = ", ".join(sorted(p.name for p in root.glob("*") if p.is_dir())) or "none yet"
        raise LedgerError(
            f"the ledger has no grid {grid!r} (it has {known}); "
            f"measure it with: python -m attnlab.experiment run {grid}"
        )
    rows: dict[str, dict[int, Entry]] = {}
    for entry in map(read, sorted(folder.glob("[!.]*.json"))):
        rows.setdefault(entry.row, {})[entry.seed] = entry
    return {row: dict(sorted(rows[row].items())) for row in sorted(rows)}


def values(grid: str, row: str, quantity: str, root: Path = ROOT) -> dict[int, float]:
    """Seed -> value of one quantity of one row."""
    rows = load(grid, root)
    if row not in rows:
        raise LedgerError(f"grid {grid!r} has no row {row!r}; it has {', '.join(rows)}")
    entries = rows[row]
    for entry in entries.values():
        if quantity not in entry.results:
            has = ", ".join(entry.results)
            raise LedgerError(f"{grid}/{entry.name} has no quantity {quantity!r}; it has {has}")
    return {seed: entry.results[quantity] for seed, entry in entries.items()}


def mean_interval(grid: str, row: str, quantity: str = "accuracy", root: Path = ROOT) -> Interval:
    """Mean, sd and 95 % interval of a quantity over the seeds of a row."""
    return interval(list(values(grid, row, quantity, root).values()))


def paired(
    grid: str, ours: str, theirs: str, quantity: str = "accuracy", root: Path = ROOT
) -> Comparison:
    """The paired comparison of two rows of a grid over the seeds that both have."""
    return compare(values(grid, ours, quantity, root), values(grid, theirs, quantity, root))


_SPEC = re.compile(
    r"(?P<grid>[^/:]+)/(?P<row>[^:]+?)( vs (?P<other>[^:]+?))?"
    r":(?P<quantity>\w+)(\.(?P<part>\w+))?(:(?P<format>[^:]*))?"
)
_PARTS = ("mean", "sd", "half", "low", "high", "n")


def quote(spec: str, root: Path = ROOT) -> str:
    """The text of a measured number, for a sentence of the book.

    - `rule/se-stage1:accuracy:.1%`       the mean, in a Python number format
    - `rule/se-stage1:accuracy:±.1%`      mean ± half-width of the 95 % interval
    - `rule/se-stage1:accuracy.sd:.3f`    or `.half`, `.low`, `.high`, `.n`
    - `rule/se-stage1 vs plain-none:accuracy:.2f`
      "0.71 higher (95 % interval 0.66 to 0.76, n = 10)", or "no difference shown (...)" when the
      paired 95 % interval holds zero.

    Without a format: `.2f`, and whole numbers as such. Raises LedgerError for anything unknown.
    """
    found = _SPEC.fullmatch(spec.strip())
    if found is None:
        raise LedgerError(
            f"cannot read {spec!r}; expected grid/key-placement:quantity:format, for example "
            f"rule/se-stage1:accuracy:±.2f"
        )
    grid, row, quantity = found["grid"], found["row"], found["quantity"]
    style = ".2f" if found["format"] in (None, "") else found["format"]
    try:
        if found["other"]:
            return _difference(paired(grid, row, found["other"], quantity, root), style)
        return _number(mean_interval(grid, row, quantity, root), found["part"] or "mean", style)
    except ValueError as error:
        raise LedgerError(f"{spec!r}: {error}") from error


def _number(value: Interval, part: str, style: str) -> str:
    if part not in _PARTS:
        raise ValueError(f"no part {part!r} of an interval; choose from {', '.join(_PARTS)}")
    if style.startswith("±"):
        style = style[1:] or ".2f"
        return f"{value.mean:{style}} ± {value.half:{style}}"
    number = getattr(value, part)
    return f"{number}" if part == "n" else f"{number:{style}}"


def _difference(comparison: Comparison, style: str) -> str:
    change = comparison.difference
    if not comparison.shown:
        ends = f"{change.low:{style}} to {change.high:{style}}"
        return f"no difference shown (95 % interval of the difference {ends}, n = {change.n})"
    low, high = sorted((abs(change.low), abs(change.high)))
    word = "higher" if change.mean > 0 else "lower"
    ends = f"{low:{style}} to {high:{style}}"
    return f"{abs(change.mean):{style}} {word} (95 % interval {ends}, n = {change.n})"
