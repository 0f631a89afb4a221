"""Tables for a person: fit 80 columns where they can, and degrade to plain text when piped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.core.types import ProbeResult, Signal, Standing, TargetHealth

COLOURS = {Signal.FOR: "green", Signal.AGAINST: "red", Signal.SILENT: "yellow", None: "dim"}


def printable(text: str) -> str:
    """A stranger's words with everything that could steer a terminal made visible."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def show_probes(results: Sequence[ProbeResult], console: Console) -> None:
    """One row a probe: verdict first, then why."""
    table = Table(box=None, pad_edge=False)
    for column in ("TARGET", "CHECK", "VERDICT", "SECONDS"):
        table.add_column(column, no_wrap=True)
    table.add_column("REASON", overflow="fold")
    for result in results:
        latency = "-" if result.latency_s is None else f"{result.latency_s:.2f}"
        verdict = Text(result.verdict or "-", style=COLOURS[result.signal])
        table.add_row(result.target_id, result.check, verdict, latency, printable(result.reason))
    console.print(table)


def show_health(rows: Sequence[TargetHealth], now: datetime, console: Console) -> None:
    """One row a target, problems first."""
    table = Table(box=None, pad_edge=False)
    for column in ("TARGET", "STANDING", "REASON", "SINCE", "PROOF", "CHECKS"):
        table.add_column(column, no_wrap=column != "CHECKS")
    for row in sorted(rows, key=lambda row: (row.standing is Standing.ACTIVE, row.target_id)):
        colour = "green" if row.standing is Standing.ACTIVE else "red"
        checks = ", ".join(f"{c.check} {c.state}" for c in row.capabilities)
        table.add_row(
            row.target_id,
            Text(row.standing.value, style=colour),
            row.reason,
            age(row.since, now),
            age(row.last_proof_at, now),
            checks,
        )
    console.print(table)


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, in its largest unit."""
    if moment is None:
        return "never"
    seconds = max((now - moment).total_seconds(), 0.0)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit} ago"
    return f"{seconds:.0f}s ago"
