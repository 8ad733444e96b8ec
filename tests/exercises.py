"""The exercises of the course: one for each taught mechanism, and those that belong to none."""

from pathlib import Path

from attnlab.mechanisms import MECHANISMS

ROOT = Path(__file__).resolve().parents[1]
TAUGHT = [key for key, record in MECHANISMS.items() if record.exercise]
ZOO = ["channelzoo", "spacezoo", "pairzoo", "hard"]  # each for a page with several mechanisms
COMPARED = [*TAUGHT, *ZOO, "errata"]  # with a reference; a capstone is a design of one's own
KEYS = [*COMPARED, "capstone"]
