"""Runs the migrations over the connection that `monitor.edge.migrate` hands in, inside its transaction.

There is no ini file and no URL here: `visionpath db upgrade` is the way in.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from monitor.edge.schema import metadata


def _run() -> None:
    connection = context.config.attributes.get("connection")
    if not isinstance(connection, Connection):
        raise TypeError("the migrations need a connection: run `visionpath db upgrade`")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
