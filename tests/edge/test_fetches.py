"""Fetches of test images: stored after the fact and once, found by probe and target, gone with what they witness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Connection, create_engine, event, text

from monitor.core.canary import Fetch, Fetcher
from monitor.core.types import Verdict, probe_id
from monitor.edge import fetches as module
from monitor.edge import queries
from monitor.edge.canary_metrics import CanaryMetrics
from monitor.edge.database import LedgerUnavailable
from monitor.edge.fetches import FetchStore
from monitor.edge.ledger import SqlLedger
from monitor.edge.retention import Pruned
from tests.edge.databases import migrated
from tests.edge.ledger_records import START, TARGET, probed, result, slot, with_ledger

PROBE = probe_id(TARGET.id, "url", START)
MINUTE = timedelta(minutes=1)


def fetch(number: int, probe: UUID = PROBE, **facts: Any) -> Fetch:
    usual: dict[str, Any] = {
        "probe_id": probe,
        "number": number,
        "target_id": TARGET.id,
        "at": slot(number),
        "address": "203.0.113.5",
        "fetcher": Fetcher.UPSTREAM,
        "agent": "OpenAI Image Downloader",
        "method": "GET",
        "status": 200,
        "bytes_sent": 4711,
    }
    return Fetch(**{**usual, **facts})


FETCHES = (fetch(1), fetch(2, address=None, fetcher=Fetcher.UNKNOWN, agent=None, method="HEAD", bytes_sent=0))


# --- in the database ----------------------------------------------------------------------------------------------


def test_what_is_kept_is_what_is_read(url: str) -> None:
    async def story(ledger: SqlLedger) -> tuple[Fetch, ...]:
        await ledger.keep_fetches([*reversed(FETCHES), fetch(1, UUID(int=1))])
        return await ledger.read(lambda connection: queries.fetches_of(connection, PROBE))

    assert with_ledger(url, story) == FETCHES


def test_a_fetch_kept_twice_is_there_once_as_it_was_first(url: str) -> None:
    async def story(ledger: SqlLedger) -> tuple[Fetch, ...]:
        await ledger.keep_fetches(FETCHES[:1])
        await ledger.keep_fetches([replace(FETCHES[0], agent="another"), FETCHES[1]])
        return await ledger.read(lambda connection: queries.fetches_of(connection, PROBE))

    assert with_ledger(url, story) == FETCHES


@pytest.mark.parametrize("agent", ["", "\0", "\udcff", "ÿ", "'; DROP TABLE probes", "𝔸" * 200])
def test_no_agent_is_too_strange_to_keep(url: str, agent: str) -> None:
    async def story(ledger: SqlLedger) -> tuple[Fetch, ...]:
        await ledger.keep_fetches([fetch(1, agent=agent)])
        return await ledger.read(lambda connection: queries.fetches_of(connection, PROBE))

    (kept,) = with_ledger(url, story)
    assert kept.agent == agent.replace("\0", "\N{SYMBOL FOR NULL}").replace("\udcff", "?")


def test_the_latest_fetches_of_a_target_come_newest_first(url: str) -> None:
    async def story(ledger: SqlLedger) -> tuple[Fetch, ...]:
        others = fetch(9, UUID(int=1), target_id="openai/other")
        await ledger.keep_fetches([fetch(2), fetch(1), fetch(3), others])
        return await ledger.read(lambda connection: queries.latest_fetches(connection, TARGET.id, limit=2))

    assert [kept.number for kept in with_ledger(url, story)] == [3, 2]


def test_a_probe_that_nobody_fetched_has_none(url: str) -> None:
    async def story(ledger: SqlLedger) -> tuple[Fetch, ...]:
        return await ledger.read(lambda connection: queries.fetches_of(connection, PROBE))

    assert with_ledger(url, story) == ()


FOUND: list[Callable[[Connection], object]] = [
    lambda connection: queries.fetches_of(connection, PROBE),
    lambda connection: queries.latest_fetches(connection, TARGET.id),
]


@pytest.mark.parametrize("query", FOUND, ids=["of a probe", "of a target"])
def test_fetches_are_found_by_an_index(tmp_path: Path, query: Callable[[Connection], object]) -> None:
    engine = create_engine(migrated(f"sqlite:///{tmp_path / 'visionpath.db'}"))
    plans: list[str] = []
    with engine.connect() as connection:

        @event.listens_for(engine, "before_cursor_execute")
        def explain(_c: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            plans.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

        query(connection)
    engine.dispose()
    assert plans != []
    assert [plan for plan in plans if not plan.startswith("SEARCH image_fetches USING")] == []


@pytest.mark.parametrize("step", [1, 2, 500])
def test_fetches_go_with_the_longer_of_both_retentions(url: str, step: int) -> None:
    async def story(ledger: SqlLedger) -> tuple[Pruned, tuple[Fetch, ...]]:
        await ledger.keep_fetches([fetch(number) for number in range(1, 7)])
        gone = await ledger.prune(slot(6), MINUTE, 3 * MINUTE, step)
        return gone, await ledger.read(lambda connection: queries.fetches_of(connection, PROBE))

    gone, kept = with_ledger(url, story)
    assert gone == Pruned(0, 0, 2)
    assert [item.number for item in kept] == [3, 4, 5, 6]


def test_fetches_do_not_keep_probes_from_going(url: str) -> None:
    async def story(ledger: SqlLedger) -> Pruned:
        await ledger.commit(probed(result(1, verdict=Verdict.SEEN), 1))
        await ledger.keep_fetches([fetch(1, probe_id(TARGET.id, "inline", slot(1)))])
        return await ledger.prune(slot(10), MINUTE, MINUTE)

    assert with_ledger(url, story) == Pruned(1, 0, 1)


# --- on the way there ---------------------------------------------------------------------------------------------


class Keeper:
    """A ledger's verb that keeps in a list, unless it is `away` or finds the rows `bad`."""

    def __init__(self) -> None:
        self.batches: list[tuple[Fetch, ...]] = []
        self.is_away = False
        self.is_bad = False

    async def __call__(self, fetches: Sequence[Fetch]) -> None:
        if self.is_away:
            raise LedgerUnavailable("database sqlite:///x: disk I/O error")
        if self.is_bad:
            raise ValueError("no such row")
        self.batches.append(tuple(fetches))

    @property
    def numbers(self) -> list[int]:
        return [item.number for batch in self.batches for item in batch]


