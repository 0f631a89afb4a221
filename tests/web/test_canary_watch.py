"""Our own outages are noticed by looking at ourselves as a target would: through the public URL, certificate and all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest
import trustme

from monitor.core.types import Image
from monitor.web.canary import MOST_BYTES, Canary
from monitor.web.canary_watch import INTERVAL, Watch, new_watch_client
from tests.web.canary_served import IMAGE, NETWORKS, START, Host, hosting, names

T = TypeVar("T")

SECOND = timedelta(seconds=1)


def watched(host: Host, client: httpx.AsyncClient) -> Watch:
    return Watch(host.canary, IMAGE, client, host.clock)


def told(story: Callable[[Host, Watch], Awaitable[T]]) -> T:
    """What `story` tells of a host that serves and the watch over it."""

    async def run() -> T:
        async with hosting() as host, new_watch_client() as client:
            return await story(host, watched(host, client))

    return asyncio.run(run())


# --- what counts --------------------------------------------------------------------------------------------------


def test_before_the_first_look_our_url_counts_as_away() -> None:
    async def story(host: Host, watch: Watch) -> datetime | None:
        return watch.public_ok_since(host.clock())

    assert told(story) is None


def test_a_look_that_brings_our_image_is_a_success() -> None:
    async def story(host: Host, watch: Watch) -> tuple[bool, datetime | None]:
        return await watch.look(), watch.public_ok_since(host.clock())

    assert told(story) == (True, START)


@pytest.mark.parametrize(("age", "since"), [(INTERVAL, START), (INTERVAL + timedelta.resolution, None)])
def test_a_success_counts_for_an_interval(age: timedelta, since: datetime | None) -> None:
    async def story(host: Host, watch: Watch) -> datetime | None:
        await watch.look()
        return watch.public_ok_since(host.clock() + age)

    assert told(story) == since


def test_each_success_renews_the_last() -> None:
    async def story(host: Host, watch: Watch) -> datetime | None:
        await watch.look()
        host.clock.move(INTERVAL)
        await watch.look()
        host.clock.move(SECOND)
        return watch.public_ok_since(host.clock())

    assert told(story) == START + INTERVAL


def test_a_look_at_ourselves_is_no_fetch_of_anybody() -> None:
    async def story(host: Host, watch: Watch) -> tuple[bool, int, int]:
        return await watch.look(), len(host.seen), host.canary.rejected

    assert told(story) == (True, 0, 0)


def test_looks_leave_nothing_behind() -> None:
    async def story(host: Host, watch: Watch) -> int:
        for _ in range(3):
            await watch.look()
            host.clock.move(INTERVAL)
        return len(host.canary._offers) + len(host.canary._witnesses)

    assert told(story) == 1


# --- outages ------------------------------------------------------------------------------------------------------


def test_an_outage_is_noticed_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "monitor.web")
    answers = ["whole", "down", "down", "whole"]

    async def story(watch: Watch, answer: Answer) -> list[tuple[bool, bool]]:
        seen = []
        for how in answers:
            answer.how = how
            seen.append((await watch.look(), watch.public_ok_since(START) is not None))
        return seen

    assert fronted(story) == [(True, True), (False, False), (False, False), (True, True)]
    words = [record.getMessage() for record in caplog.records if record.name == "monitor.web.canary_watch"]
    assert words == ["our canary URL answers", words[1], "our canary URL answers"]
    assert "is away" in words[1]


@pytest.mark.parametrize("how", ["404", "503", "302", "another body", "another type", "longer"])
def test_what_is_not_our_image_is_an_outage(how: str) -> None:
    async def story(watch: Watch, answer: Answer) -> bool:
        answer.how = how
        return await watch.look()

    assert fronted(story) is False


def test_a_listener_that_is_gone_is_an_outage() -> None:
    async def run() -> bool:
        async with hosting() as host:
            pass
        async with new_watch_client() as client:
            return await watched(host, client).look()

    assert asyncio.run(run()) is False


def test_a_name_that_does_not_resolve_is_an_outage() -> None:
    async def run() -> bool:
        canary = Canary(
            "http://nowhere.invalid", networks=NETWORKS, trusted_proxies=(), clock=lambda: START, new_token=names()
        )
        async with new_watch_client() as client:
            return await Watch(canary, IMAGE, client, lambda: START).look()

    assert asyncio.run(run()) is False


def test_a_host_without_room_is_our_outage() -> None:
    async def story(host: Host, watch: Watch) -> bool:
        host.offer(image=Image(bytes(MOST_BYTES), "image/png", 1, 1))
        return await watch.look()

    assert told(story) is False


# --- certificates -------------------------------------------------------------------------------------------------

AUTHORITY = trustme.CA()


def trusting(*authorities: trustme.CA) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    for authority in authorities:
        authority.configure_trust(context)
    return context


def looked_over_tls(leaf: trustme.LeafCert, *authorities: trustme.CA) -> bool:
    async def run() -> bool:
        async with (
            hosting(certificate=leaf.configure_cert) as host,
            new_watch_client(trusting(*authorities)) as client,
        ):
            return await watched(host, client).look()

    return asyncio.run(run())


def test_a_valid_certificate_is_a_success() -> None:
    assert looked_over_tls(AUTHORITY.issue_cert("127.0.0.1"), AUTHORITY) is True


def test_a_certificate_of_an_unknown_authority_is_an_outage() -> None:
    assert looked_over_tls(AUTHORITY.issue_cert("127.0.0.1")) is False


def test_a_certificate_of_another_name_is_an_outage() -> None:
    assert looked_over_tls(AUTHORITY.issue_cert("probe.example.com"), AUTHORITY) is False


def test_an_expired_certificate_is_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    expired = AUTHORITY.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 2, tzinfo=UTC))
    assert looked_over_tls(expired, AUTHORITY) is False
    assert "certificate has expired" in caplog.text


def test_a_certificate_that_turns_bad_is_noticed_at_the_next_look() -> None:
    async def run() -> list[bool]:
        contexts: list[ssl.SSLContext] = []

        def configure(context: ssl.SSLContext) -> None:
            contexts.append(context)
            AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)

        async with hosting(certificate=configure) as host, new_watch_client(trusting(AUTHORITY)) as client:
            watch = watched(host, client)
            before = await watch.look()
            trustme.CA().issue_cert("127.0.0.1").configure_cert(contexts[0])
            return [before, await watch.look()]

    assert asyncio.run(run()) == [True, False]


# --- many who ask -------------------------------------------------------------------------------------------------


def test_a_crowd_costs_two_looks() -> None:
    async def story(watch: Watch, answer: Answer) -> tuple[list[bool], int]:
        return await asyncio.gather(*(watch.look() for _ in range(20))), answer.asked

    assert fronted(story) == ([True] * 20, 2)


def test_who_asks_during_a_look_is_told_of_the_next() -> None:
    async def story(watch: Watch, answer: Answer) -> tuple[bool, list[bool], int]:
        answer.gate.clear()
        first = asyncio.create_task(watch.look())
        await answer.reached.wait()
        late = [asyncio.create_task(watch.look()) for _ in range(5)]
        await asyncio.sleep(0)
        answer.how = "503"
        answer.gate.set()
        return await first, await asyncio.gather(*late), answer.asked

    assert fronted(story) == (False, [False] * 5, 2)


def test_who_gives_up_takes_no_look_from_the_others() -> None:
    async def story(watch: Watch, answer: Answer) -> tuple[bool, int]:
        answer.gate.clear()
        first = asyncio.create_task(watch.look())
        await answer.reached.wait()
        second = asyncio.create_task(watch.look())
        await asyncio.sleep(0)
        first.cancel()
        answer.gate.set()
        return await second, answer.asked

    assert fronted(story) == (True, 2)


def test_who_gives_up_the_next_look_takes_it_from_nobody() -> None:
    async def story(watch: Watch, answer: Answer) -> tuple[bool, bool]:
        answer.gate.clear()
        first = asyncio.create_task(watch.look())
        await answer.reached.wait()
        second, third = asyncio.create_task(watch.look()), asyncio.create_task(watch.look())
        await asyncio.sleep(0)
        answer.reached.clear()
        answer.gate.set()
        before = await first
        answer.gate.clear()
        await answer.reached.wait()
        second.cancel()
        answer.how = "503"
        answer.gate.set()
        return before, await third

    assert fronted(story) == (True, False)


def test_each_look_has_a_connection_of_its_own() -> None:
    async def story(watch: Watch, answer: Answer) -> tuple[list[bool], int]:
        answer.how = "kept open"
        return [await watch.look(), await watch.look()], answer.asked

    assert fronted(story) == ([True, True], 2)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def story(watch: Watch, answer: Answer) -> tuple[bool, bool]:
        answer.how = "endless"
        return await watch.look(), answer.wrote_all

    assert fronted(story) == (False, False)


# --- what stands before us ----------------------------------------------------------------------------------------


class Answer:
    """What a proxy before the canary host makes of our image: `how` says it, `gate` when."""

    def __init__(self) -> None:
        self.how = "whole"
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.reached = asyncio.Event()
        self.wrote_all = False

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        try:
            await self._answer(reader, writer)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.reached.set()
        await self.gate.wait()
        if self.how == "kept open":
            writer.write(SCRIPTS["whole"])
            await reader.read()
        elif self.how != "down":
            writer.write(SCRIPTS[self.how])
        if self.how == "endless":
            await self._go_on(writer)

    async def _go_on(self, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            for _ in range(64):
                writer.write(bytes(1_000_000))
                await writer.drain()
            self.wrote_all = True


def answer(status: str = "200 OK", body: bytes = IMAGE.data, media_type: str = "image/png", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\n{more or f'content-length: {len(body)}'}\r\n\r\n"
    return head.encode() + body


SCRIPTS = {
    "whole": answer(),
    "404": answer("404 Not Found", b""),
    "503": answer("503 Service Unavailable", IMAGE.data),
    "302": answer("302 Found", IMAGE.data, more="location: /\r\ncontent-length: " + str(len(IMAGE.data))),
    "another body": answer(body=bytes(len(IMAGE.data))),
    "another type": answer(media_type="text/html"),
    "longer": answer(body=IMAGE.data + b"x"),
    "endless": answer(more="connection: close"),
}


def fronted(story: Callable[[Watch, Answer], Awaitable[T]]) -> T:
    """What `story` tells of a watch whose public URL is a proxy that a test decides over."""

    async def run() -> T:
        async with front() as (port, answer), new_watch_client() as client:
            canary = Canary(
                f"http://127.0.0.1:{port}",
                networks=NETWORKS,
                trusted_proxies=(),
                clock=lambda: START,
                new_token=names(),
            )
            return await story(Watch(canary, IMAGE, client, lambda: START), answer)

    return asyncio.run(run())


@asynccontextmanager
async def front() -> AsyncIterator[tuple[int, Answer]]:
    answer = Answer()
    server = await asyncio.start_server(answer.play, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], answer
    finally:
        server.close()
        await server.wait_closed()
