"""The row and the view that routers read with plain SQL."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from monitor.core.types import Capability, Gate, Standing, TargetHealth
from monitor.edge import queries
from monitor.edge.ledger import SqlLedger
from monitor.edge.rows import fingerprint
from tests.edge.databases import migrated
from tests.edge.ledger_records import START, TARGET, bare, health, with_ledger

PAST = datetime(2026, 1, 1, tzinfo=UTC)
FUTURE = datetime(9000, 1, 1, tzinfo=UTC)


def write(url: str, *rows: TargetHealth) -> None:
    async def story(ledger: SqlLedger) -> None:
        for row in rows:
            await ledger.commit(replace(bare(row.target_id, "", START), health=row))

    with_ledger(url, story)


def sql(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What plain SQL finds; nothing for a statement that only changes."""
    engine = create_engine(url)
    with engine.begin() as connection:
        found = connection.execute(text(statement))
        rows = [tuple(row) for row in found] if found.returns_rows else []
    engine.dispose()
    return rows


def versions(url: str) -> list[int]:
    return [row.version for row in with_ledger(url, lambda ledger: ledger.read(queries.all_health))]


def test_a_row_is_read_back_as_it_was(url: str) -> None:
    write(url, health())
    assert with_ledger(url, lambda ledger: ledger.read(queries.all_health)) == (replace(health(), version=1),)


def test_a_new_proof_moves_no_version(url: str) -> None:
    write(url, health(), health(last_proof_at=FUTURE, valid_until=None, updated_at=FUTURE))
    assert versions(url) == [1]


def test_a_new_proof_is_written_all_the_same(url: str) -> None:
    write(url, health(), health(last_proof_at=FUTURE))
    assert [r.last_proof_at for r in with_ledger(url, lambda ledger: ledger.read(queries.all_health))] == [FUTURE]


