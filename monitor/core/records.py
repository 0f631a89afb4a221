"""From an event to THE record: state, assessment, health row and transition, all derived in one place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from monitor.core.checks import check_of
from monitor.core.health import assess, capability, eligible_groups, passes, step
from monitor.core.memory import TargetMemory
from monitor.core.types import (
    PROBE_NAMESPACE,
    Assessment,
    Capability,
    CheckState,
    ConfigChanged,
    Event,
    Expired,
    FailureKind,
    Probed,
    ProbeResult,
    Record,
    Standing,
    Target,
    TargetHealth,
    Transition,
)

REMOVED = "removed"
REFRESH_SHARE = 4
"""The row's `valid_until` is written back when it would move by this part of the shortest proof_ttl."""


def probed(target: Target, memory: TargetMemory, result: ProbeResult) -> Record:
    """A judged probe: the state steps, the target is assessed anew. A control moves nothing."""
    event = event_of(result)
    if event is None:
        return Record(target.id, result.check, result.scheduled_at, result, None, None, None, None)
    return _record(target, memory, result.check, event, result)


def event_of(result: ProbeResult) -> Probed | None:
    """What a result says to the state machine; None for a control."""
    if result.verdict is None or result.signal is None:
        return None
    timed_out = result.failure is FailureKind.DEADLINE
    return Probed(result.scheduled_at, result.verdict, result.signal, result.challenge, timed_out)


def expired(target: Target, memory: TargetMemory, check: str, at: datetime) -> Record:
    """The proof of a check ran out."""
    return _record(target, memory, check, Expired(at), None)


def config_changed(target: Target, memory: TargetMemory, check: str, at: datetime) -> Record:
    """The target is another one than was proven: one record a check, of which the last writes the target's row.

    A row names the endpoint that it speaks of; written before the last check had started over, it would hide from the
    next start that the others have not.
    """
    record = _record(target, memory, check, ConfigChanged(at), None)
    return record if check == target.checks[-1].name else replace(record, health=None, transition=None)


def reassessed(target: Target, memory: TargetMemory, at: datetime) -> Record:
    """The config's word alone: required checks or groups may be others. Also writes the first row of a target."""
    after = _After(target, memory, memory.states, at, "config", None)
    return Record(target.id, "", at, None, None, None, _row_to_write(after), _transition(after), after.assessment)


def removed(row: TargetHealth, at: datetime) -> Record | None:
    """The target is no longer configured; None if its row says so already."""
    if row.reason == REMOVED:
        return None
    gone = replace(row, standing=Standing.CATALOG_ONLY, reason=REMOVED, valid_until=None, groups={}, updated_at=at)
    transition = None
    if row.standing is Standing.ACTIVE:
        gone = replace(gone, since=at)
        transition = Transition(
            id=_transition_id(row.target_id, at, Standing.CATALOG_ONLY),
            target_id=row.target_id,
            before=row.standing,
            after=Standing.CATALOG_ONLY,
            at=at,
            reason=REMOVED,
            detail="no longer in the config",
            probe_id=None,
            actor="config",
        )
    return Record(row.target_id, "", at, None, None, None, gone, transition)


def _transition_id(target_id: str, at: datetime, after: Standing) -> UUID:
    return uuid5(PROBE_NAMESPACE, f"{target_id}|{at.isoformat(timespec='microseconds')}|{after}")


def _record(target: Target, memory: TargetMemory, check: str, event: Event, result: ProbeResult | None) -> Record:
    state = step(memory.state(check), event, target.policy)
    after = _After(target, memory, {**memory.states, check: state}, event.at, ACTORS[type(event)], result)
    row, transition = _row_to_write(after), _transition(after)
    return Record(target.id, check, event.at, result, event, state, row, transition, after.assessment)


ACTORS: Mapping[type[Event], str] = {Probed: "probe", Expired: "expiry", ConfigChanged: "config"}


@dataclass(frozen=True, slots=True)
class _After:
    """A target as it stands after an event, beside the memory of how it stood before."""

    target: Target
    memory: TargetMemory
    states: Mapping[str, CheckState]
    at: datetime
    actor: str
    result: ProbeResult | None

    @property
    def assessment(self) -> Assessment:
        return assess(self.target, self.states)

    @property
    def before(self) -> Standing:
        return self.memory.health.standing if self.memory.health else Standing.CATALOG_ONLY

    @property
    def probe_id(self) -> UUID | None:
        return self.result.id if self.result else None


def _transition(after: _After) -> Transition | None:
    now = after.assessment
    if now.standing is after.before:
        return None
    return Transition(
        id=_transition_id(after.target.id, after.at, now.standing),
        target_id=after.target.id,
        before=after.before,
        after=now.standing,
        at=after.at,
        reason=now.reason,
        detail=after.result.reason if after.result else "",
        probe_id=after.probe_id,
        actor=after.actor,
    )


def _row_to_write(after: _After) -> TargetHealth | None:
    """The row as it should read now, or None when the stored one still serves."""
    stored, row = after.memory.health, _row(after)
    return row if stored is None or _must_write(after.target, stored, row) else None


def _row(after: _After) -> TargetHealth:
    target, now, stored = after.target, after.assessment, after.memory.health
    return TargetHealth(
        target_id=target.id,
        provider=target.provider,
        model_ref=target.model_ref,
        model=target.model,
        dialect=target.dialect,
        standing=now.standing,
        reason=now.reason,
        since=stored.since if stored and stored.standing is now.standing else after.at,
        last_proof_at=now.last_proof_at,
        valid_until=now.valid_until,
        capabilities=_capabilities(target, after.states),
        groups=eligible_groups(target, after.states),
        media_path="inline" if passes(after.states.get("inline")) else "unknown",
        last_probe_id=after.probe_id or (stored.last_probe_id if stored else None),
        updated_at=after.at,
    )


def _capabilities(target: Target, states: Mapping[str, CheckState]) -> tuple[Capability, ...]:
    gates = {check.name: check_of(target, check.name).gate for check in target.checks}
    return tuple(capability(name, gate, states.get(name, CheckState())) for name, gate in gates.items())


def _must_write(target: Target, stored: TargetHealth, row: TargetHealth) -> bool:
    if stored.visible != row.visible:
        return True
    if row.valid_until is None or stored.valid_until is None:
        return row.valid_until is not stored.valid_until
    shortest = min(check.proof_ttl for check in target.required)
    return abs(row.valid_until - stored.valid_until) >= shortest / REFRESH_SHARE
