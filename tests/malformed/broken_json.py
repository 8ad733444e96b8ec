"""Files that are no JSON, JSON that is no notebook, encodings, formats of other years."""

import json

from broken import ALL, NO_MEAN, NONE, Broken, before, changed, right, whole, with_mean

WHOLE = whole()
NOTED = json.dumps(right(), ensure_ascii=False).replace("def mean", "# été 均值\\ndef mean", 1)
NOT_JSON = "the file is not a notebook: its text is not JSON"
OLDER = "The notebook is of an older format than 4"


def of_format(number: int, right_cells: bool = True) -> bytes:
    """The right notebook as formats 2 and 3 write it."""
    cells = [cell | {"input": cell["source"], "language": "python"} for cell in right()["cells"]]
    for cell in cells:
        del cell["source"], cell["id"]
    sheets = [{"metadata": {}, "cells": cells if right_cells else []}]
    notebook = {"metadata": {"name": ""}, "nbformat": number, "worksheets": sheets}
    return json.dumps(notebook).encode()


def with_number(text: str) -> bytes:
    """A number in the metadata that JSON's readers stumble over."""
    return WHOLE.replace(b'"metadata": {}', b'"metadata": {"n": ' + text.encode() + b"}", 1)


def twice(key: str, last: str) -> bytes:
    """A key of the file that is there a second time."""
    return WHOLE[:-1] + f', "{key}": {last}}}'.encode()


def nested(depth: int) -> bytes:
    return b'{"a": ' * depth + b"0" + b"}" * depth


RECORDS = [
    Broken("empty", b"", NONE, "the file is empty"),
    Broken("blank", b" \n\t\n", NONE, "the file is empty"),
    Broken("no-json", b"{not JSON", NONE, f"{NOT_JSON} (line 1)"),
    Broken("half", WHOLE[:len(WHOLE) // 2], NONE, NOT_JSON),
    Broken("more-after-the-end", WHOLE + b"}\n", NONE, NOT_JSON),
    Broken("merge-conflict", b"<<<<<<< HEAD\n" + WHOLE + b"\n>>>>>>> mine\n", NONE, NOT_JSON),
    Broken("web-page", b"<!doctype html><title>Sign in</title>", NONE, NOT_JSON),
    Broken("program", b"def mean(x):\n    return x.mean(dim=(2, 3))\n", NONE, NOT_JSON),
    Broken("picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, NONE, NOT_JSON),
    Broken("zip", b"PK\x03\x04" + b"\x00\xff" * 500, NONE, NOT_JSON),
    Broken("zeros", bytes(5000), NONE, NOT_JSON),
    Broken("a-list", b"[]", NONE, "its JSON is no object"),
    Broken("a-text", b'"notebook"', NONE, "its JSON is no object"),
    Broken("null", b"null", NONE, "its JSON is no object"),
    Broken("deep-lists", b"[" * 100_000, NONE, "nested too deeply"),
    Broken("deep-objects", with_number(nested(100_000).decode()), NONE, "nested too deeply"),
    Broken("rather-deep", with_number(nested(300).decode()), ALL),
    Broken("utf-8-bom", b"\xef\xbb\xbf" + NOTED.encode(), ALL),
    Broken("utf-16", NOTED.encode("utf-16"), ALL),
    Broken("utf-16-be", NOTED.encode("utf-16-be"), ALL),
    Broken("utf-32", NOTED.encode("utf-32"), ALL),
    Broken("latin-1", NOTED.replace("均值", "").encode("latin-1"), ALL, "is not UTF-8 throughout"),
    Broken("gbk", NOTED.replace("été", "").encode("gbk"), ALL, "is not UTF-8 throughout"),
    Broken("utf-16-cut", NOTED.encode("utf-16")[:-1], NONE, NOT_JSON),
    Broken("surrogate-as-bytes", WHOLE.replace(b"dim=", b"# \xed\xa0\x80\\n    dim=", 1), ALL,
           "is not UTF-8 throughout"),
    Broken("half-a-surrogate", before("# \ud800"), ALL),
    Broken("half-a-surrogate-in-code", before('x = "\udfff"'), ALL),
    Broken("nul-in-a-cell", before("\0"), NO_MEAN, "null bytes"),
    Broken("nul-in-the-file", WHOLE.replace(b"dim=", b"\0dim=", 1), NO_MEAN, "null bytes"),
    Broken("bare-line-breaks", WHOLE.replace(b"\\n", b"\n"), ALL),
    Broken("not-a-number", with_number("NaN"), ALL),
    Broken("infinite", with_number("-Infinity"), ALL),
    Broken("huge-integer", with_number("9" * 50_000), ALL),
    Broken("huge-exponent", with_number("1e99999"), ALL),
    Broken("cells-twice", twice("cells", "[]"), NONE, "another exercise"),
    Broken("format-twice", twice("nbformat", "1"), ALL),
    Broken("source-twice", WHOLE.replace(b'"outputs": []', b'"source": "", "outputs": []', 1), ALL),
    Broken("format-2", of_format(2), ALL, OLDER),
    Broken("format-3", of_format(3), ALL, OLDER),
    Broken("format-3-empty", of_format(3, right_cells=False), NONE, "another exercise"),
    Broken("format-3-odd-sheets", b'{"worksheets": [1, {"cells": 2}], "nbformat": 3}', NONE,
           "another exercise"),
    Broken("format-5", changed(lambda notebook: notebook.update(nbformat=5)), ALL),
    Broken("format-word", changed(lambda notebook: notebook.update(nbformat="four")), ALL),
    Broken("no-format", changed(lambda notebook: notebook.pop("nbformat")), ALL),
    Broken("no-cells-at-all", changed(lambda notebook: notebook.pop("cells")), NONE,
           "not a notebook of format 4"),
    Broken("cells-dict", changed(lambda notebook: notebook.update(cells={"a": 1})), NONE,
           "not a notebook of format 4"),
    Broken("cells-null", changed(lambda notebook: notebook.update(cells=None)), NONE,
           "not a notebook of format 4"),
    Broken("cells-number", changed(lambda notebook: notebook.update(cells=7)), NONE,
           "not a notebook of format 4"),
    Broken("no-kernel-of-that-name", changed(lambda notebook: notebook.update(metadata={
        "kernelspec": {"name": "no-such-kernel", "display_name": "?", "language": "cobol"}})), ALL),
    Broken("kernel-number", changed(lambda notebook: notebook.update(
        metadata={"kernelspec": 7, "language_info": [], "language": 1})), ALL),
    Broken("metadata-list", changed(lambda notebook: notebook.update(metadata=[1])), ALL),
    Broken("outputs-odd", with_mean(outputs={"output_type": 7}, execution_count="many"), ALL),
    Broken("outputs-10-MB", with_mean(outputs=[
        {"output_type": "stream", "name": "stdout", "text": "x" * 10_000_000}]), ALL),
]
