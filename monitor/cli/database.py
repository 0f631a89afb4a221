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
from monitor.daemon.store import STALE_AFTER
from monitor.edge import migrate, ownership
from monitor.edge.database import faults_named, missing, writing_engine
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
    """Take the schema back to REVISION; `base` drops every table with all that was kept. Not under a running daemon."""
    with _engine(_present(loaded(file))) as engine:
        _refuse_to_pull_the_rug(engine)
        migrate.downgrade(engine, revision)
        after = migrate.current(engine)
    click.echo(f"schema {after or 'empty'}")


@database.command()
@config_option
@debug_option
def check(file: Path | None) -> None:
    """Compare the database with the schema that this version needs; exit 1 on drift."""
    with _engine(_present(loaded(file))) as engine:
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
    gone = asyncio.run(_prune(_present(loaded(file))))
    click.echo(f"deleted {gone.successes} successes and {gone.failures} others")


async def _prune(config: Config) -> Pruned:
    async with SqlLedger(config.database.reveal()) as ledger:
        return await ledger.prune(utc_now(), config.retention.probes, config.retention.failures)


def _present(config: Config) -> Config:
    """The config, if its database is there: what only looks, or takes away, creates none."""
    if missing(config.database.reveal()):
        raise click.ClickException("there is no database yet: `visionpath run` or `visionpath db upgrade` creates it")
    return config


def _refuse_to_pull_the_rug(engine: Engine) -> None:
    """DatabaseOwned while a daemon lives on the database."""
    if migrate.current(engine) is None:
        return
    me = "visionpath db downgrade"
    with faults_named(engine), engine.begin() as connection:
        ownership.acquire(connection, me, utc_now(), STALE_AFTER)
        ownership.release(connection, me)


@contextmanager
def _engine(config: Config) -> Iterator[Engine]:
    engine = writing_engine(config.database.reveal())
    try:
        yield engine
    finally:
        engine.dispose()
