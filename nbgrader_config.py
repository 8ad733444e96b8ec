"""nbgrader's settings: the folders of the course, and our trusted steps in the place of its kernel.

With them `nbgrader autograde se` gives the marks that `autograder grade se` gives.
WHERE_TO_LOOK_COURSE names another folder for a class than `course`, WHERE_TO_LOOK_DB a database for
the gradebook, such as postgresql://USER@HOST/DATABASE, in the place of a file there.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
COURSE = Path(os.environ.get("WHERE_TO_LOOK_COURSE", ROOT / "course")).resolve()
COURSE.mkdir(parents=True, exist_ok=True)
DB_URL = os.environ.get("WHERE_TO_LOOK_DB") or f"sqlite:///{COURSE / 'gradebook.db'}"

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.db_url = DB_URL
c.CourseDirectory.source_directory = "solutions/notebooks"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = str(COURSE / "submitted")
c.CourseDirectory.autograded_directory = str(COURSE / "autograded")
c.CourseDirectory.feedback_directory = str(COURSE / "feedback")
# A folder's name stands at its place in the path, and an absolute one replaces what is before it.
c.CourseDirectory.directory_structure = "{nbgrader_step}/{student_id}/{assignment_id}"
# Submissions lie in folders of the students' own: no link in them is followed, no slip relied on.
c.ExchangeFactory.collect = "autograder.exchange.Collect"
c.ExchangeFactory.release_feedback = "autograder.exchange.ReleaseFeedback"


def enter_exercise(assignment: str, student: str, notebooks: list[str]) -> None:
    """Before a submission: a gradebook that does not know the exercise yet learns it."""
    from autograder.preprocessor import enter_exercise

    enter_exercise(DB_URL, ROOT, assignment)


def enter_in_journal(assignment: str, student: str, notebooks: list[str]) -> None:
    """After a submission: its verdicts can be explained, and `autograder grade` knows them."""
    from autograder.course import Course
    from autograder.journaled import enter

    enter(Course(ROOT, COURSE))


c.Execute.timeout = 600  # seconds a cell; nbgrader's own 30 are short for a training
c.Autograde.pre_convert_hook = enter_exercise
c.Autograde.post_convert_hook = enter_in_journal
c.Autograde.exporter_class = "autograder.preprocessor.SubmissionExporter"
c.Autograde.sanitize_preprocessors = ["autograder.preprocessor.RebuildFromSource"]
c.Autograde.autograde_preprocessors = [
    "autograder.preprocessor.TrustedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.preprocessor.SaveVerdicts",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateFeedback.preprocessors = [
    "autograder.preprocessor.HideTests",
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
