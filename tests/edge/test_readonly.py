"""A dry run knows what the daemon knows and leaves no trace."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from monitor.core.memory import TargetMemory
from monitor.core.types import Committed, Record, TargetHealth
from monitor.edge import queries
from monitor.edge.database import LedgerUnavailable
from monitor.edge.ledger import SqlLedger
from monitor.edge.migrate import SchemaOutdated, SchemaTooNew
from monitor.edge.readonly import ReadOnlyLedger, read_database
from tests.edge.databases import migrated
from tests.edge.ledger_records import TARGET, health, probed, result, state, with_ledger


async def kept(ledger: SqlLedger) -> TargetMemory:
    await ledger.memory(TARGET)
    await ledger.commit(probed(result(1), 1, health=health()))
    return await ledger.memory(TARGET)


def dry_run(url: str, *records: Record) -> tuple[list[Committed], TargetMemory]:
    async def story() -> tuple[list[Committed], TargetMemory]:
        ledger = ReadOnlyLedger(url)
        await ledger.memory(TARGET)
        return [await ledger.commit(record) for record in records], await ledger.memory(TARGET)

    return asyncio.run(story())


def test_a_dry_run_knows_what_was_kept(url: str) -> None:
    known = with_ledger(url, kept)
    assert dry_run(url) == ([], known)


def test_without_a_database_nothing_is_known_and_none_is_created(tmp_path: Path) -> None:
    assert dry_run(f"sqlite:///{tmp_path / 'visionpath.db'}") == ([], TargetMemory())
    assert list(tmp_path.iterdir()) == []


def test_in_a_database_that_was_never_migrated_nothing_is_known(empty_url: str) -> None:
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (x INTEGER)"))
    engine.dispose()
    assert dry_run(empty_url) == ([], TargetMemory())


def test_a_dry_run_remembers_what_it_did(url: str) -> None:
    with_ledger(url, kept)
    outcomes, memory = dry_run(url, probed(result(2), 2))
    assert outcomes == [Committed.KEPT]
    assert memory.state("inline") == state(2)


def test_a_dry_run_keeps_nothing(url: str) -> None:
    known = with_ledger(url, kept)
    dry_run(url, probed(result(2), 2))
    assert with_ledger(url, lambda ledger: ledger.memory(TARGET)) == known


def test_a_dry_run_leaves_the_file_and_its_directory_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "visionpath.db"
    with_ledger(migrated(f"sqlite:///{file}"), kept)
    before = file.read_bytes()
    dry_run(f"sqlite:///{file}", probed(result(2), 2))
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (before, [file])


def test_a_dry_run_may_run_beside_the_daemon(url: str) -> None:
    async def story(ledger: SqlLedger) -> TargetMemory:
        await ledger.commit(probed(result(1), 1))
        return await ReadOnlyLedger(url).memory(TARGET)

    assert with_ledger(url, story).state("inline") == state(1)


def test_a_name_with_signs_of_a_url_is_a_name(tmp_path: Path) -> None:
    url = migrated(f"sqlite:///{tmp_path / 'a b%20#c.db'}")
    with_ledger(url, kept)
    nothing: tuple[TargetHealth, ...] = ()
    rows = read_database(url, queries.all_health, nothing)
    assert rows == (replace(health(), version=1),)


def test_a_newer_schema_is_refused(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaTooNew):
        dry_run(url)


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("not a database " * 100)
    with pytest.raises(LedgerUnavailable, match="not a database"):
        dry_run(f"sqlite:///{file}")


def test_the_daemons_ledger_wants_a_migrated_database(empty_url: str) -> None:
    with pytest.raises(SchemaOutdated):
        with_ledger(empty_url, kept)
