"""The config as it is in force: brought in line with the ledger at the start, and anew whenever it changes.

A new config is applied as a whole or not at all; a bad one changes nothing and is visible in log, metric and page.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from monitor.config.load import load
from monitor.config.problems import ConfigError
from monitor.config.settings import Config
from monitor.core.ports import Clock
from monitor.core.types import Secret, Target
from monitor.daemon.serving import Life
from monitor.edge import queries
from monitor.edge.ledger import SqlLedger
from monitor.edge.metrics import Metrics
from monitor.edge.rows import fingerprint
from monitor.edge.spending import Spending
from monitor.edge.transport import HttpTransport
from monitor.runner import Runner
from monitor.schedule import Schedule

log = logging.getLogger(__name__)

WATCH_EVERY = timedelta(seconds=2)
"""How often the file is read for changes. Reading its content sees what renames, symlink swaps and remounts hide."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the config comes from: a file with its environment."""

    path: Path
    environ: Mapping[str, str]

    def load(self) -> Config:
        """The config as the file has it now. ConfigError says everything that is wrong."""
        return load(self.path, self.environ)

    def digest(self) -> bytes | None:
        """A fingerprint of the file's content; None while it cannot be read, as in the middle of a replacement."""
        try:
            return sha256(self.path.read_bytes()).digest()
        except OSError:
            return None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a config acts on."""

    ledger: SqlLedger
    runner: Runner
    transport: HttpTransport
    metrics: Metrics
    spending: Spending
    schedule: Schedule
    clock: Clock


class Fleet:
    """The targets under watch. `problems` are those of a config that was refused since the one in force."""

    def __init__(self, config: Config, source: Source | None, parts: Parts) -> None:
        self.config = config
        self.problems: tuple[str, ...] = ()
        self._source = source
        self._parts = parts
        self._one_at_a_time = asyncio.Lock()

    @property
    def targets(self) -> Sequence[Target]:
        """The configured targets."""
        return self.config.targets

    @property
    def token(self) -> Secret | None:
        """What writes over HTTP must carry; None refuses them all."""
        return self.config.server.token

    async def start(self) -> None:
        """Bring the ledger in line with the config and start to probe."""
        self._parts.spending.use(self.config.targets, self.config.budget)
        self._parts.spending.resume(self.config.targets, await self._parts.ledger.read(queries.all_health))
        await self._reconcile(self.config.targets)
        self._parts.metrics.config_loaded(self._parts.clock())
        await self._parts.schedule.start()

    async def reload(self) -> tuple[str, ...]:
        """Read the config again and apply it; returns what is wrong with it, if anything is."""
        if self._source is None:
            return ("this daemon has no config file to reload",)
        async with self._one_at_a_time:
            try:
                config = await asyncio.to_thread(self._source.load)
            except ConfigError as error:
                return self._refused(error)
            await self._apply(config)
        return ()

    def _refused(self, error: ConfigError) -> tuple[str, ...]:
        self.problems = tuple(str(error).splitlines())
        self._parts.metrics.config_refused()
        for problem in self.problems:
            log.error("config not reloaded: %s", problem)
        return self.problems

    async def _apply(self, config: Config) -> None:
        parts = self._parts
        self._warn_of_what_needs_a_restart(config)
        async with parts.schedule.held():
            await parts.schedule.replace(config.targets, config.provider_concurrency)
            parts.transport.use(config.credentials)
            parts.spending.use(config.targets, config.budget)
            self.config = config
            await self._reconcile(config.targets)
        self.problems = ()
        parts.metrics.config_loaded(parts.clock())
        log.warning("config reloaded", extra={"targets": len(config.targets)})

    def _warn_of_what_needs_a_restart(self, config: Config) -> None:
        for name, old, new in (
            ("database", self.config.database, config.database),
            ("server.listen", self.config.server.listen, config.server.listen),
            ("canary or server.trusted_proxies", self.config.canary, config.canary),
        ):
            if old != new:
                log.warning("%s changed: that takes effect at the next start", name)

    async def _reconcile(self, targets: Sequence[Target]) -> None:
        """Removed targets leave the routers' hands, changed ones start over, new ones get their rows."""
        parts = self._parts
        known = {target.id for target in targets}
        for row in await parts.ledger.read(queries.all_health):
            if row.target_id not in known:
                await parts.runner.retire(row, parts.clock())
                parts.metrics.forget(row.target_id)
        identities = await parts.ledger.read(queries.stored_identities)
        for target in targets:
            if identities.get(target.id) not in (None, fingerprint(target)):
                await self._start_over(target)
            paced = parts.spending.paced(target, parts.clock())
            await parts.runner.reassess(paced, parts.clock())
            parts.metrics.watch(paced, await parts.ledger.memory(target))

    async def _start_over(self, target: Target) -> None:
        """Forget every proof, those of checks not run at present included; the last check's record writes the row."""
        names = [check.name for check in target.checks]
        stored = (await self._parts.ledger.memory(target)).states
        for check in (*(name for name in stored if name not in names), *names):
            await self._parts.runner.start_over(target, check, self._parts.clock())

    async def watch(self, life: Life) -> None:
        """Reload on request (SIGHUP) and when the file's content changes, until cancelled."""
        seen = await self._digest()
        while True:
            requested = await _set_within(life.reload, WATCH_EVERY)
            now = await self._digest()
            if requested or now not in (None, seen):
                life.reload.clear()
                seen = now or seen
                await self._guarded_reload()

    async def _digest(self) -> bytes | None:
        return await asyncio.to_thread(self._source.digest) if self._source else None

    async def _guarded_reload(self) -> None:
        try:
            await self.reload()
        except Exception:
            self._parts.metrics.config_refused()
            log.exception("reload failed; the old config may be in force in part: restart if it does not recover")


async def _set_within(event: asyncio.Event, within: timedelta) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within.total_seconds())
    except TimeoutError:
        return False
    return True
