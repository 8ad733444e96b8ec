"""What stands in a cell: syntax errors of every kind, magics, other languages, endless texts."""

from broken import ALL, MEAN, NO_MEAN, Broken, before, with_text

SYNTAX = {
    "open-bracket": "def mean(x):\n    return x.mean(dim=(2, 3)",
    "closed-twice": "def mean(x): return x.mean(dim=(2, 3)))",
    "wrong-bracket": "def mean(x): return x.mean(dim=(2, 3])",
    "no-colon": "def mean(x) return x",
    "no-body": "def mean(x):",
    "open-string": "note = 'mean",
    "open-long-string": "note = '''mean",
    "smart-quotes": "note = “mean”",
    "no-break-space": "def\u00a0mean(x): return x",
    "byte-order-mark": "\ufeffdef mean(x): return x",
    "invisible": "def me\u200ban(x): return x",
    "full-width": "def mean（x）: return x",
    "indented-too-far": "x = 1\n    y = 2",
    "dedented-oddly": "if True:\n        x = 1\n    y = 2",
    "tabs-and-spaces": "if True:\n        x = 1\n\ty = 2",
    "python-2": "print 'mean'",
    "old-octal": "x = 0777",
    "return-outside": "return 1",
    "break-outside": "break",
    "yield-outside": "yield 1",
    "nonlocal-outside": "nonlocal x",
    "argument-twice": "def mean(x, x): return x",
    "assign-to-call": "mean(x) = 1",
    "assign-to-None": "None = 1",
    "star-import-inside": "def mean(x):\n    from math import *",
    "open-f-string": "f'{x'",
    "no-such-name": "'\\N{no such letter}'",
    "backslash-space": "x = 1 + \\ \n2",
    "other-language": "mean <- function(x) { mean(x, 3:4) }",
    "sql": "SELECT AVG(x) FROM maps;",
    "too-many-brackets": "(" * 300 + ")" * 300,
}

# Whole cells that Python never sees: nothing is defined, and nothing is run.
FOREIGN = {
    "bash": "%%bash\nrm -rf ~\n", "javascript": "%%javascript\nalert(1)\n", "html": "%%html\n<b>\n",
    "R": "%%R\nmean(x)\n", "writefile": "%%writefile tiny.py\n", "unknown": "%%nothing\n",
}

# Lines that a notebook may hold beside the answer.
BESIDE = {
    "shell": "!pip install attention", "magics": "%load_ext autoreload\n%autoreload 2\n%nothing 1",
    "help": "mean?\n?mean", "asks": "name = get_ipython()",
    "windows": "x = 1\r\n", "old-mac": "x = 1\r", "form-feed": "\f",
    "hidden-mark": "### BEGIN HIDDEN TESTS", "hidden-end": "### END HIDDEN TESTS",
    "solution-mark": "### BEGIN SOLUTION", "page": "# </pre></details><script>alert(1)</script>",
    "template": "# {name} %s $HOME {{ cell.source }} {% raw %}",
    "separators": "# \u2028 \u2029", "chinese": "均值 = '特征图'",
    "right-to-left": "# \u202e mean", "cookie": "# -*- coding: latin-1 -*-\n# é",
    "warns": "x = '\\d'\nassert (1, 'x')", "prints": "print('x' * 10**6)",
}


def name(kind: str, key: str) -> str:
    return f"{kind}-{key}"


RECORDS = [
    *(Broken(name("syntax", key), with_text(text), NO_MEAN, "tiny-mean raised ")
      for key, text in SYNTAX.items()),
    *(Broken(name("cell-magic", key), with_text(text + MEAN), NO_MEAN, "mean is not defined")
      for key, text in FOREIGN.items()),
    *(Broken(name("beside", key), before(text), ALL) for key, text in BESIDE.items()),
    Broken("deep-sum", with_text("-" * 200_000 + "1"), NO_MEAN, "200,001 characters, and 80,000"),
    Broken("deep-expression", with_text("-" * 70_000 + "1"), NO_MEAN, "cell tiny-mean"),
    Broken("long-text", before("#" * 1_000_000), NO_MEAN, "characters, and 80,000 are the most"),
    Broken("long-number", with_text("x = " + "9" * 50_000), NO_MEAN, "raised SyntaxError"),
    Broken("empty-text", with_text(""), NO_MEAN, "mean is not defined"),
    Broken("stub", with_text("def mean(x):\n    raise NotImplementedError()"), NO_MEAN,
           "NotImplementedError"),
]
