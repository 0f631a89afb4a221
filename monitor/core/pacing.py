"""When a check is next due, out of the pace that its state asks for, its stable grid and the target's own wishes."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.core.health import LONGEST_RETRY_AFTER, pace
from monitor.core.memory import TargetMemory
from monitor.core.slots import next_slot, phase
from monitor.core.types import CheckState, ProbeResult, Target, TargetCheck, Verdict

FIRST_WITHIN = timedelta(seconds=60)
"""A check never probed waits at most this long for its first slot, however rare its ordinary ones are."""


def first_slot(target: Target, check: TargetCheck, state: CheckState, now: datetime) -> datetime:
    """The first slot after a start: on the grid, or soon (but still spread out) for a check never probed before."""
    if state.last_verdict is not None:
        return next_slot(now, target.id, check.name, check.every)
    return now + phase(target.id, check.name, min(check.every, FIRST_WITHIN))


def slot_after(  # noqa: PLR0913 all that a slot depends on
    target: Target,
    check: TargetCheck,
    memory: TargetMemory,
    result: ProbeResult | None,
    now: datetime,
    *,
    paced: Target,
) -> datetime:
    """The slot after that of `result` (None: it was written before), never in the past nor before Retry-After.

    `paced` is the target at the pace that its budget allows. An interval that is stretched counts from the slot
    before: a grid whose interval creeps would jump about.
    """
    ordinary = next_slot(now, target.id, check.name, check.every)
    if result is None:
        return ordinary
    if follows_at_once(target, memory, result):
        return max(now, result.scheduled_at + timedelta.resolution)
    delay = pace(memory.state(check.name), paced.check(check.name), paced.policy)
    planned = ordinary if delay == check.every else result.scheduled_at + delay
    return max(planned, now, _asked_for(result))


def follows_at_once(target: Target, memory: TargetMemory, result: ProbeResult) -> bool:
    """Is this one of the two verdicts that are followed up at once?

    A first `unsure`, by another kind of challenge; and an answer that ran out of a budget which has been raised since.
    `memory` is that after the result.
    """
    state = memory.state(result.check)
    if result.verdict is Verdict.UNSURE:
        return state.unsure_run == 1
    raised = max(target.output_cap, memory.cap or 0) > result.output_cap
    return result.verdict is Verdict.OUT_OF_BUDGET and raised


def _asked_for(result: ProbeResult) -> datetime:
    return result.finished_at + min(result.retry_after or timedelta(0), LONGEST_RETRY_AFTER)
