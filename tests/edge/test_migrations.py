from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, func, insert, inspect, select, text

from monitor.core.canary import Fetch, Fetcher
from monitor.core.types import CheckState, ProbeResult, TargetHealth, Transition
from monitor.edge import migrate
from monitor.edge.database import LedgerUnavailable, writing_engine
from monitor.edge.fetches import insert_fetches
from monitor.edge.rows import probe_row
from monitor.edge.schema import check_health, image_fetches, metadata, probes, target_health, transitions
from tests.edge.ledger_records import START, TARGET, result


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    engine = writing_engine(empty_url)
    yield engine
    engine.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_a_new_database_has_no_revision(engine: Engine) -> None:
    assert migrate.current(engine) is None


def test_an_upgrade_creates_every_table(engine: Engine) -> None:
    migrate.upgrade(engine)
    assert _tables(engine) == set(metadata.tables)


def test_the_migrated_database_is_what_the_model_says(engine: Engine) -> None:
    migrate.upgrade(engine)
    assert migrate.check(engine) == []


def test_a_dropped_index_is_drift(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_probes_answered"))
    assert [line for line in migrate.check(engine) if "ix_probes_answered" in line] != []


def test_a_dropped_view_is_drift(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP VIEW routable_targets"))
    assert migrate.check(engine) == ["the view routable_targets is missing"]


def test_a_column_of_another_type_is_drift(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE daemons"))
        connection.execute(
            text("CREATE TABLE daemons (role INTEGER, owner_id TEXT NOT NULL, acquired_at TEXT, heartbeat_at TEXT)")
        )
    assert migrate.check(engine) != []


def test_a_downgrade_to_base_leaves_no_table(engine: Engine) -> None:
    migrate.upgrade(engine)
    migrate.downgrade(engine, "base")
    assert _tables(engine) == set()


def test_a_database_can_go_down_and_up_again(engine: Engine) -> None:
    migrate.upgrade(engine)
    migrate.downgrade(engine, "base")
    migrate.upgrade(engine)
    assert migrate.check(engine) == []


def test_upgrading_twice_keeps_the_secret(engine: Engine) -> None:
    secrets = []
    for _ in range(2):
        migrate.upgrade(engine)
        with engine.connect() as connection:
            secrets.append(connection.execute(text("SELECT secret FROM installation")).scalar_one())
    assert secrets[0] == secrets[1]


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    secrets = set()
    for name in ("one.db", "two.db"):
        engine = writing_engine(f"sqlite:///{tmp_path / name}")
        migrate.upgrade(engine)
        with engine.connect() as connection:
            secrets.add(connection.execute(text("SELECT secret FROM installation")).scalar_one())
        engine.dispose()
    assert [len(secret) for secret in secrets] == [32, 32]


def test_a_failed_upgrade_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE transitions (in_the_way INTEGER)"))
    with pytest.raises(Exception, match="transitions"):
        migrate.upgrade(engine)
    assert _tables(engine) == {"transitions"}


@pytest.mark.parametrize(
    "verb", [migrate.upgrade, migrate.check, migrate.require_current, lambda engine: migrate.downgrade(engine, "base")]
)
def test_a_newer_schema_is_refused(engine: Engine, verb: object) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert callable(verb)
    with pytest.raises(migrate.SchemaTooNew, match="9999"):
        verb(engine)


def test_a_database_that_was_never_migrated_is_outdated(engine: Engine) -> None:
    with pytest.raises(migrate.SchemaOutdated, match="visionpath db upgrade"):
        migrate.require_current(engine)


def test_migrating_prints_nothing_and_leaves_logging_alone(engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    before = (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").level)
    migrate.upgrade(engine)
    migrate.check(engine)
    migrate.downgrade(engine, "base")
    assert (logging.root.level, list(logging.root.handlers), logging.getLogger("alembic").level) == before
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("not a database " * 100)
    engine = writing_engine(f"sqlite:///{file}")
    with pytest.raises(LedgerUnavailable, match="not a database"):
        migrate.upgrade(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "stored"),
    [
        (probes, ProbeResult),
        (check_health, CheckState),
        (target_health, TargetHealth),
        (transitions, Transition),
        (image_fetches, Fetch),
    ],
    ids=lambda given: getattr(given, "name", None),
)
def test_every_field_has_a_column(table: Table, stored: type[ProbeResult]) -> None:
    assert {field.name for field in fields(stored)} <= set(table.columns.keys())


# --- from one schema to the next ----------------------------------------------------------------------------------


def _stored(engine: Engine) -> tuple[int, int]:
    """How many probes and fetches there are."""
    with engine.connect() as connection:
        counts = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in STORED]
    return counts[0], counts[1]


STORED = (probes, image_fetches)


def _filled(engine: Engine) -> None:
    """A database at the present schema, with a probe that was fetched twice."""
    migrate.upgrade(engine)
    seen = result(1)
    with engine.begin() as connection:
        connection.execute(insert(probes), [probe_row(1, seen)])
        insert_fetches(
            connection,
            [
                Fetch(seen.id, number, TARGET.id, START, "10.0.0.1", Fetcher.GATEWAY, "agent", "GET", 200, 1)
                for number in (1, 2)
            ],
        )


def test_before_fetches_were_kept_the_schema_was_the_first(engine: Engine) -> None:
    _filled(engine)
    migrate.downgrade(engine, "0001")
    assert (migrate.current(engine), _tables(engine)) == ("0001", set(metadata.tables) - {"image_fetches"})


def test_going_down_to_the_first_schema_takes_fetches_and_nothing_else(engine: Engine) -> None:
    _filled(engine)
    before = _stored(engine)
    migrate.downgrade(engine, "0001")
    migrate.upgrade(engine)
    assert (before, _stored(engine)) == ((1, 2), (1, 0))
    assert migrate.check(engine) == []


def test_a_database_of_the_first_schema_is_outdated(engine: Engine) -> None:
    _filled(engine)
    migrate.downgrade(engine, "0001")
    with pytest.raises(migrate.SchemaOutdated, match="0001"):
        migrate.require_current(engine)
