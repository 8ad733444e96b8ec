"""Runs the mathematics of a live figure in node, as the reader's browser would."""

import json
import shutil
import subprocess

import pytest
from book_pages import BOOK


def node(script: str) -> object:
    """What a script prints as JSON; the test is skipped where node is missing."""
    if not shutil.which("node"):
        pytest.skip("not run: node is not installed")
    done = subprocess.run(
        ["node", "-e", script], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def computed(file: str, function: str, *arguments: object) -> object:
    """function(*arguments) of book/_static/<file>; arguments and result are plain JSON values."""
    path, given = json.dumps(str(BOOK / "_static" / file)), json.dumps(arguments)
    return node(f"console.log(JSON.stringify(require({path}).{function}(...{given})))")
