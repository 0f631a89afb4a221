"""`visionpath policy`: what a flip policy buys, by the daemon's own rule. Flags mean what their config keys mean."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from monitor.cli.options import Command, debug_option
from monitor.config.fields import spelt_duration
from monitor.config.model import DefaultsSection, PolicySection, Strict
from monitor.config.references import References
from monitor.core import flips
from monitor.core.hitting import Spread
from monitor.core.types import Mode, Policy, TargetCheck

DROPPED = (1.0, 0.5, 0.2, 0.1, 0.05)
LASTING = DROPPED[1:]
NOISE = (0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)
SEED = b"visionpath policy %g"
"""Of the simulations, by share: the same setting has the same figures every time."""

YEAR_S = 365.25 * 86_400
UNITS = (("years", YEAR_S, YEAR_S), ("days", 86_400, 3 * 86_400), ("hours", 3_600, 3 * 3_600), ("minutes", 60, 180))
"""Name, seconds, and from how many seconds on it is used."""
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is told of a policy."""

    detected: Sequence[flips.Flip]
    false_flips_s: Sequence[tuple[float, float]]
    lasting: Sequence[flips.Lasting]
    first_outage: Spread


# --- the command --------------------------------------------------------------------------------------------------


class _ConfigValue(click.ParamType[Any]):
    """A value as the config's key takes it: the same units, the same range."""

    def __init__(self, section: type[Strict], key: str, plain: click.ParamType[Any]) -> None:
        self.name = "duration" if plain is click.STRING else plain.name
        self._section, self._key, self._plain = section, key, plain

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        said = self._plain.convert(value, param, ctx)
        try:
            section = self._section.model_validate({self._key: said}, context=References({}, Path()))
        except ValidationError as fault:
            detail = fault.errors(include_url=False)[0]
            self.fail(str(detail.get("ctx", {}).get("error", detail["msg"])), param, ctx)
        return getattr(section, self._key)


def _setting(
    section: type[Strict], key: str, plain: click.ParamType[Any] = click.STRING
) -> Callable[[Command], Command]:
    field = section.model_fields[key]
    default = spelt_duration(field.default) if isinstance(field.default, timedelta) else field.default
    kind, flag = _ConfigValue(section, key, plain), f"--{key.replace('_', '-')}"
    return click.option(flag, key, type=kind, default=default, show_default=True, help=field.description)


@click.command()
@_setting(PolicySection, "fall", click.INT)
@_setting(PolicySection, "rise", click.INT)
@_setting(PolicySection, "tolerate", click.FLOAT)
@_setting(DefaultsSection, "every")
@_setting(PolicySection, "fast_every")
@_setting(PolicySection, "down_every")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; times in seconds, null past all bounds.")
@debug_option
def policy(*, every: timedelta, as_json: bool, **values: Any) -> None:
    """What a flip policy buys: how soon a fault is noticed, how rarely one is imagined, how it holds and recovers.

    From the daemon's own transition function. Assumes that probes fail independently and that no proof expires.
    """
    setting = Policy(**values)
    check = TargetCheck("inline", Mode.REQUIRED, every, timeout=timedelta(), proof_ttl=timedelta.max)
    figures = _figures(flips.Rule(setting, check), quiet=as_json)
    if as_json:
        click.echo(json.dumps(_as_json(setting, every, figures), allow_nan=False))
    else:
        _show(setting, every, figures, Console())


