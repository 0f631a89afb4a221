"""Real databases for the ledger's tests: a new SQLite file, or a new database of a PostgreSQL that the tests start."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from monitor.edge.database import writing_engine
from monitor.edge.migrate import upgrade

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = "-c fsync=off -c full_page_writes=off -c listen_addresses="
"""A test's server lives for a minute, is reached by a socket only and need not survive a power cut."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running PostgreSQL, reached through the socket in `directory`."""

    programs: Path
    directory: Path

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{uuid4().hex}"
        _as_postgres(self.programs / "createdb", "-h", self.directory, "-U", "visionpath", name)
        return f"postgresql+psycopg://visionpath@/{name}?host={self.directory}"


@contextmanager
def postgres_server(directory: Path) -> Iterator[PostgresServer]:
    """The newest installed PostgreSQL, its data in a new `directory`."""
    programs = max(DEBIAN.glob("*/bin"), default=None)
    if programs is None:
        raise FileNotFoundError("no PostgreSQL is installed: run `make services`")
    directory.mkdir()
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(directory, "postgres", "postgres")
    data = directory / "data"
    start = ("-w", "-l", directory / "log", "-o", f"{SETTINGS} -k {directory}", "start")
    _as_postgres(programs / "initdb", "-D", data, "-U", "visionpath", "-A", "trust", "-E", "UTF8", "--no-sync")
    _as_postgres(programs / "pg_ctl", "-D", data, *start)
    try:
        yield PostgresServer(programs, directory)
    finally:
        _as_postgres(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def migrated(url: str) -> str:
    """`url`, its database brought to the present schema."""
    engine = writing_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def _as_postgres(*command: str | Path) -> None:
    user = "postgres" if os.getuid() == 0 else None
    subprocess.run(
        command, check=True, user=user, group=user, extra_groups=[] if user else None, cwd="/", capture_output=True
    )
