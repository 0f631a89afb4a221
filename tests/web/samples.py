"""Made-up targets, rows and probes, and a LedgerViews over them: what the pages and the API are shown in tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from monitor.core.ports import LedgerAway
from monitor.core.types import (
    Capability,
    CheckState,
    Gate,
    GroupMembership,
    Mode,
    Prices,
    ProbeResult,
    Signal,
    Standing,
    Target,
    TargetCheck,
    TargetHealth,
    Transition,
    Verdict,
    probe_id,
)

T = TypeVar("T")

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
INLINE = TargetCheck("inline", Mode.REQUIRED, timedelta(seconds=60), timedelta(seconds=30), timedelta(seconds=330))


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def target(target_id: str, *groups: str, model: str | None = None) -> Target:
    provider, model_ref = target_id.split("/")
    return Target(
        id=target_id,
        provider=provider,
        model_ref=model_ref,
        model=model or model_ref,
        dialect="openai-chat",
        base_url="http://127.0.0.1:1/v1",
        key_ref=provider,
        checks=(INLINE,),
        prices=Prices(0.2, 1.25),
        groups=tuple(GroupMembership(group) for group in groups),
    )


def health(of: Target, *, active: bool, **changed: Any) -> TargetHealth:
    row = TargetHealth(
        target_id=of.id,
        provider=of.provider,
        model_ref=of.model_ref,
        model=of.model,
        dialect=of.dialect,
        standing=Standing.ACTIVE if active else Standing.CATALOG_ONLY,
        reason="seen" if active else "dropped",
        since=ago(3600),
        last_proof_at=ago(20) if active else None,
        valid_until=ago(20) + INLINE.proof_ttl if active else None,
        capabilities=(Capability("inline", Gate.PATH, "pass" if active else "fail"),),
        groups={m.group: active for m in of.groups},
        media_path="inline" if active else "unknown",
        last_probe_id=None,
        updated_at=ago(20),
        version=7,
    )
    return replace(row, **changed)


def state(*, active: bool, **changed: Any) -> CheckState:
    believed = CheckState(
        standing=Standing.ACTIVE if active else Standing.CATALOG_ONLY,
        reason="seen" if active else "dropped",
        score=0 if active else 76,
        since=ago(3600),
        last_proof_at=ago(20) if active else None,
    )
    return replace(believed, **changed)


def result(of: Target, *, active: bool = True, at: datetime = NOW, **changed: Any) -> ProbeResult:
    probed = ProbeResult(
        id=probe_id(of.id, "inline", at),
        target_id=of.id,
        check="inline",
        challenge="code",
        seed=bytes(range(32)),
        image_size=448,
        scheduled_at=at,
        finished_at=at + timedelta(seconds=2),
        verdict=Verdict.SEEN if active else Verdict.DROPPED,
        signal=Signal.FOR if active else Signal.AGAINST,
        rule="exact" if active else "wrong, and no sign of image tokens",
        reason="answer 'K7Q2M' for 'K7Q2M', input 267 against text-only 31 (Δ +236, expected 236)"
        if active
        else "answer 'Red' for 'K7Q2M', input 31 = text-only 31",
        expected="K7Q2M",
        output_cap=64,
        cap_parameter="max_tokens",
        http_status=200,
        latency_s=1.4,
        input_tokens=267 if active else 31,
        control_tokens=31,
        token_delta=236 if active else 0,
        answer="K7Q2M" if active else "Red",
    )
    return replace(probed, **changed)


def transition(of: Target, at: datetime) -> Transition:
    return Transition(
        id=probe_id(of.id, "transition", at),
        target_id=of.id,
        before=Standing.ACTIVE,
        after=Standing.CATALOG_ONLY,
        at=at,
        reason="dropped",
        detail="answer 'Red' for 'K7Q2M', input 31 = text-only 31",
        probe_id=None,
        actor="probe",
    )


@dataclass(frozen=True)
class SomeHistory(Generic[T]):
    items: tuple[T, ...]
    older: int | None


class FakeViews:
    """A ledger's views over lists that a test fills; histories are kept newest first, their cursors are positions."""

    def __init__(self, *pairs: tuple[Target, TargetHealth]) -> None:
        self.rows = {row.target_id: row for _, row in pairs}
        self.states: dict[str, dict[str, CheckState]] = {}
        self.last: dict[tuple[str, str], ProbeResult] = {}
        self.results: list[ProbeResult] = []
        self.changes: list[Transition] = []
        self.away = False

    async def all_health(self) -> tuple[TargetHealth, ...]:
        self._reach()
        return tuple(self.rows[name] for name in sorted(self.rows))

    async def one_health(self, target_id: str) -> TargetHealth | None:
        self._reach()
        return self.rows.get(target_id)

    async def health_version(self) -> int:
        self._reach()
        return max((row.version for row in self.rows.values()), default=0)

    async def check_states(self) -> Mapping[str, Mapping[str, CheckState]]:
        self._reach()
        return self.states

    async def last_results(self) -> Mapping[tuple[str, str], ProbeResult]:
        self._reach()
        return self.last

    async def probes(
        self, target_id: str, *, check: str | None, before: int | None, limit: int
    ) -> SomeHistory[ProbeResult]:
        self._reach()
        mine = [r for r in self.results if r.target_id == target_id and check in (None, r.check)]
        return _page(mine, before, limit)

    async def transitions(self, target_id: str, *, before: int | None, limit: int) -> SomeHistory[Transition]:
        self._reach()
        return _page([t for t in self.changes if t.target_id == target_id], before, limit)

    async def probe(self, probe_id: UUID) -> ProbeResult | None:
        self._reach()
        return next((r for r in self.results if r.id == probe_id), None)

    def _reach(self) -> None:
        if self.away:
            raise LedgerAway("database sqlite:///secret/place.db: unable to open database file")


def _page(items: list[T], before: int | None, limit: int) -> SomeHistory[T]:
    """The oldest item has position 1, so that positions stay as newer ones come."""
    numbered = [(len(items) - index, item) for index, item in enumerate(items)]
    matching = [(seq, item) for seq, item in numbered if before is None or seq < before]
    shown = matching[:limit]
    return SomeHistory(tuple(item for _, item in shown), shown[-1][0] if len(matching) > limit else None)
