"""Build the book: run its pages side by side, then let Jupyter Book set them.

`python tools/build_book.py` executes every page that has code in parallel, one thread each, into
Jupyter Book's own cache, and builds the site with warnings as errors. Nothing changed since the
last build: nothing is done. A change in `attnlab` or `solutions` runs all pages again, because
the cache itself only looks at the pages' own code.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
INDEX = BUILD / "html" / "index.html"
CODE = ("attnlab/**/*.py", "attnlab/known/*", "solutions/**/*.py", "book/**/*.json",
        "book/weights/*", "book/figures/*", "book/_static/book.mplstyle",
        "requirements.lock")  # fmt: skip
VENDOR = ROOT / "book" / "_static" / "vendor"
PAGES = (
    "_config.yml",
    "_toc.yml",
    "book/**/*",
    "exercises/**/*.ipynb",
    "package-lock.json",
    "tools/build_book.py",
)


def digest(patterns: Iterable[str]) -> str:
    """One hash over the names and contents of all files that match."""
    files = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    total = hashlib.sha256()
    for path in sorted(files):
        if "__pycache__" not in path.parts:
            total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def fresh(stamp: Path, value: str) -> bool:
    """Whether the stamp file holds this value."""
    return stamp.is_file() and stamp.read_text("utf-8") == value


@contextmanager
def chatter_to(log: Path) -> Iterator[None]:
    """What this process and the kernels it starts write to standard error goes to a file."""
    kept = os.dup(2)
    with open(log, "w") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def execute(cache_folder: Path) -> None:
    """Run every page with code that the cache does not hold; exit with the first error's text."""
    from jupyter_cache import get_cache
    from jupyter_cache.executors import load_executor

    cache = get_cache(cache_folder)
    for page in sorted((ROOT / "book").glob("*.md")):
        if "{code-cell}" in page.read_text("utf-8"):
            cache.add_nb_to_project(str(page), read_data={"name": "myst_nb_md", "type": "plugin"})
    with chatter_to(cache_folder.parent / "kernels.log"):
        result = load_executor("local-parallel", cache).run_and_cache(timeout=300)
    for uri in [*result.errored, *result.excepted]:
        print(cache.get_project_record(uri).traceback or "", file=sys.stderr)
        sys.exit(f"{uri}: a cell failed; the message stands above")


def typeset() -> None:
    """Call Jupyter Book with every warning an error; exit with its status when it fails."""
    command = [Path(sys.executable).parent / "jupyter-book", "build", ROOT, "-W", "-n",
               "--keep-going", "-q"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-6000:], file=sys.stderr)
        sys.exit(f"jupyter-book ended with {done.returncode}; its warnings stand above")


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Wait until no other process builds (on Windows, where files lock otherwise, hope so)."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w") as file:
        try:
            import fcntl
        except ImportError:
            pass
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build() -> bool:
    """Bring the site up to date; False when it already was."""
    for needed in ("mathjax/tex-mml-chtml.js", "widgets/embed.js", "fonts/LICENSE"):
        if not (VENDOR / needed).is_file():
            sys.exit(f"{VENDOR / needed} is missing: run `python tools/fetch_npm.py` first")
    with alone(BUILD / "book.lock"):
        return _build()


def _build() -> bool:
    code, pages = digest(CODE), digest(PAGES + CODE)
    ran, built = BUILD / ".jupyter_cache" / "code.sha256", BUILD / "html" / "pages.sha256"
    if INDEX.is_file() and fresh(built, pages):
        return False
    if not fresh(ran, code):  # outputs, mistakes, registry and ledger stand on the pages
        shutil.rmtree(ran.parent, ignore_errors=True)
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
    execute(ran.parent)
    ran.write_text(code, "utf-8")
    typeset()
    built.write_text(pages, "utf-8")
    return True


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # pages run side by side: more threads would only wait
    os.environ["PYTHONPATH"] = str(ROOT)  # the pages import `solutions`, which is never installed
    news = "built" if build() else "unchanged"
    print(f"The book is {news}: {INDEX.relative_to(ROOT)} (`make serve` shows it)")


if __name__ == "__main__":
    main()
