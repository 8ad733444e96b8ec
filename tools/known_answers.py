"""Writes attnlab/known/<key>.npz, the public known answers, from solutions/mistakes/<key>.py.

Usage: python tools/known_answers.py [--check]    (with the repository's root on PYTHONPATH)
The seed is public and fixed: the grader draws its own. --check compares and writes nothing.
"""

import sys
from importlib import import_module
from pathlib import Path

from attnlab.check import known
from attnlab.check.cases import Cases, make_cases

ROOT = Path(__file__).parent.parent
PUBLIC_SEED = 2017


def keys() -> list[str]:
    """The mechanisms that have an exercise."""
    return sorted(
        path.stem for path in (ROOT / "solutions").glob("*.py") if path.stem != "__init__"
    )


def public_cases(key: str) -> dict[str, Cases]:
    return make_cases(import_module(f"solutions.mistakes.{key}").TASKS, PUBLIC_SEED)


def fresh(key: str) -> bool:
    """Whether the file holds, to rounding, what the mistakes give today."""
    path = known.FOLDER / f"{key}.npz"
    return path.is_file() and known.alike(known.load(path), public_cases(key))


def main(arguments: list[str]) -> int:
    stale = [key for key in keys() if not fresh(key)]
    if "--check" in arguments:
        for key in stale:
            print(f"attnlab/known/{key}.npz is not fresh: run `make notebooks`")
        return bool(stale)
    known.FOLDER.mkdir(exist_ok=True)
    for key in stale:
        known.save(known.FOLDER / f"{key}.npz", public_cases(key))
        print(f"wrote attnlab/known/{key}.npz")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
