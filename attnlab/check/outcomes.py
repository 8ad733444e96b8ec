"""What a check can end in besides success.

AssertionError
└── CheckFailed      the student's answer is wrong; the message says what to do
    └── StudentRaised    the student's code raised, or gave back something of the wrong kind
Exception
└── CouldNotRun      nothing is known about the answer: timeout, memory, our own error, ...
"""

REASONS = (
    "timeout", "memory", "died", "missing name", "not on the wire", "not allowed", "our own error",
)  # fmt: skip


class _MessageOnly(Exception):
    """An exception that a notebook shows as its message, without a traceback."""

    def _render_traceback_(self) -> list[str]:  # called by IPython
        return [f"{self.heading}: {self}"]


class CheckFailed(_MessageOnly, AssertionError):
    """The answer is wrong. `mistake` names the mistake that was recognised, or is None."""

    heading = "Not yet"

    def __init__(self, message: str, mistake: str | None = None):
        super().__init__(message)
        self.mistake = mistake


class StudentRaised(CheckFailed):
    """The student's code raised `kind` with `text`; `line` is the line of the cell, if known."""

    def __init__(self, called: str, kind: str, text: str, line: int | None = None, code: str = ""):
        where = f" at line {line} of its cell" if line else ""
        quoted = f": `{code}`" if code else ""
        super().__init__(f"{called} raised {kind}{where}{quoted}\n  {text}")
        self.called, self.kind, self.text, self.line, self.code = called, kind, text, line, code


class CouldNotRun(_MessageOnly):
    """No verdict. `reason` is one of REASONS; this never counts as a wrong answer."""

    heading = "Could not run"

    def __init__(self, reason: str, message: str = ""):
        if reason not in REASONS:
            raise ValueError(f"CouldNotRun: no reason {reason!r}; choose one of {REASONS}")
        super().__init__(message or reason)
        self.reason = reason
