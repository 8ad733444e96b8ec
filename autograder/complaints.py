"""What the linter says of a line of a test cell: the rule that it breaks, and how to rewrite it."""

from dataclasses import dataclass

# rule -> (what is wrong, how to rewrite it)
RULES = {
    "syntax": ("this cell is no Python: {what}", "write it as Python; lines of magics may stay"),
    "no name": ("this cell uses no name that a solution cell binds, so it says the same of "
                "everyone", "call what the student writes"),
    "no message": ("this assert has no message; a student would read its line, or only that a "
                   "hidden test failed",
                   'say what was expected: assert …, "one mean for each channel"'),
    "holds for all": ("nothing in this assert comes from the student's cells. Tensors go over as "
                      "copies, so a change in place does not come back",
                      'compare what the student\'s code returns; check("KEY", NAME, "input") finds '
                      "a changed input"),
    "reads the answer": ("{what} compares with what is read off the student's own object, so the "
                         "student chooses both sides",
                         "draw the weights in the test, give them with load_state_dict({{…}}), and "
                         "compute from them what you expect"),
    "student only": ("every comparison of this cell has the student's values on both sides; a "
                     "function that always gives zeros passes",
                     "compare at least once with a value that the test computes itself"),
    "argument": ("{what} cannot cross to the student's code",
                 "pass tensors, numbers, texts, and lists, tuples or dicts (keys: texts) of these; "
                 "let a solution cell build the rest"),
    "no way back": ("{what} changes a copy, or a name of the test's; the student's code does not "
                    "see it", "give values as arguments, and weights with load_state_dict({{…}}); "
                              "take another name for what is yours"),
    "gradient": ("{what}: gradients do not cross, what comes back is a plain tensor",
                 'use check("KEY", NAME, "gradients"), or let the student\'s function return the '
                 "gradient"),
    "inside": ("{what} looks into an object that stays with the student",
               "call it, or read a public attribute, and look at what comes back"),
}


@dataclass(frozen=True)
class Complaint:
    """One thing to rewrite: the test cell, the line in it, the rule, and the words."""

    cell: str
    line: int
    rule: str
    code: str
    what: str = ""

    def __str__(self) -> str:
        wrong, rewrite = (words.format(what=self.what) for words in RULES[self.rule])
        return f"{self.cell}, line {self.line}: {self.code}\n    {wrong}.\n    Rewrite: {rewrite}."
