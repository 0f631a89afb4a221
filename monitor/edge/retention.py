"""What is old goes, in steps so small that no commit waits long for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, tuple_

from monitor.core.types import Signal
from monitor.edge.schema import image_fetches, probes

STEP = 500
"""Rows that one transaction deletes."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows that were deleted: successes (signal FOR), all other probes, controls among them, and fetches of images."""

    successes: int
    failures: int
    fetches: int = 0


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


def prune_fetches_step(connection: Connection, before: datetime, step: int) -> int:
    """Delete the oldest fetches, at most `step`; how many went."""
    key = (image_fetches.c.probe_id, image_fetches.c.number)
    oldest = select(*key).where(image_fetches.c.at < before).order_by(image_fetches.c.at).limit(step)
    return connection.execute(delete(image_fetches).where(tuple_(*key).in_(oldest))).rowcount
