"""How long a Markov chain of probes takes to leave: means by a linear system without a subtraction, quantiles by
carrying the distribution forward. Knows nothing of standings.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, log

WORK = 1_000_000
"""Ticks, and states visited in them, for which a distribution is carried; what is left then is taken as memoryless."""
HALF, MOST = 0.5, 0.95
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Move:
    """Where a probe leads (None: out of the chain) and the wait until the next one."""

    to: int | None
    wait: float


Chain = tuple[tuple[Move, Move], ...]
"""By state: the move of probability p, and that of 1 - p. The first state is where it begins."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution in three numbers, perhaps infinite. `approximate`: the quantiles rest on a memoryless tail."""

    mean: float
    p50: float
    p95: float
    approximate: bool = False


# --- means --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """A state while others are eliminated: its chances to come to others and to leave, and the wait until either."""

    to: dict[int, float]
    leaves: float
    wait: float


def mean(chain: Chain, p: float) -> float:
    """The mean sum of waits on the way out of the chain; infinite where floats cannot hold it.

    States are eliminated from the last to the first as by Grassmann, Taksar and Heyman (Operations Research 33, 1985):
    nothing is subtracted, so that a chance of 1e-15 to leave keeps all its digits.
    """
    rows = [_row(moves, p) for moves in chain]
    before = _before(rows)
    for state in reversed(range(1, len(rows))):
        _eliminate(rows, before, state)
    first = rows[0]
    return first.wait / first.leaves if first.leaves else inf


def _row(moves: tuple[Move, Move], p: float) -> _Row:
    row = _Row({}, 0.0, 0.0)
    for move, chance in zip(moves, (p, 1 - p), strict=True):
        row.wait += chance * move.wait
        if move.to is None:
            row.leaves += chance
        elif chance:
            row.to[move.to] = row.to.get(move.to, 0.0) + chance
    return row


def _before(rows: Sequence[_Row]) -> list[set[int]]:
    before: list[set[int]] = [set() for _ in rows]
    for state, row in enumerate(rows):
        for to in row.to:
            before[to].add(state)
    return before


def _eliminate(rows: list[_Row], before: list[set[int]], state: int) -> None:
    """Lead the ways through `state` past it. What a state leads to itself only delays it: it is divided out."""
    gone = rows[state]
    onward = {to: chance for to, chance in gone.to.items() if to < state}
    moves_on = gone.leaves + sum(onward.values())
    for earlier in [row for row in before[state] if row < state]:
        row = rows[earlier]
        share = row.to.pop(state) / moves_on
        row.leaves += share * gone.leaves
        row.wait += share * gone.wait
        for to, chance in onward.items():
            row.to[to] = row.to.get(to, 0.0) + share * chance
            before[to].add(earlier)


# --- quantiles ----------------------------------------------------------------------------------------------------


def spread(chain: Chain, p: float, phase: float, tick: float) -> Spread:
    """The time out of the chain when its first probe comes after a wait evenly spread over 0…`phase`.

    Quantiles count in units of `tick`: exact if it divides `phase` and all waits, else these are rounded to it.
    """
    average = phase / 2 + mean(chain, p)
    shares = _until(MOST, _since_the_start(_left(chain, p, tick), round(phase / tick)))
    half, most = (tick * _quantile(shares, average / tick, share) for share in (HALF, MOST))
    return Spread(average, half, most, approximate=shares[-1] < MOST)


def probes(chain: Chain, p: float) -> Spread:
    """The number of probes out of the chain, the last one included."""
    steps = tuple((_unit(up), _unit(down)) for up, down in chain)
    counted = spread(steps, p, 1.0, 1.0)
    return replace(counted, mean=counted.mean + HALF, p50=_whole(counted.p50), p95=_whole(counted.p95))


def _unit(move: Move) -> Move:
    return Move(move.to, 1.0 if move.to is not None else 0.0)


def _whole(number: float) -> float:
    return ceil(number) if number < inf else number


def _left(chain: Chain, p: float, tick: float) -> Iterator[float]:
    """The share that leaves at each tick after the first probe: 0, 1, 2 … until `WORK` is done."""
    moves = [
        [(chance, move.to, round(move.wait / tick)) for move, chance in zip(both, (p, 1 - p), strict=True)]
        for both in chain
    ]
    due: dict[int, dict[int, float]] = {0: {0: 1.0}}
    work = now = 0
    while work < WORK:
        leaves, visited = 0.0, due.pop(now, {})
        for state, share in visited.items():
            for chance, to, wait in moves[state]:
                if to is None:
                    leaves += share * chance
                else:
                    later = due.setdefault(now + wait, {})
                    later[to] = later.get(to, 0.0) + share * chance
        yield leaves
        work, now = work + 1 + len(visited), now + 1


def _since_the_start(left: Iterable[float], phase: int) -> Iterator[float]:
    """The share that has left by each tick, the first probe being evenly spread over the first `phase` ticks."""
    gone, areas = 0.0, [0.0]
    yield 0.0
    for tick, share in enumerate(left, 1):
        gone += share
        areas.append(areas[-1] + gone)
        yield (areas[tick] - areas[max(tick - phase, 0)]) / phase


def _until(most: float, shares: Iterable[float]) -> list[float]:
    reached = []
    for share in shares:
        reached.append(share)
        if share >= most:
            break
    return reached


def _quantile(shares: Sequence[float], average: float, wanted: float) -> float:
    """Where the line through `shares` meets `wanted`. Past its end, whoever is left leaves at a constant rate, the one
    that makes the whole average what it is.
    """
    tick = bisect_left(shares, wanted)
    if tick < len(shares):
        return tick - (shares[tick] - wanted) / (shares[tick] - shares[tick - 1])
    stay = 1 - shares[-1]
    waited = sum(1 - share for share in shares) - (1 + stay) / 2
    return len(shares) - 1 + (average - waited) / stay * log(stay / (1 - wanted))


# --- mixtures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """A time that is evenly spread over `least`…`least + width`, taken with that weight."""

    weight: float
    least: float
    width: float


def mixture(ways: Sequence[Way]) -> Spread:
    """The time of one way, picked by weight."""
    whole = sum(way.weight for way in ways)
    average = sum(way.weight * (way.least + way.width / 2) for way in ways) / whole
    half, most = (_mixture_quantile(ways, share * whole) for share in (HALF, MOST))
    return Spread(average, half, most)


def _mixture_quantile(ways: Sequence[Way], wanted: float) -> float:
    low, high = 0.0, max(way.least + way.width for way in ways)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        done = sum(way.weight * min(max((middle - way.least) / way.width, 0.0), 1.0) for way in ways)
        low, high = (middle, high) if done < wanted else (low, middle)
    return high