@pytest.mark.parametrize(
    "change",
    [
        {"standing": Standing.CATALOG_ONLY},
        {"reason": "blind"},
        {"groups": {"vlm": False}},
        {"media_path": "upstream"},
        {"capabilities": (Capability("inline", Gate.PATH, "fail"),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_routers_see_moves_the_version(url: str, change: dict[str, Any]) -> None:
    write(url, health(), health(**change))
    assert versions(url) == [2]


def test_a_batch_moves_a_version_once(url: str) -> None:
    async def story(ledger: SqlLedger) -> None:
        records = [replace(bare(TARGET.id, "", START), health=health(last_proof_at=START)) for _ in range(3)]
        await asyncio.gather(*map(ledger.commit, records))

    with_ledger(url, story)
    assert versions(url) == [1]


def test_versions_grow_over_all_rows(url: str) -> None:
    write(url, health("a/x"), health("b/x"), health("a/x", reason="blind"))
    assert versions(url) == [3, 2]


def test_the_newest_version_is_the_one_that_pollers_wait_for(url: str) -> None:
    write(url, health("a/x"), health("b/x"), health("a/x", reason="blind"))
    assert with_ledger(url, lambda ledger: ledger.read(queries.health_version)) == 3


def test_a_version_never_comes_again_after_its_row_is_gone(url: str) -> None:
    write(url, health("a/x"), health("b/x"))
    sql(url, "DELETE FROM target_health WHERE target_id = 'b/x'")
    write(url, health("b/x"))
    assert versions(url) == [1, 3]


@pytest.mark.parametrize(
    ("standing", "valid_until", "pinned_by", "routable"),
    [
        (Standing.ACTIVE, FUTURE, None, True),
        (Standing.ACTIVE, PAST, None, False),
        (Standing.ACTIVE, None, None, False),
        (Standing.ACTIVE, None, "ann", True),
        (Standing.ACTIVE, PAST, "ann", False),
        (Standing.CATALOG_ONLY, FUTURE, None, False),
        (Standing.CATALOG_ONLY, None, "ann", False),
    ],
)
def test_the_view_lists_what_may_be_routed(
    url: str, standing: Standing, valid_until: datetime | None, pinned_by: str | None, routable: bool
) -> None:
    write(url, health(standing=standing, valid_until=valid_until))
    if pinned_by is not None:
        sql(url, f"UPDATE target_health SET pinned_by = '{pinned_by}'")  # noqa: S608 - a word of the table above
    assert sql(url, "SELECT target_id FROM routable_targets") == ([(TARGET.id,)] if routable else [])


def test_the_view_has_the_columns_that_routers_were_promised(url: str) -> None:
    promised = (
        "target_id, provider, model_ref, model, dialect, standing, reason, since, last_proof_at, valid_until, "
        "capabilities, groups, honors_max_tokens, strict_answers, media_path, pinned_by, pin_expires_at, "
        "last_probe_id, version, updated_at"
    )
    write(url, health())
    assert len(sql(url, f"SELECT {promised} FROM routable_targets")) == 1  # noqa: S608 - the words above


def test_the_clock_of_the_view_is_as_wide_as_the_stored_times(tmp_path: Path) -> None:
    url = migrated(f"sqlite:///{tmp_path / 'visionpath.db'}")
    write(url, health(valid_until=START + timedelta(microseconds=1)))
    with sqlite3.connect(tmp_path / "visionpath.db") as connection:
        stored, view = connection.execute(
            "SELECT valid_until, (SELECT sql FROM sqlite_master WHERE type = 'view') FROM target_health"
        ).fetchone()
        now = re.search(r"strftime\(.*?'now'\)", view)
        assert now is not None
        (clock,) = connection.execute(f"SELECT {now[0]}").fetchone()
    connection.close()
    assert stored == "2026-01-02T03:04:05.678902Z"
    assert re.sub(r"\d", "0", clock) == re.sub(r"\d", "0", stored)


def test_a_whole_second_is_stored_as_wide_as_any_other_time(tmp_path: Path) -> None:
    url = migrated(f"sqlite:///{tmp_path / 'visionpath.db'}")
    write(url, health(valid_until=PAST))
    assert sql(url, "SELECT valid_until FROM target_health") == [("2026-01-01T00:00:00.000000Z",)]


@pytest.mark.parametrize(("state", "column"), [("pass", True), ("fail", False), ("unproven", None)])
def test_a_contract_has_a_column_of_its_own(url: str, state: str, column: bool | None) -> None:
    write(url, health(capabilities=(Capability("cap", Gate.CONTRACT, state),)))
    ((honors,),) = sql(url, "SELECT honors_max_tokens FROM target_health")
    assert (None if honors is None else bool(honors)) is column


def test_a_probe_leaves_a_pin_alone(url: str) -> None:
    write(url, health())
    sql(url, "UPDATE target_health SET pinned_by = 'ann'")
    write(url, health(reason="blind"))
    assert sql(url, "SELECT pinned_by, reason FROM target_health") == [("ann", "blind")]


def test_the_identity_of_a_known_target_is_stored(url: str) -> None:
    async def story(ledger: SqlLedger) -> object:
        await ledger.memory(TARGET)
        await ledger.commit(replace(bare(TARGET.id, "", START), health=health()))
        return await ledger.read(queries.stored_identities)

    assert with_ledger(url, story) == {TARGET.id: fingerprint(TARGET)}


def test_a_target_no_longer_known_keeps_its_identity(url: str) -> None:
    async def story(ledger: SqlLedger) -> None:
        await ledger.memory(TARGET)
        await ledger.commit(replace(bare(TARGET.id, "", START), health=health()))

    with_ledger(url, story)
    write(url, health(reason="removed"))
    identities = with_ledger(url, lambda ledger: ledger.read(queries.stored_identities))
    assert identities == {TARGET.id: fingerprint(TARGET)}


@pytest.mark.parametrize("change", ["base_url", "model", "dialect"])
def test_another_endpoint_model_or_dialect_is_another_identity(change: str) -> None:
    changes: dict[str, Any] = {change: "other"}
    assert fingerprint(replace(TARGET, **changes)) != fingerprint(TARGET)


def test_a_new_key_is_the_same_identity() -> None:
    assert fingerprint(replace(TARGET, key_ref="other")) == fingerprint(TARGET)
