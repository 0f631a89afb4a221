"""What a policy is said to buy: as VERDICTS.md §3 has it, and as a simulation finds it that has every state whole, with
its real times, and knows nothing of chains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from math import sqrt
from statistics import fmean, stdev

import pytest

from monitor.core import flips
from monitor.core.flips import DAY_S, Rule
from monitor.core.health import pace, step
from monitor.core.types import CheckState, Policy, Signal, Standing, TargetCheck
from tests.core.builders import EVERY, NOON, active, check, probed

YEAR_S = 365.25 * DAY_S
RULE = Rule(Policy(), check())
CHAIN = flips.active_chain(RULE)
ODD = Policy(fall=3, rise=2, tolerate=0.3, fast_every=timedelta(seconds=7), down_every=timedelta(seconds=45))
"""A policy none of whose waits divides another."""
SIGMAS = 4
"""Standard errors that a simulation may be off: once in 16,000 comparisons; the seeds are fixed, so never or always."""

FIRST_DRAWS = [0.10230754324890257, 0.6253519299062841, 0.2570596989955797, 0.2117211368645744, 0.44880638616328805]
"""Of `seed`: SHA-256 of it and a counter, by hashlib and hand."""


# --- as the design says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "mean_s"), [(1.0, 45), (0.5, 129), (0.2, 6.4 * 60), (0.1, 17 * 60)], ids=["100%", "50%", "20%", "10%"]
)
def test_a_fault_is_noticed_as_soon_as_the_design_says(share: float, mean_s: float) -> None:
    assert flips.flip(RULE, CHAIN, share).seconds.mean == pytest.approx(mean_s, rel=0.01)


@pytest.mark.parametrize(("share", "p95_s"), [(1.0, 72), (0.1, 43 * 60)], ids=["100%", "10%"])
def test_nineteen_of_twenty_faults_are_noticed_as_soon_as_the_design_says(share: float, p95_s: float) -> None:
    assert flips.flip(RULE, CHAIN, share).seconds.p95 == pytest.approx(p95_s, rel=0.01)


def test_a_total_drop_takes_four_probes() -> None:
    probes = flips.flip(RULE, CHAIN, 1.0).probes
    assert (probes.mean, probes.p50, probes.p95) == (4, 4, 4)


@pytest.mark.parametrize(("noise", "years"), [(0.01, 1.2), (0.005, 50)])
def test_chance_flips_a_target_as_rarely_as_the_design_says(noise: float, years: float) -> None:
    assert flips.false_flip_s(CHAIN, noise) / YEAR_S == pytest.approx(years, rel=0.02)


def test_a_lasting_dropper_of_a_tenth_is_held_as_the_design_says() -> None:
    """The design's 97 % of the first day is 97.47 ± 0.03 % (1500 runs), its 99.98 % is the mean of days 2 to 10; its
    10 minutes (p95 15) to recover hold on the second day. The longer it lasts, the more relapses: 12 (16) on day ten.
    """
    fault = flips.lasting(RULE, 0.1, flips.uniforms(b"design").__next__)
    assert fault.active_first_day.mean == pytest.approx(1 - 0.9747, abs=0.006)
    assert fault.active_after.mean == pytest.approx(1 - 0.9998, abs=0.0001)
    assert fault.recovery is not None
    assert fault.recovery.mean / 60 == pytest.approx(10, abs=1)
    assert fault.recovery.p95 / 60 == pytest.approx(15, abs=0.5)


def test_a_first_outage_is_over_in_70_seconds() -> None:
    recovery = flips.first_outage(RULE)
    assert [recovery.mean, recovery.p50, recovery.p95] == pytest.approx([70, 70, 0.95 * 120 + 10])


# --- as a simulation finds it -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stay:
    """A state of a simulated check, from its probe to the next, in seconds after the fault began."""

    state: CheckState
    begin_s: float
    end_s: float


def _simulated(policy: Policy, of: TargetCheck, share: float, draw: Callable[[], float]) -> Iterator[Stay]:
    """A check that was promoted long ago, probe by probe, from the first probe under the fault on."""
    state = active(last_promoted_at=NOON - timedelta(days=2))
    at_s = draw() * of.every.total_seconds()
    while True:
        signal = Signal.AGAINST if draw() < share else Signal.FOR
        state = step(state, probed(signal, NOON + timedelta(seconds=at_s)), policy)
        end_s = at_s + pace(state, of, policy).total_seconds()
        yield Stay(state, at_s, end_s)
        at_s = end_s


def _flip(policy: Policy, of: TargetCheck, share: float, draw: Callable[[], float]) -> tuple[int, float]:
    """Probes and seconds to catalog-only."""
    for probes, stay in enumerate(_simulated(policy, of, share, draw), 1):
        if stay.state.standing is Standing.CATALOG_ONLY:
            return probes, stay.begin_s
    raise AssertionError("a simulation has no end")


def _agrees(told: float, found: list[float], *, error: float = 0.0) -> bool:
    return abs(told - fmean(found)) <= SIGMAS * sqrt(stdev(found) ** 2 / len(found) + error**2) + 1e-9


@pytest.mark.parametrize(
    ("policy", "every", "share", "runs"),
    [
        (Policy(), EVERY, 1.0, 400),
        (Policy(), EVERY, 0.5, 400),
        (Policy(), EVERY, 0.2, 400),
        (Policy(), EVERY, 0.1, 200),
        (ODD, timedelta(seconds=61), 0.5, 400),
        (ODD, timedelta(seconds=61), 0.2, 200),
    ],
    ids=["100%", "50%", "20%", "10%", "odd 50%", "odd 20%"],
)
def test_flips_are_as_a_simulation_finds_them(policy: Policy, every: timedelta, share: float, runs: int) -> None:
    of = check(every=every)
    rule = Rule(policy, of)
    told = flips.flip(rule, flips.active_chain(rule), share)
    draw = flips.uniforms(b"flips").__next__
    probes, seconds = zip(*(_flip(policy, of, share, draw) for _ in range(runs)), strict=True)
    assert _agrees(told.probes.mean, list(probes))
    assert _agrees(told.seconds.mean, list(seconds))
    for quantile, within in ((told.seconds.p50, 0.5), (told.seconds.p95, 0.95)):
        reached = sum(found <= quantile for found in seconds) / runs
        assert abs(reached - within) <= SIGMAS * sqrt(within * (1 - within) / runs)


def test_false_flips_are_as_rare_as_a_simulation_finds_them() -> None:
    """By a policy that flips often enough to be watched."""
    rule = Rule(ODD, check())
    told = flips.false_flip_s(flips.active_chain(rule), 0.1) + EVERY.total_seconds() / 2
    draw = flips.uniforms(b"noise").__next__
    assert _agrees(told, [_flip(ODD, check(), 0.1, draw)[1] for _ in range(60)])


def _active_share(policy: Policy, share: float, since_s: float, until_s: float, draw: Callable[[], float]) -> float:
    """The share of that time in which a fault of `share` leaves the check active."""
    active_s = 0.0
    for stay in _simulated(policy, check(), share, draw):
        if stay.begin_s >= until_s:
            break
        if stay.state.standing is Standing.ACTIVE:
            active_s += max(min(stay.end_s, until_s) - max(stay.begin_s, since_s), 0.0)
    return active_s / (until_s - since_s)


def test_the_first_day_of_a_lasting_fault_is_as_a_simulation_finds_it() -> None:
    told = flips.lasting(RULE, 0.2, flips.uniforms(b"told").__next__).active_first_day
    draw = flips.uniforms(b"found").__next__
    before_s = EVERY.total_seconds() / 2  # the simulation begins with the first probe
    found = [_active_share(Policy(), 0.2, 0.0, DAY_S, draw) + before_s / DAY_S for _ in range(40)]
    assert _agrees(told.mean, found, error=told.error or 0.0)


def test_the_days_after_are_as_a_simulation_finds_them() -> None:
    """By a policy that lets a dropper come back so often that ten days are enough to see it."""
    quick = Policy(fall=1, rise=1)
    told = flips.lasting(Rule(quick, check()), 0.05, flips.uniforms(b"told").__next__).active_after
    draw = flips.uniforms(b"found").__next__
    found = [_active_share(quick, 0.05, DAY_S, flips.DAYS_MOST * DAY_S, draw) for _ in range(6)]
    assert _agrees(told.mean, found, error=told.error or 0.0)


@pytest.mark.parametrize(
    ("policy", "share"),
    [(Policy(), 0.1), (Policy(), 0.05), (ODD, 0.4), (Policy(fall=1, rise=1), 0.02)],
    ids=["10%", "5%", "odd", "1 of 1"],
)
def test_probe_by_probe_the_few_states_do_what_the_whole_ones_do(policy: Policy, share: float) -> None:
    """The same draws, the same standings at the same times: nothing that decides was left out of a state."""
    few = flips._walk(Rule(policy, check()), share, flips.uniforms(b"both").__next__, float("inf"))
    whole = _simulated(policy, check(), share, flips.uniforms(b"both").__next__)
    next(few)  # before the first probe
    pairs = list(islice(zip(few, whole, strict=True), 20_000))
    assert {node.active for (node, _, _), _ in pairs} == {True, False}
    for (node, begin_s, end_s), stay in pairs:
        assert (node.state.standing, node.state.score, begin_s, end_s) == (
            stay.state.standing,
            stay.state.score,
            stay.begin_s,
            stay.end_s,
        )
        assert node.active or (node.state.run, node.state.relapses) == (stay.state.run, stay.state.relapses)


# --- bounds -------------------------------------------------------------------------------------------------------


def test_the_chain_has_a_state_for_each_score() -> None:
    assert len(CHAIN) == Policy().full


def test_a_bucket_too_large_to_compute_is_refused() -> None:
    with pytest.raises(flips.TooManyStatesError, match="a bucket of 3996 by 999 for each AGAINST; at most 2000"):
        flips.active_chain(Rule(Policy(tolerate=0.001), check()))


def test_fewer_days_are_followed_where_probes_come_very_fast() -> None:
    fast = Policy(fast_every=timedelta(milliseconds=300))
    assert [flips.days_followed(Rule(policy, check())) for policy in (Policy(), fast)] == [10, 5]


def test_a_fault_that_the_policy_bears_never_takes_the_check_out() -> None:
    borne = flips.lasting(Rule(Policy(fall=20, tolerate=0.3), check()), 0.05, flips.uniforms(b"borne").__next__)
    assert [borne.active_first_day.mean, borne.active_after.mean] == pytest.approx([1.0, 1.0])
    assert borne.recovery is None


def test_the_stream_of_draws_is_the_same_for_ever() -> None:
    assert list(islice(flips.uniforms(b"seed"), 5)) == pytest.approx(FIRST_DRAWS, abs=1e-12)
    assert all(0 <= draw < 1 for draw in islice(flips.uniforms(b"seed"), 1000))
