"""Nothing that students are handed holds an answer or a hidden test, however it is packed.

Two proofs. A word of its own is planted into every answer and every hidden test of an exercise's
source; notebooks, known answers, bundle and feedback are made from that source by the course's own
tools, and none of them holds a word. And no line that only the real sources have stands in what is
handed out, or on the site. What `provided` lends is the one exception, and it is counted.
"""

import base64
import functools
import gzip
import io
import json
import runpy
import zipfile
import zlib
from importlib import import_module
from pathlib import Path

import known_answers
import numpy as np
import pytest
from leaks import KINDS, lines, lines_below, outside, regions, words_below

from attnlab.check.known import load_sources, path_of
from exercises import KEYS, ROOT

WORD = "leak0123456789abcdefleak"


def archive(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as writing:
        writing.writestr(name, data)
    return file.getvalue()


def arrays(value: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, sealed=value)
    return file.getvalue()


def notebook(**cell: object) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "metadata": {}} | cell]}).encode()


IN_BASE64 = base64.b64encode(f"the answer is {WORD}!".encode()).decode()
PACKED = np.frombuffer(zlib.compress(json.dumps({"f": f"return {WORD}"}).encode()), np.uint8)
FORMS = {
    "as it is": WORD.encode(),
    "a line of a notebook": notebook(source=["def f():\n", f"    return '{WORD}'\n"]),
    "a notebook's output": notebook(outputs=[{"data": {"text/plain": [WORD]}}]),
    "a notebook's metadata": notebook(metadata={"hint": {WORD: 1}}),
    "a picture in a notebook": notebook(attachments={"a.png": {"image/png": IN_BASE64}}),
    "a name cut in two lines of JSON": notebook(source=[WORD[:9], WORD[9:]]),
    "coloured code": f"<pre><span>{WORD[:7]}</span><span>{WORD[7:]}</span></pre>".encode(),
    "letters of HTML": "".join(f"&#{ord(letter)};" for letter in WORD).encode(),
    "letters of Python": "".join(f"\\x{ord(letter):02x}" for letter in WORD).encode(),
    "letters of JavaScript": "".join(f"\\u{ord(letter):04x}" for letter in WORD).encode(),
    "an address": f"?q=%{ord(WORD[0]):02x}{WORD[1:]}".encode(),
    "base64": f"x = b64decode('{IN_BASE64}')".encode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"???>>>{WORD}".encode()),
    "hexadecimal": WORD.encode().hex().encode(),
    "base64 in base64": base64.b64encode(IN_BASE64.encode()),
    "two bytes a letter": WORD.encode("utf-16"),
    "NumPy's letters": arrays(np.array(WORD)),
    "a stream in an array": arrays(PACKED),
    "a gzip stream": gzip.compress(WORD.encode()),
    "a stream in the middle": b"\x89PNG" + zlib.compress(f"comment: {WORD}".encode()),
    "a wheel in a zip": archive("a.whl", archive("attnlab/x.py", WORD.encode())),
    "a notebook in a zip": archive("se/se.ipynb", notebook(source=[f"# {WORD}"])),
    "arrays in a wheel in a zip": archive("a.whl", archive("a.npz", arrays(PACKED))),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_leak_is_found_in_every_form(form, tmp_path):
    (tmp_path / "file").write_bytes(FORMS[form])
    assert WORD in words_below(tmp_path)


def test_what_holds_no_word_is_clean(tmp_path):
    (tmp_path / "noise").write_bytes(np.random.default_rng(0).bytes(100_000))
    (tmp_path / "cut.zip").write_bytes(archive("a", b"cut off")[:-9])
    (tmp_path / "se.ipynb").write_bytes(notebook(source=["leaky", "leek"]))
    assert words_below(tmp_path) == {}


SOURCES = {key: (ROOT / "solutions" / f"{key}.py").read_text("utf-8") for key in KEYS}


@functools.cache
def secrets() -> dict[str, set[str]]:
    """Region -> the lines that stand in such regions only."""
    known = set().union(*(lines(outside(source)) for source in SOURCES.values()))
    every = {f"{key}, {kind.lower()} {number}": lines(region) - known
             for key, source in SOURCES.items() for kind in KINDS
             for number, region in enumerate(regions(source, kind), 1)}  # fmt: skip
    return {name: only for name, only in every.items() if only}


def shown(folder: Path, *passed_over: str) -> dict[str, float]:
    """Region -> the share of its lines that stands in a folder."""
    found = lines_below(folder, *passed_over)
    shares = {name: len(only & found) / len(only) for name, only in secrets().items()}
    return {name: share for name, share in shares.items() if share}


def test_no_line_of_an_answer_or_a_hidden_test_is_in_notebooks_or_package():
    assert len(secrets()) > 150
    assert shown(ROOT / "exercises") == {}
    assert shown(ROOT / "attnlab", ".pyc", "known/") == {}
    lent = shown(ROOT / "attnlab" / "known")
    assert lent == shown_by_lending()
    assert not [name for name in lent if "hidden" in name]
    in_full = shown(ROOT / "solutions" / "notebooks")
    assert in_full.keys() == secrets().keys(), "the scan sees less than there is"
    assert set(in_full.values()) == {1.0}


def shown_by_lending() -> dict[str, float]:
    """`shown`, of what `provided` lends."""
    texts = {text for key in KEYS for text in load_sources(path_of(key)).values()}
    found = set().union(*map(lines, texts))
    shares = {name: len(only & found) / len(only) for name, only in secrets().items()}
    return {name: share for name, share in shares.items() if share}


def test_what_is_lent_is_what_notebooks_ask_for_and_a_training_needs():
    for key in KEYS:
        tasks = import_module(f"solutions.mistakes.{key}").TASKS
        assert load_sources(path_of(key)) == known_answers.lent(key, tasks)
    assert load_sources(path_of("errata")) == load_sources(path_of("capstone")) == {}


def test_the_site_shows_no_hidden_test_and_no_answer_as_it_stands_in_its_source():
    """A chapter teaches the blocks: a line of code may be the same, half an answer may not."""
    runpy.run_path(str(ROOT / "tools" / "build_book.py"))["build"]()
    found = shown(ROOT / "_build" / "html", "_static/vendor")
    assert not {name: share for name, share in found.items() if share >= 0.5}
    assert len(found) < 10
