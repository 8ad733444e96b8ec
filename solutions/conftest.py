"""Lets `pytest --nbval-lax solutions/notebooks` find `solutions`, which is never installed."""

import os
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1])
given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
if ROOT not in given:
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [ROOT, *given]))
os.environ.setdefault("OMP_NUM_THREADS", "1")
