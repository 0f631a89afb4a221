"""A restart knows what was known before it: memory out of the database is memory carried on by commits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.core.memory import CONTROL, CONTROLS_KEPT, EARLIER_KEPT, PROVEN_KEPT, TargetMemory
from monitor.core.types import Committed, Record, Signal, Standing, Target, Verdict
from monitor.edge.ledger import SqlLedger
from tests.edge.ledger_records import (
    TARGET,
    config_changed,
    control,
    expired,
    health,
    probed,
    result,
    state,
    with_ledger,
)

_targets = count()
_FRESH: dict[str, Any] = {"standing": Standing.CATALOG_ONLY, "reason": "never_proven", "since": None}


async def _remembered(ledger: SqlLedger, target: Target, records: list[Record]) -> TargetMemory:
    await ledger.memory(target)
    for record in records:
        assert await ledger.commit(record) is Committed.KEPT
    return await ledger.memory(target)


def live_and_reloaded(url: str, target: Target, records: list[Record]) -> tuple[TargetMemory, TargetMemory]:
    """The memory that the commits built up, and the one that a restart finds."""
    live = with_ledger(url, lambda ledger: _remembered(ledger, target, records))
    return live, with_ledger(url, lambda ledger: ledger.memory(target))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Target, list[Record]]:
    """A target that no other example used, and what happened to it."""
    target = replace(TARGET, id=f"openai/m{next(_targets)}")
    versions = {"inline": 0, "cap": 0}
    records = []
    for number in range(draw(st.integers(1, 60))):
        check = draw(st.sampled_from(["inline", "inline", "inline", "cap", CONTROL, CONTROL]))
        facts = {
            "http_status": draw(st.sampled_from([200, 200, 429, None])),
            "challenge": draw(st.sampled_from(["code", "digits", "grid"])),
            "output_cap": draw(st.sampled_from([64, 128, 8192])),
            "cap_parameter": draw(st.sampled_from(["max_tokens", "max_completion_tokens"])),
            "token_delta": draw(st.one_of(st.none(), st.integers(-5, 500))),
            "input_tokens": draw(st.one_of(st.none(), st.integers(0, 500))),
            "response_model": draw(st.sampled_from([None, "gpt-nano-2026"])),
        }
        if check == CONTROL:
            records.append(probed(control(number, target.id, **facts), None))
            continue
        versions[check] += 1
        kind = draw(st.sampled_from(["probed"] * 12 + ["expired", "config"]))
        row = draw(st.sampled_from([None, health(target.id), health(target.id, reason="blind", groups={})]))
        if kind == "expired":
            records.append(expired(number, versions[check], target.id, check, health=row))
        elif kind == "config":
            records.append(config_changed(number, versions[check], target.id, check))
        else:
            seen = {"verdict": draw(st.sampled_from(Verdict)), "signal": draw(st.sampled_from(Signal))}
            records.append(probed(result(number, target.id, check, **facts, **seen), versions[check], health=row))
    return target, records


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())  # every example has a target of its own, so they may share the database
def test_a_restart_remembers_the_same(url: str, history: tuple[Target, list[Record]]) -> None:
    live, reloaded = live_and_reloaded(url, *history)
    assert reloaded == live


def test_memory_is_bounded(url: str) -> None:
    records = [probed(result(n), n) for n in range(1, 41)] + [probed(control(n), None) for n in range(20)]
    _, memory = live_and_reloaded(url, TARGET, records)
    assert (len(memory.earlier), len(memory.proven), len(memory.controls)) == (
        EARLIER_KEPT,
        PROVEN_KEPT,
        CONTROLS_KEPT,
    )


def test_the_cap_parameter_that_a_control_taught_outlives_later_failures(url: str) -> None:
    taught = control(0, cap_parameter="max_completion_tokens")
    failed = [control(n, http_status=500) for n in range(1, CONTROLS_KEPT + 2)]
    _, reloaded = live_and_reloaded(url, TARGET, [probed(item, None) for item in (taught, *failed)])
    assert reloaded.cap_parameter == "max_completion_tokens"


def test_nothing_is_known_of_a_new_target(url: str) -> None:
    assert with_ledger(url, lambda ledger: ledger.memory(TARGET)) == TargetMemory()


def test_targets_do_not_share_what_they_learn(url: str) -> None:
    live_and_reloaded(url, TARGET, [probed(result(1), 1, health=health())])
    other = replace(TARGET, id="openai/other")
    assert with_ledger(url, lambda ledger: ledger.memory(other)) == TargetMemory()


def test_a_changed_config_unlearns_all_but_states_and_health(url: str) -> None:
    records = [probed(result(1), 1, health=health()), probed(control(2), None), config_changed(3, 2)]
    live, _ = live_and_reloaded(url, TARGET, records)
    known = with_ledger(url, lambda ledger: ledger.memory(TARGET)).health
    assert live == TargetMemory(states={"inline": replace(state(2), **_FRESH)}, health=known)


def test_health_is_remembered_as_it_is_stored(url: str) -> None:
    live, reloaded = live_and_reloaded(url, TARGET, [probed(result(1), 1), probed(result(2), 2, health=health())])
    assert live.health == reloaded.health == replace(health(), version=2)


@pytest.mark.parametrize("refused", [probed(result(1), 2), probed(result(2), 9)], ids=["duplicate", "conflict"])
def test_a_refused_commit_makes_the_next_memory_fresh(url: str, refused: Record) -> None:
    async def story(ledger: SqlLedger) -> TargetMemory:
        await ledger.memory(TARGET)
        async with SqlLedger(url) as other:
            await other.commit(probed(result(1), 1))
        await ledger.commit(refused)
        return await ledger.memory(TARGET)

    assert with_ledger(url, story).state("inline") == state(1)


def test_two_loads_at_once_miss_no_commit_between_them(url: str) -> None:
    async def story(ledger: SqlLedger) -> int:
        await asyncio.gather(ledger.memory(TARGET), ledger.commit(probed(result(1), 1)), ledger.memory(TARGET))
        return (await ledger.memory(TARGET)).state("inline").version

    assert with_ledger(url, story) == 1
