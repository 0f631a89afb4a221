"""What a flip policy buys, told before it is used: how soon it flips, how rarely by mistake, how it holds and recovers.

The rules of the policy are not written here: every transition is `health.step` on a representative state, every wait
is `health.pace` (VERDICTS.md §3). Taken for granted: probes are FOR or AGAINST, independently; no proof expires; waits
are the pace's, while the daemon cuts the first `every` after a suspicion short, on the check's grid (2 % at most).
Shares are within 0…1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from math import gcd, sqrt
from statistics import fmean, stdev
from struct import unpack

from monitor.core import hitting
from monitor.core.health import RELAPSE_WINDOW, pace, step
from monitor.core.hitting import Chain, Move, Spread, Way
from monitor.core.types import CheckState, Policy, Probed, Signal, Standing, TargetCheck, Verdict

FULL_MOST = 2000
"""Largest `Policy.full` that is computed: the chain has a state for each score below it."""
TICKS_IN_SHORTEST = 12
"""Quantiles count time in the largest unit that divides all waits, or else in this part of the shortest wait."""
DAY_S = 86_400.0
DAYS_MOST, DAYS_LEAST = 10, 3
"""For how many days a lasting fault is followed."""
RUN_MOST = 1_500_000
"""Probes that one run of a lasting fault may have at the shortest pace, `DAYS_LEAST` permitting."""
PROBES_SIMULATED, RUNS_SIMULATED = 600_000, 500
"""After so many probes under a lasting fault, or so many runs, no new run begins."""

_START = datetime(2000, 1, 1, tzinfo=UTC)
_LONG_AGO = _START - 2 * RELAPSE_WINDOW
_VERDICTS = {Signal.FOR: Verdict.SEEN, Signal.AGAINST: Verdict.DROPPED}

Draws = Callable[[], float]
"""Where chance comes from: each call gives another number, evenly spread over [0, 1)."""


def uniforms(seed: bytes) -> Iterator[float]:
    """Such numbers, the same for the same seed for ever: four from each SHA-256(seed + counter)."""
    for number in count():
        yield from ((word >> 11) / 2**53 for word in unpack(">4Q", sha256(seed + number.to_bytes(8, "big")).digest()))


@dataclass(frozen=True, slots=True)
class Flip:
    """From the beginning of a fault that drops `share` of all images, anywhere within `every`, to catalog-only."""

    share: float
    probes: Spread
    seconds: Spread


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean over simulated runs and its standard error (None with a single run)."""

    mean: float
    error: float | None


@dataclass(frozen=True, slots=True)
class Lasting:
    """A fault that drops `share` and does not end within `days` (simulated).

    `active_*` are the shares of time in which the check is active all the same: on the first day and on the others.
    `recovery` is in seconds from the fault's end to active, if it ends on the second day while the check is out; None
    if it was never out then.
    """

    share: float
    days: int
    active_first_day: Estimate
    active_after: Estimate
    recovery: Spread | None


class TooManyStatesError(ValueError):
    """The policy's bucket is larger than `FULL_MOST`."""


# --- the daemon's own rule, tabulated -----------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Node:
    """States that no later probe tells apart, by one of them, and the seconds from its probe to the next."""

    state: CheckState
    wait_s: float
    active: bool
    after: dict[Signal, Node] = field(default_factory=dict)


Stays = dict[Node, float]
"""Seconds spent in each node."""