def _figures(rule: flips.Rule, *, quiet: bool) -> Figures:
    try:
        chain = flips.active_chain(rule)
    except flips.TooManyStatesError as fault:
        raise click.UsageError(str(fault)) from fault
    with _progress(quiet=quiet) as told:
        return Figures(
            [told(flips.flip(rule, chain, share)) for share in DROPPED],
            [told((noise, flips.false_flip_s(chain, noise))) for noise in NOISE],
            [told(flips.lasting(rule, share, flips.uniforms(SEED % share).__next__)) for share in LASTING],
            flips.first_outage(rule),
        )


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Any], Any]]:
    """A bar on stderr, if a person is looking, that moves with each figure handed through."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("computing", total=len(DROPPED) + len(NOISE) + len(LASTING))

        def told(figure: Any) -> Any:
            progress.advance(task)
            return figure

        yield told


# --- as JSON ------------------------------------------------------------------------------------------------------


def _as_json(setting: Policy, every: timedelta, figures: Figures) -> dict[str, Any]:
    """Shares within 0…1, times in seconds."""
    return {
        "policy": {
            "fall": setting.fall,
            "rise": setting.rise,
            "tolerate": setting.tolerate,
            "every_s": every.total_seconds(),
            "fast_every_s": setting.fast_every.total_seconds(),
            "down_every_s": setting.down_every.total_seconds(),
        },
        "flips": [
            {"dropped": flip.share, "probes": _spread(flip.probes), "seconds": _spread(flip.seconds)}
            for flip in figures.detected
        ],
        "false_flips": [{"noise": noise, "seconds": _bounded(mean_s)} for noise, mean_s in figures.false_flips_s],
        "first_outage": {"recovery_seconds": _spread(figures.first_outage)},
        "lasting": [_lasting(fault) for fault in figures.lasting],
    }


def _lasting(fault: flips.Lasting) -> dict[str, Any]:
    return {
        "dropped": fault.share,
        "simulated": True,
        "days": fault.days,
        "active_first_day": asdict(fault.active_first_day),
        "active_after": asdict(fault.active_after),
        "recovery_seconds": fault.recovery and _spread(fault.recovery),
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {name: _bounded(value) for name, value in asdict(spread).items()}


def _bounded(value: float) -> float | None:
    return value if math.isfinite(value) else None


# --- as tables ----------------------------------------------------------------------------------------------------


def _show(setting: Policy, every: timedelta, figures: Figures, console: Console) -> None:
    days = figures.lasting[0].days
    paces = {"every": every, "fast_every": setting.fast_every, "down_every": setting.down_every}
    spelt = ", ".join(f"{name} {spelt_duration(pace)}" for name, pace in paces.items())
    console.print(Text(f"fall {setting.fall}, rise {setting.rise}, tolerate {setting.tolerate:g}, {spelt}"))
    _table(
        console,
        "Probes from the beginning of a fault to catalog-only",
        ("DROPPED", "MEAN", "P50", "P95"),
        [(percent(flip.share), *_spelt(flip.probes, count)) for flip in figures.detected],
    )
    _table(
        console,
        "Time from the beginning of a fault to catalog-only",
        ("DROPPED", "MEAN", "P50", "P95"),
        [(percent(flip.share), *_spelt(flip.seconds, duration)) for flip in figures.detected],
    )
    _table(
        console,
        "Time between false flips of one target whose probes fail by mere chance",
        ("FAILING", "MEAN"),
        [(percent(noise), duration(mean_s)) for noise, mean_s in figures.false_flips_s],
    )
    _table(
        console,
        "Share of time still active while a fault lasts (simulated, ± standard error)",
        ("DROPPED", "FIRST DAY", "", f"DAYS 2 TO {days}", ""),
        [(percent(f.share), *_estimate(f.active_first_day), *_estimate(f.active_after)) for f in figures.lasting],
    )
    _table(
        console,
        "Time from the end of a fault to active again",
        ("FAULT", "MEAN", "P50", "P95", ""),
        [("100 %, the first ever", *_spelt(figures.first_outage, duration), ""), *map(_recovery, figures.lasting)],
    )


def _table(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, no_wrap=True, justify="right" if place else "left")
    for row in rows:
        table.add_row(*row)
    console.print()
    console.print(Text(title, style="bold"))
    console.print(table)


def _recovery(fault: flips.Lasting) -> Sequence[str]:
    times = _spelt(fault.recovery, duration) if fault.recovery else ("never out", "-", "-")
    return (f"{percent(fault.share)}, for 1 to 2 days", *times, "simulated")


def _spelt(spread: Spread, spell: Callable[[float], str]) -> Sequence[str]:
    about = "~" if spread.approximate else ""
    return (spell(spread.mean), about + spell(spread.p50), about + spell(spread.p95))


def _estimate(estimate: flips.Estimate) -> Sequence[str]:
    """The error is left out where all runs agree: nothing happened in them."""
    if estimate.error is None:
        return (percent(estimate.mean), "one run")
    return (percent(estimate.mean), f"± {percent(estimate.error)}" if estimate.error else "")


def count(number_of: float) -> str:
    """A number of probes."""
    return number(number_of) if number_of <= MILLION else "over 1 million"


def duration(seconds: float) -> str:
    """`seconds` with a spelt unit that suits them: `129 seconds`, `6.4 minutes`, `1.2 years`."""
    if seconds > MILLION * YEAR_S:
        return "over 1 million years"
    unit, length = next(((name, length) for name, length, least in UNITS if seconds >= least), ("seconds", 1))
    return f"{number(seconds / length)} {unit}"


def number(value: float) -> str:
    """Two significant digits, three from 100 on."""
    return f"{float(f'{value:.{2 if value < 100 else 3}g}'):,.7g}"


def percent(share: float) -> str:
    """`share` as a percentage, to two significant digits of it or of what is missing to 100 %, the smaller of them."""
    nearest = round(share)
    return f"{100 * nearest + float(f'{100 * (share - nearest):.2g}'):.7g} %"
