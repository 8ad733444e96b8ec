"""What every test run shares: import paths, one thread, golden folders, what did not run."""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Before torch is imported: two threads in each of several workers are slower than one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("ATTNLAB_PROFILE", "tiny")  # where CIFAR-10 is here, little of it
# `solutions` is never installed, so it is found through the path, here and in child processes.
sys.path.insert(0, str(ROOT))
sys.path += [str(ROOT / "tools"), str(ROOT / "book" / "_extensions")]
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden-dir",
        action="append",
        metavar="DIR",
        help="folder of golden cases (repeatable; default: tests/golden)",
    )


def pytest_configure(config: pytest.Config) -> None:
    given = config.option.golden_dir or [str(ROOT / "tests" / "golden")]
    config.option.golden_dir = [str(config.invocation_params.dir / folder) for folder in given]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once more, counted, which tests a missing tool kept from running."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "not run: " in report.longrepr[2]
    )
    if not reasons:
        return
    terminalreporter.section(f"{sum(reasons.values())} tests not run")
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{reason} ({count})")


@pytest.fixture(scope="module")
def address():
    """The built book on 127.0.0.1, on a free port."""
    import book_audit

    with book_audit.served() as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium; the test is skipped where there is none."""
    import chromium

    absent = chromium.missing()
    if absent:
        pytest.skip(f"not run: {absent} is not installed")
    browser = chromium.Browser()
    yield browser
    browser.close()