class Rule:
    """`step` and `pace` for one setting, each node and signal asked once. `healthy`: active, beyond suspicion."""

    def __init__(self, policy: Policy, check: TargetCheck) -> None:
        self.policy, self.check = policy, check
        self._nodes: dict[tuple[CheckState, float], Node] = {}
        self.healthy = self._stepped(CheckState(), Signal.FOR, _START)

    def after(self, node: Node, signal: Signal) -> Node:
        """What a probe makes of `node`; of a demotion only that it is one, for it depends on the clock: `flipped`."""
        if signal not in node.after:
            node.after[signal] = self._stepped(node.state, signal, _START)
        return node.after[signal]

    def flipped(self, node: Node, signal: Signal, at_s: float, promoted_s: float | None) -> Node:
        """The same at a time and after a last promotion (None: long before), both in seconds from the fault."""
        promoted = _LONG_AGO if promoted_s is None else _moment(promoted_s)
        return self._stepped(replace(node.state, last_promoted_at=promoted), signal, _moment(at_s))

    def _stepped(self, state: CheckState, signal: Signal, at: datetime) -> Node:
        after = step(state, Probed(at, _VERDICTS[signal], signal, "code"), self.policy)
        wait_s = pace(after, self.check, self.policy).total_seconds()
        kept = _representative(after)
        return self._nodes.setdefault((kept, wait_s), Node(kept, wait_s, kept.standing is Standing.ACTIVE))


def _representative(state: CheckState) -> CheckState:
    """`state` without what no later probe asks for: the record of its past (its pace is taken already, flips are told
    the time), and its run while active, which an AGAINST ends before it could count.
    """
    return replace(
        state,
        run=0 if state.standing is Standing.ACTIVE else state.run,
        since=_START,
        last_proof_at=state.last_proof_at and _START,
        last_promoted_at=state.last_promoted_at and _START,
        last_signal=None,
        last_verdict=None,
        streak=0,
        version=0,
    )


def _moment(at_s: float) -> datetime:
    return _START + timedelta(seconds=at_s)


# --- active: an exact chain ---------------------------------------------------------------------------------------


def active_chain(rule: Rule) -> Chain:
    """Every state that an active check can come to, by rising score; waits in seconds. May raise TooManyStatesError."""
    if rule.policy.full > FULL_MOST:
        raise TooManyStatesError(
            f"fall {rule.policy.fall} at tolerate {rule.policy.tolerate:g} fills a bucket of {rule.policy.full} by "
            f"{rule.policy.weight} for each AGAINST; at most {FULL_MOST} is computed: lower fall or raise tolerate"
        )
    nodes = sorted(_reachable(rule), key=lambda node: node.state.score)
    places = {node: place for place, node in enumerate(nodes)}
    return tuple(
        (_move(places, rule.after(node, Signal.AGAINST)), _move(places, rule.after(node, Signal.FOR))) for node in nodes
    )


def _reachable(rule: Rule) -> set[Node]:
    found, new = {rule.healthy}, [rule.healthy]
    while new:
        node = new.pop()
        fresh = {after for signal in _VERDICTS if (after := rule.after(node, signal)).active} - found
        found |= fresh
        new += fresh
    return found


def _move(places: Mapping[Node, int], after: Node) -> Move:
    return Move(places[after], after.wait_s) if after.active else Move(None, 0.0)


def flip(rule: Rule, chain: Chain, share: float) -> Flip:
    """How soon a fault that drops `share` makes an active check catalog-only."""
    every_s = rule.check.every.total_seconds()
    return Flip(share, hitting.probes(chain, share), hitting.spread(chain, share, every_s, _tick_s(chain, every_s)))


def _tick_s(chain: Chain, every_s: float) -> float:
    waits_ms = {round(1000 * wait_s) for wait_s in (every_s, *(move.wait for moves in chain for move in moves))} - {0}
    return max(gcd(*waits_ms), min(waits_ms) / TICKS_IN_SHORTEST) / 1000


def false_flip_s(chain: Chain, noise: float) -> float:
    """Mean seconds until that share of AGAINST, by mere chance, flips a check beyond suspicion. May be infinite."""
    return hitting.mean(chain, noise)


# --- out: simulated, for relapses depend on the clock -------------------------------------------------------------


def first_outage(rule: Rule) -> Spread:
    """Seconds from the end of a total drop to active, for a check that had never fallen before."""
    node = rule.healthy
    while rule.after(node, Signal.AGAINST).active:
        node = rule.after(node, Signal.AGAINST)
    fallen = rule.flipped(node, Signal.AGAINST, 0.0, None)
    return hitting.mixture([Way(1.0, _seconds_to_active(rule, fallen), fallen.wait_s)])


