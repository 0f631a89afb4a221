"""How far a day's budget stretches, by tables, by simulated days and for any numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.budget import (
    LONGEST_EVERY,
    MOST_STRETCH,
    UNLIMITED,
    Spent,
    Stretch,
    given_before,
    midnight,
    part_of_day,
    slowed,
    spent_on,
    stretch,
    stretched,
    tighter,
)
from monitor.core.forecast import Forecast
from monitor.core.memory import CONTROL
from monitor.core.types import Budget, Mode, Policy, TargetCheck, Verdict
from tests.core.builders import result
from tests.runner.rig import target

DAY_S = 86_400
MINUTE = timedelta(minutes=1)
USUAL = Forecast(1464, 1464 * 300, None)
"""A check a minute with hourly controls, 300 tokens each, no prices."""

factors = st.floats(1, MOST_STRETCH)
parts = st.floats(0, 0.999)
checks = st.builds(
    lambda every, timeout, more: TargetCheck(
        "inline",
        Mode.REQUIRED,
        timedelta(seconds=every),
        timedelta(seconds=timeout),
        timedelta(seconds=max(3 * every, 300) + timeout + more),
    ),
    st.integers(1, 30 * DAY_S),
    st.integers(1, 600),
    st.integers(0, DAY_S),
)
spendings = st.builds(Spent, usd=st.floats(0, 10), probes=st.integers(0, 10_000), tokens=st.integers(0, 10_000_000))
forecasts = st.builds(
    Forecast, probes=st.floats(1, 10_000), tokens=st.floats(0, 1e7), usd=st.none() | st.floats(0, 100)
)
budgets = st.builds(
    Budget,
    usd_per_day=st.none() | st.floats(0.01, 100),
    probes_per_day=st.none() | st.integers(1, 10_000),
    tokens_per_day=st.none() | st.integers(1, 10_000_000),
)


def lived(budget: Budget, tokens: int, expected: Forecast = USUAL) -> tuple[Spent, list[float]]:
    """A day at the pace that the law allows: what was spent, and the factor before each probe."""
    spent, seconds, factors_given = Spent(), 0.0, []
    while seconds < DAY_S:
        factor = stretch(budget, spent, expected, seconds / DAY_S).ordinary
        factors_given.append(factor)
        spent += Spent(0.0, 1, tokens)
        seconds += DAY_S / expected.probes * factor
    return spent, factors_given


# --- the law ------------------------------------------------------------------------------------------------------

HALF = Budget(None, 1000, None)
LAW = [
    ("the budget covers the pace", Budget(), Spent(0, 732, 220_000), 0.5, 1.0),
    ("no limit", UNLIMITED, Spent(1e6, 10**6, 10**9), 0.5, 1.0),
    ("a day that costs more than the budget", HALF, Spent(), 0.0, 1.4945),
    ("a burst is made up for in the rest of the day", HALF, Spent(0, 900, 0), 0.5, 7.625),
    ("spent", HALF, Spent(0, 1000, 0), 0.5, MOST_STRETCH),
    ("overspent", HALF, Spent(0, 1500, 0), 0.99, MOST_STRETCH),
    ("cost unknown, and no other limit", Budget(2.0, None, None), Spent(0.0, 700, 9), 0.5, 1.0),
    ("cost known by the provider's bill alone", Budget(2.0, None, None), Spent(1.5, 732, 0), 0.5, 3.125),
    ("the tightest limit rules", Budget(None, 3000, 300_000), Spent(0, 0, 0), 0.0, 1.4945),
]


@pytest.mark.parametrize(("budget", "spent", "passed", "factor"), [row[1:] for row in LAW], ids=[row[0] for row in LAW])
def test_the_factor_is_what_is_planned_over_what_is_left(
    budget: Budget, spent: Spent, passed: float, factor: float
) -> None:
    assert stretch(budget, spent, USUAL, passed).ordinary == pytest.approx(factor, rel=1e-3)


def test_a_healthy_target_at_the_default_pace_is_never_stretched_by_the_default_budget() -> None:
    spent, given_out = lived(Budget(), 300)
    assert (spent.probes, set(given_out)) == (1464, {1.0})


@pytest.mark.parametrize("limit", [100, 500, 1000, 1400])
def test_a_budget_below_the_plan_is_spread_evenly_over_the_day(limit: int) -> None:
    spent, given_out = lived(Budget(None, limit, None), 300)
    assert limit * 0.97 < spent.probes <= limit
    assert max(given_out) / min(given_out) < 1.03


def test_a_model_that_costs_ten_times_the_expectation_stays_within_its_budget() -> None:
    spent, given_out = lived(Budget(None, None, 3_000_000), 3000)
    assert spent.tokens <= 3_000_000
    assert max(given_out) < 2


@pytest.mark.parametrize("limit", [1, 10, 60])
def test_a_budget_too_small_for_the_least_pace_is_overspent_by_a_small_part_of_the_plan(limit: int) -> None:
    assert lived(Budget(None, limit, None), 300)[0].probes == pytest.approx(USUAL.probes / MOST_STRETCH, abs=1)


def test_there_is_no_step_at_midnight_when_the_day_was_as_planned() -> None:
    evening = lived(HALF, 300)[1][-1]
    morning = stretch(HALF, Spent(), USUAL, 0.0).ordinary
    assert evening == pytest.approx(morning, rel=0.03)


@given(budgets, spendings, forecasts, parts)
def test_the_factor_has_its_bounds(budget: Budget, spent: Spent, expected: Forecast, passed: float) -> None:
    by = stretch(budget, spent, expected, passed)
    assert 1 <= by.follow_ups <= by.ordinary <= MOST_STRETCH


@given(budgets, spendings, forecasts, parts, st.builds(Spent, usd=st.floats(0, 10), tokens=st.integers(0, 10**6)))
def test_spending_more_never_stretches_less(
    budget: Budget, spent: Spent, expected: Forecast, passed: float, extra: Spent
) -> None:
    more = spent + extra
    less_by, more_by = stretch(budget, spent, expected, passed), stretch(budget, more, expected, passed)
    assert more_by.ordinary >= less_by.ordinary
    assert more_by.follow_ups >= less_by.follow_ups


@given(st.integers(0, 4000), st.integers(0, 4000), parts)
def test_more_probes_never_stretch_less(one: int, more: int, passed: float) -> None:
    budget = Budget(None, 3000, None)
    first = stretch(budget, Spent(0, one, 0), USUAL, passed)
    assert stretch(budget, Spent(0, one + more, 0), USUAL, passed).ordinary >= first.ordinary


@pytest.mark.parametrize(
    ("probes", "passed", "ordinary", "follow_ups"),
    [
        (2699, 0.05, 4.72, 1.0),
        (2850, 0.05, 9.47, 5.23),
        (3000, 0.05, MOST_STRETCH, MOST_STRETCH),
    ],
)
def test_follow_ups_keep_their_pace_until_the_budget_is_nearly_gone(
    probes: int, passed: float, ordinary: float, follow_ups: float
) -> None:
    by = stretch(Budget(None, 3000, None), Spent(0, probes, 0), USUAL, passed)
    assert [by.ordinary, by.follow_ups] == pytest.approx([ordinary, follow_ups], abs=0.01)


def test_only_the_least_pace_is_called_exhausted() -> None:
    assert [Stretch(factor).is_exhausted for factor in (1.0, 23.9, MOST_STRETCH)] == [False, False, True]


def test_of_two_budgets_the_tighter_one_rules() -> None:
    assert tighter(Stretch(3.0, 1.0), Stretch(2.0, 1.5)) == Stretch(3.0, 1.5)


# --- stretching ---------------------------------------------------------------------------------------------------


@given(checks, factors, factors)
def test_intervals_and_lifetimes_stretch_together(check: TargetCheck, factor: float, given_at: float) -> None:
    eased = stretched(check, factor, given_at)
    assert eased.every >= check.every
    assert eased.every <= max(check.every, LONGEST_EVERY)
    assert eased.proof_ttl + timedelta(milliseconds=1) >= max(3 * eased.every, timedelta(minutes=5)) + eased.timeout


@given(checks)
def test_a_factor_of_one_changes_nothing(check: TargetCheck) -> None:
    assert stretched(check, 1.0) is check


@pytest.mark.parametrize(
    ("every", "factor", "given_at", "pace", "lifetime"),
    [
        (MINUTE, 2.0, 1.0, 2 * MINUTE, 11 * MINUTE),
        (MINUTE, 1.0, 4.0, MINUTE, 22 * MINUTE),
        (MINUTE, 24.0, 1.0, 24 * MINUTE, 132 * MINUTE),
        (timedelta(hours=1), 24.0, 1.0, timedelta(hours=6), timedelta(hours=18, minutes=3)),
        (timedelta(hours=6), 24.0, 1.0, timedelta(hours=6), timedelta(hours=18, seconds=30)),
    ],
)
def test_a_check_is_stretched_up_to_six_hours_and_a_proof_keeps_what_it_was_given(
    every: timedelta, factor: float, given_at: float, pace: timedelta, lifetime: timedelta
) -> None:
    timeout = timedelta(seconds=30)
    check = TargetCheck("inline", Mode.REQUIRED, every, timeout, max(3 * every, 5 * MINUTE) + timeout)
    eased = stretched(check, factor, given_at)
    assert (eased.every, eased.proof_ttl) == (pace, lifetime)


def test_the_paces_of_a_policy_stretch_and_its_thresholds_do_not() -> None:
    assert slowed(Policy(), Stretch(4.0, 2.0)) == Policy(
        fast_every=timedelta(seconds=10), down_every=timedelta(seconds=480)
    )


def test_an_unstretched_policy_is_the_same() -> None:
    policy = Policy()
    assert slowed(policy, Stretch()) is policy


@pytest.mark.parametrize(("minutes", "factor"), [(5.5, 1.0), (55, 10.0), (1, 1.0), (10_000, MOST_STRETCH)])
def test_a_stored_row_tells_what_lifetime_its_proofs_were_given(minutes: float, factor: float) -> None:
    assert given_before(target("sees"), minutes * MINUTE) == factor


# --- spending -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "spent"),
    [
        ({"cost_usd": 0.25, "input_tokens": 300, "output_tokens": 7}, Spent(0.25, 1, 307)),
        ({"cost_usd": 0.25, "billed_usd": 0.5}, Spent(0.5, 1, 0)),
        ({"cost_usd": 0.25, "billed_usd": 0.125}, Spent(0.25, 1, 0)),
        ({"billed_usd": 0.125}, Spent(0.125, 1, 0)),
        ({"output_tokens": 4096, "verdict": Verdict.OUT_OF_BUDGET}, Spent(0.0, 1, 4096)),
        ({"http_status": None, "verdict": Verdict.UNREACHABLE}, Spent(0.0, 1, 0)),
        ({"http_status": None, "verdict": Verdict.MISSED}, Spent()),
        ({"name": CONTROL, "verdict": None, "input_tokens": 31, "output_tokens": 2}, Spent(0.0, 1, 33)),
    ],
)
def test_what_a_result_costs(facts: dict[str, Any], spent: Spent) -> None:
    assert spent_on(result(**facts)) == spent


@pytest.mark.parametrize(
    ("now", "part"),
    [
        (datetime(2026, 11, 1, tzinfo=UTC), 0.0),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), 0.5),
        (datetime(2026, 11, 1, 23, 59, 59, 999_999, tzinfo=UTC), 1.0),
    ],
)
def test_a_budgets_day_begins_at_midnight_utc(now: datetime, part: float) -> None:
    assert midnight(now) == datetime(2026, 11, 1, tzinfo=UTC)
    assert part_of_day(now) == pytest.approx(part)
    assert part_of_day(now) < 1
