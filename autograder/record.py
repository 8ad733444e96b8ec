"""What a run's verdicts depend on besides the submissions; kept, so that each can be replayed."""

import hashlib
import json
import os
import platform
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.limits import Limits
from autograder.source import Plan, source_path
from autograder.submission import Submission
from autograder.worker import PHOTOS

CODE = ("attnlab/**/*.py", "autograder/**/*.py")
PACKAGES = ("where-to-look", "torch", "numpy", "nbgrader")
PROFILE = "ATTNLAB_PROFILE"


@dataclass
class RunRecord:
    """One run. `again`: students whose earlier results do not count, of a regrade."""

    seed: int
    source: str = ""  # SHA-256 of the source notebook
    code: str = ""  # of everything else that a verdict depends on, see code_print
    versions: dict[str, str] = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    reason: str = ""
    again: list[str] = field(default_factory=list)
    id: str = ""

    def __post_init__(self):
        started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.id = self.id or f"{started}-{secrets.token_hex(2)}"

    def to_dict(self) -> dict:
        return asdict(self)


def new_seed() -> int:
    """The seed of a class's secret cases; nobody can know it before the run."""
    return secrets.randbelow(2**62)


def record_here(root: Path, plan: Plan, seed: int, settings: dict, **more: object) -> RunRecord:
    """The record of a run that starts now."""
    return RunRecord(seed, plan.sha, code_print(root, plan.key), versions_here(), settings, **more)


def settings_here(limits: Limits, unsafe: bool) -> dict:
    """What the person at the machine chose, and what the environment says."""
    return {"limits": limits.to_dict(), "unsafe": unsafe,
            PHOTOS: os.environ.get(PHOTOS, ""), PROFILE: os.environ.get(PROFILE, "")}


def fingerprint(record: RunRecord, submission: Submission) -> str:
    """One hash over a submission and all that its verdicts depend on."""
    parts = (record.code, submission.sha, submission.unreadable, json.dumps(record.settings))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def versions_here() -> dict[str, str]:
    """Python's version and those of the packages that verdicts depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # the repository itself, where it is only on the path
            continue
    return found


def code_print(root: Path, key: str) -> str:
    """One hash over everything that a verdict depends on besides the submission."""
    paths = [source_path(root, key), root / "solutions" / f"{key}.py",
             *(root / "solutions" / "mistakes").rglob("*.py")]
    paths += [path for pattern in CODE for path in root.glob(pattern)]
    total = hashlib.sha256(version("torch").encode())
    for path in sorted(paths):
        if path.is_file():
            total.update(path.read_bytes())
    return total.hexdigest()
