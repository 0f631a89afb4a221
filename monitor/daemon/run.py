"""Builds everything once in one AsyncExitStack, starts it, and stops it in the reverse order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

from monitor.config.settings import Config, Server
from monitor.core.budget import midnight
from monitor.core.ports import Clock
from monitor.daemon.canary import canary_host
from monitor.daemon.clock import utc_now
from monitor.daemon.fleet import Fleet, Parts, Source
from monitor.daemon.serving import Life, address, listen, serving
from monitor.daemon.store import owned_ledger
from monitor.edge import queries
from monitor.edge.ledger import SqlLedger
from monitor.edge.log import RecordLog
from monitor.edge.metrics import Metrics, TimedLedger
from monitor.edge.spending import Spending
from monitor.edge.transport import HttpTransport, new_client
from monitor.edge.views import SqlViews
from monitor.runner import Runner
from monitor.sandbox.app import create_app as create_sandbox
from monitor.schedule import Schedule
from monitor.web.app import create_app

log = logging.getLogger(__name__)

DRAIN_WITHIN = timedelta(seconds=10)
"""How long probes under way may finish after SIGTERM."""
MAX_CONCURRENCY = 1000
"""Probes under way in all; in flight = rate × latency."""


async def run(
    config: Config,
    source: Source | None,
    life: Life,
    announce: Callable[[str], None],
    clock: Clock = utc_now,
) -> None:
    """Probe and serve until `life.stop` is set. `announce` is given the page's address once all is up.

    `source` is where `config` came from, to reload it; None for one that never changes. CannotStart, LedgerUnavailable,
    SchemaTooNew and DatabaseOwned say why it cannot start.
    """
    listener = listen(config.server)
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        ledger = await stack.enter_async_context(owned_ledger(config.database.reveal(), clock, life))
        parts = await _parts(config, ledger, clock, life, stack)
        fleet = Fleet(config, source, parts)
        app = create_app(
            views=SqlViews(ledger),
            registry=parts.metrics.registry,
            fleet=fleet,
            not_ready=lambda: life.not_ready,
            clock=clock,
        )
        await stack.enter_async_context(serving(app, listener, life))
        await fleet.start()
        watch = asyncio.create_task(fleet.watch(life), name="config")
        stack.callback(watch.cancel)
        life.not_ready = None
        announce(address(listener))
        await life.stop.wait()
        life.not_ready = "stopping"
        watch.cancel()
        cancelled = await parts.schedule.drain(DRAIN_WITHIN)
        log.info("drained", extra={"cancelled": cancelled})
    if life.fault:
        raise life.fault


async def _parts(config: Config, ledger: SqlLedger, clock: Clock, life: Life, stack: AsyncExitStack) -> Parts:
    client = await stack.enter_async_context(new_client())
    transport = HttpTransport(client, config.credentials)
    secret = bytes.fromhex((await ledger.read(queries.installation_secret)).reveal())
    metrics = Metrics()
    spending = Spending(clock, await ledger.read(partial(queries.spent_since, since=midnight(clock()))))
    metrics.ask_of_budgets(spending.is_exhausted)
    if config.canary:
        await stack.enter_async_context(canary_host(config.canary, ledger, metrics, clock, life))
    runner = Runner(TimedLedger(ledger, metrics), transport, clock, secret, sinks=(metrics, RecordLog(), spending))
    metrics.count_failures_of(runner.sink_failures)
    schedule = Schedule(
        config.targets,
        runner,
        ledger,
        clock,
        provider_concurrency=config.provider_concurrency,
        max_concurrency=MAX_CONCURRENCY,
        observe_lag=metrics.lag.observe,
        budgets=spending,
    )
    return Parts(ledger, runner, transport, metrics, spending, schedule, clock)


@asynccontextmanager
async def sandbox(life: Life) -> AsyncIterator[str]:
    """The reference gateway on a free port of the loopback interface; yields its root URL."""
    listener = listen(Server("127.0.0.1", 0, None))
    async with serving(create_sandbox(), listener, life):
        yield address(listener)
    listener.close()
