"""The canary host as a part of the daemon: its listener, its look at itself, and where its fetches are stored."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from monitor.challenges import REGISTRY
from monitor.config.settings import CanaryHost
from monitor.core.ports import Clock
from monitor.core.types import Image
from monitor.daemon.serving import Life, listen, serving_as
from monitor.edge.canary_metrics import CanaryMetrics
from monitor.edge.fetches import FetchStore
from monitor.edge.ledger import SqlLedger
from monitor.edge.metrics import Metrics
from monitor.web.canary import Canary
from monitor.web.canary_watch import Watch, new_watch_client
from monitor.web.canary_wire import Patience, wire

TOKEN_BYTES: Final = 24
"""192 random bits in 32 characters."""
OWN_SEED: Final = bytes(32)
OWN_SIZE: Final = 256
"""What we look for ourselves: any drawing, its answer is nobody's."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """A canary host that serves, and the watch over its public URL."""

    canary: Canary
    watch: Watch


@asynccontextmanager
async def canary_host(
    host: CanaryHost, ledger: SqlLedger, metrics: Metrics, clock: Clock, life: Life
) -> AsyncIterator[Hosted]:
    """Serve test images while inside. CannotStart when its address is not to be had."""
    store = FetchStore(ledger.keep_fetches)
    counted = CanaryMetrics(
        metrics.is_exported,
        rejected=lambda: canary.rejected,
        is_public=lambda: watch.public_ok_since(clock()) is not None,
    )
    canary = Canary(
        host.public_url,
        networks=host.networks,
        trusted_proxies=host.trusted_proxies,
        clock=clock,
        new_token=partial(secrets.token_urlsafe, TOKEN_BYTES),
        observers=(store, counted),
    )
    listener = listen(host, "canary.listen")
    try:
        async with new_watch_client() as client, serving_as(wire(canary, Patience(canary.reject)), listener, life):
            watch = Watch(canary, _own_image(), client, clock)
            metrics.registry.register(counted)
            async with _running(store.run(), watch.run()):
                yield Hosted(canary, watch)
    finally:
        listener.close()
        await store.flush()


def _own_image() -> Image:
    return REGISTRY["code"].make(OWN_SEED, OWN_SIZE).images[0]


@asynccontextmanager
async def _running(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(job, name="canary") for job in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
