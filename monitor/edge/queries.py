"""What the page, the API and the commands read. Queries return frozen dataclasses and find their rows by an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, Table, case, func, or_, select

from monitor.core.budget import Spent
from monitor.core.canary import Fetch
from monitor.core.records import event_of
from monitor.core.types import CheckState, Event, ProbeResult, Secret, Signal, TargetHealth, Transition, Verdict
from monitor.edge.recall import recall_health, recall_states
from monitor.edge.rows import (
    EVENTS,
    FETCH,
    HEALTH,
    PROBE,
    STATE,
    TRANSITION,
    fetch_of,
    health_of,
    result_of,
    state_of,
    transition_of,
)
from monitor.edge.schema import check_health, events, image_fetches, installation, probes, target_health, transitions

T = TypeVar("T")

one_health = recall_health
check_states = recall_states


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a history, newest first. `older` is the cursor for the next page (its `before`); None at the end."""

    items: tuple[T, ...]
    older: int | None


def all_health(connection: Connection) -> tuple[TargetHealth, ...]:
    """Every row that routers read, by target id."""
    rows = connection.execute(select(*HEALTH).order_by(target_health.c.target_id))
    return tuple(health_of(row) for row in rows)


def health_version(connection: Connection) -> int:
    """The version of the row that changed last; 0 before the first."""
    return connection.execute(select(func.max(target_health.c.version))).scalar() or 0


def all_check_states(connection: Connection) -> Mapping[str, Mapping[str, CheckState]]:
    """The state of every check: target id -> check -> state."""
    states: dict[str, dict[str, CheckState]] = {}
    query = select(check_health.c.target_id, check_health.c.check, *STATE)
    for target_id, check, *state in connection.execute(query):
        states.setdefault(target_id, {})[check] = state_of(state)
    return states


def stored_identities(connection: Connection) -> Mapping[str, str | None]:
    """The fingerprint of each stored target when its health was last written; None where it was never known."""
    rows = connection.execute(select(target_health.c.target_id, target_health.c.identity))
    return {row.target_id: row.identity for row in rows}


def probe(connection: Connection, probe_id: UUID) -> ProbeResult | None:
    """One probe; None when it never was or is pruned."""
    row = connection.execute(select(*PROBE).where(probes.c.id == probe_id)).one_or_none()
    return None if row is None else result_of(row)


def probes_of(
    connection: Connection, target_id: str, *, check: str | None = None, before: int | None = None, limit: int = 50
) -> Page[ProbeResult]:
    """The probes of a target (of one check), as committed, newest first."""
    only = () if check is None else (probes.c.check == check,)
    rows, older = _page(connection, probes, PROBE, before, limit, probes.c.target_id == target_id, *only)
    return Page(tuple(result_of(row) for row in rows), older)


def transitions_of(
    connection: Connection, target_id: str, *, before: int | None = None, limit: int = 50
) -> Page[Transition]:
    """The changes of a target's standing, newest first."""
    rows, older = _page(connection, transitions, TRANSITION, before, limit, transitions.c.target_id == target_id)
    return Page(tuple(transition_of(row) for row in rows), older)


def last_results(connection: Connection) -> Mapping[tuple[str, str], ProbeResult]:
    """The newest probe of each (target, check) that has a state."""
    newest = (
        select(func.max(probes.c.seq))
        .where(probes.c.target_id == check_health.c.target_id, probes.c.check == check_health.c.check)
        .correlate(check_health)
        .scalar_subquery()
    )
    query = select(*PROBE).select_from(check_health).join(probes, probes.c.seq == newest)
    results = (result_of(row) for row in connection.execute(query))
    return {(result.target_id, result.check): result for result in results}


def fetches_of(connection: Connection, probe_id: UUID) -> tuple[Fetch, ...]:
    """Who asked for the images of a probe, in order."""
    query = select(*FETCH).where(image_fetches.c.probe_id == probe_id).order_by(image_fetches.c.number)
    return tuple(fetch_of(row) for row in connection.execute(query))


def latest_fetches(connection: Connection, target_id: str, limit: int = 50) -> tuple[Fetch, ...]:
    """Who asked for the images of a target's probes last, newest first."""
    query = select(*FETCH).where(image_fetches.c.target_id == target_id).order_by(image_fetches.c.at.desc())
    return tuple(fetch_of(row) for row in connection.execute(query.limit(limit)))


def history(connection: Connection, target_id: str, check: str) -> tuple[Event, ...]:
    """Everything stored that moved the state of a check, in the order of commits, for `core.health.replay`.

    Complete only as far back as nothing was pruned.
    """
    judged = (probes.c.target_id == target_id, probes.c.check == check)
    results = connection.execute(select(probes.c.seq, *PROBE).where(*judged))
    moved: list[tuple[int, Event | None]] = [(seq, event_of(result_of(row))) for seq, *row in results]
    others = select(events.c.seq, events.c.kind, events.c.at).where(
        events.c.target_id == target_id, events.c.check == check
    )
    moved += [(seq, EVENTS[kind](at)) for seq, kind, at in connection.execute(others)]
    return tuple(event for _, event in sorted(moved, key=itemgetter(0)) if event is not None)


def spent_since(connection: Connection, since: datetime) -> Mapping[str, Spent]:
    """What the probes (and controls) whose slots lie at or after `since` cost, by target, as `budget.spent_on` counts.

    Complete only as far back as nothing was pruned, which is never less than an hour.
    """
    spent: dict[str, Spent] = {}
    for signal in (*Signal, None):  # the index begins with the signal
        query = _COST.where(probes.c.signal == signal, probes.c.scheduled_at >= since)
        for target_id, usd, number, tokens in connection.execute(query):
            spent[target_id] = spent.get(target_id, Spent()) + Spent(usd, number, int(tokens))
    return spent


def _greater(one: Column[float], other: Column[float]) -> ColumnElement[float]:
    """The greater of two amounts, 0 for an unknown one: SQLite and PostgreSQL have no name for it in common."""
    first, second = func.coalesce(one, 0.0), func.coalesce(other, 0.0)
    return case((first >= second, first), else_=second)


_COST = (
    select(
        probes.c.target_id,
        func.sum(_greater(probes.c.cost_usd, probes.c.billed_usd)),
        func.count(),
        func.sum(func.coalesce(probes.c.input_tokens, 0) + func.coalesce(probes.c.output_tokens, 0)),
    )
    .where(or_(probes.c.verdict.is_(None), probes.c.verdict != Verdict.MISSED))
    .group_by(probes.c.target_id)
)
"""What probes cost by target; a slot that was missed cost nothing."""


def installation_secret(connection: Connection) -> Secret:
    """The 32 bytes from which every seed is derived, as hexadecimal."""
    return Secret(connection.execute(select(installation.c.secret)).scalar_one().hex())


def _page(
    connection: Connection,
    table: Table,
    columns: tuple[Column[Any], ...],
    before: int | None,
    limit: int,
    *which: Any,
) -> tuple[list[list[Any]], int | None]:
    query = select(table.c.seq, *columns).where(*which).order_by(table.c.seq.desc()).limit(limit + 1)
    rows = connection.execute(query if before is None else query.where(table.c.seq < before)).all()
    shown = rows[:limit]
    return [list(row[1:]) for row in shown], shown[-1].seq if len(rows) > limit else None
