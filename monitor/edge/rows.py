"""Dataclass to row and back, the only place that knows both. A row is read by position, in the order of the fields."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Column, Table

from monitor.core.canary import Fetch
from monitor.core.types import (
    Capability,
    CheckState,
    ConfigChanged,
    Event,
    Expired,
    Gate,
    ProbeResult,
    Record,
    Target,
    TargetHealth,
    Transition,
)
from monitor.edge.schema import check_health, image_fetches, probes, target_health, transitions


def _columns(table: Table, of: type[Any]) -> tuple[Column[Any], ...]:
    return tuple(table.c[field.name] for field in fields(of))


PROBE = _columns(probes, ProbeResult)
STATE = _columns(check_health, CheckState)
HEALTH = _columns(target_health, TargetHealth)
TRANSITION = _columns(transitions, Transition)
FETCH = _columns(image_fetches, Fetch)

_CONTRACTS = {"honors_max_tokens": "cap", "strict_answers": "strict"}
"""Columns of `target_health` that repeat one check's capability, for routers that read no JSON."""
_KEPT_PROMISE = {"pass": True, "fail": False}
CONFIG_CHANGED = "config-changed"
"""The `kind` of an event before which nothing that was learned of the target holds."""
EVENTS: Mapping[str, type[Expired | ConfigChanged]] = {"expired": Expired, CONFIG_CHANGED: ConfigChanged}
"""The `kind` of every event that is no probe."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way into the database, with the fingerprint of the target as now configured (None: unknown)."""

    record: Record
    identity: str | None


def fingerprint(target: Target) -> str:
    """What the target is, as hexadecimal SHA-256: compared to notice another endpoint, model or dialect."""
    return hashlib.sha256(json.dumps(target.identity).encode()).hexdigest()


def probe_row(seq: int, result: ProbeResult) -> dict[str, Any]:
    """The row of `probes`."""
    return {"seq": seq} | _as_row(PROBE, result)


def state_row(target_id: str, check: str, state: CheckState) -> dict[str, Any]:
    """The row of `check_health`."""
    return {"target_id": target_id, "check": check} | _as_row(STATE, state)


def transition_row(seq: int, transition: Transition) -> dict[str, Any]:
    """The row of `transitions`."""
    return {"seq": seq} | _as_row(TRANSITION, transition)


def fetch_row(fetch: Fetch) -> dict[str, Any]:
    """The row of `image_fetches`."""
    return _as_row(FETCH, fetch)


def event_row(seq: int, record: Record) -> dict[str, Any] | None:
    """The row of `events`; None for a probe, whose row in `probes` is the event."""
    kind = _kind(record.event)
    if record.event is None or kind is None:
        return None
    return {
        "seq": seq,
        "target_id": record.target_id,
        "check": record.check,
        "kind": kind,
        "at": record.event.at,
        "payload": {},
    }


def health_row(health: TargetHealth, identity: str | None) -> dict[str, Any]:
    """The row of `target_health` but for the pin, which probes do not touch."""
    states = {capability.check: capability.state for capability in health.capabilities}
    return {
        **_as_row(HEALTH, health),
        **{column: _KEPT_PROMISE.get(states.get(check, "")) for column, check in _CONTRACTS.items()},
        "capabilities": {c.check: {"gate": c.gate.value, "state": c.state} for c in health.capabilities},
        "groups": dict(health.groups),
        "identity": identity,
    }


def result_of(row: Sequence[Any]) -> ProbeResult:
    """From a row of the columns PROBE."""
    return ProbeResult(*row)


def state_of(row: Sequence[Any]) -> CheckState:
    """From a row of the columns STATE."""
    return CheckState(*row)


def transition_of(row: Sequence[Any]) -> Transition:
    """From a row of the columns TRANSITION."""
    return Transition(*row)


def fetch_of(row: Sequence[Any]) -> Fetch:
    """From a row of the columns FETCH."""
    return Fetch(*row)


def health_of(row: Sequence[Any]) -> TargetHealth:
    """From a row of the columns HEALTH."""
    values = dict(zip((column.key for column in HEALTH), row, strict=True))
    return TargetHealth(**{**values, "capabilities": _capabilities(values["capabilities"])})


def _as_row(columns: tuple[Column[Any], ...], item: object) -> dict[str, Any]:
    keys = [column.key for column in columns]
    return dict(zip(keys, attrgetter(*keys)(item), strict=True))


def _capabilities(stored: Mapping[str, Mapping[str, str]]) -> tuple[Capability, ...]:
    return tuple(Capability(check, Gate(told["gate"]), told["state"]) for check, told in stored.items())


def _kind(event: Event | None) -> str | None:
    return next((kind for kind, event_type in EVENTS.items() if type(event) is event_type), None)
