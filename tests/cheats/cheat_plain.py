"""A grader as most are written: one process runs the notebook as it was handed in, tests and all.

A test has passed when nothing that looks like an error was printed under it. This is the wall that
most cheats climb over, kept here to show that they do. Run as a process: one JSON line comes in for
each job, one goes out; a fork for each.
"""

import contextlib
import io
import json
import os
import select
import signal
import sys

SECONDS = 4.0
BAD = ("Error", "Not yet", "Could not run")


class Printed(io.StringIO):
    """What a notebook shows under a cell; clear_output empties it."""

    def clear(self, wait: bool = False) -> None:
        self.seek(0)
        self.truncate()


def grade(cells: list[dict], shell) -> tuple[float, float]:
    """Points and the most there are, by the notebook's own metadata."""
    earned = most = 0.0
    for cell in cells:
        if cell["cell_type"] != "code" or "skip-execution" in cell["metadata"].get("tags", []):
            value, printed = None, ""
        else:
            value, printed = show(cell["source"], shell)
        meta = cell["metadata"].get("nbgrader", {})
        if not meta.get("grade") or meta.get("solution"):
            continue
        most += meta["points"]
        if not any(word in printed for word in BAD):
            earned += value if isinstance(value, float) else meta["points"]
    return earned, most


def show(text: str, shell) -> tuple[object, str]:
    printed = Printed()
    shell.display_pub.clear_output = printed.clear
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        done = shell.run_cell(text, store_history=True)
    return getattr(done, "result", None), printed.getvalue()


def new_shell():
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.xmode = "Minimal"  # a traceback in colours takes 0.1 s
    return InteractiveShell.instance(config=config)


def run(notebooks: list[dict], tell: int) -> None:
    """Never returns. One process for all of a class, as in a loop over its notebooks."""
    scores = []
    try:
        for notebook in notebooks:
            shell = new_shell()
            shell.reset(new_session=True)
            scores.append(grade(notebook["cells"], shell))
        os.write(tell, json.dumps(scores).encode())
    finally:
        os._exit(0)


def answer(job: list[dict]) -> str:
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        run(job, tell)
    os.close(tell)
    ready = select.select([told], [], [], SECONDS)[0]
    found = os.read(told, 2**16) if ready else b""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(told)
    return found.decode() or "null"


def main() -> None:
    import torch

    import solutions.se  # noqa: F401 (warm for the forks)
    from attnlab.check.known import cases_of

    torch.set_num_threads(1)
    torch.testing.assert_close(torch.zeros(1), torch.zeros(1))
    cases_of("se.block")
    new_shell()
    for line in sys.stdin:
        print(answer(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
