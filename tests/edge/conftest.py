"""The databases over which every test of the ledger runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.databases import PostgresServer, migrated, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for the session."""
    # Not under pytest's own directory: other users may not enter that, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="vp-pg-") as parent:
        Path(parent).chmod(0o711)
        with postgres_server(Path(parent) / "pg") as server:
            yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'visionpath.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def url(empty_url: str) -> str:
    """A database at the present schema."""
    return migrated(empty_url)
