"""What is old goes, in steps so small that no commit waits long for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from monitor.core.types import Signal
from monitor.edge.schema import probes

STEP = 500
"""Rows that one transaction deletes."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows that were deleted: successes (signal FOR), and all others, controls among them."""

    successes: int
    failures: int


@dataclass(frozen=True, slots=True)
class Expiry:
    """Rows of this signal (None: controls) go when their slot is before the moment."""

    signal: Signal | None
    before: datetime


def expiries(now: datetime, successes: timedelta, failures: timedelta) -> tuple[Expiry, ...]:
    """What is old at `now`."""
    kept = {Signal.FOR: successes, Signal.AGAINST: failures, Signal.SILENT: failures, None: failures}
    return tuple(Expiry(signal, now - age) for signal, age in kept.items())


def prune_step(connection: Connection, expiry: Expiry, step: int) -> int:
    """Delete the oldest, at most `step`; how many went. Fewer than `step` means that none is left."""
    old = select(probes.c.seq).where(probes.c.signal.is_not_distinct_from(expiry.signal))
    oldest = old.where(probes.c.scheduled_at < expiry.before).order_by(probes.c.scheduled_at).limit(step)
    return connection.execute(delete(probes).where(probes.c.seq.in_(oldest))).rowcount
