"""What strangers do to the canary host below HTTP costs it little, ends soon, is counted and is not logged."""

from __future__ import annotations

import asyncio
import time

import pytest

from monitor.web import canary_wire
from monitor.web.canary import Canary
from monitor.web.canary_wire import LONGEST_REQUEST, Patience
from tests.web.canary_served import IMAGE, PROBE, Host, hosting, told
from tests.web.test_canary import HUGE

GET = b"GET / HTTP/1.1\r\nhost: x\r\n"


def hasty(canary: Canary) -> Patience:
    """Hardly any."""
    return Patience(canary.reject, request_within=0.2, lifetime=0.5)


NO_HTTP = [
    b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"\x00" * 64,
    b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    GET + b"content-length: x\r\n\r\n",
    GET + b"content-length: 1\r\ncontent-length: 2\r\n\r\n",
    GET + b"x: " + b"a" * LONGEST_REQUEST,
    b"GET /" + b"a" * (LONGEST_REQUEST + 1),
]


@pytest.mark.parametrize("data", NO_HTTP, ids=range(len(NO_HTTP)))
def test_what_is_no_request_is_dropped_and_counted(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def story(host: Host) -> tuple[bytes, int]:
        return await host.raw(data), host.canary.rejected

    assert told(story) == (b"", 1)
    assert caplog.records == []


def test_a_body_that_breaks_off_into_nonsense_is_dropped_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    async def story(host: Host) -> int:
        await host.raw(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n")
        return host.canary.rejected

    assert told(story) >= 1
    assert caplog.records == []


def test_a_second_request_on_the_connection_is_not_answered(caplog: pytest.LogCaptureFixture) -> None:
    async def story(host: Host) -> bytes:
        return await host.raw((GET + b"\r\n") * 5)

    assert told(story).count(b"HTTP/1.1 404") == 1
    assert caplog.records == []


def test_talk_during_the_answer_ends_it_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    async def story(host: Host) -> int:
        name = host.offer(image=HUGE).rpartition("/")[2]
        reader, writer = await asyncio.open_connection("127.0.0.1", host.port, limit=1024)
        writer.write(f"GET /{name} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"and another thing\r\n")
        await host.answered.wait()
        writer.close()
        return host.seen[0].bytes_sent

    assert told(story) < len(HUGE.data)
    assert caplog.records == []


def test_an_upgrade_is_an_ordinary_request(caplog: pytest.LogCaptureFixture) -> None:
    async def story(host: Host) -> bytes:
        return await host.raw(GET + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n")

    assert told(story).startswith(b"HTTP/1.1 404")
    assert caplog.records == []


@pytest.mark.parametrize("begun", [b"", b"GET / HT", GET], ids=["silent", "cut", "headers for ever"])
def test_a_request_that_does_not_come_is_not_waited_for(begun: bytes) -> None:
    async def story(host: Host) -> tuple[bytes, float, int]:
        started = time.perf_counter()
        return await host.raw(begun), time.perf_counter() - started, host.canary.rejected

    answer, elapsed, rejected = told(story, hosting(patience=hasty))
    assert (answer, rejected) == (b"", 1)
    assert elapsed < 5


def test_a_peer_that_does_not_read_is_not_waited_for() -> None:
    async def story(host: Host) -> int:
        name = host.offer(image=HUGE).rpartition("/")[2]
        _, writer = await asyncio.open_connection("127.0.0.1", host.port, limit=1024)
        writer.write(f"GET /{name} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await host.answered.wait()
        writer.close()
        return host.seen[0].bytes_sent

    assert told(story, hosting(patience=hasty)) < len(HUGE.data)


def test_a_fetch_within_its_time_is_left_alone() -> None:
    async def story(host: Host) -> tuple[bytes, int]:
        answer = await host.get(host.offer())
        await asyncio.sleep(0.6)  # longer than any limit: a timer that outlived its connection would strike
        return answer.content, host.canary.rejected

    assert told(story, hosting(patience=hasty)) == (IMAGE.data, 0)


def test_connections_beyond_the_bound_are_dropped_and_the_others_are_served() -> None:
    async def story(host: Host) -> tuple[int, bytes, bytes, int]:
        idle = [await asyncio.open_connection("127.0.0.1", host.port) for _ in range(canary_wire.MOST_CONNECTIONS)]
        refused = await host.raw(GET + b"\r\n")
        rejected = host.canary.rejected
        for _, writer in idle[:10]:
            writer.close()
        name = host.offer().rpartition("/")[2]
        reader, writer = idle[-1]
        writer.write(f"GET /{name} HTTP/1.0\r\n\r\n".encode())
        old = await reader.read()
        again = await host.get(host.offer())
        for _, writer in idle:
            writer.close()
        return rejected, refused, old.partition(b"\r\n\r\n")[2], len(again.content)

    assert told(story) == (1, b"", IMAGE.data, len(IMAGE.data))


def test_a_request_with_a_body_is_answered_before_all_of_it_came() -> None:
    async def story(host: Host) -> bytes:
        return await host.raw(b"POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\nabc")

    assert told(story).startswith(b"HTTP/1.1 404")


def test_a_fetch_over_http_1_0_is_served() -> None:
    async def story(host: Host) -> tuple[bytes, int]:
        name = host.offer().rpartition("/")[2]
        answer = await host.raw(f"GET /{name} HTTP/1.0\r\n\r\n".encode())
        return answer.partition(b"\r\n\r\n")[2], len(host.canary.fetches(PROBE))

    assert told(story) == (IMAGE.data, 1)
