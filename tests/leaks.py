"""Looks through files as somebody would who wants the answers: every text in them, unpacked.

`texts` opens zips, wheels and npz files, zlib and gzip streams, notebooks and other JSON, takes
tags out of HTML, and undoes HTML's, URLs' and Python's escapes, base64 and hexadecimal digits,
one inside the other. `plant` puts a word of its own into every answer and every hidden test of an
exercise's source, to be looked for in what is handed out.
"""

import base64
import hashlib
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

DEEP = 6
WORD = re.compile("leak[0-9a-f]{16}leak")
STREAM = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
DIGITS = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
BEGIN = re.compile(r"^(.*)### BEGIN (SOLUTION|HIDDEN TESTS)\n", re.MULTILINE)
KINDS = ("SOLUTION", "HIDDEN TESTS")  # of regions, as nbgrader marks them
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})")


def texts(where: str, data: bytes, deep: int = DEEP) -> Iterator[tuple[str, str]]:
    """(where it lies, text) of everything readable in the bytes."""
    if not deep:
        return
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from texts(f"{where}/{name}", archive.read(name), deep - 1)
        return
    for found in STREAM.finditer(data):
        unpacked = _inflated(data[found.start() :])
        if len(unpacked) > 8:
            yield from texts(f"{where} (packed)", unpacked, deep - 1)
    if b"\0" in data:  # no text, or one with letters of two or four bytes: NumPy's, Windows'
        yield where, data.decode("utf-8", "replace")
        data = data.replace(b"\0", b"")
        if not data.isascii():
            yield f"{where} (wide)", data.decode("utf-8", "replace")
            return
    yield from _readings(where, data.decode("utf-8", "replace"), deep)


def _inflated(data: bytes) -> bytes:
    """What a zlib or gzip stream at the start of the data holds; empty if there is none."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data)
    except zlib.error:
        return b""


def _readings(where: str, text: str, deep: int) -> Iterator[tuple[str, str]]:
    """A text as it stands, and all that it says once it is decoded."""
    yield where, text
    for other in {_plain(text), unquote(text), ESCAPE.sub(_character, text)} - {text}:
        yield f"{where} (unescaped)", other
    if text[:1] in "{[":
        try:
            document = json.loads(text)
        except ValueError:
            pass
        else:
            for string in _strings(document):
                yield from texts(f"{where} (a string)", string.encode(), deep - 1)
    for run in DIGITS.findall(text):
        for decoded in _decoded(run):
            yield from texts(f"{where} (digits)", decoded, deep - 1)


def _plain(text: str) -> str:
    """HTML's text: without tags, and without escapes."""
    return html.unescape(re.sub(r"<[^>]*>", "", text)) if "<" in text or "&" in text else text


def _character(escape: re.Match) -> str:
    return chr(int(escape[1][1:], 16))


def _strings(value: object) -> Iterator[str]:
    """Every string in a JSON document; lists of lines are joined as notebooks mean them."""
    if isinstance(value, str):
        if len(value) > 8:
            yield value
    elif isinstance(value, dict):
        for each in (*value, *value.values()):
            yield from _strings(each)
    elif isinstance(value, list):
        if value and all(isinstance(each, str) for each in value):
            yield "".join(value)
        else:
            for each in value:
                yield from _strings(each)


def _decoded(run: str) -> Iterator[bytes]:
    """A run of digits read as hexadecimal and as base64, from each of the four places to start."""
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", run):
        yield bytes.fromhex(run)
    standard = run.translate(str.maketrans("-_", "+/")).rstrip("=")
    for start in range(4):
        part = standard[start:]
        part = part[:-1] if len(part) % 4 == 1 else part
        yield base64.b64decode(part + "=" * (-len(part) % 4))


def texts_below(folder: Path) -> Iterator[tuple[str, str]]:
    """`texts` of every file in a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from texts(path.relative_to(folder).as_posix(), path.read_bytes())


def words_below(folder: Path) -> dict[str, set[str]]:
    """Planted word -> the places in a folder where it stands."""
    found: dict[str, set[str]] = {}
    for where, text in texts_below(folder):
        for word in WORD.findall(text):
            found.setdefault(word, set()).add(where)
    return found


def plant(key: str, source: str) -> tuple[str, dict[str, str]]:
    """A source with a word in every region, as a string and as a comment; word -> its region."""
    planted: dict[str, str] = {}

    def word(found: re.Match) -> str:
        region = f"{key}, {found[2].lower()} {len(planted) + 1}"
        new = f"leak{hashlib.sha256(region.encode()).hexdigest()[:16]}leak"
        planted[new] = region
        return f'{found[0]}{found[1]}"{new}"  # {new}\n'

    return BEGIN.sub(word, source), planted


def regions(source: str, kind: str) -> list[str]:
    """The texts of a source's regions of this kind."""
    return re.findall(rf"### BEGIN {kind}\n(.*?)^[^\n]*### END {kind}", source, re.S | re.M)


def outside(source: str) -> str:
    """A source without its regions: what students see of it, and what helps the instructor."""
    return re.sub(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1", "", source, flags=re.S)


def lines_below(folder: Path, *passed_over: str) -> set[str]:
    """The lines of every text in a folder, but of places whose name holds one of these words."""
    found: set[str] = set()
    for where, text in texts_below(folder):
        if not any(word in where for word in passed_over):
            found |= lines(text)
    return found


def lines(text: str) -> set[str]:
    """The lines of a text that say something, spaces and comment signs taken off."""
    bare = (" ".join(line.strip().removeprefix("# ").split()) for line in text.splitlines())
    return {line for line in bare if len(line) >= 20}
