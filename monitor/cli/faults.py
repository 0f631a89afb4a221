"""From a fault to one line on stderr and an exit code: whose fault it is, and no traceback unless asked for."""

from __future__ import annotations

import os
import sys
import traceback

import click

from monitor.config.problems import ConfigError
from monitor.daemon import CannotStart
from monitor.edge.database import LedgerUnavailable
from monitor.edge.migrate import NoSuchRevision, SchemaOutdated, SchemaTooNew
from monitor.edge.ownership import DatabaseOwned

USAGE = 2
"""Exit code for what the caller or the surroundings must mend: usage, config, port, database."""
INTERNAL = 70
"""Exit code for our own failure."""
INTERRUPTED = 130
UNREAD = 141
"""Exit code when whoever read our output went away, as shells have it for SIGPIPE."""

SURROUNDINGS = (LedgerUnavailable, SchemaTooNew, SchemaOutdated, NoSuchRevision, DatabaseOwned, CannotStart)
"""Faults whose message says what is wrong outside of the program and what to do."""


def report(fault: BaseException, *, debug: bool) -> int:
    """Say what went wrong; returns the exit code."""
    if isinstance(fault, click.exceptions.Exit):
        return fault.exit_code
    if isinstance(fault, click.Abort | KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(fault, BrokenPipeError):
        return UNREAD
    if debug:
        traceback.print_exception(fault)
    return _say(fault)


def _say(fault: BaseException) -> int:
    if isinstance(fault, ConfigError):
        click.echo(fault, err=True)
        return USAGE
    if isinstance(fault, click.exceptions.NoArgsIsHelpError):
        click.echo(fault.format_message(), err=True)
        return USAGE
    if isinstance(fault, click.ClickException):
        return _line(fault.format_message().rstrip(".") + _where_help_is(fault), USAGE)
    if isinstance(fault, SURROUNDINGS):
        return _line(str(fault), USAGE)
    words = f"internal failure: {type(fault).__name__}: {fault} (run with --debug for the traceback)"
    return _line(words, INTERNAL)


def _where_help_is(fault: click.ClickException) -> str:
    context = fault.ctx if isinstance(fault, click.UsageError) else None
    return f" (see `{context.command_path} --help`)" if context else ""


def give_up_unwritten() -> None:
    """Drop what stdout could not take: Python would try once more at exit, and end with a traceback of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _line(message: str, code: int) -> int:
    click.echo(f"visionpath: {' '.join(message.split())}", err=True)
    return code
