"""The real runner over the real sandbox in one process: the only fakes are the clock and the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from monitor.core.ports import Sink
from monitor.core.types import Mode, Policy, ProbeResult, Record, Secret, Target, TargetCheck
from monitor.edge.readonly import ReadOnlyLedger
from monitor.edge.transport import HttpTransport
from monitor.runner import Runner
from monitor.sandbox.app import create_app

BASES = {
    "openai-chat": "http://sandbox/v1",
    "openai-responses": "http://sandbox/v1",
    "anthropic-messages": "http://sandbox",
    "gemini": "http://sandbox",
}
KEY_HEADERS = {
    "openai-chat": ("authorization", "Bearer planted-key"),
    "openai-responses": ("authorization", "Bearer planted-key"),
    "anthropic-messages": ("x-api-key", "planted-key"),
    "gemini": ("x-goog-api-key", "planted-key"),
}


@dataclass
class HandClock:
    """A clock that moves only when told to."""

    now: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Told:
    """A sink that remembers."""

    name: str = "told"
    records: list[Record] = field(default_factory=list)

    def __call__(self, record: Record) -> None:
        self.records.append(record)

    @property
    def results(self) -> list[ProbeResult]:
        return [record.result for record in self.records if record.result is not None]


def target(
    model: str,
    dialect: str = "openai-chat",
    *,
    timeout: float = 2.0,
    policy: Policy | None = None,
    check: str = "inline",
) -> Target:
    only = TargetCheck(
        name=check,
        mode=Mode.REQUIRED,
        every=timedelta(seconds=60),
        timeout=timedelta(seconds=timeout),
        proof_ttl=timedelta(seconds=330),
    )
    return Target(
        id=f"{dialect}/{model}",
        provider=dialect,
        model_ref=model,
        model=model,
        dialect=dialect,
        base_url=BASES[dialect],
        key_ref=dialect,
        checks=(only,),
        policy=policy or Policy(),
    )


@dataclass
class Rig:
    runner: Runner
    ledger: ReadOnlyLedger
    clock: HandClock
    told: Told

    async def probe(self, whom: Target, times: int = 1) -> list[ProbeResult]:
        """Probe the first check at successive slots, a minute apart; only the probes' own results."""
        results = []
        for _ in range(times):
            probe = await self.runner.probe(whom, whom.checks[0].name, self.clock())
            assert probe is not None
            assert probe.record.result is not None
            results.append(probe.record.result)
            self.clock.move(60)
        return results


@asynccontextmanager
async def rig(
    folder: Path,
    app: httpx.ASGITransport | httpx.MockTransport | None = None,
    clock: HandClock | None = None,
    sinks: Sequence[Sink] = (),
) -> AsyncIterator[Rig]:
    clock, told = clock or HandClock(), Told()
    ledger = ReadOnlyLedger(f"sqlite:///{folder / 'none.db'}")
    credentials = {dialect: ((name, Secret(value)),) for dialect, (name, value) in KEY_HEADERS.items()}
    async with httpx.AsyncClient(transport=app or httpx.ASGITransport(create_app(slow_s=0.01))) as client:
        transport = HttpTransport(client, credentials)
        yield Rig(Runner(ledger, transport, clock, b"s" * 32, (told, *sinks)), ledger, clock, told)
