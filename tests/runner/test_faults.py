"""Every fault of the sandbox, through the real runner, gets the verdict that its name calls for: in every check that it
shows in and every dialect that has the check's form.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.checks import CATALOGUE
from monitor.core.types import Signal, Verdict
from monitor.dialects import REGISTRY
from monitor.sandbox.faults import FAULTS
from tests.runner.rig import rig, target

TRAVELS = [
    (check, dialect) for check, row in CATALOGUE.items() for dialect in REGISTRY if row.forms <= REGISTRY[dialect].forms
]
CASES = [
    (name, check, dialect)
    for name, fault in FAULTS.items()
    for check, dialect in TRAVELS
    if name != "intermittent-10" and check in {"inline", *fault.shows_in}
]


@pytest.mark.parametrize(("fault", "check", "dialect"), CASES)
def test_the_first_probe_of_a_fault_is_judged_by_its_name(fault: str, check: str, dialect: str, tmp_path: Path) -> None:
    async def probe() -> Verdict | None:
        async with rig(tmp_path) as r:
            timeout = 0.3 if fault == "hangs" else 5.0
            return (await r.probe(target(fault, dialect, timeout=timeout, check=check)))[0].verdict

    assert asyncio.run(probe()) is FAULTS[fault].judged_by(check)[0]


@pytest.mark.parametrize(("check", "dialect"), TRAVELS)
def test_a_sound_target_is_seen_by_every_check(check: str, dialect: str, tmp_path: Path) -> None:
    async def probe() -> list[tuple[Verdict | None, Signal | None]]:
        async with rig(tmp_path) as r:
            results = await r.probe(target("sees", dialect, timeout=5.0, check=check), times=2)
            return [(result.verdict, result.signal) for result in results]

    assert asyncio.run(probe()) == [(Verdict.SEEN, Signal.FOR)] * 2


@pytest.mark.parametrize("dialect", REGISTRY)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("flat-usage", [Verdict.UNSURE, Verdict.DROPPED, Verdict.DROPPED]),
        ("replays", [Verdict.SEEN, Verdict.REPLAYED, Verdict.REPLAYED]),
    ],
)
def test_a_fault_that_needs_memory_is_found_by_the_second_probe(
    fault: str, expected: list[Verdict], dialect: str, tmp_path: Path
) -> None:
    async def probe() -> list[Verdict | None]:
        async with rig(tmp_path) as r:
            return [result.verdict for result in await r.probe(target(fault, dialect), times=3)]

    assert asyncio.run(probe()) == expected


@pytest.mark.parametrize("dialect", REGISTRY)
def test_an_intermittent_drop_is_seen_or_dropped_and_nothing_else(dialect: str, tmp_path: Path) -> None:
    async def probe() -> set[Verdict | None]:
        async with rig(tmp_path) as r:
            return {result.verdict for result in await r.probe(target("intermittent-10", dialect), times=60)}

    assert asyncio.run(probe()) == {Verdict.SEEN, Verdict.DROPPED}


def test_checks_of_one_target_share_neither_score_nor_controls(tmp_path: Path) -> None:
    async def probe() -> tuple[dict[str, Signal | None], set[str]]:
        async with rig(tmp_path) as r:
            blind = target("stream-blind")
            streamed = target("stream-blind", check="inline-stream").checks
            both = replace(blind, checks=(*blind.checks, *streamed))
            for check in ("inline", "inline-stream", "inline-stream"):
                await r.runner.probe(both, check, r.clock())
                r.clock.move(60)
            memory = await r.ledger.memory(both)
            signals = {name: state.last_signal for name, state in memory.states.items()}
            return signals, {control.wording for control in memory.controls}

    signals, wordings = asyncio.run(probe())
    assert signals == {"inline": Signal.FOR, "inline-stream": Signal.AGAINST}
    assert wordings == {"code", "code+stream"}
