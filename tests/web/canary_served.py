"""The canary host on a real socket of the loopback interface, with a clock and names that a test decides."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import count
from typing import TypeVar
from uuid import UUID

import httpx
import uvicorn

from monitor.challenges import REGISTRY
from monitor.config.settings import Server
from monitor.core.canary import Fetch, Network, Networks
from monitor.core.types import Image
from monitor.daemon.serving import Life, listen, serving_as
from monitor.web.canary import Canary
from monitor.web.canary_wire import REQUEST_WITHIN_S, Patience, wire

T = TypeVar("T")

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PROBE = UUID(int=7)
OTHER = UUID(int=8)
TARGET = "box/one"
PUZZLE = REGISTRY["code"].make(b"a seed of the test".ljust(32), 448)
IMAGE = PUZZLE.images[0]
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"),)
TRUST = httpx.create_ssl_context(trust_env=False)
"""Made once: a client takes longer to make one than to ask."""
NETWORKS = Networks((ip_network("10.0.0.0/8"),), (ip_network("203.0.113.0/24"),))


@dataclass
class HandClock:
    """A clock that a test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


def names() -> Callable[[], str]:
    """Tokens that can be told apart and foreseen."""
    numbers = count(1)
    return lambda: f"token-{next(numbers):026d}"


@dataclass
class Host:
    """A canary host that serves, and what its observers saw."""

    canary: Canary
    port: int
    clock: HandClock
    seen: list[Fetch] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, fetch: Fetch) -> None:
        self.seen.append(fetch)
        self.answered.set()

    def offer(
        self, probe_id: UUID = PROBE, image: Image = IMAGE, lasting: timedelta = timedelta(minutes=1), of: str = TARGET
    ) -> str:
        return self.canary.offer(probe_id, of, image, self.clock() + lasting)

    async def get(self, url: str, headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
        async with httpx.AsyncClient(verify=TRUST, trust_env=False, timeout=10) as client:
            return await client.request(method, url, headers=headers)

    async def raw(self, data: bytes) -> bytes:
        """What is answered to these bytes until the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(), REQUEST_WITHIN_S / 2)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


@asynccontextmanager
async def hosting(
    *,
    networks: Networks = NETWORKS,
    trusted: Sequence[Network] = (),
    patience: Callable[[Canary], Patience] = lambda canary: Patience(canary.reject),
    certificate: Callable[[ssl.SSLContext], None] | None = None,
    path: str = "",
    broken: bool = False,
    new_token: Callable[[], str] | None = None,
) -> AsyncIterator[Host]:
    """A canary host on a free port; with a `certificate` it speaks TLS, when `broken` an observer of it fails."""
    listener = listen(Server("127.0.0.1", 0, None))
    port, clock = listener.getsockname()[1], HandClock()

    def fail(_: Fetch) -> None:
        raise RuntimeError("an observer of the test fails")

    def note(fetch: Fetch) -> None:
        host.note(fetch)

    scheme = "http" if certificate is None else "https"
    canary = Canary(
        f"{scheme}://127.0.0.1:{port}{path}",
        networks=networks,
        trusted_proxies=trusted,
        clock=clock,
        new_token=new_token or names(),
        observers=(*([fail] if broken else []), note),
    )
    host = Host(canary, port, clock)
    config = wire(canary, patience(canary))
    config.ssl_context_factory = None if certificate is None else _server_context(certificate)
    try:
        async with serving_as(config, listener, Life(asyncio.Event(), asyncio.Event())):
            yield host
    finally:
        listener.close()


def _server_context(
    certificate: Callable[[ssl.SSLContext], None],
) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate(context)
    return lambda _config, _default: context


def told(story: Callable[[Host], Awaitable[T]], hosted: AbstractAsyncContextManager[Host] | None = None) -> T:
    """What `story` tells of a host that serves while it runs."""

    async def run() -> T:
        async with hosted or hosting() as host:
            return await story(host)

    return asyncio.run(run())
