"""`visionpath db`: migrations, retention, drift."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine

from monitor.cli.options import config_option, debug_option, loaded
from monitor.config.settings import Config
from monitor.daemon import utc_now
from monitor.edge import migrate
from monitor.edge.database import writing_engine
from monitor.edge.ledger import SqlLedger
from monitor.edge.retention import Pruned


@click.group(name="db")
def database() -> None:
    """Migrations, retention, drift."""


@database.command()
@config_option
@debug_option
def upgrade(file: Path | None) -> None:
    """Bring the schema to this version's."""
    with _engine(loaded(file)) as engine:
        before = migrate.current(engine)
        migrate.upgrade(engine)
        after = migrate.current(engine)
    click.echo(f"schema {after} (was {before or 'empty'})")


@database.command()
@click.argument("revision")
@config_option
@debug_option
def downgrade(revision: str, file: Path | None) -> None:
    """Take the schema back to REVISION; `base` drops every table with all that was kept."""
    with _engine(loaded(file)) as engine:
        migrate.downgrade(engine, revision)
        after = migrate.current(engine)
    click.echo(f"schema {after or 'empty'}")


@database.command()
@config_option
@debug_option
def check(file: Path | None) -> None:
    """Compare the database with the schema that this version needs; exit 1 on drift."""
    with _engine(loaded(file)) as engine:
        migrate.require_current(engine)
        drift = migrate.check(engine)
    for line in drift:
        click.echo(line)
    if drift:
        raise click.exceptions.Exit(1)
    click.echo("no drift")


@database.command()
@config_option
@debug_option
def prune(file: Path | None) -> None:
    """Delete what is older than the retention of the config."""
    gone = asyncio.run(_prune(loaded(file)))
    click.echo(f"deleted {gone.successes} successes and {gone.failures} others")


async def _prune(config: Config) -> Pruned:
    async with SqlLedger(config.database.reveal()) as ledger:
        return await ledger.prune(utc_now(), config.retention.probes, config.retention.failures)


@contextmanager
def _engine(config: Config) -> Iterator[Engine]:
    engine = writing_engine(config.database.reveal())
    try:
        yield engine
    finally:
        engine.dispose()
