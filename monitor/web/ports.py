"""What is served is asked of here: a port that the edge's ledger views fill, so that web knows no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from monitor.core.types import CheckState, ProbeResult, Secret, Target, TargetHealth, Transition

T_co = TypeVar("T_co", covariant=True)


class History(Protocol[T_co]):
    """Some of a history, newest first."""

    @property
    def items(self) -> tuple[T_co, ...]:
        """This page of it."""

    @property
    def older(self) -> int | None:
        """The cursor (`before`) of the next page; None at the end."""


class Fleet(Protocol):
    """The config in force, and the wish to have it read again."""

    @property
    def targets(self) -> Sequence[Target]:
        """The configured targets."""

    @property
    def token(self) -> Secret | None:
        """What writes must carry; None refuses them all."""

    @property
    def problems(self) -> Sequence[str]:
        """Why the config as it is on disk is not in force; empty while it is."""

    async def reload(self) -> Sequence[str]:
        """Read the config again and apply it; returns what is wrong with it, if anything is."""


class LedgerViews(Protocol):
    """Everything that is read. Each method raises `core.ports.LedgerAway` while the database is away."""

    async def all_health(self) -> tuple[TargetHealth, ...]:
        """Every row that routers read, by target id."""

    async def one_health(self, target_id: str) -> TargetHealth | None:
        """One such row; None for a target that has none."""

    async def health_version(self) -> int:
        """The version of the row that changed last; 0 before the first."""

    async def check_states(self) -> Mapping[str, Mapping[str, CheckState]]:
        """The state of every check: target id -> check -> state."""

    async def last_results(self) -> Mapping[tuple[str, str], ProbeResult]:
        """The newest probe of each (target id, check)."""

    async def probes(
        self, target_id: str, *, check: str | None, before: int | None, limit: int
    ) -> History[ProbeResult]:
        """The probes of a target (of one check), newest first; `before` is an earlier page's `older`."""

    async def transitions(self, target_id: str, *, before: int | None, limit: int) -> History[Transition]:
        """The changes of a target's standing, newest first."""

    async def probe(self, probe_id: UUID) -> ProbeResult | None:
        """One probe; None when it never was or is pruned."""
