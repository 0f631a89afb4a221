"""Budgets on the schedule, by a hand-moved clock: paces and lifetimes stretch together, and nothing expires unseen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from monitor.core.budget import UNLIMITED, Spent
from monitor.core.types import Budget, Policy, Target, Verdict
from monitor.edge.spending import Spending
from monitor.schedule import Schedule
from tests.runner.rig import BASES, HandClock, rig, target
from tests.schedule.test_schedule import Driven, gaps

SEES = target("sees")
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATE = datetime(2026, 11, 1, 23, tzinfo=UTC)
NOTHING_SPENT: Mapping[str, Spent] = {}
A_THIRD_OF_THE_PLAN = Budget(None, 480, None)
COOLDOWN = {
    "error": {
        "message": "No deployments available for selected model, Try again in 45 seconds. Passed model=qwen-vl.",
        "type": "all_deployments_in_cooldown",
        "param": "None",
        "code": "429",
    }
}


@asynccontextmanager
async def budgeted(
    folder: Path,
    targets: Sequence[Target],
    fleet: Budget = UNLIMITED,
    *,
    spent: Mapping[str, Spent] = NOTHING_SPENT,
    start: datetime = NOON,
    app: httpx.MockTransport | None = None,
) -> AsyncIterator[Driven]:
    clock = HandClock(start)
    spending = Spending(clock, spent)
    spending.use(targets, fleet)
    async with rig(folder, app, clock, (spending,)) as r:
        schedule = Schedule(
            targets,
            r.runner,
            r.ledger,
            r.clock,
            provider_concurrency=dict.fromkeys(BASES, 8),
            max_concurrency=100,
            observe_lag=lambda _: None,
            budgets=spending,
        )
        await schedule.lay_out()
        yield Driven(schedule, r)
        await schedule.drain(timedelta(seconds=5))


async def swept_until(d: Driven, end: datetime) -> None:
    """Probe until `end`, looking for proofs that ran out just before and just after each slot."""
    while (upcoming := d.schedule.next_at) is not None and upcoming <= end:
        d.rig.clock.now = max(upcoming - timedelta(milliseconds=1), d.rig.clock.now)
        await d.schedule.sweep()
        await d.until_next()
        await d.schedule.sweep()
    d.rig.clock.now = end
    await d.schedule.sweep()


def transitions(d: Driven) -> list[str]:
    return [record.transition.reason for record in d.rig.told.records if record.transition]


def configure(d: Driven, changed: Target) -> None:
    """The target behaves otherwise from now on; who it is does not change."""
    d.schedule._configured[changed.id, "inline"] = (changed, changed.checks[0])


def test_a_target_within_its_budget_is_probed_on_its_grid(tmp_path: Path) -> None:
    async def go() -> list[float]:
        async with budgeted(tmp_path, [SEES]) as d:
            for _ in range(5):
                await d.until_next()
            return gaps(d.slots)[1:]

    assert asyncio.run(go()) == [60.0, 60.0, 60.0]


def test_a_budget_that_is_too_small_stretches_the_interval(tmp_path: Path) -> None:
    spent = {SEES.id: Spent(0.0, 240, 0)}

    async def go() -> list[float]:
        async with budgeted(tmp_path, [replace(SEES, budget=A_THIRD_OF_THE_PLAN)], spent=spent) as d:
            for _ in range(5):
                await d.until_next()
            return gaps(d.slots)

    assert asyncio.run(go()) == [pytest.approx(60 * 1464 / 480 * 1.04, rel=0.02)] * 4


def test_the_row_outlives_the_next_slot_while_intervals_are_stretched(tmp_path: Path) -> None:
    async def go() -> list[bool]:
        async with budgeted(tmp_path, [SEES], spent={SEES.id: Spent(0.0, 3000, 0)}) as d:
            outlives = []
            for _ in range(20):
                await d.until_next()
                row = (await d.rig.ledger.memory(SEES)).health
                assert row
                assert row.valid_until
                assert d.schedule.next_at
                outlives.append(row.valid_until >= d.schedule.next_at + SEES.checks[0].timeout)
            return outlives

    assert all(asyncio.run(go()))


def test_a_spent_budget_leaves_the_least_pace_and_midnight_brings_the_old_one_back(tmp_path: Path) -> None:
    spent = {SEES.id: Spent(0.0, 3000, 0)}

    async def go() -> tuple[list[datetime], list[str]]:
        async with budgeted(tmp_path, [SEES], spent=spent, start=LATE) as d:
            await swept_until(d, LATE + timedelta(hours=3))
            return d.slots, transitions(d)

    slots, reasons = asyncio.run(go())
    midnight = LATE + timedelta(hours=1)
    before = [slot for slot in slots if slot < midnight]
    after = slots[len(before) :]
    assert gaps(before) == [1440.0] * (len(before) - 1)
    assert gaps([before[-1], after[0]]) == [1440.0]
    assert set(gaps(after)[1:]) == {60.0}
    assert reasons == ["seen"]


def test_restarts_do_not_outrun_a_spent_budget(tmp_path: Path) -> None:
    spent = {SEES.id: Spent(0.0, 3000, 0)}

    async def go() -> list[datetime]:
        async with budgeted(tmp_path, [SEES], spent=spent) as d:
            await d.until_next()
            firsts = []
            for _ in range(5):
                d.rig.clock.move(61)
                await d.schedule.lay_out()
                assert d.schedule.next_at
                firsts.append(d.schedule.next_at)
            return firsts

    assert len(set(asyncio.run(go()))) == 1


def test_a_proof_keeps_the_lifetime_that_it_was_given_when_a_new_day_begins(tmp_path: Path) -> None:
    spent = {SEES.id: Spent(0.0, 3000, 0)}

    async def go() -> tuple[timedelta, list[str], list[str]]:
        async with budgeted(tmp_path, [SEES], spent=spent, start=LATE) as d:
            await swept_until(d, LATE + timedelta(minutes=59))
            configure(d, replace(SEES, model="throttled"))
            proof = d.slots[-1]
            end = proof + 24 * SEES.checks[0].proof_ttl
            await swept_until(d, end - timedelta(seconds=1))
            until_end = transitions(d)
            await swept_until(d, end + timedelta(minutes=2))
            return end - proof, until_end, transitions(d)

    assert asyncio.run(go()) == (timedelta(minutes=132), ["seen"], ["seen", "proof_expired"])


def test_a_suspicion_is_followed_up_fast_while_intervals_are_stretched(tmp_path: Path) -> None:
    frugal = replace(SEES, budget=A_THIRD_OF_THE_PLAN)

    async def go() -> tuple[list[Verdict | None], list[float]]:
        async with budgeted(tmp_path, [frugal]) as d:
            await d.until_next()
            configure(d, replace(frugal, model="strips"))
            for _ in range(4):
                await d.until_next()
            return d.verdicts, gaps(d.slots)[1:]

    verdicts, between = asyncio.run(go())
    assert verdicts == [Verdict.SEEN, *[Verdict.BLIND] * 4]
    assert between == [5.0, 5.0, 5.0]


def test_the_budget_of_the_fleet_stretches_all_targets_alike(tmp_path: Path) -> None:
    fleet = [replace(SEES, id=f"p/{n}") for n in range(3)]

    async def go() -> list[float]:
        async with budgeted(tmp_path, fleet, Budget(None, 1464, None)) as d:
            for _ in range(12):
                await d.until_next()
            told = d.rig.told.results
            slots = [[r.scheduled_at for r in told if r.target_id == t.id and r.verdict] for t in fleet]
            return [gap for of_one in slots for gap in gaps(of_one)[-2:]]

    assert asyncio.run(go()) == [pytest.approx(60 * 3 * 0.52, rel=0.02)] * 6


def test_a_gateways_cooldown_is_waited_out_and_told_from_a_limit(tmp_path: Path) -> None:
    eager = target("sees", policy=Policy(down_every=timedelta(seconds=1)))
    eager = replace(eager, checks=(replace(eager.checks[0], every=timedelta(seconds=1)),))
    resting = httpx.MockTransport(lambda _: httpx.Response(429, content=json.dumps(COOLDOWN)))

    async def go() -> tuple[list[float], set[str]]:
        async with budgeted(tmp_path, [eager], app=resting) as d:
            for _ in range(3):
                await d.until_next()
            told = d.rig.told.results
            return gaps(d.slots), {f"{r.verdict}: {r.reason.rpartition(', ')[2]}" for r in told}

    between, reasons = asyncio.run(go())
    assert reasons == {"throttled: the gateway's own cooldown"}
    assert all(gap >= 45.0 for gap in between)
