"""Where the gradebook is: a SQLite file in the class's folder, or a PostgreSQL database.

Named by a URL as nbgrader takes it, `postgresql://USER@HOST/DATABASE`; passwords belong into
~/.pgpass or PGPASSWORD.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

EXTRA = "make setup, or pip install -e '.[postgres]' in the repository"
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"
FILE_HELP = "Close other programs that use it, check that the disk has room"
SERVER_HELP = "Check that the server runs and lets you in"


class BookTrouble(RuntimeError):
    """The gradebook cannot be read or written; the words say what to do."""


@dataclass(frozen=True)
class Database:
    """A gradebook by its URL. Printed, it is the file, or the URL without a password."""

    url: str

    @cached_property
    def file(self) -> Path | None:
        """The file of a SQLite gradebook."""
        kind, _, path = self.url.partition(":///")
        return Path(path) if kind == "sqlite" else None

    def __str__(self) -> str:
        if self.file:
            return str(self.file)
        before, at, host = self.url.rpartition("@")
        scheme, _, login = before.partition("://")
        return f"{scheme}://{login.partition(':')[0]}@{host}" if at else self.url

    def engine(self, existing: bool = False) -> object:
        """A SQLAlchemy engine. Raises BookTrouble where the URL or its driver is of no use.

        existing: makes no file. It may write all the same: the first who opens a SQLite file after
        a writer was killed undoes what that one left half done.
        """
        from sqlalchemy import create_engine
        from sqlalchemy.exc import ArgumentError

        url = self.url
        if existing and self.file:
            url = f"sqlite:///file:{self.file}?mode=rw&uri=true"
        try:
            return create_engine(url)
        except ModuleNotFoundError as error:
            raise BookTrouble(f"the gradebook {self} needs the package {error.name}: "
                              f"{EXTRA}") from None
        except ArgumentError:
            raise BookTrouble(f"{self} names no database; expected sqlite:///FILE or "
                              f"postgresql://USER@HOST/DATABASE") from None

    def is_there(self) -> bool:
        """Whether there is a gradebook with tables. Raises BookTrouble."""
        if self.file and not self.file.is_file():
            return False
        from sqlalchemy import inspect

        with self.told(), self._open(existing=True) as engine:
            return inspect(engine).has_table("grade")

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Turns a database's troubles into BookTrouble."""
        from sqlalchemy.exc import DatabaseError

        try:
            yield
        except DatabaseError as error:
            raise self.trouble(str(error.orig)) from None

    def trouble(self, why: str) -> BookTrouble:
        """What cannot be used, why, and what to do."""
        return BookTrouble(
            f"the gradebook {self} could not be used: {why.strip()}. "
            f"{FILE_HELP if self.file else SERVER_HELP}, and run this again; nothing is lost")

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Whether this is the one grader of an exercise, on whatever machine; while it lasts.

        A SQLite file is locked by its folder: Course.locked. Raises BookTrouble.
        """
        if self.file:
            yield True
            return
        from sqlalchemy import text

        with self._open() as engine, contextlib.ExitStack() as opened:
            with self.told():
                connection = opened.enter_context(engine.connect())
                connection.execution_options(isolation_level="AUTOCOMMIT")  # no open transaction
                free = connection.scalar(text(LOCK), {"name": f"where-to-look {key}"})
            yield free

    @contextlib.contextmanager
    def _open(self, existing: bool = False) -> Iterator[object]:
        engine = self.engine(existing)
        try:
            yield engine
        finally:
            engine.dispose()