def stored(*numbers: int) -> tuple[FetchStore, Keeper]:
    """A store that these fetches were told to."""
    keep = Keeper()
    store = FetchStore(keep)
    for number in numbers:
        store(fetch(number))
    return store, keep


def test_nothing_is_written_before_its_time() -> None:
    _, keep = stored(1)
    assert keep.batches == []


def test_what_waits_is_written_together_and_once() -> None:
    store, keep = stored(1, 2, 3)
    asyncio.run(store.flush())
    asyncio.run(store.flush())
    assert keep.batches == [(fetch(1), fetch(2), fetch(3))]


def test_batches_are_bounded() -> None:
    store, keep = stored(*range(1, 2 * module.BATCH + 2))
    asyncio.run(store.flush())
    assert [len(batch) for batch in keep.batches] == [module.BATCH, module.BATCH, 1]


def test_what_the_database_is_away_for_waits_in_order(caplog: pytest.LogCaptureFixture) -> None:
    store, keep = stored(1, 2)
    keep.is_away = True
    for _ in range(3):
        asyncio.run(store.flush())
    store(fetch(3))
    keep.is_away = False
    asyncio.run(store.flush())
    assert keep.numbers == [1, 2, 3]
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "image fetches wait for the database",
        "image fetches are stored again",
    ]


def test_what_waits_is_bounded_and_the_oldest_go_first() -> None:
    most = module.MOST_WAITING
    store, keep = stored(*range(1, most + 4))
    keep.is_away = True
    asyncio.run(store.flush())
    keep.is_away = False
    asyncio.run(store.flush())
    assert (store.lost, keep.numbers) == (3, list(range(4, most + 4)))


def test_what_comes_while_a_batch_fails_is_within_the_bound() -> None:
    async def story() -> tuple[int, list[int]]:
        async def keep(fetches: Sequence[Fetch]) -> None:
            if not late:
                late.extend(fetch(number) for number in range(10_001, 10_101))
                for item in late:
                    store(item)
                raise LedgerUnavailable("away")
            written.extend(item.number for item in fetches)

        late: list[Fetch] = []
        written: list[int] = []
        store = FetchStore(keep)
        for number in range(1, module.MOST_WAITING + 1):
            store(fetch(number))
        await store.flush()
        await store.flush()
        return store.lost, written

    lost, written = asyncio.run(story())
    assert (lost, len(written)) == (100, module.MOST_WAITING)
    assert written == sorted(written)
    assert written[-1] == 10_100


def test_rows_that_no_database_takes_hold_up_no_others(caplog: pytest.LogCaptureFixture) -> None:
    store, keep = stored(1)
    keep.is_bad = True
    asyncio.run(store.flush())
    keep.is_bad = False
    store(fetch(2))
    asyncio.run(store.flush())
    assert (store.lost, keep.numbers) == (1, [2])
    assert "our own fault" in caplog.text


def test_a_ledger_that_is_closed_breaks_nothing(url: str) -> None:
    async def story() -> int:
        ledger = SqlLedger(url)
        store = FetchStore(ledger.keep_fetches)
        store(fetch(1))
        await store.flush()
        async with ledger:
            await store.flush()
            return len(await ledger.read(lambda connection: queries.fetches_of(connection, PROBE)))

    assert asyncio.run(story()) == 1


def test_a_database_without_the_table_breaks_nothing(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async def story(ledger: SqlLedger) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE image_fetches"))
        engine.dispose()
        store = FetchStore(ledger.keep_fetches)
        store(fetch(1))
        await store.flush()

    with_ledger(url, story)
    assert "image fetches" in caplog.text


# --- metrics ------------------------------------------------------------------------------------------------------


def exported(metrics: CanaryMetrics) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(metrics)
    lines = generate_latest(registry).decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_every_fetcher_of_a_target_is_exported_from_its_first_fetch_on() -> None:
    metrics = CanaryMetrics(lambda _: True, rejected=lambda: 0, is_public=lambda: True)
    before = exported(metrics)
    metrics(fetch(1))
    metrics(fetch(2, fetcher=Fetcher.GATEWAY))
    metrics(fetch(3))
    name = 'visionpath_image_fetches_total{fetcher="%s",target="openai/nano"}'
    expected = {name % "gateway": 1.0, name % "upstream": 2.0, name % "unknown": 0.0}
    assert {key: value for key, value in exported(metrics).items() if key not in before} == expected


def test_nothing_is_exported_of_a_target_that_is_not_configured() -> None:
    metrics = CanaryMetrics(lambda _: False, rejected=lambda: 0, is_public=lambda: True)
    metrics(fetch(1))
    assert [key for key in exported(metrics) if "fetches" in key] == []


@pytest.mark.parametrize(("is_public", "value"), [(True, 1.0), (False, 0.0)])
def test_rejections_and_our_own_url_are_exported_as_they_are(is_public: bool, value: float) -> None:
    metrics = CanaryMetrics(lambda _: True, rejected=lambda: 17, is_public=lambda: is_public)
    assert exported(metrics) == {"visionpath_canary_rejected_total": 17.0, "visionpath_canary_public_url_ok": value}
