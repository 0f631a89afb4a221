"""How far a day's budget stretches: intervals and the lifetimes of proofs, together, so that no proof runs out unseen.

The law. What is planned for the rest of the UTC day (and a `MARGIN`), over what is left of the budget, is the factor by
which intervals stretch. A pace that the budget covers is never stretched; one that it does not cover is stretched
evenly from midnight to midnight; one that costs more than planned is stretched as far as that takes.

At the end of a budget a target is still probed, at the least pace: `MOST_STRETCH` times the interval. The budget is
then overspent, by about that part of what an unstretched day takes, rather than that a target goes unwatched or its
proof runs out. Without prices (or a provider that bills) no cost is known: only probes and tokens are limited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.forecast import DAY, Forecast
from monitor.core.types import Budget, Policy, ProbeResult, Target, TargetCheck, Verdict

UNLIMITED = Budget(None, None, None)
"""A budget without a limit: the fleet's, unless the config sets one."""
MOST_STRETCH = 24.0
"""The largest factor: a check a minute is still made every 24 minutes."""
LONGEST_EVERY = timedelta(hours=6)
"""No interval is stretched beyond this, a longer one not at all: it must not sleep through the next day's budget."""
MARGIN = 1 / 48
"""The part of a day beyond midnight that a budget must last, so that the last minutes hang on no single probe."""
NEARLY_GONE = 0.9
"""The used part of a budget up to which follow-ups of a suspicion keep their pace."""
LEARNT_OVER = 20
"""Probes after which what they cost today counts as much as what was expected of them."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent in one UTC day, as far as is known."""

    usd: float = 0.0
    probes: int = 0
    tokens: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.usd + other.usd, self.probes + other.probes, self.tokens + other.tokens)


def spent_on(result: ProbeResult) -> Spent:
    """What one result cost: a control counts as a probe, a slot that was missed as none.

    The provider's own bill and the cost by the configured prices may differ: the larger one counts.
    """
    if result.verdict is Verdict.MISSED:
        return Spent()
    tokens = (result.input_tokens or 0) + (result.output_tokens or 0)
    return Spent(max(result.cost_usd or 0.0, result.billed_usd or 0.0), 1, tokens)


@dataclass(frozen=True, slots=True)
class Stretch:
    """By what the intervals are multiplied, each at least 1: ordinary ones, and those of follow-ups."""

    ordinary: float = 1.0
    follow_ups: float = 1.0

    @property
    def is_exhausted(self) -> bool:
        """Is no more left than the least pace?"""
        return self.ordinary >= MOST_STRETCH


def stretch(budget: Budget, spent: Spent, forecast: Forecast, passed: float) -> Stretch:
    """The stretch when `spent` is gone and a part of the day, `passed` in [0, 1), is over; the tightest limit rules.

    Follow-ups (`fast_every`) keep their pace until `NEARLY_GONE`, and from there come to the ordinary stretch evenly.
    """
    limits = tuple(_limits(budget, spent, forecast))
    ordinary = max((limit.factor(passed) for limit in limits), default=1.0)
    used = max((limit.spent / limit.most for limit in limits), default=0.0)
    gone = min(max((used - NEARLY_GONE) / (1 - NEARLY_GONE), 0.0), 1.0)
    return Stretch(ordinary, 1 + (ordinary - 1) * gone)


def tighter(one: Stretch, other: Stretch) -> Stretch:
    """What two budgets allow together, that of a target and that of the fleet."""
    return Stretch(max(one.ordinary, other.ordinary), max(one.follow_ups, other.follow_ups))


@dataclass(frozen=True, slots=True)
class _Limit:
    """One limit of a budget, all in its own unit: `a_day` is what an unstretched day takes."""

    most: float
    spent: float
    a_day: float

    def factor(self, passed: float) -> float:
        left, planned = self.most - self.spent, self.a_day * (1 + MARGIN - passed)
        if left <= planned / MOST_STRETCH:
            return MOST_STRETCH
        return max(planned / left, 1.0)


def _limits(budget: Budget, spent: Spent, forecast: Forecast) -> Iterator[_Limit]:
    if budget.probes_per_day is not None:
        yield _Limit(budget.probes_per_day, spent.probes, forecast.probes)
    if budget.tokens_per_day is not None:
        yield _Limit(budget.tokens_per_day, spent.tokens, _a_day(forecast, forecast.tokens, spent.probes, spent.tokens))
    if budget.usd_per_day is not None:
        yield _Limit(budget.usd_per_day, spent.usd, _a_day(forecast, forecast.usd, spent.probes, spent.usd))


def _a_day(forecast: Forecast, expected: float | None, probes: int, spent: float) -> float:
    """What an unstretched day takes, by what was expected of it and what the probes of today really took."""
    if expected is None or forecast.probes == 0:
        return forecast.probes * spent / max(probes, 1)
    each = (expected / forecast.probes * LEARNT_OVER + spent) / (LEARNT_OVER + probes)
    return forecast.probes * each


def part_of_day(now: datetime) -> float:
    """How much of the UTC day is over, in [0, 1)."""
    return (now - midnight(now)) / DAY


def midnight(now: datetime) -> datetime:
    """When the UTC day of `now` (aware, in UTC) began: budgets are of such days."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


# --- stretching ---------------------------------------------------------------------------------------------------


def stretched(check: TargetCheck, factor: float, given: float = 1.0) -> TargetCheck:
    """The check at `factor` (at least 1): `every` and `proof_ttl` grow alike, so proof_ttl ≥ 3 × every + timeout holds.

    `given` is the factor under which its last proof was made. A proof keeps the lifetime that it was given: when a new
    day's budget brings the pace back, `proof_ttl` shrinks only with the next proof.
    """
    if factor == given == 1:
        return check
    most = max(LONGEST_EVERY / check.every, 1.0)
    lasts = check.proof_ttl * min(max(factor, given), most)
    return replace(check, every=_longer(check.every, factor), proof_ttl=lasts)


def slowed(policy: Policy, by: Stretch) -> Policy:
    """The policy with its paces stretched; what it takes to flip stays as it is."""
    if by == Stretch():
        return policy
    fast, down = _longer(policy.fast_every, by.follow_ups), _longer(policy.down_every, by.ordinary)
    return replace(policy, fast_every=fast, down_every=down)


def _longer(interval: timedelta, factor: float) -> timedelta:
    return min(interval * factor, max(interval, LONGEST_EVERY))


def given_before(target: Target, lifetime: timedelta) -> float:
    """Under what factor proofs were made that, by the target's stored row, last for `lifetime`: 1 to the most."""
    least = min(check.proof_ttl for check in target.required)
    return min(max(lifetime / least, 1.0), MOST_STRETCH)