def lasting(rule: Rule, share: float, draws: Draws) -> Lasting:
    """How a fault that drops `share` for ever is held, simulated by `draws`."""
    days = days_followed(rule)
    runs = list(_runs(rule, share, draws, (DAY_S, 2 * DAY_S, days * DAY_S)))
    first = _estimate([_active_s(first) / DAY_S for first, _, _ in runs])
    after = _estimate([(_active_s(second) + _active_s(rest)) / ((days - 1) * DAY_S) for _, second, rest in runs])
    return Lasting(share, days, first, after, _recovery(rule, _out(second for _, second, _ in runs)))


def days_followed(rule: Rule) -> int:
    """For how many days a lasting fault is followed: fewer where probes come so fast that runs would be too long."""
    shortest_s = min(rule.check.every, rule.policy.fast_every).total_seconds()
    return min(max(int(RUN_MOST * shortest_s / DAY_S), DAYS_LEAST), DAYS_MOST)


def _estimate(values: Sequence[float]) -> Estimate:
    return Estimate(fmean(values), stdev(values) / sqrt(len(values)) if len(values) > 1 else None)


def _active_s(stays: Stays) -> float:
    return sum(seconds for node, seconds in stays.items() if node.active)


def _out(periods: Iterable[Stays]) -> Stays:
    out: Stays = defaultdict(float)
    for stays in periods:
        for node, seconds in stays.items():
            if not node.active:
                out[node] += seconds
    return out


def _runs(rule: Rule, share: float, draws: Draws, ends_s: Sequence[float]) -> Iterator[Sequence[Stays]]:
    """As many runs as we afford, each by periods: up to the first of these ends, from there to the next, and so on."""
    probes = runs = 0
    while probes < PROBES_SIMULATED and runs < RUNS_SIMULATED:
        periods: list[Stays] = [defaultdict(float) for _ in ends_s]
        probes, runs = probes + _fill(periods, ends_s, _walk(rule, share, draws, ends_s[-1])), runs + 1
        yield periods


def _fill(periods: Sequence[Stays], ends_s: Sequence[float], walk: Iterable[tuple[Node, float, float]]) -> int:
    """Put one run into its periods; the number of its stays."""
    number = period = 0
    for node, begin_s, end_s in walk:
        number += 1
        since_s = begin_s
        while end_s > ends_s[period]:
            periods[period][node] += ends_s[period] - since_s
            since_s, period = ends_s[period], period + 1
        periods[period][node] += end_s - since_s
    return number


def _walk(rule: Rule, share: float, draws: Draws, until_s: float) -> Iterator[tuple[Node, float, float]]:
    """One fault: each node that the check stays in, from when to when."""
    node, promoted_s = rule.healthy, None
    at_s = draws() * node.wait_s
    yield node, 0.0, min(at_s, until_s)
    while at_s < until_s:
        signal = Signal.AGAINST if draws() < share else Signal.FOR
        after = rule.after(node, signal)
        if after.active is not node.active:
            after = rule.flipped(node, signal, at_s, promoted_s)
            promoted_s = at_s if after.active else promoted_s
        node, begin_s, at_s = after, at_s, at_s + after.wait_s
        yield node, begin_s, min(at_s, until_s)


def _recovery(rule: Rule, out: Stays) -> Spread | None:
    """Seconds from the end of a fault to active, if it ends at any moment of these stays; None without any."""
    ways: dict[tuple[float, float], float] = defaultdict(float)
    for node, weight in out.items():
        ways[_seconds_to_active(rule, node), node.wait_s] += weight
    return hitting.mixture([Way(weight, *bounds) for bounds, weight in ways.items()]) if ways else None


def _seconds_to_active(rule: Rule, node: Node) -> float:
    """From the next probe on, all of them FOR."""
    seconds = 0.0
    while not (node := rule.after(node, Signal.FOR)).active:
        seconds += node.wait_s
    return seconds
