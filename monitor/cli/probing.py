"""`visionpath probe`: the daemon's own runner over a ledger that keeps everything to itself."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import click

from monitor.config.problems import did_you_mean
from monitor.config.settings import Config
from monitor.core.checks import CATALOGUE
from monitor.core.pacing import follows_at_once
from monitor.core.types import ProbeResult, Record, Signal, Target
from monitor.daemon import utc_now
from monitor.dialects import REGISTRY
from monitor.edge.readonly import ReadOnlyLedger
from monitor.edge.transport import HttpTransport, new_client
from monitor.runner import Probe, Runner
from monitor.web.api import probe_json

EXIT_FOR, EXIT_AGAINST, EXIT_SILENT = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Order:
    """What to probe: targets and, for each, the checks to run, `repeat` times."""

    targets: tuple[Target, ...]
    checks: tuple[str, ...]
    repeat: int


def order(config: Config, targets: Sequence[str], checks: Sequence[str], repeat: int) -> Order:
    """The order that the command line gave. click.UsageError names what is not there."""
    known = {target.id: target for target in config.targets}
    for name in targets:
        if name not in known:
            raise click.UsageError(f"unknown target {name!r}: {did_you_mean(name, list(known))}")
    checks_known = [*CATALOGUE, *config.own_checks]
    for name in checks:
        if name not in checks_known:
            raise click.UsageError(f"unknown check {name!r}: {did_you_mean(name, checks_known)}")
    chosen = tuple(known[name] for name in dict.fromkeys(targets)) or config.targets
    _require_forms(chosen, checks)
    return Order(tuple(_with_own(target, checks, config) for target in chosen), tuple(checks), repeat)


def _require_forms(targets: Sequence[Target], checks: Sequence[str]) -> None:
    for target in targets:
        for name in checks:
            if name in CATALOGUE and not CATALOGUE[name].forms <= REGISTRY[target.dialect].forms:
                raise click.UsageError(f"{target.id}: the dialect {target.dialect} has no request for {name!r}")


def _with_own(target: Target, checks: Sequence[str], config: Config) -> Target:
    """The target with those of the config's own checks that are asked for and that it does not list."""
    listed = {check.name for check in target.checks}
    more = [config.own_checks[name] for name in dict.fromkeys(checks) if name in config.own_checks.keys() - listed]
    return replace(target, checks=(*target.checks, *more))


async def carry_out(
    config: Config, what: Order, on_result: Callable[[ProbeResult], None], on_probe: Callable[[Probe], None]
) -> int:
    """Probe; `on_result` is told of every probe and control as it ends. Returns the exit code."""
    async with _dry(config, on_result) as dry:
        places = {name: asyncio.Semaphore(limit) for name, limit in config.provider_concurrency.items()}

        async def all_of(target: Target) -> list[Signal | None]:
            async with places[target.provider]:
                names = what.checks or tuple(check.name for check in target.checks)
                return [await dry.conclude(target, name, on_probe) for name in names for _ in range(what.repeat)]

        signals = await asyncio.gather(*(all_of(target) for target in what.targets))
    return exit_code([signal for some in signals for signal in some])


def exit_code(signals: Sequence[Signal | None]) -> int:
    """0 when every verdict is FOR, 1 when one is AGAINST, 3 when none is but something is SILENT."""
    if Signal.AGAINST in signals:
        return EXIT_AGAINST
    return EXIT_FOR if all(signal is Signal.FOR for signal in signals) else EXIT_SILENT


@dataclass(frozen=True, slots=True)
class _Dry:
    """A runner whose commits live as long as the command, and `tell`, which is given their results."""

    runner: Runner
    ledger: ReadOnlyLedger
    heard: _Heard
    tell: Callable[[ProbeResult], None]

    async def conclude(self, target: Target, check: str, on_probe: Callable[[Probe], None]) -> Signal | None:
        """Probe, and once more where the daemon would at once; the last word counts."""
        while True:
            probe = await self.runner.probe(target, check, utc_now())
            self._tell()
            if probe is None or probe.record.result is None:
                return None
            on_probe(probe)
            if not follows_at_once(target, await self.ledger.memory(target), probe.record.result):
                return probe.record.result.signal

    def _tell(self) -> None:
        while self.heard.results:
            self.tell(self.heard.results.pop(0))


@dataclass(frozen=True, slots=True)
class _Heard:
    """A sink that keeps results, controls' too, until they are told: output that fails must not count as a sink's."""

    name: str = "terminal"
    results: list[ProbeResult] = field(default_factory=list)

    def __call__(self, record: Record) -> None:
        if record.result is not None:
            self.results.append(record.result)


@asynccontextmanager
async def _dry(config: Config, on_result: Callable[[ProbeResult], None]) -> AsyncIterator[_Dry]:
    ledger = ReadOnlyLedger(config.database.reveal())
    async with new_client() as client:
        transport = HttpTransport(client, config.credentials)
        heard = _Heard()
        runner = Runner(ledger, transport, utc_now, secrets.token_bytes(32), (heard,))
        yield _Dry(runner, ledger, heard, on_result)


def as_line(result: ProbeResult) -> str:
    """One JSON object on one line."""
    return json.dumps(probe_json(result), ensure_ascii=False)
