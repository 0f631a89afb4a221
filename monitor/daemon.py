"""The composition root: builds everything once in one AsyncExitStack, starts it, and stops it in the reverse order."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import uvicorn
from starlette.types import ASGIApp

from monitor import __version__
from monitor.config.settings import Config, Server
from monitor.core.ports import Clock
from monitor.core.types import Target
from monitor.edge import migrate, ownership, queries
from monitor.edge.database import writing_engine
from monitor.edge.ledger import SqlLedger
from monitor.edge.log import RecordLog
from monitor.edge.metrics import Metrics, TimedLedger
from monitor.edge.rows import fingerprint
from monitor.edge.transport import HttpTransport, new_client
from monitor.edge.views import SqlViews
from monitor.runner import Runner
from monitor.sandbox.app import create_app as create_sandbox
from monitor.schedule import Schedule
from monitor.web.app import create_app

log = logging.getLogger(__name__)

DRAIN_WITHIN = timedelta(seconds=10)
"""How long probes under way may finish after SIGTERM."""
HEARTBEAT_EVERY = timedelta(seconds=10)
STALE_AFTER = timedelta(seconds=45)
"""A daemon on another host that was silent for this long has lost the database."""
MAX_CONCURRENCY = 1000
"""Probes under way in all; in flight = rate × latency."""


class CannotStart(Exception):  # noqa: N818 a state of the world
    """Something outside of the program keeps the daemon from starting; the message names it and the cure."""


def utc_now() -> datetime:
    """The clock of the real world."""
    return datetime.now(UTC)  # noqa: TID251 the one clock


@dataclass(slots=True)
class Life:
    """Whether the daemon is ready, and when it shall end. `fault` is what ended it, if not a signal."""

    stop: asyncio.Event
    not_ready: str | None = "starting"
    fault: BaseException | None = None

    def fail(self, fault: BaseException) -> None:
        """End the daemon because of `fault`."""
        self.fault = self.fault or fault
        self.stop.set()


async def run(config: Config, life: Life, announce: Callable[[str], None], clock: Clock = utc_now) -> None:
    """Probe and serve until `life.stop` is set. `announce` is given the page's address once all is up.

    CannotStart, LedgerUnavailable, SchemaTooNew and DatabaseOwned say why it cannot start.
    """
    listener = listen(config.server)
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        ledger = await stack.enter_async_context(_ledger(config, clock, life))
        runner, metrics = await _runner(config, ledger, clock, stack)
        await _reconcile(config.targets, ledger, runner, metrics, clock)
        schedule = _schedule(config, runner, ledger, metrics, clock)
        app = create_app(
            views=SqlViews(ledger),
            registry=metrics.registry,
            targets=lambda: config.targets,
            not_ready=lambda: life.not_ready,
            clock=clock,
        )
        await stack.enter_async_context(serving(app, listener, life))
        await schedule.start()
        life.not_ready = None
        announce(address(listener))
        await life.stop.wait()
        life.not_ready = "stopping"
        cancelled = await schedule.drain(DRAIN_WITHIN)
        log.info("drained", extra={"cancelled": cancelled})
    if life.fault:
        raise life.fault


# --- the ledger ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _ledger(config: Config, clock: Clock, life: Life) -> AsyncIterator[SqlLedger]:
    """The migrated database, owned by this process."""
    url = config.database.reveal()
    engine = writing_engine(url)
    try:
        await asyncio.to_thread(migrate.upgrade, engine)
    finally:
        engine.dispose()
    async with SqlLedger(url) as ledger:
        owner = f"{socket.gethostname()}:{os.getpid()}"
        await _take_over_from_the_dead(ledger)
        await ledger.acquire_ownership(owner, clock(), STALE_AFTER)
        beat = asyncio.create_task(_heartbeat(ledger, owner, clock, life))
        try:
            yield ledger
        finally:
            beat.cancel()
            await ledger.release(owner)


async def _take_over_from_the_dead(ledger: SqlLedger) -> None:
    """A daemon of this host whose process is gone will not come back: its heartbeat need not be waited out."""
    owner = await ledger.read(ownership.owner)
    if owner is None:
        return
    host, _, pid = owner.rpartition(":")
    if host == socket.gethostname() and pid.isdecimal() and not _is_alive(int(pid)):
        log.warning("taking the database over from a daemon that died", extra={"owner": owner})
        await ledger.release(owner)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _heartbeat(ledger: SqlLedger, owner: str, clock: Clock, life: Life) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_EVERY.total_seconds())
        try:
            await ledger.heartbeat(owner, clock())
        except ownership.OwnershipLost as lost:
            life.fail(lost)
            return
        except Exception:
            log.exception("heartbeat failed; trying again")


# --- the parts ----------------------------------------------------------------------------------------------------


async def _runner(config: Config, ledger: SqlLedger, clock: Clock, stack: AsyncExitStack) -> tuple[Runner, Metrics]:
    client = await stack.enter_async_context(new_client())
    transport = HttpTransport(client, config.credentials)
    secret = bytes.fromhex((await ledger.read(queries.installation_secret)).reveal())
    metrics = Metrics()
    runner = Runner(TimedLedger(ledger, metrics), transport, clock, secret, sinks=(metrics, RecordLog()))
    metrics.count_failures_of(runner.sink_failures)
    return runner, metrics


def _schedule(config: Config, runner: Runner, ledger: SqlLedger, metrics: Metrics, clock: Clock) -> Schedule:
    return Schedule(
        config.targets,
        runner,
        ledger,
        clock,
        provider_concurrency=config.provider_concurrency,
        max_concurrency=MAX_CONCURRENCY,
        observe_lag=metrics.lag.observe,
    )


async def _reconcile(
    targets: tuple[Target, ...], ledger: SqlLedger, runner: Runner, metrics: Metrics, clock: Clock
) -> None:
    """Bring what is stored in line with the config: removed targets, changed endpoints, new rows, other groups."""
    known = {target.id for target in targets}
    for row in await ledger.read(queries.all_health):
        if row.target_id not in known:
            await runner.retire(row, clock())
    identities = await ledger.read(queries.stored_identities)
    for target in targets:
        if identities.get(target.id) not in (None, fingerprint(target)):
            for check in target.checks:
                await runner.start_over(target, check.name, clock())
        await runner.reassess(target, clock())
        metrics.watch(target, await ledger.memory(target))


# --- serving ------------------------------------------------------------------------------------------------------


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers: this process has one owner of SIGTERM, and it is not the web server."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(server: Server) -> socket.socket:
    """A listening socket on the configured address. CannotStart when it is not to be had."""
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((server.host, server.port))
    except OSError as fault:
        listener.close()
        place = f"{server.host}:{server.port}"
        raise CannotStart(
            f"cannot listen on {place}: {fault.strerror}; stop what listens there or change server.listen"
        ) from fault
    listener.listen(1024)
    return listener


def address(listener: socket.socket) -> str:
    """The URL of what is served on `listener`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket, life: Life) -> AsyncIterator[None]:
    """Serve `app` on `listener` while inside; a server that dies ends the daemon."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        headers=[("server", f"visionpath/{__version__}")],
        lifespan="off",
        timeout_graceful_shutdown=3,
    )
    server = _Uvicorn(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="web")
    task.add_done_callback(lambda done: _died(done, server, life))
    while not server.started and not task.done():  # noqa: ASYNC110 uvicorn tells by an attribute only
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


def _died(task: asyncio.Task[None], server: uvicorn.Server, life: Life) -> None:
    if not server.should_exit and not task.cancelled():
        life.fail(task.exception() or RuntimeError("the web server ended by itself"))


@asynccontextmanager
async def sandbox(life: Life) -> AsyncIterator[str]:
    """The reference gateway on a free port of the loopback interface; yields its root URL."""
    listener = listen(Server("127.0.0.1", 0, None))
    async with serving(create_sandbox(), listener, life):
        yield address(listener)
    listener.close()
