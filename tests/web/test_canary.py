"""What the canary host serves, to whom it listens, and what it remembers, over real sockets."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network
from itertools import pairwise

import httpx
import pytest
from starlette.types import Message

from monitor.core.canary import Fetch, Fetcher, MediaPath, Network, media_path
from monitor.core.types import Image
from monitor.web import canary as module
from monitor.web.canary import CanaryFull
from tests.web.canary_served import (
    IMAGE,
    LOOPBACK,
    OTHER,
    PROBE,
    PUZZLE,
    START,
    TARGET,
    Host,
    hosting,
    told,
)

LARGE = Image(secrets.token_bytes(1_800_000), "image/png", 448, 448)
HUGE = Image(bytes(30_000_000), "image/png", 448, 448)
"""More than the buffers between two sockets hold."""
MINUTE = timedelta(minutes=1)


# --- serving ------------------------------------------------------------------------------------------------------


def test_the_image_is_served_whole_with_its_length_and_type() -> None:
    async def story(host: Host) -> httpx.Response:
        return await host.get(host.offer())

    answer = told(story)
    assert (answer.status_code, answer.content) == (200, IMAGE.data)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(IMAGE.data))


def test_a_large_image_is_served_whole() -> None:
    async def story(host: Host) -> tuple[httpx.Response, tuple[Fetch, ...]]:
        return await host.get(host.offer(image=LARGE)), host.canary.fetches(PROBE)

    answer, (fetch,) = told(story)
    assert answer.content == LARGE.data
    assert fetch.bytes_sent == len(LARGE.data)


def test_the_answer_says_nothing_of_the_server_and_is_not_to_be_kept() -> None:
    async def story(host: Host) -> httpx.Response:
        return await host.get(host.offer())

    headers = told(story).headers
    assert set(headers) == {
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "date",
        "x-content-type-options",
    }
    assert headers["cache-control"] == "no-store"


def test_head_tells_what_get_would_bring_without_bringing_it() -> None:
    async def story(host: Host) -> tuple[httpx.Response, httpx.Response]:
        url = host.offer()
        return await host.get(url, method="HEAD"), await host.get(url)

    head, get = told(story)
    head.headers.pop("date")
    get.headers.pop("date")
    assert (head.status_code, head.content, head.headers) == (200, b"", get.headers)


@pytest.mark.parametrize(
    "headers",
    [{"range": "bytes=0-9"}, {"if-none-match": "*"}, {"if-modified-since": "Fri, 02 Jan 2099 00:00:00 GMT"}],
)
def test_ranges_and_conditions_are_ignored(headers: dict[str, str]) -> None:
    async def story(host: Host) -> httpx.Response:
        return await host.get(host.offer(), headers)

    answer = told(story)
    assert (answer.status_code, answer.content) == (200, IMAGE.data)


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [("image/png", ".png"), ("image/jpeg", ".jpg"), ("image/webp", ".webp"), ("image/gif", ".gif"), ("image/x", "")],
)
def test_a_url_ends_as_its_format_does(media_type: str, suffix: str) -> None:
    async def story(host: Host) -> str:
        return host.offer(image=Image(b"x", media_type, 1, 1))

    url = told(story)
    assert url.rpartition("/")[2] == "token-" + "1".zfill(26) + suffix


def test_a_url_leaks_neither_answer_nor_probe_nor_target() -> None:
    async def story(host: Host) -> str:
        return host.offer()

    name = told(story, hosting(new_token=lambda: secrets.token_urlsafe(24))).rpartition("/")[2]
    leaks = (PUZZLE.expected, PUZZLE.seed.hex(), str(PROBE), PROBE.hex, "box", "one.")
    assert [leak for leak in leaks if leak.lower() in name.lower()] == []


@pytest.mark.parametrize("proxied", ["", "/probe"], ids=["prefix stripped", "prefix passed on"])
def test_a_proxy_may_pass_the_path_of_the_public_url_on_or_not(proxied: str) -> None:
    async def story(host: Host) -> tuple[str, httpx.Response]:
        url = host.offer()
        name = url.rpartition("/")[2]
        return url, await host.get(f"http://127.0.0.1:{host.port}{proxied}/{name}")

    url, answer = told(story, hosting(path="/probe"))
    assert "/probe/token-" in url
    assert answer.content == IMAGE.data


@pytest.mark.parametrize("path", ["/probex{name}", "/probe{name}", "/probe/probe/{name}", "/other/{name}"])
def test_no_other_path_leads_to_the_image(path: str) -> None:
    async def story(host: Host) -> int:
        name = host.offer().rpartition("/")[2]
        answer = await host.get(f"http://127.0.0.1:{host.port}{path.format(name=name)}")
        return answer.status_code

    assert told(story, hosting(path="/probe")) == 404


def test_a_query_changes_nothing() -> None:
    async def story(host: Host) -> httpx.Response:
        return await host.get(host.offer() + "?w=100&cachebuster=1")

    assert told(story).content == IMAGE.data


# --- single-probe paths -------------------------------------------------------------------------------------------


def test_every_offer_has_its_own_url() -> None:
    async def story(host: Host) -> list[str]:
        return [host.offer(), host.offer(), host.offer(OTHER)]

    urls = told(story)
    assert len(set(urls)) == 3


def test_each_probe_has_its_own_fetches_whichever_of_its_urls_was_fetched() -> None:
    async def story(host: Host) -> tuple[tuple[Fetch, ...], tuple[Fetch, ...]]:
        for url in (host.offer(), host.offer(OTHER), host.offer()):
            await host.get(url)
        return host.canary.fetches(PROBE), host.canary.fetches(OTHER)

    mine, others = told(story)
    assert [(fetch.probe_id, fetch.number) for fetch in mine] == [(PROBE, 1), (PROBE, 2)]
    assert [(fetch.probe_id, fetch.number) for fetch in others] == [(OTHER, 1)]


def test_a_url_dies_at_its_moment() -> None:
    async def story(host: Host) -> list[int]:
        url, statuses = host.offer(lasting=MINUTE), []
        for by in (timedelta(0), MINUTE - timedelta.resolution, timedelta.resolution):
            host.clock.move(by)
            statuses.append((await host.get(url)).status_code)
        return statuses

    assert told(story) == [200, 200, 404]


def test_the_fetches_of_a_probe_live_as_long_as_its_last_url() -> None:
    async def story(host: Host) -> list[int]:
        await host.get(host.offer(lasting=MINUTE))
        host.offer(lasting=3 * MINUTE)
        counts = []
        for _ in range(3):
            counts.append(len(host.canary.fetches(PROBE)))
            host.clock.move(MINUTE + timedelta.resolution)
        host.clock.move(MINUTE)
        return [*counts, len(host.canary.fetches(PROBE))]

    assert told(story) == [1, 1, 1, 0]


def test_a_probe_that_was_never_offered_has_no_fetches() -> None:
    async def story(host: Host) -> tuple[Fetch, ...]:
        return host.canary.fetches(OTHER)

    assert told(story) == ()


# --- what it remembers --------------------------------------------------------------------------------------------


def test_a_fetch_is_remembered_with_everything_that_is_known_of_it() -> None:
    async def story(host: Host) -> tuple[Fetch, ...]:
        url = host.offer()
        host.clock.move(timedelta(seconds=2))
        await host.get(url, {"user-agent": "OpenAI Image Downloader"})
        return host.canary.fetches(PROBE)

    assert told(story) == (
        Fetch(
            probe_id=PROBE,
            number=1,
            target_id=TARGET,
            at=START + timedelta(seconds=2),
            address="127.0.0.1",
            fetcher=Fetcher.UNKNOWN,
            agent="OpenAI Image Downloader",
            method="GET",
            status=200,
            bytes_sent=len(IMAGE.data),
        ),
    )


def test_a_look_at_the_head_is_remembered_and_is_no_fetch() -> None:
    async def story(host: Host) -> tuple[Fetch, ...]:
        await host.get(host.offer(), method="HEAD")
        return host.canary.fetches(PROBE)

    (fetch,) = fetches = told(story)
    assert (fetch.method, fetch.bytes_sent) == ("HEAD", 0)
    assert media_path(fetches) is MediaPath.NOBODY


def test_observers_are_told_of_what_was_answered() -> None:
    async def story(host: Host) -> tuple[list[Fetch], tuple[Fetch, ...]]:
        url = host.offer()
        await host.get(url, method="HEAD")
        await host.get(url)
        return host.seen, host.canary.fetches(PROBE)

    seen, fetches = told(story)
    assert tuple(seen) == fetches
    assert [fetch.bytes_sent for fetch in seen] == [0, len(IMAGE.data)]


def test_an_observer_that_fails_breaks_neither_the_serving_nor_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async def story(host: Host) -> tuple[httpx.Response, int]:
        return await host.get(host.offer()), len(host.seen)

    answer, seen = told(story, hosting(broken=True))
    assert (answer.content, seen) == (IMAGE.data, 1)
    assert "an observer of fetches failed" in caplog.text


@pytest.mark.parametrize("length", [0, 199, 200, 201, 5000])
def test_an_agent_is_kept_up_to_a_bound(length: int) -> None:
    async def story(host: Host) -> str | None:
        await host.get(host.offer(), {"user-agent": "a" * length})
        return host.canary.fetches(PROBE)[0].agent

    assert told(story) == "a" * min(length, 200)


def test_without_an_agent_none_is_made_up() -> None:
    async def story(host: Host) -> str | None:
        name = host.offer().rpartition("/")[2]
        await host.raw(f"GET /{name} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        return host.canary.fetches(PROBE)[0].agent

    assert told(story) is None


def test_a_fetch_under_way_is_known_already() -> None:
    async def story(host: Host) -> tuple[tuple[Fetch, ...], int]:
        name = host.offer(image=HUGE).rpartition("/")[2]
        reader, writer = await asyncio.open_connection("127.0.0.1", host.port, limit=1024)
        writer.write(f"GET /{name} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        under_way = host.canary.fetches(PROBE)
        writer.transport.abort()
        await host.answered.wait()
        return under_way, host.seen[0].bytes_sent

    under_way, sent = told(story)
    assert [(fetch.method, fetch.bytes_sent) for fetch in under_way] == [("GET", 0)]
    assert media_path(under_way) is MediaPath.UNKNOWN
    assert sent < len(HUGE.data)


def test_a_peer_that_has_gone_is_noticed_where_sending_never_waits() -> None:
    async def story(host: Host) -> int:
        path = "/" + host.offer(image=HUGE).rpartition("/")[2]
        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": ("127.0.0.1", 1)}

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            pass

        await host.canary(scope, receive, send)
        return host.seen[0].bytes_sent

    assert told(story) < len(HUGE.data)


def test_many_fetch_at_once() -> None:
    async def story(host: Host) -> list[bytes]:
        urls = [host.offer(image=Image(bytes([number]) * 100_000, "image/png", 1, 1)) for number in range(40)]
        answers = await asyncio.gather(*(host.get(url) for url in urls))
        assert [fetch.number for fetch in host.canary.fetches(PROBE)] == list(range(1, 41))
        return [answer.content for answer in answers]

    assert told(story) == [bytes([number]) * 100_000 for number in range(40)]


# --- whom it believes ---------------------------------------------------------------------------------------------

FORWARDED = [
    ((), "203.0.113.5", "127.0.0.1", Fetcher.UNKNOWN),
    (LOOPBACK, "203.0.113.5", "203.0.113.5", Fetcher.UPSTREAM),
    (LOOPBACK, "10.1.1.1, 203.0.113.5", "203.0.113.5", Fetcher.UPSTREAM),
    (LOOPBACK, "203.0.113.5, 10.1.1.1", "10.1.1.1", Fetcher.GATEWAY),
    (LOOPBACK, "203.0.113.5, 198.51.100.1, 127.0.0.9", "198.51.100.1", Fetcher.UNKNOWN),
    (LOOPBACK, "203.0.113.5, garbage", None, Fetcher.UNKNOWN),
    (LOOPBACK, None, "127.0.0.1", Fetcher.UNKNOWN),
    ((ip_network("198.51.100.0/24"),), "203.0.113.5", "127.0.0.1", Fetcher.UNKNOWN),
]


@pytest.mark.parametrize(("trusted", "forwarded", "address", "fetcher"), FORWARDED)
def test_forwarded_addresses_are_believed_of_trusted_proxies_only(
    trusted: tuple[Network, ...], forwarded: str | None, address: str | None, fetcher: Fetcher
) -> None:
    async def story(host: Host) -> Fetch:
        await host.get(host.offer(), None if forwarded is None else {"x-forwarded-for": forwarded})
        return host.canary.fetches(PROBE)[0]

    fetch = told(story, hosting(trusted=trusted))
    assert (fetch.address, fetch.fetcher) == (address, fetcher)


def test_a_second_header_continues_the_first() -> None:
    async def story(host: Host) -> str | None:
        name = host.offer().rpartition("/")[2]
        lines = [
            f"GET /{name} HTTP/1.1",
            "host: x",
            "x-forwarded-for: 203.0.113.5",
            "X-Forwarded-For: 10.1.1.1",
            "",
            "",
        ]
        await host.raw("\r\n".join(lines).encode())
        return host.canary.fetches(PROBE)[0].address

    assert told(story, hosting(trusted=LOOPBACK)) == "10.1.1.1"


# --- floods, guesses and scanners ---------------------------------------------------------------------------------

WRONG = [
    ("GET", "/"),
    ("GET", "/robots.txt"),
    ("GET", "/.env"),
    ("GET", "/{name}/"),
    ("GET", "//{name}"),
    ("GET", "/x/{name}"),
    ("GET", "/{token}"),
    ("GET", "/{name}.png"),
    ("GET", "/{NAME}"),
    ("GET", "{name}"),
    ("GET", "http://127.0.0.1/{name}"),
    ("HEAD", "/favicon.ico"),
    ("POST", "/{name}"),
    ("PUT", "/{name}"),
    ("DELETE", "/{name}"),
    ("OPTIONS", "/{name}"),
    ("OPTIONS", "*"),
]


@pytest.mark.parametrize(("method", "target"), WRONG)
def test_everything_else_is_the_same_empty_404_and_counted(method: str, target: str) -> None:
    async def story(host: Host) -> tuple[bytes, int, tuple[Fetch, ...]]:
        name = host.offer().rpartition("/")[2]
        path = target.format(name=name, token=name.removesuffix(".png"), NAME=name.upper())
        answer = await host.raw(f"{method} {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        return answer, host.canary.rejected, host.canary.fetches(PROBE)

    answer, rejected, fetches = told(story)
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.lower().split(b"\r\n") if not line.startswith(b"date:")]
    assert lines == [b"http/1.1 404 not found", b"cache-control: no-store", b"connection: close", b"content-length: 0"]
    assert (body, rejected, fetches) == (b"", 1, ())


def test_an_expired_url_is_answered_as_one_that_never_was() -> None:
    async def story(host: Host) -> tuple[httpx.Response, httpx.Response, int]:
        url = host.offer()
        host.clock.move(timedelta(days=1))
        never = f"http://127.0.0.1:{host.port}/" + "x" * 36
        return await host.get(url), await host.get(never), host.canary.rejected

    expired, never, rejected = told(story)
    expired.headers.pop("date")
    never.headers.pop("date")
    assert (expired.status_code, expired.content, expired.headers) == (404, b"", never.headers)
    assert rejected == 2


def test_a_flood_of_guesses_leaves_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    async def story(host: Host) -> tuple[int, int, list[Fetch]]:
        host.offer()
        guesses = [f"http://127.0.0.1:{host.port}/{secrets.token_urlsafe(24)}.png" for _ in range(300)]
        for some in (guesses[start : start + 50] for start in range(0, 300, 50)):
            await asyncio.gather(*map(host.get, some))
        return host.canary.rejected, len(host.canary._offers), host.seen

    assert told(story) == (300, 1, [])
    assert [record for record in caplog.records if record.name.startswith(("uvicorn", "monitor"))] == []


def test_a_url_that_leaked_is_served_a_bounded_number_of_times() -> None:
    async def story(host: Host) -> tuple[list[int], int, int]:
        url = host.offer()
        statuses = [(await host.get(url)).status_code for _ in range(module.MOST_FETCHES + 2)]
        return statuses, len(host.canary.fetches(PROBE)), host.canary.rejected

    most = module.MOST_FETCHES
    assert told(story) == ([200] * most + [404, 404], most, 2)


def test_no_more_images_are_taken_than_there_is_room_for() -> None:
    async def story(host: Host) -> int:
        image = Image(bytes(1_000_000), "image/png", 1, 1)
        taken = 0
        with suppress(CanaryFull):
            while taken < 1000:
                host.offer(image=image)
                taken += 1
        host.clock.move(MINUTE)
        assert host.offer(image=image)
        return taken

    assert told(story) == module.MOST_BYTES // 1_000_000


def test_no_more_urls_are_kept_than_there_is_room_for() -> None:
    async def story(host: Host) -> None:
        image = Image(b"x", "image/png", 1, 1)
        for _ in range(module.MOST_OFFERS):
            host.offer(image=image)
        with pytest.raises(CanaryFull, match=str(module.MOST_OFFERS)):
            host.offer(image=image)

    told(story)


def test_what_expired_leaves_no_trace() -> None:
    async def story(host: Host) -> tuple[int, int, int, int]:
        for number in range(20):
            await host.get(host.offer(lasting=timedelta(seconds=number + 1)))
        host.clock.move(MINUTE)
        await host.get(f"http://127.0.0.1:{host.port}/")
        canary = host.canary
        return len(canary._offers), len(canary._witnesses), len(canary._ends), canary._bytes

    assert told(story) == (0, 0, 0, 0)


def test_fetches_are_numbered_without_gaps() -> None:
    async def story(host: Host) -> list[int]:
        url = host.offer()
        await asyncio.gather(*(host.get(url, method=method) for method in ("GET", "HEAD") * 10))
        return sorted(fetch.number for fetch in host.seen)

    numbers = told(story)
    assert all(after - before == 1 for before, after in pairwise(numbers))
    assert len(numbers) == 20
