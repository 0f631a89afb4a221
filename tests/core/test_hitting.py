"""Hitting times: against closed forms, exact fractions and each other."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, inf, log

import pytest

from monitor.core import hitting
from monitor.core.hitting import Chain, Move, Way

COIN: Chain = ((Move(None, 0.0), Move(0, 60.0)),)
"""Leaves with probability p at each probe, one a minute."""


def _in_a_row(length: int) -> Chain:
    """Leaves after `length` moves of probability p in a row; the other move leads back to the start."""
    return tuple((Move(state + 1 if state + 1 < length else None, 1.0), Move(0, 1.0)) for state in range(length))


@pytest.mark.parametrize("p", [1.0, 0.5, 0.01, 1e-12])
def test_the_mean_of_a_coin_is_that_of_the_geometric_distribution(p: float) -> None:
    assert hitting.mean(COIN, p) == pytest.approx(60 * (1 - p) / p, rel=1e-12)
    assert hitting.probes(COIN, p).mean == pytest.approx(1 / p, rel=1e-12)


@pytest.mark.parametrize("p", [0.3, 0.01, 0.0001])
def test_the_mean_keeps_its_digits_however_rare_the_end_is(p: float) -> None:
    length, exact = 6, Fraction(p)
    probes = sum(exact**-power for power in range(1, length + 1))
    assert hitting.probes(_in_a_row(length), p).mean == pytest.approx(float(probes), rel=1e-12)


def test_a_mean_past_all_floats_is_infinite() -> None:
    counted = hitting.probes(_in_a_row(100), 1e-4)
    assert (counted.mean, counted.p50, counted.p95) == (inf, inf, inf)


@pytest.mark.parametrize("p", [0.9, 0.5, 0.1, 0.02])
def test_quantiles_of_a_coin_are_those_of_the_geometric_distribution(p: float) -> None:
    counted = hitting.probes(COIN, p)
    assert (counted.p50, counted.p95) == tuple(ceil(log(1 - share) / log(1 - p) - 1e-9) for share in (0.5, 0.95))
    assert not counted.approximate


def test_the_wait_for_the_first_probe_is_evenly_spread_over_the_phase() -> None:
    at_once = hitting.spread(COIN, 1.0, 60.0, 5.0)
    assert [at_once.mean, at_once.p50, at_once.p95] == pytest.approx([30.0, 30.0, 57.0])


def test_quantiles_do_not_depend_on_the_unit_of_time_that_they_are_counted_in() -> None:
    coarse, fine = (hitting.spread(COIN, 0.3, 60.0, tick) for tick in (60.0, 2.5))
    assert [fine.p50, fine.p95] == pytest.approx([coarse.p50, coarse.p95])


def test_what_is_out_of_reach_is_taken_as_memoryless_and_says_so() -> None:
    rare = hitting.spread(COIN, 1e-8, 60.0, 60.0)
    assert rare.approximate
    assert [rare.p50, rare.p95] == pytest.approx([rare.mean * log(2), rare.mean * log(20)], rel=1e-6)


def test_a_mixture_weighs_its_ways() -> None:
    mixed = hitting.mixture([Way(3.0, 0.0, 10.0), Way(1.0, 100.0, 20.0)])
    assert mixed.mean == pytest.approx((3 * 5 + 110) / 4)
    assert mixed.p50 == pytest.approx(10 * 2 / 3)
    assert mixed.p95 == pytest.approx(116.0)
