"""What the page and the API ask of the ledger (`web.ports.LedgerViews`), each answered by one of `queries`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection

from monitor.core.ports import LedgerAway
from monitor.core.types import CheckState, ProbeResult, TargetHealth, Transition
from monitor.edge import queries
from monitor.edge.database import LedgerUnavailable
from monitor.edge.ledger import SqlLedger

T = TypeVar("T")


class SqlViews:
    """Read-only views of a ledger that is open. Every method raises LedgerAway while its database is away."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    async def all_health(self) -> tuple[TargetHealth, ...]:
        """See `queries.all_health`."""
        return await self._read(queries.all_health)

    async def one_health(self, target_id: str) -> TargetHealth | None:
        """See `queries.one_health`."""
        return await self._read(partial(queries.one_health, target_id=target_id))

    async def health_version(self) -> int:
        """See `queries.health_version`."""
        return await self._read(queries.health_version)

    async def check_states(self) -> Mapping[str, Mapping[str, CheckState]]:
        """See `queries.all_check_states`."""
        return await self._read(queries.all_check_states)

    async def last_results(self) -> Mapping[tuple[str, str], ProbeResult]:
        """See `queries.last_results`."""
        return await self._read(queries.last_results)

    async def probes(
        self, target_id: str, *, check: str | None, before: int | None, limit: int
    ) -> queries.Page[ProbeResult]:
        """See `queries.probes_of`."""
        return await self._read(
            partial(queries.probes_of, target_id=target_id, check=check, before=before, limit=limit)
        )

    async def transitions(self, target_id: str, *, before: int | None, limit: int) -> queries.Page[Transition]:
        """See `queries.transitions_of`."""
        return await self._read(partial(queries.transitions_of, target_id=target_id, before=before, limit=limit))

    async def probe(self, probe_id: UUID) -> ProbeResult | None:
        """See `queries.probe`."""
        return await self._read(partial(queries.probe, probe_id=probe_id))

    async def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            return await self._ledger.read(query)
        except LedgerUnavailable as away:
            raise LedgerAway(str(away)) from away
