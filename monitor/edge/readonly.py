"""The ledger of a dry run: it knows what the database knows, and keeps what happens to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from monitor.core.memory import TargetMemory
from monitor.core.types import Committed, Record, Target
from monitor.edge import migrate
from monitor.edge.database import faults_named, missing, reading_engine
from monitor.edge.recall import follow, recall

T = TypeVar("T")


def read_database(url: str, query: Callable[[Connection], T], otherwise: T) -> T:
    """What `query` finds; `otherwise` when there is no database yet or it was never migrated.

    Writes nothing, creates nothing. LedgerUnavailable, SchemaTooNew or SchemaOutdated when there is one that cannot
    be read.
    """
    if missing(url):
        return otherwise
    engine = reading_engine(url)
    try:
        if migrate.current(engine) is None:
            return otherwise
        migrate.require_current(engine)
        with faults_named(engine), engine.connect() as connection:
            return query(connection)
    finally:
        engine.dispose()


class ReadOnlyLedger:
    """A `Ledger` whose commits live as long as it does."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._memories: dict[str, TargetMemory] = {}

    async def memory(self, target: Target) -> TargetMemory:
        """What the database knows of the target (nothing, where there is none) and this run has added."""
        if target.id not in self._memories:
            loaded = await asyncio.to_thread(
                read_database, self._url, lambda connection: recall(connection, target.id), TargetMemory()
            )
            self._memories.setdefault(target.id, loaded)
        return self._memories[target.id]

    async def commit(self, record: Record) -> Committed:
        """Remember the record; always KEPT."""
        memory = self._memories.get(record.target_id, TargetMemory())
        self._memories[record.target_id] = follow(memory, record, record.health)
        return Committed.KEPT
