"""check: the laws and comparisons that a student's block or function must satisfy."""

from attnlab.check.known import use_cases
from attnlab.check.outcomes import CheckFailed, CouldNotRun, StudentRaised
from attnlab.check.probe import as_probe
from attnlab.check.provided import provided
from attnlab.check.run import check

__all__ = [
    "CheckFailed",
    "CouldNotRun",
    "StudentRaised",
    "as_probe",
    "check",
    "provided",
    "use_cases",
]
