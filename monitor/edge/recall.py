"""A target's memory out of the database, by bounded queries over indexes, and the same memory after a commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

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


def recall(connection: Connection, target_id: str) -> TargetMemory:
    """The memory of a target as last committed: what `follow` would have kept."""
    since = _last_config_change(connection, target_id)
    states = recall_states(connection, target_id)
    memory = TargetMemory()
    for _, result in sorted(_remembered(connection, target_id, since, states).items()):
        memory = remember(memory, result)
    return replace(
        memory,
        states=states,
        health=recall_health(connection, target_id),
        cap=_cap(connection, target_id, since),
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
    query = select(check_health.c.check, *STATE).where(check_health.c.target_id == target_id)
    return {check: state_of(state) for check, *state in connection.execute(query)}


def recall_health(connection: Connection, target_id: str) -> TargetHealth | None:
    """The row that routers read; None for a target that has none yet."""
    row = connection.execute(select(*HEALTH).where(target_health.c.target_id == target_id)).one_or_none()
    return None if row is None else health_of(row)


def _last_config_change(connection: Connection, target_id: str) -> int:
    query = select(func.max(events.c.seq)).where(events.c.target_id == target_id, events.c.kind == CONFIG_CHANGED)
    return connection.execute(query).scalar() or 0


def _remembered(connection: Connection, target_id: str, since: int, checks: Iterable[str]) -> dict[int, ProbeResult]:
    queries = [
        *(_newest(target_id, since, ANSWERED & (probes.c.check == check), EARLIER_KEPT) for check in checks),
        _newest(target_id, since, ANSWERED & CONTROLS, 1),
        *(_newest(target_id, since, probes.c.verdict == verdict, PROVEN_KEPT) for verdict in sorted(PROVEN)),
        *(
            _newest(target_id, since, CONTROLS & (probes.c.challenge == wording), CONTROLS_KEPT)
            for wording in _wordings(connection, target_id)
        ),
    ]
    return {seq: result_of(row) for query in queries for seq, *row in connection.execute(query)}


def _newest(target_id: str, since: int, which: ColumnElement[bool], count: int) -> Select[Any]:
    return (
        select(probes.c.seq, *PROBE)
        .where(probes.c.target_id == target_id, which, probes.c.seq > since)
        .order_by(probes.c.seq.desc())
        .limit(count)
    )


def _wordings(connection: Connection, target_id: str) -> Iterator[str]:
    # One index seek a wording; DISTINCT would read every control that was ever kept.
    wording: str | None = ""
    query = select(func.min(probes.c.challenge)).where(probes.c.target_id == target_id, CONTROLS)
    while wording := connection.execute(query.where(probes.c.challenge > wording)).scalar():
        yield wording


def _cap(connection: Connection, target_id: str, since: int) -> int | None:
    # The sum keeps planners from walking all rows since then, newest first, where the largest cap is one seek away.
    mine = (probes.c.target_id == target_id, probes.c.seq + 0 > since)
    sufficed = connection.execute(
        select(probes.c.output_cap).where(*mine, CAPPED).order_by(probes.c.output_cap.desc()).limit(1)
    ).scalar()
    exhausted = connection.execute(
        select(literal(REASONING_CAP)).where(*mine, probes.c.verdict == Verdict.OUT_OF_BUDGET).limit(1)
    ).scalar()
    return max((cap for cap in (sufficed, exhausted) if cap is not None), default=None)
