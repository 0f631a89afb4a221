"""Every fault of the sandbox, in every dialect, through the real runner, gets the verdict that its name calls for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from monitor.core.types import Verdict
from monitor.dialects import REGISTRY
from monitor.sandbox.faults import FAULTS
from tests.runner.rig import rig, target

FIRST = {name: fault.judged_by("inline")[0] for name, fault in FAULTS.items() if name != "intermittent-10"}


@pytest.mark.parametrize("dialect", REGISTRY)
@pytest.mark.parametrize("fault", FIRST)
def test_the_first_probe_of_a_fault_is_judged_by_its_name(fault: str, dialect: str, tmp_path: Path) -> None:
    async def probe() -> Verdict | None:
        async with rig(tmp_path) as r:
            timeout = 0.3 if fault == "hangs" else 5.0
            return (await r.probe(target(fault, dialect, timeout=timeout)))[0].verdict

    assert asyncio.run(probe()) is FIRST[fault]


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
