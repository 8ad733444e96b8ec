"""Late penalties, by the plugin that nbgrader's settings name, as nbgrader itself assigns them."""

import os
from functools import cached_property
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from nbgrader.api import SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.orm import Session
from traitlets.config import Application, Config

FOLDER = "WHERE_TO_LOOK_COURSE"  # tells nbgrader_config.py of a class's folder


class LatePenalties:
    """The penalties of one class. Settings are read when somebody is late for the first time."""

    def __init__(self, root: Path, folder: Path):
        self.root, self.folder = root, folder

    @cached_property
    def plugin(self) -> object:
        """What c.AssignLatePenalties.plugin_class names; nbgrader's own where nothing is set."""
        step = AssignLatePenalties(config=settings(self.root, self.folder))
        step.init_plugin()
        return step.plugin_inst

    def assign(self, db: Session, notebook: SubmittedNotebook) -> None:
        """Sets the penalty of one submitted notebook, between 0 and its score, or none."""
        notebook.late_submission_penalty = None
        seconds = seconds_late(notebook)
        if seconds > 0:
            db.flush()
            db.refresh(notebook, ["score"])
            asked = self.plugin.late_submission_penalty(
                notebook.assignment.student.id, notebook.score, seconds)
            if asked is not None:
                notebook.late_submission_penalty = min(max(asked, 0), notebook.score)


def seconds_late(notebook: SubmittedNotebook) -> float:
    """Seconds past the due date, which an extension moves; 0 where one of them is not known."""
    if notebook.assignment.assignment.duedate is None:
        return 0.0  # nbgrader fails where there is an extension and no due date
    return notebook.assignment.total_seconds_late


def settings(root: Path, folder: Path) -> Config:
    """nbgrader's settings: `nbgrader_config.py` in `root`, then where Jupyter looks for it."""
    application, before = Application(), os.environ.get(FOLDER)
    os.environ[FOLDER] = str(folder)
    try:
        application.load_config_file("nbgrader_config", path=[str(root), *jupyter_config_path()])
    finally:
        if before is None:
            del os.environ[FOLDER]
        else:
            os.environ[FOLDER] = before
    return application.config
