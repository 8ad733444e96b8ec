"""check: the laws and comparisons that a student's block or function must satisfy."""

from attnlab.check.outcomes import CheckFailed, CouldNotRun, StudentRaised
from attnlab.check.probe import as_probe

__all__ = ["CheckFailed", "CouldNotRun", "StudentRaised", "as_probe"]
