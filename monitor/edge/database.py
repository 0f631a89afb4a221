"""Opening the database: how SQLite and PostgreSQL are made to behave alike, and which faults mean that it is away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

WAIT_S = 5
"""Seconds to wait for another connection's lock before the database counts as away."""

WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # In WAL mode NORMAL survives a crash of the process and never corrupts; a power cut may take the last commits,
    # each of which is one probe that is due again soon. FULL would cost an fsync a commit.
    "PRAGMA synchronous = NORMAL",
    f"PRAGMA busy_timeout = {WAIT_S * 1000}",
    "PRAGMA foreign_keys = OFF",
)
# Not `mode=ro`: a reader that may not write leaves -wal and -shm files behind in a database nobody else has open.
READER_PRAGMAS = (f"PRAGMA busy_timeout = {WAIT_S * 1000}", "PRAGMA query_only = ON")
POSTGRES_SETTINGS = (f"SET lock_timeout = '{WAIT_S}s'", "SET timezone = 'UTC'")


CURES = {
    "unable to open database file": "does its folder exist, and may this user write there?",
    "readonly database": "let this user write the file and its folder",
    "file is not a database": "`database` must name a file of its own",
    "database is locked": "another program holds it open for writing: stop that one",
}
"""What to do about SQLite's words."""
SECRET_OPTIONS = ("password", "sslpassword")
"""Options of a URL's query that libpq takes as secrets; SQLAlchemy hides the password before the host only."""


class LedgerUnavailable(Exception):  # noqa: N818 - a state of the world, not a mistake of the caller's
    """The database is locked, full, gone, unreadable or closed. Nothing of the attempt is kept; the cause is told."""


def writing_engine(url: str) -> Engine:
    """An engine for the one writer: SQLite transactions begin IMMEDIATE, in WAL mode; the file is created if need be.

    LedgerUnavailable for a URL that names no database of ours.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(create_engine(parsed, hide_parameters=True), "BEGIN IMMEDIATE", WRITER_PRAGMAS)
    return _postgres(parsed)


def reading_engine(url: str) -> Engine:
    """An engine that never writes, and on SQLite never creates the file. Its transactions see one moment."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        file = f"file:{quote(str(parsed.database))}?mode=rw"
        connect = partial(sqlite3.connect, file, uri=True, check_same_thread=False)  # the pool keeps threads apart
        return _sqlite(create_engine(parsed, creator=connect, hide_parameters=True), "BEGIN", READER_PRAGMAS)
    return _postgres(parsed).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def missing(url: str) -> bool:
    """Whether `url` names a SQLite file that is not there. A server's database is looked for when it is opened.

    So is a file in a folder that may not be looked into.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return False
    try:
        return not Path(str(parsed.database)).exists()
    except PermissionError:
        return False


def is_unavailable(error: Exception) -> bool:
    """Whether the database is at fault rather than what it was given."""
    if isinstance(error, OperationalError | InterfaceError | InternalError | PoolTimeoutError):
        return True
    # SQLite reports a file that is damaged, or no database at all, as a bare DatabaseError.
    return type(error) is DatabaseError or (isinstance(error, DBAPIError) and error.connection_invalidated)


def unavailable(engine: Engine, error: BaseException) -> LedgerUnavailable:
    """`error` in one line: which database (never its password) and the driver's own words, no statement, no values."""
    words = " ".join(str(getattr(error, "orig", None) or error).split())
    cure = next((f"; {cure}" for symptom, cure in CURES.items() if symptom in words), "")
    url = engine.url.difference_update_query(SECRET_OPTIONS).render_as_string(hide_password=True)
    fault = LedgerUnavailable(f"database {url}: {words}{cure}")
    fault.__cause__ = error
    return fault


def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which both databases do but SQLAlchemy spells for each."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@contextmanager
def faults_named(engine: Engine) -> Iterator[None]:
    """Turns an exception that means "the database is away" into LedgerUnavailable; others pass."""
    try:
        yield
    except SQLAlchemyError as error:
        if is_unavailable(error):
            raise unavailable(engine, error) from error
        raise


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # whose words may quote the password
        raise LedgerUnavailable("database: not a URL such as sqlite:///visionpath.db") from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise LedgerUnavailable(f"database: {parsed.drivername} is not sqlite or postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise LedgerUnavailable("database: an in-memory SQLite forgets; name a file, such as sqlite:///visionpath.db")
    return parsed


def _sqlite(engine: Engine, begin: Literal["BEGIN", "BEGIN IMMEDIATE"], pragmas: tuple[str, ...]) -> Engine:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: the next listener does
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": WAIT_S})
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise LedgerUnavailable(f"database: the driver of {url.drivername} is not installed ({error})") from error

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        for setting in POSTGRES_SETTINGS:
            connection.execute(setting)
        connection.commit()

    return engine
