"""The database of a daemon: migrated, and owned by one process at a time."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from monitor.core.ports import Clock
from monitor.daemon.serving import Life
from monitor.edge import migrate, ownership
from monitor.edge.database import writing_engine
from monitor.edge.ledger import SqlLedger

log = logging.getLogger(__name__)

HEARTBEAT_EVERY = timedelta(seconds=10)
STALE_AFTER = timedelta(seconds=45)
"""A daemon on another host that was silent for this long has lost the database."""


@asynccontextmanager
async def owned_ledger(url: str, clock: Clock, life: Life) -> AsyncIterator[SqlLedger]:
    """The migrated ledger at `url`, owned by this process while inside.

    LedgerUnavailable, SchemaTooNew and DatabaseOwned say why it cannot be had.
    """
    await _migrate(url)
    async with SqlLedger(url) as ledger:
        owner = f"{socket.gethostname()}:{os.getpid()}"
        await _take_over_from_the_dead(ledger)
        await ledger.acquire_ownership(owner, clock(), STALE_AFTER)
        beat = asyncio.create_task(_heartbeat(ledger, owner, clock, life), name="heartbeat")
        try:
            yield ledger
        finally:
            beat.cancel()
            await ledger.release(owner)


async def _migrate(url: str) -> None:
    engine = writing_engine(url)
    try:
        await asyncio.to_thread(migrate.upgrade, engine)
    finally:
        engine.dispose()


async def _take_over_from_the_dead(ledger: SqlLedger) -> None:
    """A daemon of this host whose process is gone will not come back: its heartbeat need not be waited out."""
    owner = await ledger.read(ownership.owner)
    if owner is None:
        return
    host, _, pid = owner.rpartition(":")
    if host == socket.gethostname() and pid.isdecimal() and not _is_alive(int(pid)):
        log.warning("taking the database over from a daemon that died", extra={"owner": owner})
        await ledger.release(owner)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _heartbeat(ledger: SqlLedger, owner: str, clock: Clock, life: Life) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())
        try:
            await ledger.heartbeat(owner, clock())
        except ownership.OwnershipLost as lost:
            life.fail(lost)
            return
        except Exception:
            log.exception("heartbeat failed; trying again")
