"""What the flip policy buys, computed (VERDICTS.md §3): Markov chains over the daemon's own `step` and `pace`.

An active check is a state per score. A probe speaks against it with probability `p` and for it otherwise; the time
between two probes is the pace of the state after the first of them. The fault begins anywhere within the 60 s cycle.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.health import pace, step
from monitor.core.types import Policy, Signal, Standing
from tests.core.builders import EVERY, active, check, fallen, probed

POLICY = Policy()
PHASE_S = EVERY.total_seconds() / 2
YEAR_S = 365.25 * 86_400


def _next(score: int, signal: Signal) -> tuple[int | None, float]:
    """The score after a probe of that signal (None: fallen) and the seconds to the next one."""
    after = step(active(score), probed(signal), POLICY)
    wait_s = pace(after, check(), POLICY).total_seconds()
    return (after.score if after.standing is Standing.ACTIVE else None, wait_s)


MOVES = [(_next(score, Signal.AGAINST), _next(score, Signal.FOR)) for score in range(POLICY.full)]


def _mean_s(p: float) -> float:
    """Seconds from the first probe at score 0 to the fall: the linear system of the chain, eliminated."""
    rows = [_equation(score, p) for score in range(POLICY.full)]
    for pivot in reversed(range(POLICY.full)):
        for row in rows[:pivot]:
            _eliminate(row, rows[pivot], pivot)
    return rows[0][-1] / rows[0][0]


def _equation(score: int, p: float) -> list[float]:
    row = [0.0] * (POLICY.full + 1)
    row[score] = 1.0
    for (after, wait_s), chance in zip(MOVES[score], (p, 1 - p), strict=True):
        if after is not None:
            row[after] -= chance
            row[-1] += chance * wait_s
    return row


def _eliminate(row: list[float], by: list[float], pivot: int) -> None:
    share = row[pivot] / by[pivot]
    if share:
        row[:] = [a - share * b for a, b in zip(row, by, strict=True)]


def _quantile_s(p: float, quantile: float) -> float:
    """Whole seconds from the fault, its phase uniform, within which that share of all cases has fallen."""
    cycle = int(EVERY.total_seconds())
    due: dict[int, dict[int, float]] = {second: {0: 1 / cycle} for second in range(cycle)}
    fallen_share, second = 0.0, 0
    while True:
        for score, share in due.pop(second, {}).items():
            for (after, wait_s), chance in zip(MOVES[score], (p, 1 - p), strict=True):
                if after is None:
                    fallen_share += share * chance
                else:
                    scores = due.setdefault(second + int(wait_s), {})
                    scores[after] = scores.get(after, 0.0) + share * chance
        second += 1
        if fallen_share >= quantile - 1e-9:
            return second


@pytest.mark.parametrize(
    ("p", "minutes"), [(1.0, 45 / 60), (0.5, 129 / 60), (0.2, 6.4), (0.1, 17)], ids=["total", "50%", "20%", "10%"]
)
def test_a_drop_flips_the_target_as_soon_as_the_design_says(p: float, minutes: float) -> None:
    assert (PHASE_S + _mean_s(p)) / 60 == pytest.approx(minutes, rel=0.01)


@pytest.mark.parametrize(("p", "seconds"), [(1.0, 72), (0.1, 43 * 60)], ids=["total", "10%"])
def test_nineteen_of_twenty_drops_flip_the_target_as_soon_as_the_design_says(p: float, seconds: float) -> None:
    assert _quantile_s(p, 0.95) == pytest.approx(seconds, rel=0.02)


def test_a_total_drop_flips_in_four_probes() -> None:
    assert _mean_s(1.0) == 3 * POLICY.fast_every.total_seconds()


@pytest.mark.parametrize(("p", "years"), [(0.01, 1.2), (0.005, 50)])
def test_independent_noise_flips_a_target_as_rarely_as_the_design_says(p: float, years: float) -> None:
    assert _mean_s(p) / YEAR_S == pytest.approx(years, rel=0.03)


def test_after_a_fix_a_first_outage_is_over_in_70_seconds() -> None:
    state, waits = fallen(), [pace(fallen(), check(), POLICY) / 2]
    while state.standing is Standing.CATALOG_ONLY:
        state = step(state, probed(Signal.FOR), POLICY)
        waits.append(pace(state, check(), POLICY))
    assert sum(waits[:-1], timedelta(0)) == timedelta(seconds=70)
