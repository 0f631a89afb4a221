"""A batch of records in one transaction: each with probe, state (compare-and-swap), health, event and transition.

All are written at once and the database counts what it took. Only if that falls short is each tried by itself, so
that a duplicate, a conflict or a row that no database takes costs its own record and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Update, bindparam, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import Insert

from monitor.core.types import Committed, Record, TargetHealth
from monitor.edge.database import LedgerUnavailable, insert_into, is_unavailable, unavailable
from monitor.edge.rows import (
    HEALTH,
    STATE,
    Entry,
    event_row,
    health_of,
    health_row,
    probe_row,
    state_row,
    transition_row,
)
from monitor.edge.schema import check_health, events, installation, probes, target_health, transitions


class RecordRejected(Exception):  # noqa: N818 - about one record, whose maker is at fault
    """The database takes no such row: a number out of range, a key twice. Our bug; the cause is chained."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a record, and its health as numbered where it carried one."""

    committed: Committed
    health: TargetHealth | None = None


Outcome = Written | LedgerUnavailable | RecordRejected
_Numbered = tuple[int, Entry]
_COUNTING = {"preserve_rowcount": True}
"""SQLAlchemy closes the cursor of an INSERT before anybody asks how many rows it took, unless told."""

_FAULTS = (SQLAlchemyError, ValueError, TypeError, ArithmeticError)
"""What SQLAlchemy and the drivers raise for a value that they cannot pass on, and for everything else."""


_REWRITTEN = frozenset(target_health.columns.keys()) - {"target_id", "pinned_by", "pin_expires_at"}
"""Columns of a health row that the next record rewrites; pins are not a probe's business."""


_TAKE_NUMBERS = (
    update(installation)
    .values(commit_seq=installation.c.commit_seq + bindparam("count"))
    .returning(installation.c.commit_seq)
)

# The compare-and-swap: a state moves only from the version that the new one was made from.
_MOVE = (
    update(check_health)
    .where(
        check_health.c.target_id == bindparam("new_target_id"),
        check_health.c.check == bindparam("new_check"),
        check_health.c.version == bindparam("new_version") - 1,
    )
    .values({column: bindparam(f"new_{column.key}") for column in STATE})
)


class _NotKept(Exception):  # noqa: N818 - an outcome, caught where the batch began
    """The database took fewer rows than it was given."""

    def __init__(self, committed: Committed) -> None:
        super().__init__(committed)
        self.committed = committed


def commit_all(engine: Engine, entries: Sequence[Entry]) -> list[Outcome]:
    """Write the entries in order; one outcome each. Raises nothing that the database or a record can cause."""
    try:
        with engine.begin() as connection:
            return list(_write(connection, entries))
    except (_NotKept, *_FAULTS) as error:
        if is_unavailable(error):
            return [unavailable(engine, error) for _ in entries]
    try:
        with engine.begin() as connection:
            return [_write_alone(connection, entry) for entry in entries]
    except SQLAlchemyError as error:
        return [unavailable(engine, error) for _ in entries]


def _write_alone(connection: Connection, entry: Entry) -> Outcome:
    try:
        with connection.begin_nested():
            return _write(connection, [entry])[0]
    except _NotKept as refusal:
        return Written(refusal.committed)
    except _FAULTS as error:
        if is_unavailable(error):
            raise
        rejected = RecordRejected(f"{entry.record.target_id} {entry.record.check}: {getattr(error, 'orig', error)}")
        rejected.__cause__ = error
        return rejected


def _write(connection: Connection, entries: Sequence[Entry]) -> list[Written]:
    first = _take_numbers(connection, len(entries))
    numbered = list(enumerate(entries, first))
    records = [(seq, entry.record) for seq, entry in numbered]
    insert = _Inserts.of(connection.dialect.name)
    results = [probe_row(seq, record.result) for seq, record in records if record.result is not None]
    _all_or(Committed.DUPLICATE, connection, insert.probe, results)
    _move_states(connection, insert.state, [record for _, record in records])
    health = _write_health(connection, insert.health, numbered)
    _insert(connection, insert.event, (event_row(seq, record) for seq, record in records))
    _insert(
        connection,
        insert.transition,
        (None if record.transition is None else transition_row(seq, record.transition) for seq, record in records),
    )
    return [Written(Committed.KEPT, health.get(seq)) for seq, _ in records]


def _take_numbers(connection: Connection, count: int) -> int:
    """The first of `count` places in the order of commits. Its row lock also lines up writers on PostgreSQL."""
    last: int = connection.execute(_TAKE_NUMBERS, {"count": count}).scalar_one()
    return last - count + 1


def _move_states(connection: Connection, insert: Insert, records: Iterable[Record]) -> None:
    rows = [state_row(r.target_id, r.check, r.state) for r in records if r.state is not None]
    _all_or(Committed.CONFLICT, connection, insert, [row for row in rows if row["version"] == 1])
    moves = [{f"new_{key}": value for key, value in row.items()} for row in rows if row["version"] != 1]
    _all_or(Committed.CONFLICT, connection, _MOVE, moves)


def _write_health(connection: Connection, upsert: Insert, numbered: Sequence[_Numbered]) -> dict[int, TargetHealth]:
    changes = [(seq, entry.record.health, entry.identity) for seq, entry in numbered if entry.record.health is not None]
    stored = _stored_health(connection, {health.target_id for _, health, _ in changes})
    written: dict[int, TargetHealth] = {}
    for seq, health, _ in changes:
        before = stored.get(health.target_id)
        version = before.version if before is not None and before.visible == health.visible else seq
        written[seq] = stored[health.target_id] = replace(health, version=version)
    _insert(connection, upsert, (health_row(written[seq], identity) for seq, _, identity in changes))
    return written


def _stored_health(connection: Connection, target_ids: set[str]) -> dict[str, TargetHealth]:
    if not target_ids:
        return {}
    rows = connection.execute(select(*HEALTH).where(target_health.c.target_id.in_(target_ids)))
    return {health.target_id: health for health in map(health_of, rows)}


def _all_or(refusal: Committed, connection: Connection, statement: Insert | Update, rows: list[dict[str, Any]]) -> None:
    if rows and connection.execute(statement, rows, execution_options=_COUNTING).rowcount != len(rows):
        raise _NotKept(refusal)


def _insert(connection: Connection, statement: Insert, rows: Iterable[dict[str, Any] | None]) -> None:
    given = [row for row in rows if row is not None]
    if given:
        connection.execute(statement, given)


@dataclass(frozen=True, slots=True)
class _Inserts:
    """The INSERTs of a record. Both databases know ON CONFLICT, by which a row that is there is counted, not raised."""

    probe: Insert
    state: Insert
    health: Insert
    event: Insert
    transition: Insert

    @staticmethod
    @cache
    def of(dialect: str) -> _Inserts:
        into = partial(insert_into, dialect)
        health = into(target_health)
        written: dict[str, ColumnElement[Any]] = {key: health.excluded[key] for key in _REWRITTEN}
        written["identity"] = func.coalesce(health.excluded.identity, target_health.c.identity)
        return _Inserts(
            probe=into(probes).on_conflict_do_nothing(index_elements=["id"]),
            state=into(check_health).on_conflict_do_nothing(index_elements=["target_id", "check"]),
            health=health.on_conflict_do_update(index_elements=["target_id"], set_=written),
            event=into(events),
            transition=into(transitions),
        )
