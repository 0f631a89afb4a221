"""One daemon owns a database; another is told who, and gets it only from the dead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.edge import ownership
from monitor.edge.ledger import SqlLedger
from monitor.edge.ownership import DatabaseOwned, OwnershipLost
from tests.edge.ledger_records import START, with_ledger

STALE = timedelta(seconds=30)


async def owned_by_a(ledger: SqlLedger) -> None:
    await ledger.acquire_ownership("host-a:1", START, STALE)


def test_a_second_daemon_is_refused_and_told_who_owns_the_database(url: str) -> None:
    async def story(ledger: SqlLedger) -> None:
        await owned_by_a(ledger)
        await ledger.acquire_ownership("host-b:2", START + timedelta(seconds=9), STALE)

    with pytest.raises(DatabaseOwned, match="belongs to host-a:1, alive 9 s ago"):
        with_ledger(url, story)


def test_a_refused_daemon_changes_nothing(url: str) -> None:
    async def story(ledger: SqlLedger) -> str | None:
        await owned_by_a(ledger)
        with pytest.raises(DatabaseOwned):
            await ledger.acquire_ownership("host-b:2", START, STALE)
        return await ledger.read(ownership.owner)

    assert with_ledger(url, story) == "host-a:1"


def test_a_silent_daemon_is_taken_over(url: str) -> None:
    async def story(ledger: SqlLedger) -> str | None:
        await owned_by_a(ledger)
        await ledger.acquire_ownership("host-b:2", START + STALE + timedelta(microseconds=1), STALE)
        return await ledger.read(ownership.owner)

    assert with_ledger(url, story) == "host-b:2"


def test_a_heartbeat_keeps_others_out(url: str) -> None:
    async def story(ledger: SqlLedger) -> None:
        await owned_by_a(ledger)
        await ledger.heartbeat("host-a:1", START + STALE)
        await ledger.acquire_ownership("host-b:2", START + STALE + STALE, STALE)

    with pytest.raises(DatabaseOwned, match="alive 30 s ago"):
        with_ledger(url, story)


def test_a_daemon_that_was_taken_over_learns_it_by_its_heartbeat(url: str) -> None:
    async def story(ledger: SqlLedger) -> None:
        await owned_by_a(ledger)
        await ledger.acquire_ownership("host-b:2", START + STALE * 2, STALE)
        await ledger.heartbeat("host-a:1", START + STALE * 3)

    with pytest.raises(OwnershipLost, match="host-a:1"):
        with_ledger(url, story)


def test_a_released_database_is_free(url: str) -> None:
    async def story(ledger: SqlLedger) -> str | None:
        await owned_by_a(ledger)
        await ledger.release("host-a:1")
        await ledger.acquire_ownership("host-b:2", START, STALE)
        return await ledger.read(ownership.owner)

    assert with_ledger(url, story) == "host-b:2"


def test_only_the_owner_can_release(url: str) -> None:
    async def story(ledger: SqlLedger) -> str | None:
        await owned_by_a(ledger)
        await ledger.release("host-b:2")
        return await ledger.read(ownership.owner)

    assert with_ledger(url, story) == "host-a:1"


def test_the_owner_may_acquire_again(url: str) -> None:
    async def story(ledger: SqlLedger) -> str | None:
        await owned_by_a(ledger)
        await owned_by_a(ledger)
        return await ledger.read(ownership.owner)

    assert with_ledger(url, story) == "host-a:1"
