"""When a check is due: a stable phase, so that a restart makes no herd and two daemons agree on every slot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def phase(target_id: str, check: str, every: timedelta) -> timedelta:
    """Where in its interval the check of that target falls: evenly spread over targets, the same for ever."""
    digest = sha256(f"{target_id}|{check}".encode()).digest()
    return timedelta(microseconds=int.from_bytes(digest[:8]) % (every // _MICROSECOND))


def next_slot(after: datetime, target_id: str, check: str, every: timedelta) -> datetime:
    """The first slot of the check's grid later than `after`."""
    origin = _EPOCH + phase(target_id, check, every)
    return origin + ((after - origin) // every + 1) * every
