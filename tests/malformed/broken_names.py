"""Students' names, which are names of folders and so anything but `/` and zero."""

import os

from broken import ALL, Broken, whole

# A name, and whether nbgrader's own command finds the folder: it takes [, * and ? for patterns,
# overlooks what begins with a dot, and cannot write down what is not Unicode. Nor does it cut what
# is longer than its tables allow.
NAMES = {
    "李雷": True, "Зоя Κόρη": True, "anna maria": True, " leading": True, "trailing ": True,
    "o'neil": True, 'the "great"': True, "<b onclick=alert(1)>": True, "a&amp;b": True,
    "-rf": True, "--help": True, "a.b.c": True, "%s%n%d": True, "{0}{student_id}": True,
    "=1+2": True, "@sum": True, "+1": True, "$HOME": True, "`id`": True, "~": True,
    "a;b|c": True, "Robert'); DROP TABLE grade;--": True, "NULL": True, "None": True, "0": True,
    "🎓": True, "e\u0301va": True, "\u00e9va": True, "名" * 85: True,
    "x" * 255: False, "x" * 254 + "y": False,
    "...": False, ".hidden": False, "[ab]": False, "*": False, "what?": False,
    "two\nlines": False, "tab\t": False, "\x1b[31mred": False, "turn\u202eed": False,
    "back\\slash": False, os.fsdecode(b"\xff\xfe"): False, os.fsdecode(b"\xe9va"): False,
}

RECORDS = [Broken(name, whole(), ALL, plain=plain) for name, plain in NAMES.items()]
