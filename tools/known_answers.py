"""Writes attnlab/known/<key>.npz, the public known answers, from solutions/mistakes/<key>.py.

Usage: python tools/known_answers.py [--check]    (with the repository's root on PYTHONPATH)
The seed is public and fixed: the grader draws its own. A file carries the digest of what it was
made from, and is written anew when that changed; --check says so, and writes nothing.
"""

import ast
import re
import sys
from hashlib import sha256
from importlib import import_module
from inspect import getsourcelines
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ROOT / "attnlab" / "known"
PUBLIC_SEED = 2017


def keys() -> list[str]:
    """The mechanisms that have an exercise."""
    return sorted(path.stem for path in (ROOT / "solutions" / "mistakes").glob("[!_]*.py"))


def digest(key: str) -> str:
    """Of the code that decides what stands in a known-answer file, comments left out."""
    names = (key, *borrowed(key))
    sources = [
        ROOT / "solutions" / f"{key}.py",
        *(p for n in names for p in sorted((ROOT / "solutions" / "mistakes").rglob(f"{n}*.py"))),
        *(ROOT / "attnlab" / "check" / name for name in ("cases.py", "known.py", "weights.py")),
    ]
    lines = [line for path in sources for line in path.read_bytes().splitlines(keepends=True)]
    code = [line for line in lines if not line.startswith(b"#")]
    return sha256(b"".join([*code, recipes(key).encode()])).hexdigest()


def borrowed(key: str) -> list[str]:
    """The mechanisms of the zoo whose mistakes an exercise imports."""
    tree = ast.parse((ROOT / "solutions" / "mistakes" / f"{key}.py").read_text("utf8"))
    found = [n for n in tree.body if isinstance(n, ast.ImportFrom)]
    return [a.name for n in found if n.module == "solutions.mistakes.zoo" for a in n.names]


def recipes(key: str) -> str:
    """The recipes of attnlab/train.py that the tasks of a mechanism name: all they hold of it."""
    source = (ROOT / "solutions" / "mistakes" / f"{key}.py").read_text("utf8")
    tree = ast.parse((ROOT / "attnlab" / "train.py").read_text("utf8"))
    (table,) = [
        n.value for n in tree.body if isinstance(n, ast.AnnAssign) and n.target.id == "RECIPES"
    ]
    every = ast.literal_eval(table)
    return repr({name: every[name] for name in re.findall(r'RECIPES\["([^"]+)"\]', source)})


def is_fresh(key: str) -> bool:
    path = KNOWN / f"{key}.npz"
    if not path.is_file():
        return False
    with np.load(path, allow_pickle=False) as file:
        return str(file["made_from"]) == digest(key)


def references(tasks: dict) -> dict[str, str]:
    """Name to text of everything that the tasks compare with, in the order of the source."""
    from attnlab.check.cells import as_cell

    found = sorted({task.reference for task in tasks.values()}, key=lambda r: getsourcelines(r)[1])
    return {reference.__name__: as_cell(reference, reference.__name__) for reference in found}


def lent(key: str, tasks: dict) -> dict[str, str]:
    """The references that students have: what a notebook lends, and what a training equals.

    A notebook lends with `provided("se.SEBlock")`. Whatever those call comes with them; every
    other answer stays at home.
    """
    from attnlab.check.cases import TrainTask

    every = references(tasks)
    notebooks = "".join(path.read_text("utf8") for path in (ROOT / "solutions").glob("*.py"))
    ahead = set(re.findall(rf'provided\("{key}\.(\w+)"\)', notebooks))
    ahead |= {t.reference.__name__ for t in tasks.values() if isinstance(t, TrainTask)}
    kept: set[str] = set()
    while ahead:
        kept |= ahead
        called = {node.id for name in ahead for node in ast.walk(ast.parse(every[name]))
                  if isinstance(node, ast.Name)}  # fmt: skip
        ahead = (called & every.keys()) - kept
    return {name: text for name, text in every.items() if name in kept}


def write(key: str) -> None:
    from attnlab.check.cases import make_cases
    from attnlab.check.known import save

    tasks = import_module(f"solutions.mistakes.{key}").TASKS
    KNOWN.mkdir(exist_ok=True)
    save(KNOWN / f"{key}.npz", make_cases(tasks, PUBLIC_SEED), lent(key, tasks), digest(key))


def main(arguments: list[str]) -> int:
    stale = [key for key in keys() if not is_fresh(key)]
    for key in stale:
        if "--check" in arguments:
            print(f"attnlab/known/{key}.npz is older than its sources: run `make notebooks`")
        else:
            write(key)
            print(f"wrote attnlab/known/{key}.npz")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
