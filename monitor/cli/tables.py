"""Tables for a person: fit 80 columns where they can, and degrade to plain text when piped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.core.forecast import OUTPUT_TOKENS, PROMPT_TOKENS, Forecast, forecast
from monitor.core.tokens import TYPICAL_DELTA
from monitor.core.types import ProbeResult, Signal, Standing, Target, TargetHealth

ASSUMED = (
    f"Expected of targets that see, at the configured pace, text-only controls included: {PROMPT_TOKENS} tokens of text"
    f" and {OUTPUT_TOKENS} of answer a probe, image tokens as configured, by the model's family or {TYPICAL_DELTA};"
    " more for models that reason. USD only for targets with prices."
)
LEAST_SHOWN = 0.01
"""USD below which an amount is only said to be less."""
COLOURS = {Signal.FOR: "green", Signal.AGAINST: "red", Signal.SILENT: "yellow", None: "dim"}


class Terminal(Console):
    """rich's console, but a reader who went away is not exit code 1, which says that a target is blind."""

    def on_broken_pipe(self) -> None:
        """Pass the fault on; rich calls this while it handles the BrokenPipeError."""
        raise BrokenPipeError


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


def show_forecasts(targets: Sequence[Target], console: Console) -> None:
    """What each target and all together will spend in a day, and what that assumes."""
    table = Table(box=None, pad_edge=False, show_footer=True)
    forecasts = [forecast(target) for target in targets]
    everything = sum(forecasts, Forecast())
    table.add_column("TARGET", "in all", overflow="fold")
    for name, told in zip(("PROBES A DAY", "TOKENS A DAY", "USD A DAY"), _figures(everything), strict=True):
        table.add_column(name, told, justify="right", no_wrap=True)
    for target, expected in zip(targets, forecasts, strict=True):
        table.add_row(target.id, *_figures(expected))
    console.print(table)
    console.print(ASSUMED, highlight=False, soft_wrap=True)


def _figures(expected: Forecast) -> tuple[str, str, str]:
    return f"{expected.probes:,.0f}", f"{expected.tokens:,.0f}", _dollars(expected.usd)


def _dollars(usd: float | None) -> str:
    if usd is None:
        return "-"
    return "<0.01" if 0 < usd < LEAST_SHOWN else f"{usd:,.2f}"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, in its largest unit."""
    if moment is None:
        return "never"
    seconds = max((now - moment).total_seconds(), 0.0)
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit} ago"
    return f"{seconds:.0f}s ago"
