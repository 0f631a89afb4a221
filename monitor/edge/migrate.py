"""Alembic without an ini file: the migrations lie in the wheel or beside the package, the connection is handed in.

An upgrade or downgrade is one transaction on both databases, so a failed one leaves the schema as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

import monitor
from monitor.edge.database import faults_named
from monitor.edge.schema import VIEW, metadata

_PACKAGE = Path(monitor.__file__).parent
_LOCK = 0x7669736E
"""PostgreSQL's advisory lock that two migrations at once contend for."""


class SchemaTooNew(Exception):  # noqa: N818 - a state of the world, not a mistake of the caller's
    """The database was migrated by a newer Visionpath than this one; running on would misread it."""


class SchemaOutdated(Exception):  # noqa: N818 - a state of the world, not a mistake of the caller's
    """The database lacks migrations that this Visionpath needs."""


class NoSuchRevision(Exception):  # noqa: N818 - a slip of the caller's, told by its name
    """No migration of this version has that name, or it is not below the present one."""


def upgrade(engine: Engine) -> None:
    """Bring the schema to this version's. SchemaTooNew: the database is ahead; LedgerUnavailable: it is away."""
    with _migrating(engine) as (connection, config):
        _refuse_newer(connection, config)
        command.upgrade(config, "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to `revision`; `base` drops every table of ours, with all that was kept in them.

    NoSuchRevision: there is nothing of that name to go back to.
    """
    with _migrating(engine) as (connection, config):
        _refuse_newer(connection, config)
        try:
            command.downgrade(config, revision)
        except CommandError as error:
            raise NoSuchRevision(f"cannot go back to schema {revision!r}: {error}; `base` is the empty one") from error


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None when it was never migrated."""
    with faults_named(engine), engine.connect() as connection:
        return _revision(connection)


def check(engine: Engine) -> list[str]:
    """How the database differs from the model, one line each; none when they agree. SchemaTooNew when it is ahead."""
    with faults_named(engine), engine.connect() as connection:
        _refuse_newer(connection, _config(connection))
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        drift = [_line(difference) for difference in compare_metadata(context, metadata)]
        views = inspect(connection).get_view_names()
    return drift if VIEW in views else [*drift, f"the view {VIEW} is missing"]


def require_current(engine: Engine) -> None:
    """SchemaTooNew or SchemaOutdated unless the database is at this version's schema."""
    with faults_named(engine), engine.connect() as connection:
        config = _config(connection)
        _refuse_newer(connection, config)
        found, needed = _revision(connection), ScriptDirectory.from_config(config).get_current_head()
    if found != needed:
        raise SchemaOutdated(
            f"the database is at schema {found or 'none'}, this version needs {needed}: run `visionpath db upgrade`"
        )


@contextmanager
def _migrating(engine: Engine) -> Iterator[tuple[Connection, Config]]:
    with faults_named(engine), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection, _config(connection)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _migrations() -> Path:
    installed = _PACKAGE / "migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "migrations"


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection, config: Config) -> None:
    found = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaTooNew(f"the database is at schema {found}, which is newer than this version: upgrade Visionpath")


def _line(difference: object) -> str:
    if isinstance(difference, list):
        return "; ".join(_line(part) for part in difference)
    return repr(difference)
