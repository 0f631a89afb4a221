"""A target's memory out of the database, by bounded queries over indexes, and the same memory after a commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, bindparam, func, literal, select

from monitor.core.memory import (
    CONTROLS_KEPT,
    EARLIER_KEPT,
    PROVEN,
    PROVEN_KEPT,
    REASONING_CAP,
    TargetMemory,
    remember,
)
from monitor.core.types import CheckState, ConfigChanged, ProbeResult, Record, TargetHealth, Verdict
from monitor.edge.rows import CONFIG_CHANGED, HEALTH, PROBE, STATE, health_of, result_of, state_of
from monitor.edge.schema import (
    ANSWERED,
    CAPPED,
    CONTROLS,
    check_health,
    events,
    probes,
    target_health,
)

# Built once: SQLAlchemy takes longer to build and to recognise such a query than SQLite to answer it.
_MINE = probes.c.target_id == bindparam("target")
_SINCE = bindparam("since", type_=BigInteger)
_STATES = select(check_health.c.check, *STATE).where(check_health.c.target_id == bindparam("target"))
_HEALTH = select(*HEALTH).where(target_health.c.target_id == bindparam("target"))
_LAST_CONFIG_CHANGE = select(func.max(events.c.seq)).where(
    events.c.target_id == bindparam("target"), events.c.kind == CONFIG_CHANGED
)


def _newest(which: ColumnElement[bool], count: int) -> Select[Any]:
    mine = select(probes.c.seq, *PROBE).where(_MINE, which, probes.c.seq > _SINCE)
    return mine.order_by(probes.c.seq.desc()).limit(count)


_ANSWERED = _newest(ANSWERED & (probes.c.check == bindparam("check")), EARLIER_KEPT)
_LAST_ANSWERED_CONTROL = _newest(ANSWERED & CONTROLS, 1)
_PROVEN = _newest(probes.c.verdict == bindparam("verdict"), PROVEN_KEPT)
_CONTROLS = _newest(CONTROLS & (probes.c.challenge == bindparam("wording")), CONTROLS_KEPT)
_NEXT_WORDING = select(func.min(probes.c.challenge)).where(_MINE, CONTROLS, probes.c.challenge > bindparam("after"))
# The sums keep planners from walking all rows since then, newest first, where the largest cap is one seek away.
_LARGEST_CAP = (
    select(probes.c.output_cap)
    .where(_MINE, CAPPED, probes.c.seq + 0 > _SINCE)
    .order_by(probes.c.output_cap.desc())
    .limit(1)
)
_OUT_OF_BUDGET = (
    select(literal(REASONING_CAP))
    .where(_MINE, probes.c.verdict == Verdict.OUT_OF_BUDGET, probes.c.seq + 0 > _SINCE)
    .limit(1)
)


def recall(connection: Connection, target_id: str) -> TargetMemory:
    """The memory of a target as last committed: what `follow` would have kept."""
    changed = connection.execute(_LAST_CONFIG_CHANGE, {"target": target_id}).scalar()
    since = {"target": target_id, "since": changed or 0}
    states = recall_states(connection, target_id)
    memory = TargetMemory()
    for _, result in sorted(_remembered(connection, since, states).items()):
        memory = remember(memory, result)
    return replace(
        memory,
        states=states,
        health=recall_health(connection, target_id),
        cap=_cap(connection, since),
    )


def follow(memory: TargetMemory, record: Record, health: TargetHealth | None) -> TargetMemory:
    """`memory` after a committed record, `health` being its health as numbered by the writer.

    After a change of config nothing that was learned holds: another model has other deltas, echoes and caps.
    """
    if isinstance(record.event, ConfigChanged):
        memory = TargetMemory(states=memory.states, health=memory.health)
    if record.result is not None:
        memory = remember(memory, record.result)
    if record.state is not None:
        memory = replace(memory, states={**memory.states, record.check: record.state})
    return memory if health is None else replace(memory, health=health)


def recall_states(connection: Connection, target_id: str) -> dict[str, CheckState]:
    """The states of the target's checks, by check."""
    return {check: state_of(state) for check, *state in connection.execute(_STATES, {"target": target_id})}


def recall_health(connection: Connection, target_id: str) -> TargetHealth | None:
    """The row that routers read; None for a target that has none yet."""
    row = connection.execute(_HEALTH, {"target": target_id}).one_or_none()
    return None if row is None else health_of(row)


def _remembered(connection: Connection, since: Mapping[str, Any], checks: Iterable[str]) -> dict[int, ProbeResult]:
    queries: list[tuple[Select[Any], dict[str, Any]]] = [
        *((_ANSWERED, {"check": check}) for check in checks),
        (_LAST_ANSWERED_CONTROL, {}),
        *((_PROVEN, {"verdict": verdict}) for verdict in PROVEN),
        *((_CONTROLS, {"wording": wording}) for wording in _wordings(connection, since["target"])),
    ]
    rows = (row for query, which in queries for row in connection.execute(query, {**since, **which}))
    return {seq: result_of(row) for seq, *row in rows}


def _wordings(connection: Connection, target_id: str) -> Iterator[str]:
    # One index seek a wording; DISTINCT would read every control that was ever kept.
    wording: str | None = ""
    while wording := connection.execute(_NEXT_WORDING, {"target": target_id, "after": wording}).scalar():
        yield wording


def _cap(connection: Connection, since: Mapping[str, Any]) -> int | None:
    caps = (connection.execute(query, since).scalar() for query in (_LARGEST_CAP, _OUT_OF_BUDGET))
    return max((cap for cap in caps if cap is not None), default=None)
