"""The schedule by a hand-moved clock: ticks are called, not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from monitor.core.types import Exchange, Failure, FailureKind, Limits, Policy, Standing, Target, Verdict, WireRequest
from monitor.edge.readonly import ReadOnlyLedger
from monitor.runner import Runner
from monitor.schedule import Schedule
from tests.runner.rig import BASES, HandClock, Rig, Told, rig, target


@dataclass
class Driven:
    """A schedule over the sandbox whose time is moved by hand."""

    schedule: Schedule
    rig: Rig
    lags: list[float] = field(default_factory=list)

    async def until_next(self) -> None:
        """Move the clock to the next slot and let everything due be probed."""
        upcoming = self.schedule.next_at
        assert upcoming is not None
        self.rig.clock.now = max(upcoming, self.rig.clock.now)
        await self.schedule.tick()
        await self.schedule.settled()

    @property
    def slots(self) -> list[datetime]:
        return [r.scheduled_at for r in self.rig.told.results if r.verdict is not None]

    @property
    def verdicts(self) -> list[Verdict | None]:
        return [r.verdict for r in self.rig.told.results if r.verdict is not None]


@asynccontextmanager
async def driven(folder: Path, targets: Sequence[Target], concurrency: int = 8) -> AsyncIterator[Driven]:
    async with rig(folder) as r:
        lags: list[float] = []
        schedule = Schedule(
            targets,
            r.runner,
            r.ledger,
            r.clock,
            provider_concurrency=dict.fromkeys(BASES, concurrency),
            max_concurrency=100,
            observe_lag=lags.append,
        )
        await schedule.lay_out()
        yield Driven(schedule, r, lags)
        await schedule.drain(timedelta(seconds=5))


def gaps(slots: Sequence[datetime]) -> list[float]:
    return [(b - a).total_seconds() for a, b in pairwise(slots)]


def test_a_healthy_target_is_probed_once_an_interval_on_its_grid(tmp_path: Path) -> None:
    async def go() -> list[float]:
        async with driven(tmp_path, [target("sees")]) as d:
            for _ in range(5):
                await d.until_next()
            return gaps(d.slots)[1:]

    assert asyncio.run(go()) == [60.0, 60.0, 60.0]


def test_a_restart_finds_the_same_grid(tmp_path: Path) -> None:
    async def go() -> timedelta:
        async with driven(tmp_path, [target("sees")]) as d:
            for _ in range(3):
                await d.until_next()
            before = d.slots[-1]
            again = Schedule(
                [target("sees")],
                d.rig.runner,
                d.rig.ledger,
                d.rig.clock,
                provider_concurrency=dict.fromkeys(BASES, 8),
                max_concurrency=100,
                observe_lag=d.lags.append,
            )
            d.rig.clock.move(1234.5)
            await again.lay_out()
            assert again.next_at is not None
            return (again.next_at - before) % timedelta(seconds=60)

    assert asyncio.run(go()) == timedelta(0)


def test_first_probes_of_many_targets_are_spread(tmp_path: Path) -> None:
    async def go() -> int:
        async with driven(tmp_path, [replace(target("sees"), id=f"p/{n}") for n in range(60)]) as d:
            seconds = set()
            for _ in range(60):
                await d.until_next()
                seconds.add(int((d.rig.clock() - HandClock().now).total_seconds()))
            return len(seconds)

    assert asyncio.run(go()) > 30


def test_a_suspicion_is_followed_up_fast(tmp_path: Path) -> None:
    async def go() -> tuple[list[Verdict | None], list[float]]:
        async with driven(tmp_path, [target("sees")]) as d:
            await d.until_next()
            blinded = replace(target("sees"), model="strips", base_url="http://sandbox/v1")
            d.schedule._configured[blinded.id, "inline"] = (blinded, blinded.checks[0])
            for _ in range(4):
                await d.until_next()
            return d.verdicts, gaps(d.slots)[1:]

    verdicts, between = asyncio.run(go())
    assert verdicts == [Verdict.SEEN, *[Verdict.BLIND] * 4]
    assert between == [5.0, 5.0, 5.0]


def test_a_blind_target_is_probed_at_the_slow_pace(tmp_path: Path) -> None:
    async def go() -> list[float]:
        async with driven(tmp_path, [target("strips")]) as d:
            for _ in range(4):
                await d.until_next()
            return gaps(d.slots)

    assert asyncio.run(go()) == [120.0, 120.0, 120.0]


def test_the_first_unsure_answer_is_followed_up_at_once_by_another_kind(tmp_path: Path) -> None:
    async def go() -> tuple[list[float], list[str]]:
        async with driven(tmp_path, [target("flat-usage")]) as d:
            for _ in range(2):
                await d.until_next()
            return gaps(d.slots), [r.challenge for r in d.rig.told.results if r.verdict is not None]

    between, kinds = asyncio.run(go())
    assert between == [0.000001]
    assert kinds == ["code", "digits"]


def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    eager = Policy(down_every=timedelta(seconds=1))
    every_second = replace(target("throttled", policy=eager).checks[0], every=timedelta(seconds=1))

    async def go() -> list[float]:
        async with driven(tmp_path, [replace(target("throttled", policy=eager), checks=(every_second,))]) as d:
            for _ in range(3):
                await d.until_next()
            return gaps(d.slots)

    assert all(gap >= 5.0 for gap in asyncio.run(go()))


def test_a_slot_more_than_an_interval_late_is_missed_and_nothing_is_sent(tmp_path: Path) -> None:
    async def go() -> tuple[list[Verdict | None], list[int | None], Standing]:
        async with driven(tmp_path, [target("sees")]) as d:
            await d.until_next()
            d.rig.clock.move(121)
            await d.until_next()
            memory = await d.rig.ledger.memory(target("sees"))
            results = [r for r in d.rig.told.results if r.verdict is not None]
            return d.verdicts, [r.http_status for r in results], memory.state("inline").standing

    assert asyncio.run(go()) == ([Verdict.SEEN, Verdict.MISSED], [200, None], Standing.ACTIVE)


def test_a_proof_that_ran_out_expires_the_target_and_the_next_proof_restores_it_at_once(tmp_path: Path) -> None:
    async def go() -> list[tuple[Standing, str, str]]:
        async with driven(tmp_path, [target("sees")]) as d:
            await d.until_next()
            d.rig.clock.move(331)
            await d.schedule.sweep()
            await d.schedule.sweep()
            probe = await d.rig.runner.probe(target("sees"), "inline", d.rig.clock())
            assert probe is not None
            return [(t.after, t.reason, t.actor) for r in d.rig.told.records if (t := r.transition)]

    assert asyncio.run(go()) == [
        (Standing.ACTIVE, "seen", "probe"),
        (Standing.CATALOG_ONLY, "proof_expired", "expiry"),
        (Standing.ACTIVE, "seen", "probe"),
    ]


def test_after_a_start_no_proof_expires_before_one_cycle_has_passed(tmp_path: Path) -> None:
    async def go() -> list[bool]:
        async with driven(tmp_path, [target("sees")]) as d:
            await d.until_next()
            d.rig.clock.move(400)
            await d.schedule.lay_out()
            expired = []
            for seconds in (0, 61, 2):
                d.rig.clock.move(seconds)
                await d.schedule.sweep()
                expired.append((await d.rig.ledger.memory(target("sees"))).state("inline").expired)
            return expired

    assert asyncio.run(go()) == [False, False, True]


@dataclass
class Gate:
    """A transport that answers only once opened, knows how many were inside, and says when `awaited` are."""

    awaited: int
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0
    most: int = 0

    async def send(self, target: Target, request: WireRequest, limits: Limits) -> Exchange:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside == self.awaited:
            self.reached.set()
        await self.opened.wait()
        self.inside -= 1
        return Exchange(None, {}, b"", Failure(FailureKind.CONNECT, "closed"), 0.1, None)


def test_a_provider_is_never_asked_more_at_once_than_its_limit(tmp_path: Path) -> None:
    async def go() -> int:
        gate, clock = Gate(awaited=3), HandClock()
        ledger = ReadOnlyLedger(f"sqlite:///{tmp_path / 'none.db'}")
        schedule = Schedule(
            [replace(target("sees"), id=f"p/{n}") for n in range(20)],
            Runner(ledger, gate, clock, b"s" * 32),
            ledger,
            clock,
            provider_concurrency={"openai-chat": 3},
            max_concurrency=100,
            observe_lag=lambda _: None,
        )
        await schedule.lay_out()
        clock.move(59.9)
        await schedule.tick()
        await asyncio.wait_for(gate.reached.wait(), 10)
        gate.opened.set()
        await schedule.settled()
        return gate.most

    assert asyncio.run(go()) == 3


def test_draining_waits_for_probes_under_way_and_cancels_those_beyond_the_deadline(tmp_path: Path) -> None:
    async def go() -> int:
        gate, clock = Gate(awaited=1), HandClock()
        ledger = ReadOnlyLedger(f"sqlite:///{tmp_path / 'none.db'}")
        schedule = Schedule(
            [target("sees")],
            Runner(ledger, gate, clock, b"s" * 32, (Told(),)),
            ledger,
            clock,
            provider_concurrency={"openai-chat": 3},
            max_concurrency=100,
            observe_lag=lambda _: None,
        )
        await schedule.lay_out()
        clock.move(60)
        await schedule.tick()
        await asyncio.wait_for(gate.reached.wait(), 10)
        return await schedule.drain(timedelta(milliseconds=50))

    assert asyncio.run(go()) == 1
