"""Fetches of test images on their way into the database: after the fact, in batches, never at the cost of serving.

While the database is away they wait in memory; what does not fit is lost, oldest first, and said so. A probe's own row
carries how many there were.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from monitor.core.canary import Fetch
from monitor.edge.database import LedgerUnavailable, insert_into
from monitor.edge.rows import fetch_row
from monitor.edge.schema import image_fetches

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=1)
"""From one batch to the next."""
BATCH = 500
"""Fetches in one transaction."""
MOST_WAITING = 10_000
"""Fetches that wait for the database at most: about 5 MB."""


def insert_fetches(connection: Connection, fetches: Sequence[Fetch]) -> None:
    """Keep the fetches; one that is there already is kept as it is."""
    insert = insert_into(connection.dialect.name, image_fetches)
    connection.execute(insert.on_conflict_do_nothing(), [fetch_row(fetch) for fetch in fetches])


class FetchStore:
    """An observer of fetches that hands them to `keep`, batch after batch. LedgerUnavailable makes it try again."""

    def __init__(self, keep: Callable[[Sequence[Fetch]], Awaitable[None]]) -> None:
        self._keep = keep
        self._waiting: deque[Fetch] = deque()
        self._is_away = False
        self.lost = 0

    def __call__(self, fetch: Fetch) -> None:
        """Store it soon."""
        self._waiting.append(fetch)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self.lost += 1

    async def run(self) -> None:
        """Store what comes, until cancelled."""
        while True:
            await asyncio.sleep(EVERY.total_seconds())
            await self.flush()

    async def flush(self) -> None:
        """Store all that waits; what the database is away for goes on waiting."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
            try:
                await self._keep(batch)
            except LedgerUnavailable as away:
                self._put_back(batch)
                self._tell_away(away)
                return
            except Exception:
                log.exception("image fetches are lost, the database takes no such rows: our own fault")
                self.lost += len(batch)
            else:
                self._tell_back()

    def _put_back(self, batch: Sequence[Fetch]) -> None:
        room = MOST_WAITING - len(self._waiting)
        kept = batch[max(len(batch) - room, 0) :]
        self.lost += len(batch) - len(kept)
        self._waiting.extendleft(reversed(kept))

    def _tell_away(self, away: LedgerUnavailable) -> None:
        if not self._is_away:
            log.warning("image fetches wait for the database: %s", away)
        self._is_away = True

    def _tell_back(self) -> None:
        if self._is_away:
            log.warning("image fetches are stored again", extra={"lost": self.lost})
        self._is_away = False
