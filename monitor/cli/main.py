"""The commands themselves."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import Progress

from monitor import __version__, daemon
from monitor.cli import debug, faults, probing, tables
from monitor.cli.database import database
from monitor.cli.options import config_option, config_path, debug_option, loaded
from monitor.cli.policy import policy
from monitor.config.load import load_text
from monitor.config.settings import Config
from monitor.core.types import ProbeResult, TargetHealth
from monitor.edge import log, queries
from monitor.edge.readonly import read_database
from monitor.runner import Probe
from monitor.web.api import health_json

DEMO_CONFIG = "demo.yaml"
DEMO_STORE = "visionpath-demo.db"
NO_ROWS: tuple[TargetHealth, ...] = ()


def main() -> NoReturn:
    """Run the command line; exits."""
    _leave_no_core()
    try:
        code = cli.main(prog_name="visionpath", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as fault:  # noqa: BLE001 the outermost place: every fault becomes one line
        code = faults.report(fault, debug="--debug" in sys.argv)
    except SystemExit:  # click's own end, with code 1, when whoever read our output went away
        code = faults.UNREAD
    faults.give_up_unwritten()
    sys.exit(code or 0)


def _leave_no_core() -> None:
    """A core dump would have every key in it. Who wants one raises the limit of the running process."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


@click.group()
@click.version_option(__version__, prog_name="visionpath")
def cli() -> None:
    """Keeps proving that each vision target still sees."""


cli.add_command(database)
cli.add_command(policy)


# --- the daemon ---------------------------------------------------------------------------------------------------


@cli.command()
@config_option
@debug_option
def run(file: Path | None) -> None:
    """The daemon: migrate, probe on schedule, serve the page, the API and /metrics. SIGTERM drains and exits 0."""
    source = daemon.Source(config_path(file), os.environ)
    config = source.load()
    log.configure()
    asyncio.run(_run(config, source, lambda url: click.echo(f"visionpath {__version__}: {url}", err=True)))


async def _run(config: Config, source: daemon.Source, announce: Callable[[str], None]) -> None:
    life = daemon.Life(asyncio.Event(), asyncio.Event())
    with _signals(life):
        await daemon.run(config, source, life, announce)


@contextmanager
def _signals(life: daemon.Life) -> Iterator[None]:
    """SIGTERM and SIGINT end the daemon in order (a second one does not hurry it), SIGHUP reloads the config."""
    loop = asyncio.get_running_loop()
    handlers = {signal.SIGTERM: life.stop.set, signal.SIGINT: life.stop.set, signal.SIGHUP: life.reload.set}
    for number, handle in handlers.items():
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


@cli.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9464, show_default=True, help="Of the page; 0 picks one."
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demo's database is kept. Default: a temporary folder, deleted at the end.",
)
@debug_option
def demo(port: int, folder: Path | None) -> None:
    """The daemon over the built-in sandbox gateway and a fresh database: no key, no network."""
    scratch = Path(tempfile.mkdtemp(prefix="visionpath-demo-")) if folder is None else None
    try:
        store = _fresh_store((scratch or folder or Path()).absolute())
        asyncio.run(_demo(f"127.0.0.1:{port}", f"sqlite:///{store}"))
    finally:
        if scratch:
            shutil.rmtree(scratch)


def _fresh_store(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{DEMO_STORE}*"):
        old.unlink()
    return folder / DEMO_STORE


async def _demo(listen: str, store: str) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    life = daemon.Life(asyncio.Event(), asyncio.Event())
    with _signals(life):
        async with daemon.sandbox(life) as gateway:
            environ = {"SANDBOX": gateway, "DATABASE": store, "LISTEN": listen}
            config = load_text(files("monitor.sandbox").joinpath(DEMO_CONFIG).read_text(), DEMO_CONFIG, environ)
            await daemon.run(config, None, life, _announce_demo)


def _announce_demo(url: str) -> None:
    click.echo(
        f"Open {url} and watch for a minute: each target is named after what its gateway does to images; "
        "those that see become active, the others stay catalog-only for the reason their name says. "
        f"Metrics: {url}/metrics. Ctrl-C ends it."
    )


# --- one-shot commands --------------------------------------------------------------------------------------------


@cli.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@config_option
@click.option("--check", "checks", multiple=True, metavar="NAME", help="Run this check, listed in the config or not.")
@click.option(
    "--repeat", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Times, one after another."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as probes end.")
@click.option("--debug", "debugging", is_flag=True, help="Show request, reply, every witness and the rule that fired.")
def probe(  # noqa: PLR0913 one a flag
    targets: tuple[str, ...],
    file: Path | None,
    checks: tuple[str, ...],
    repeat: int,
    *,
    as_json: bool,
    debugging: bool,
) -> None:
    """Probe now; write nothing.

    Exit code: 0 every verdict speaks for vision, 1 one speaks against it, 3 neither (an outage, a limit), 2 usage or
    config, 70 an internal failure.
    """
    config = loaded(file)
    order = probing.order(config, targets, checks, repeat)
    results: list[ProbeResult] = []
    with _progress(order, quiet=as_json) as advance:

        def on_result(result: ProbeResult) -> None:
            results.append(result)
            advance()
            if as_json:
                click.echo(probing.as_line(result))

        def on_probe(done: Probe) -> None:
            if debugging:
                click.echo("\n".join(debug.lines(done, config.credentials)), err=as_json)

        code = asyncio.run(probing.carry_out(config, order, on_result, on_probe))
    if not as_json:
        tables.show_probes([r for r in results if r.verdict is not None], tables.Terminal())
    raise click.exceptions.Exit(code)


@contextmanager
def _progress(order: probing.Order, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on stderr while probes are under way, if a person is looking."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("probing", total=len(order.targets) * max(len(order.checks), 1) * order.repeat)
        yield lambda: progress.advance(task)


@cli.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object with all rows.")
@debug_option
def status(file: Path | None, *, as_json: bool) -> None:
    """Standings now, from the database."""
    rows = read_database(loaded(file).database.reveal(), queries.all_health, NO_ROWS)
    if as_json:
        click.echo(json.dumps({"targets": [health_json(row) for row in rows]}, ensure_ascii=False))
    elif rows:
        tables.show_health(rows, daemon.utc_now(), tables.Terminal())
    else:
        click.echo("no target has been probed yet: start `visionpath run`")


@cli.command("check-config")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("-c", "--config", "option", type=click.Path(path_type=Path), help="The same as the argument.")
@debug_option
def check_config(file: Path | None, option: Path | None) -> None:
    """Say everything that is wrong with a config, with line and column, and what it will cost. Exit 0 or 2."""
    if file and option:
        raise click.UsageError("two config files: give one, with or without -c")
    path = config_path(file or option)
    config = loaded(path)
    for note in config.notes:
        click.echo(f"note: {note.line_for(str(path))}", err=True)
    checks = sum(len(target.checks) for target in config.targets)
    click.echo(f"{path}: ok, {_count(len(config.targets), 'target')}, {_count(checks, 'check')}")
    tables.show_forecasts(config.targets, Console())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
