"""One daemon owns a database: a row with a heartbeat says which. Two would flip each other's standings."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from monitor.edge.database import insert_into
from monitor.edge.schema import daemons

OWNER = "owner"
"""The role of the daemon that probes and writes."""


class DatabaseOwned(Exception):  # noqa: N818 - a state of the world, not a mistake of the caller's
    """Another daemon that is alive owns the database."""


class OwnershipLost(Exception):  # noqa: N818 - a state of the world, not a mistake of the caller's
    """The heartbeat came so late that another daemon took the database over; this one must stop."""


def acquire(connection: Connection, owner_id: str, now: datetime, stale_after: timedelta) -> None:
    """Make `owner_id` the owner, over nobody or over one silent for longer than `stale_after`.

    DatabaseOwned when another is alive. Taking what one owns already is only a heartbeat.
    """
    row = {"role": OWNER, "owner_id": owner_id, "acquired_at": now, "heartbeat_at": now}
    insert = insert_into(connection.dialect.name, daemons).values(row)
    takeable = or_(daemons.c.owner_id == owner_id, daemons.c.heartbeat_at < now - stale_after)
    taken = connection.execute(
        insert.on_conflict_do_update(index_elements=["role"], set_=row, where=takeable),
        execution_options={"preserve_rowcount": True},
    )
    if taken.rowcount == 0:
        raise DatabaseOwned(_words(connection, now))


def heartbeat(connection: Connection, owner_id: str, now: datetime) -> None:
    """Say that the owner lives. OwnershipLost when it is not the owner (any more)."""
    mine = (daemons.c.role == OWNER, daemons.c.owner_id == owner_id)
    if connection.execute(update(daemons).where(*mine).values(heartbeat_at=now)).rowcount == 0:
        raise OwnershipLost(f"the database is no longer owned by {owner_id}: another daemon took it over")


def release(connection: Connection, owner_id: str) -> None:
    """Give the database back; nothing to do for one who does not own it."""
    connection.execute(delete(daemons).where(daemons.c.role == OWNER, daemons.c.owner_id == owner_id))


def _words(connection: Connection, now: datetime) -> str:
    owner = connection.execute(select(daemons.c.owner_id, daemons.c.heartbeat_at).where(daemons.c.role == OWNER)).one()
    age = (now - owner.heartbeat_at).total_seconds()
    return f"the database belongs to {owner.owner_id}, alive {age:.0f} s ago: stop it first, or use another database"


def owner(connection: Connection) -> str | None:
    """Who owns the database, alive or not; None if nobody does."""
    return connection.execute(select(daemons.c.owner_id).where(daemons.c.role == OWNER)).scalar()
