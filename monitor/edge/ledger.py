"""The ledger: owns what is known of each target. A record is committed whole or not at all, and only then remembered.

The writer thread writes and loads memories, in the order asked, so that a loaded memory never misses a commit; readers
have connections of their own and hold nobody up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self, TypeVar

from sqlalchemy import Connection

from monitor.core.canary import Fetch
from monitor.core.memory import TargetMemory
from monitor.core.types import Committed, Record, Signal, Target
from monitor.edge import migrate, ownership
from monitor.edge.commit import Outcome, Written
from monitor.edge.database import LedgerUnavailable, faults_named, reading_engine, writing_engine
from monitor.edge.fetches import insert_fetches
from monitor.edge.recall import follow, recall
from monitor.edge.retention import STEP, Pruned, expiries, prune_fetches_step, prune_step
from monitor.edge.rows import Entry, fingerprint
from monitor.edge.writer import Writer, returned

T = TypeVar("T")

READERS = 2
"""Threads that read at once; the page and the API share them."""


class SqlLedger:
    """The ledger over SQLite or PostgreSQL, for one event loop. `url` as in the config; the schema must be current."""

    def __init__(self, url: str) -> None:
        self._engine = writing_engine(url)
        self._reading = reading_engine(url)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")
        self._writer: Writer | None = None
        self._memories: dict[str, TargetMemory] = {}
        self._targets: dict[str, Target] = {}

    async def start(self) -> None:
        """Open the database. LedgerUnavailable, SchemaTooNew or SchemaOutdated say why it cannot be used."""
        try:
            await asyncio.to_thread(migrate.require_current, self._engine)
        except BaseException:
            await self.close()
            raise
        self._writer = Writer(self._engine, asyncio.get_running_loop())

    async def close(self) -> None:
        """Write what was handed in, then close the database."""
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.close()
        await asyncio.to_thread(self._readers.shutdown)
        self._reading.dispose()
        self._engine.dispose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def memory(self, target: Target) -> TargetMemory:
        """What is known of the target, as last committed. LedgerUnavailable when it must be read and cannot be."""
        self._targets[target.id] = target
        if target.id in self._memories:
            return self._memories[target.id]
        loaded: TargetMemory = await self._submit(
            partial(recall, target_id=target.id), partial(self._loaded, target.id)
        )
        return loaded

    async def commit(self, record: Record) -> Committed:
        """Keep the record, whole.

        DUPLICATE: its probe is there already. CONFLICT: its state was made from one that has moved on. In both cases
        nothing of it is kept and the next `memory` is read afresh. LedgerUnavailable: the database is away.
        RecordRejected: no database takes it. Once handed in it is kept even when the caller is cancelled.
        """
        target = self._targets.get(record.target_id)
        identity = None if target is None or record.health is None else fingerprint(target)
        committed: Committed = await self._submit(Entry(record, identity), partial(self._committed, record))
        return committed

    async def keep_fetches(self, fetches: Sequence[Fetch]) -> None:
        """Keep the fetches; those that are there are not kept twice. LedgerUnavailable: the database is away."""
        await self._submit(partial(insert_fetches, fetches=tuple(fetches)), returned)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run one of `queries` on a reader's connection. LedgerUnavailable when the database is away."""
        if self._writer is None:
            raise LedgerUnavailable("the ledger is not open")
        return await asyncio.get_running_loop().run_in_executor(self._readers, partial(self._read, query))

    async def acquire_ownership(self, owner_id: str, now: datetime, stale_after: timedelta) -> None:
        """See `ownership.acquire`."""
        await self._submit(partial(ownership.acquire, owner_id=owner_id, now=now, stale_after=stale_after), returned)

    async def heartbeat(self, owner_id: str, now: datetime) -> None:
        """See `ownership.heartbeat`."""
        await self._submit(partial(ownership.heartbeat, owner_id=owner_id, now=now), returned)

    async def release(self, owner_id: str) -> None:
        """See `ownership.release`."""
        await self._submit(partial(ownership.release, owner_id=owner_id), returned)

    async def prune(self, now: datetime, probes: timedelta, failures: timedelta, step: int = STEP) -> Pruned:
        """Delete successes older than `probes`, other rows older than `failures`; `step` at a time, between commits.

        Fetches go with the older of them, so that a probe never loses its witness before it goes itself.
        """
        gone = {
            expiry.signal: await self._prune(partial(prune_step, expiry=expiry, step=step))
            for expiry in expiries(now, probes, failures)
        }
        before = now - max(probes, failures)
        fetches = await self._prune(partial(prune_fetches_step, before=before, step=step))
        successes = gone.pop(Signal.FOR)
        return Pruned(successes, sum(gone.values()), fetches)

    async def _prune(self, delete_some: Callable[[Connection], int]) -> int:
        gone = 0
        while deleted := await self._submit(delete_some, returned):
            gone += deleted
        return gone

    async def _submit(self, work: Entry | Callable[[Connection], Any], settle: Callable[[Any], Any]) -> Any:
        if self._writer is None:
            raise LedgerUnavailable("the ledger is not open")
        return await self._writer.submit(work, settle)

    def _read(self, query: Callable[[Connection], T]) -> T:
        with faults_named(self._reading), self._reading.connect() as connection:
            return query(connection)

    def _loaded(self, target_id: str, outcome: TargetMemory | Exception) -> TargetMemory:
        memory: TargetMemory = returned(outcome)
        self._memories[target_id] = memory
        return memory

    def _committed(self, record: Record, outcome: Outcome) -> Committed:
        if not isinstance(outcome, Written) or outcome.committed is not Committed.KEPT:
            # Somebody else moved the target, or nobody knows: the database does.
            self._memories.pop(record.target_id, None)
            return returned(outcome).committed  # type: ignore[no-any-return] # or it raises
        memory = self._memories.get(record.target_id)
        if memory is not None:
            self._memories[record.target_id] = follow(memory, record, outcome.health)
        return outcome.committed
