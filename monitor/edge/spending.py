"""What targets spent today, kept by the records of it, and the pace that their budgets leave them.

What was spent before a restart is read from the stored probes once; the days are those of UTC, by a probe's slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.core.budget import (
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
from monitor.core.forecast import Forecast, forecast
from monitor.core.ports import Clock
from monitor.core.types import Budget, Probed, Record, Signal, Target, TargetHealth

Key = tuple[str, str]
"""Target id and check name."""
NOTHING = Spent()


class Spending:
    """A sink of records that knows how far the budgets stretch. Reading it changes nothing, so any thread may."""

    name = "spending"

    def __init__(self, clock: Clock, spent_today: Mapping[str, Spent]) -> None:
        self._clock = clock
        self._day = midnight(clock())
        self._spent = dict(spent_today)
        self._in_all = sum(spent_today.values(), NOTHING)
        self._forecasts: dict[str, Forecast] = {}
        self._fleet = (UNLIMITED, Forecast())
        self._given: dict[Key, float] = {}
        self._under_way: dict[Key, float] = {}

    def use(self, targets: Sequence[Target], fleet: Budget) -> None:
        """These are the targets from now on, and what they may spend in all. What was spent stays spent."""
        self._forecasts = {target.id: forecast(target) for target in targets}
        self._fleet = (fleet, sum(self._forecasts.values(), Forecast()))
        configured = {(target.id, check.name) for target in targets for check in target.checks}
        self._given = {key: factor for key, factor in self._given.items() if key in configured}

    def resume(self, targets: Iterable[Target], rows: Iterable[TargetHealth]) -> None:
        """Let the proofs of before a restart have the lifetimes that they were given, as the stored rows tell."""
        stored = {row.target_id: row for row in rows}
        for target in targets:
            row = stored.get(target.id)
            if row and row.valid_until and row.last_proof_at:
                factor = given_before(target, row.valid_until - row.last_proof_at)
                self._given.update({(target.id, check.name): factor for check in target.required})

    def __call__(self, record: Record) -> None:
        """Count what a committed record cost, and remember under what stretch its proof was made."""
        if record.result is not None:
            self._count(record.target_id, spent_on(record.result), midnight(record.result.scheduled_at))
        if isinstance(record.event, Probed) and record.event.signal is Signal.FOR:
            key = (record.target_id, record.check)
            self._given[key] = self._under_way.get(key, 1.0)

    def _count(self, target_id: str, spent: Spent, day: datetime) -> None:
        if day > self._day:
            self._day, self._spent, self._in_all = day, {}, NOTHING
        if day == self._day:
            self._spent[target_id] = self._spent.get(target_id, NOTHING) + spent
            self._in_all += spent

    def stretch(self, target: Target, now: datetime) -> Stretch:
        """By what the target's intervals are multiplied: its own budget and the fleet's, the tighter one."""
        is_today = midnight(now) == self._day
        spent = self._spent.get(target.id, NOTHING) if is_today else NOTHING
        in_all = self._in_all if is_today else NOTHING
        passed = part_of_day(now)
        budget, everything = self._fleet
        own = stretch(target.budget, spent, self._forecasts.get(target.id, Forecast()), passed)
        return tighter(own, stretch(budget, in_all, everything, passed))

    def is_exhausted(self, target: Target) -> bool:
        """Has the target no more left than the least pace?"""
        return self.stretch(target, self._clock()).is_exhausted

    def paced(self, target: Target, now: datetime) -> Target:
        """The target as its budget lets it be: intervals and the lifetimes of proofs stretched alike."""
        by = self.stretch(target, now)
        checks = tuple(
            stretched(check, by.ordinary, self._given.get((target.id, check.name), 1.0)) for check in target.checks
        )
        return replace(target, checks=checks, policy=slowed(target.policy, by))

    def probing(self, target: Target, check: str, now: datetime) -> Target:
        """The same for a probe of `check` that begins now: a proof that it makes is given this lifetime."""
        self._under_way[target.id, check] = self.stretch(target, now).ordinary
        return self.paced(target, now)
