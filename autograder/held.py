"""What a gradebook holds about submissions besides automatic marks: what people put there.

{"manual": test -> marks, "extra": test -> marks, "comments": cell -> text, "handed in", "due",
"extension": times as the database has them, "penalty": points}; what is not there has no key.
"""

from typing import TYPE_CHECKING

from autograder.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection  # which takes as long to import as all else of a first look

SUBMISSION = """FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
    JOIN submitted_notebook n ON n.assignment_id = s.id"""
SOME = " AND s.student_id IN :students"
TIMES = f"""SELECT s.student_id, s.timestamp, a.duedate, s.extension, n.late_submission_penalty
    {SUBMISSION} WHERE a.name = :key"""
MARKS = f"""SELECT s.student_id, c.name, g.manual_score, g.extra_credit {SUBMISSION}
    JOIN grade g ON g.notebook_id = n.id JOIN base_cell c ON c.id = g.cell_id
    WHERE a.name = :key AND (g.manual_score IS NOT NULL OR g.extra_credit IS NOT NULL)"""
COMMENTS = f"""SELECT s.student_id, c.name, m.manual_comment {SUBMISSION}
    JOIN comment m ON m.notebook_id = n.id JOIN base_cell c ON c.id = m.cell_id
    WHERE a.name = :key AND m.manual_comment IS NOT NULL"""


def held_in(book: Database, key: str) -> dict[str, dict]:
    """What a gradebook holds about an exercise, by student; nothing where there is none yet.

    nbgrader itself would take a second to say. Raises BookTrouble.
    """
    if not book.is_there():
        return {}
    engine = book.engine(existing=True)
    try:
        with book.told(), engine.connect() as connection:
            return held(connection, key)
    finally:
        engine.dispose()


def held(connection: "Connection", key: str, students: list[str] | None = None) -> dict[str, dict]:
    """Student -> what the gradebook holds, for everyone with a submission or for some students."""
    from sqlalchemy import bindparam, text

    def rows(question: str) -> list:
        if students is None:
            return connection.execute(text(question), {"key": key}).fetchall()
        asked = text(question + SOME).bindparams(bindparam("students", expanding=True))
        return connection.execute(asked, {"key": key, "students": students}).fetchall()

    found = {name: _times(*rest) for name, *rest in rows(TIMES)}
    for name, test, manual, extra in rows(MARKS):
        for kind, points in (("manual", manual), ("extra", extra)):
            if points is not None:
                found[name].setdefault(kind, {})[test] = points
    for name, cell, words in rows(COMMENTS):
        found[name].setdefault("comments", {})[cell] = words
    return found


def _times(handed_in: object, due: object, extension: object, penalty: float | None) -> dict:
    named = {"handed in": handed_in, "due": due, "extension": extension}
    times = {name: str(value) for name, value in named.items() if value is not None}
    return times | ({"penalty": penalty} if penalty is not None else {})
