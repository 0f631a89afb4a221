"""What was spent today: counted from records, found again after a restart, and the pace that it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from monitor.core.budget import MOST_STRETCH, UNLIMITED, Spent, Stretch, midnight
from monitor.core.memory import TargetMemory
from monitor.core.types import Budget, Record, Signal, Target, Verdict
from monitor.edge import queries
from monitor.edge.database import reading_engine
from monitor.edge.ledger import SqlLedger
from monitor.edge.metrics import Metrics
from monitor.edge.spending import Spending
from tests.edge.databases import migrated
from tests.edge.ledger_records import START, control, health, probed, result, slot, with_ledger
from tests.edge.test_queries import plans
from tests.runner.rig import HandClock, target

TARGET = replace(target("nano"), id="openai/nano")
OTHER = "openai/other"
TODAY = midnight(START)
LATER = START + timedelta(hours=1)


def paid(number: int, target_id: str = TARGET.id, version: int | None = None, **facts: Any) -> Record:
    usual: dict[str, Any] = {"input_tokens": 100, "output_tokens": 8, "cost_usd": 0.25}
    return probed(result(number, target_id, **(usual | facts)), version or number)


RECORDS = (
    paid(1),
    paid(2, billed_usd=0.75),
    paid(3, billed_usd=0.125, signal=Signal.AGAINST, verdict=Verdict.BLIND),
    paid(4, cost_usd=None, billed_usd=0.5, signal=Signal.SILENT, verdict=Verdict.UNSURE),
    paid(5, cost_usd=None, input_tokens=None, signal=Signal.SILENT, verdict=Verdict.THROTTLED),
    paid(6, cost_usd=None, input_tokens=None, output_tokens=None, signal=Signal.SILENT, verdict=Verdict.MISSED),
    probed(control(7, input_tokens=31, output_tokens=2, cost_usd=0.125), None),
    paid(8, OTHER, 1),
)
SPENT = {TARGET.id: Spent(1.875, 6, 4 * 108 - 100 + 100 + 8 + 33), OTHER: Spent(0.25, 1, 108)}


def spending(budget: Budget, spent: dict[str, Spent], fleet: Budget = UNLIMITED) -> tuple[Spending, Target, HandClock]:
    clock = HandClock(LATER)
    whom = replace(TARGET, budget=budget)
    sink = Spending(clock, spent)
    sink.use([whom], fleet)
    return sink, whom, clock


def test_what_was_spent_today_is_found_again_after_a_restart(url: str) -> None:
    async def story(ledger: SqlLedger) -> None:
        for record in RECORDS:
            await ledger.commit(record)

    with_ledger(url, story)
    again = with_ledger(url, lambda ledger: ledger.read(partial(queries.spent_since, since=TODAY)))
    assert again == SPENT


@pytest.mark.parametrize(("since", "probes"), [(0, 6), (2, 5), (7, 1)])
def test_only_slots_of_the_day_count(url: str, since: int, probes: int) -> None:
    async def story(ledger: SqlLedger) -> Spent:
        for record in RECORDS:
            await ledger.commit(record)
        return (await ledger.read(partial(queries.spent_since, since=slot(since))))[TARGET.id]

    assert with_ledger(url, story).probes == probes


def test_no_probe_of_an_earlier_day_is_read(tmp_path: Path) -> None:
    engine = reading_engine(migrated(f"sqlite:///{tmp_path / 'visionpath.db'}"))
    steps = plans(engine, partial(queries.spent_since, since=TODAY))
    engine.dispose()
    searches = [step for step in steps if "probes" in step]
    by_day = "SEARCH probes USING INDEX ix_probes_signal_scheduled_at (signal=? AND scheduled_at>?)"
    assert searches == [by_day] * 4


def test_the_sink_counts_as_the_query_does() -> None:
    kept = Spending(HandClock(START), {})
    for record in RECORDS:
        kept(record)
    assert kept._spent == SPENT
    assert kept._in_all == sum(SPENT.values(), Spent())


def test_a_restart_goes_on_from_what_was_spent() -> None:
    sink, whom, _ = spending(Budget(None, 100, None), {TARGET.id: Spent(0, 99, 0)})
    before = sink.stretch(whom, LATER)
    sink(paid(1))
    assert (before.is_exhausted, sink.stretch(whom, LATER)) == (True, Stretch(MOST_STRETCH, MOST_STRETCH))


def test_a_new_day_has_a_new_budget() -> None:
    sink, whom, _ = spending(Budget(None, 3000, None), {TARGET.id: Spent(0, 3000, 0)})
    assert sink.stretch(whom, LATER).is_exhausted
    assert sink.stretch(whom, LATER + timedelta(days=1)) == Stretch()


def test_a_probe_of_yesterdays_slot_is_not_counted_today() -> None:
    sink, _, _ = spending(Budget(), {})
    sink(probed(result(1, scheduled_at=TODAY - timedelta(seconds=1)), 1))
    assert (sink._spent, sink._in_all) == ({}, Spent())


def test_the_first_probe_of_a_new_day_clears_the_old_one() -> None:
    sink, _, _ = spending(Budget(), {TARGET.id: Spent(1, 100, 1), OTHER: Spent(1, 1, 1)})
    sink(probed(result(1, scheduled_at=TODAY + timedelta(days=1), input_tokens=5), 1))
    assert (sink._spent, sink._in_all) == ({TARGET.id: Spent(0, 1, 5)}, Spent(0, 1, 5))


def test_what_removed_targets_spent_stays_spent_of_the_fleets_budget() -> None:
    sink, whom, _ = spending(UNLIMITED, {"gone/away": Spent(0, 1000, 0)}, Budget(None, 1000, None))
    assert sink.stretch(whom, LATER).is_exhausted


def test_a_reload_changes_the_budget_and_keeps_what_was_spent() -> None:
    sink, whom, _ = spending(Budget(None, 3000, None), {TARGET.id: Spent(0, 1000, 0)})
    tightened = replace(whom, budget=Budget(None, 1000, None))
    before = sink.stretch(whom, LATER)
    sink.use([tightened], UNLIMITED)
    assert (before, sink.stretch(tightened, LATER).is_exhausted) == (Stretch(), True)


def test_a_target_within_its_budget_is_paced_as_configured() -> None:
    sink, whom, _ = spending(Budget(), {})
    assert sink.paced(whom, LATER) == whom


def test_lifetimes_given_before_a_restart_are_kept() -> None:
    sink, whom, _ = spending(Budget(), {})
    given = 10 * whom.checks[0].proof_ttl
    sink.resume([whom], [replace(health(), last_proof_at=START, valid_until=START + given)])
    eased = sink.paced(whom, LATER).checks[0]
    assert (eased.every, eased.proof_ttl) == (whom.checks[0].every, given)


def test_the_next_proof_has_the_lifetime_of_its_own_slot() -> None:
    sink, whom, _ = spending(Budget(), {})
    sink.resume([whom], [replace(health(), last_proof_at=START, valid_until=START + timedelta(hours=1))])
    sink.probing(whom, "inline", LATER)
    sink(paid(1, cost_usd=0.0))
    assert sink.paced(whom, LATER) == whom


def test_a_row_without_a_proof_gives_no_lifetime() -> None:
    sink, whom, _ = spending(Budget(), {})
    sink.resume([whom], [replace(health(), last_proof_at=None, valid_until=None)])
    assert sink.paced(whom, LATER) == whom


def test_a_metric_tells_that_a_budget_is_exhausted() -> None:
    sink, whom, clock = spending(Budget(), {TARGET.id: Spent(0, 3000, 0)})
    metrics = Metrics()
    metrics.ask_of_budgets(sink.is_exhausted)
    metrics.watch(whom, TargetMemory())
    lines = []
    for day in (1, 2):
        clock.now = datetime(2026, 1, day + 1, 20, tzinfo=UTC)
        told = generate_latest(metrics.registry).decode().splitlines()
        lines += [line for line in told if line.startswith("visionpath_budget_exhausted")]
    name = 'visionpath_budget_exhausted{target="openai/nano"}'
    assert lines == [f"{name} 1.0", f"{name} 0.0"]
