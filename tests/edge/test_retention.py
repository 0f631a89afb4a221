"""What is old goes: successes first, everything else later."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.core.types import Committed, ProbeResult, Signal, Verdict
from monitor.edge import queries
from monitor.edge.ledger import SqlLedger
from monitor.edge.retention import Pruned
from tests.edge.ledger_records import TARGET, control, probed, result, slot, with_ledger

MINUTE = timedelta(minutes=1)
BLIND = {"verdict": Verdict.BLIND, "signal": Signal.AGAINST}
THROTTLED = {"verdict": Verdict.THROTTLED, "signal": Signal.SILENT}


def pruned(
    url: str, results: list[ProbeResult], now: datetime, ages: tuple[timedelta, timedelta], step: int = 500
) -> tuple[Pruned, list[int]]:
    """What pruning says it did, and the numbers of the probes that are left, oldest first."""

    async def story(ledger: SqlLedger) -> tuple[Pruned, list[int]]:
        version = 0
        for item in results:
            version += item.verdict is not None
            assert await ledger.commit(probed(item, version)) is Committed.KEPT
        gone = await ledger.prune(now, *ages, step)
        page = await ledger.read(lambda connection: queries.probes_of(connection, TARGET.id, limit=100))
        return gone, [int.from_bytes(item.seed) for item in reversed(page.items)]

    return with_ledger(url, story)


def test_successes_go_after_their_time(url: str) -> None:
    results = [result(n) for n in range(6)]
    assert pruned(url, results, slot(5), (2 * MINUTE, 9 * MINUTE)) == (Pruned(3, 0), [3, 4, 5])


@pytest.mark.parametrize("facts", [BLIND, THROTTLED], ids=["against", "silent"])
def test_failures_go_after_theirs(url: str, facts: dict[str, Verdict | Signal]) -> None:
    results = [result(n, **facts) for n in range(6)]
    assert pruned(url, results, slot(5), (timedelta(0), 4 * MINUTE)) == (Pruned(0, 1), [1, 2, 3, 4, 5])


def test_controls_go_with_the_failures(url: str) -> None:
    assert pruned(url, [control(0), control(1)], slot(5), (timedelta(0), 4 * MINUTE)) == (Pruned(0, 1), [1])


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_small_steps_take_all_that_is_old(url: str, step: int) -> None:
    results = [result(n) for n in range(6)]
    assert pruned(url, results, slot(99), (MINUTE, MINUTE), step) == (Pruned(6, 0), [])


def test_nothing_old_is_nothing_gone(url: str) -> None:
    assert pruned(url, [result(1)], slot(1), (MINUTE, MINUTE)) == (Pruned(0, 0), [1])
