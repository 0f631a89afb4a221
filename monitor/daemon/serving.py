"""Listening and serving: sockets are bound by us, so that a port in use is one line, and signals stay with us."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from monitor import __version__
from monitor.config.settings import CanaryHost, Server

GRACE_S = 3
"""Seconds that requests under way get at the end."""


class CannotStart(Exception):  # noqa: N818 a state of the world
    """Something outside of the program keeps the daemon from starting; the message names it and the cure."""


@dataclass(slots=True)
class Life:
    """Whether the daemon is ready, and when it shall end. `fault` is what ended it, if not a signal."""

    stop: asyncio.Event
    reload: asyncio.Event
    not_ready: str | None = "starting"
    fault: BaseException | None = None

    def fail(self, fault: BaseException) -> None:
        """End the daemon because of `fault`."""
        self.fault = self.fault or fault
        self.stop.set()


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers: this process has one owner of SIGTERM, and it is not the web server."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(where: Server | CanaryHost, key: str = "server.listen") -> socket.socket:
    """A listening socket on the address configured under `key`. CannotStart when it is not to be had."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((where.host, where.port))
    except OSError as fault:
        listener.close()
        place = f"{where.host}:{where.port}"
        raise CannotStart(
            f"cannot listen on {place}: {fault.strerror}; stop what listens there or change {key}"
        ) from fault
    listener.listen(1024)
    return listener


def address(listener: socket.socket) -> str:
    """The URL of what is served on `listener`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serving(app: ASGIApp, listener: socket.socket, life: Life) -> AbstractAsyncContextManager[None]:
    """Serve `app` on `listener` while inside; a server that dies ends the daemon."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        headers=[("server", f"visionpath/{__version__}")],
        lifespan="off",
        proxy_headers=False,  # uvicorn would believe whatever comes from loopback; nothing here asks for the client
        timeout_graceful_shutdown=GRACE_S,
    )
    return serving_as(config, listener, life)


@asynccontextmanager
async def serving_as(config: uvicorn.Config, listener: socket.socket, life: Life) -> AsyncIterator[None]:
    """The same, served as `config` has it."""
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
