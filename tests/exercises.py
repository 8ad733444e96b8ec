"""The exercises of the course: one for each taught mechanism, and those that belong to none."""

from attnlab.mechanisms import MECHANISMS

TAUGHT = [key for key, record in MECHANISMS.items() if record.exercise]
KEYS = [*TAUGHT, "errata"]
