"""The canary host as a part of the daemon: it serves, stores what it saw, tells the metrics, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from prometheus_client import generate_latest

from monitor.config.settings import CanaryHost
from monitor.core.canary import Fetch, Networks
from monitor.core.memory import TargetMemory
from monitor.daemon import CannotStart, Life, utc_now
from monitor.daemon.canary import Hosted, canary_host
from monitor.edge import queries
from monitor.edge.ledger import SqlLedger
from monitor.edge.metrics import Metrics
from monitor.edge.readonly import read_database
from tests.e2e.processes import free_port
from tests.edge.databases import migrated
from tests.runner.rig import target
from tests.web.canary_served import IMAGE, LOOPBACK, PROBE, TRUST

T = TypeVar("T")

ONE = target("one")


def hosted(folder: Path, story: Callable[[Hosted, Metrics], Awaitable[T]]) -> tuple[T, tuple[Fetch, ...]]:
    """What `story` tells of a host over a real ledger, and what was stored once it had ended."""

    async def run() -> tuple[T, tuple[Fetch, ...]]:
        metrics, life = Metrics(), Life(asyncio.Event(), asyncio.Event())
        metrics.watch(ONE, TargetMemory())
        async with SqlLedger(migrated(f"sqlite:///{folder / 'visionpath.db'}")) as ledger:
            async with canary_host(place(free_port()), ledger, metrics, utc_now, life) as host:
                told = await story(host, metrics)
            assert life.fault is None
            return told, await ledger.read(lambda connection: queries.fetches_of(connection, PROBE))

    return asyncio.run(run())


def place(port: int) -> CanaryHost:
    return CanaryHost("127.0.0.1", port, f"http://127.0.0.1:{port}", Networks(gateway=LOOPBACK), ())


async def fetched(host: Hosted) -> bytes:
    url = host.canary.offer(PROBE, ONE.id, IMAGE, utc_now() + timedelta(minutes=1))
    async with httpx.AsyncClient(verify=TRUST, trust_env=False) as client:
        return (await client.get(url)).content


def lines(metrics: Metrics, name: str) -> list[str]:
    return [line for line in generate_latest(metrics.registry).decode().splitlines() if line.startswith(name)]


def test_a_fetch_is_served_and_stored(tmp_path: Path) -> None:
    async def story(host: Hosted, _: Metrics) -> tuple[bytes, tuple[Fetch, ...]]:
        return await fetched(host), host.canary.fetches(PROBE)

    (content, witnessed), stored = hosted(tmp_path, story)
    assert content == IMAGE.data
    assert len(witnessed) == 1
    assert stored == witnessed


def test_a_fetch_is_stored_while_the_host_goes_on(tmp_path: Path) -> None:
    async def story(host: Hosted, _: Metrics) -> bool:
        await fetched(host)
        file = tmp_path / "visionpath.db"
        async with asyncio.timeout(30):
            while not stored_in(file):  # noqa: ASYNC110 another process could only ask, too
                await asyncio.sleep(0.05)
        return True

    assert hosted(tmp_path, story)[0]


def stored_in(file: Path) -> int:
    return read_database(f"sqlite:///{file}", lambda connection: len(queries.fetches_of(connection, PROBE)), 0)


def test_fetches_and_rejections_are_exported(tmp_path: Path) -> None:
    async def story(host: Hosted, metrics: Metrics) -> list[str]:
        await fetched(host)
        host.canary.reject()
        return lines(metrics, "visionpath_image_fetches_total") + lines(metrics, "visionpath_canary_rejected_total")

    assert hosted(tmp_path, story)[0] == [
        f'visionpath_image_fetches_total{{fetcher="gateway",target="{ONE.id}"}} 1.0',
        f'visionpath_image_fetches_total{{fetcher="upstream",target="{ONE.id}"}} 0.0',
        f'visionpath_image_fetches_total{{fetcher="unknown",target="{ONE.id}"}} 0.0',
        "visionpath_canary_rejected_total 1.0",
    ]


def test_its_own_url_is_watched_from_the_start(tmp_path: Path) -> None:
    async def story(host: Hosted, metrics: Metrics) -> list[str]:
        assert await host.watch.look()
        return lines(metrics, "visionpath_canary_public_url_ok")

    assert hosted(tmp_path, story)[0] == ["visionpath_canary_public_url_ok 1.0"]


def test_names_are_random_and_long(tmp_path: Path) -> None:
    async def story(host: Hosted, _: Metrics) -> list[str]:
        until = utc_now() + timedelta(minutes=1)
        return [host.canary.offer(PROBE, ONE.id, IMAGE, until).rpartition("/")[2] for _ in range(100)]

    names = hosted(tmp_path, story)[0]
    assert len(set(names)) == 100
    assert {len(name.removesuffix(".png")) for name in names} == {32}  # base64 of 24 bytes: 192 bits


def test_an_address_that_is_taken_is_one_line_with_the_key_to_change(tmp_path: Path) -> None:
    async def run() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            where = place(taken.getsockname()[1])
            async with SqlLedger(migrated(f"sqlite:///{tmp_path / 'visionpath.db'}")) as ledger:
                life = Life(asyncio.Event(), asyncio.Event())
                async with canary_host(where, ledger, Metrics(), utc_now, life):
                    pass

    with pytest.raises(CannotStart, match=r"cannot listen on 127.0.0.1:\d+: .*change canary.listen"):
        asyncio.run(run())
