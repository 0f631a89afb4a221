"""The transport against real sockets: each kind of fault becomes its kind of failure, and the key stays inside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import aiohttp
import httpx
import pytest

from monitor.core.types import Exchange, FailureKind, Limits, Secret, WireRequest
from monitor.edge.transport import HttpTransport, classify, new_client
from tests.runner.rig import target

KEY = "sk-planted-0123456789"
REQUEST = WireRequest("POST", "/chat/completions", (("content-type", "application/json"),), b"{}")
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(script: Script) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A socket that plays `script` to whoever speaks to it; yields its port and what it heard first."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.read(65_536))
            await script(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    heard: list[bytes] = []

    server = await asyncio.start_server(play, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        await server.wait_closed()


def says(*chunks: bytes) -> Script:
    async def script(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()

    return script


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
    await silent(reader, writer)


def send(script: Script, *, scheme: str = "http", limits: Limits | None = None) -> Exchange:
    async def go() -> Exchange:
        async with served(script) as (port, _), new_client() as client:
            transport = HttpTransport(client, {"openai-chat": (("authorization", Secret(f"Bearer {KEY}")),)})
            whom = replace(target("m"), base_url=f"{scheme}://127.0.0.1:{port}/v1")
            return await transport.send(whom, REQUEST, limits or Limits(timedelta(seconds=5)))

    return asyncio.run(go())


def failure_of(exchange: Exchange) -> FailureKind | None:
    return exchange.failure.kind if exchange.failure else None


ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
SHORT = Limits(timedelta(seconds=0.2))


def test_an_answer_is_passed_on_whole() -> None:
    exchange = send(says(ANSWER))
    assert (exchange.status, exchange.body, exchange.failure) == (200, b"{}", None)


def test_the_first_byte_comes_before_the_last() -> None:
    exchange = send(says(ANSWER))
    assert exchange.first_byte_s is not None
    assert 0 < exchange.first_byte_s <= exchange.elapsed_s


def test_a_connection_dropped_before_any_answer_is_cut_without_a_status() -> None:
    exchange = send(says())
    assert (exchange.status, failure_of(exchange)) == (None, FailureKind.CUT)


def test_a_body_shorter_than_announced_is_cut_with_its_status_and_what_came() -> None:
    exchange = send(says(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"))
    assert (exchange.status, exchange.body, failure_of(exchange)) == (200, b"abc", FailureKind.CUT)


def test_silence_ends_with_the_deadline() -> None:
    exchange = send(silent, limits=SHORT)
    assert (exchange.status, failure_of(exchange)) == (None, FailureKind.DEADLINE)


def test_a_deadline_says_how_long_it_was() -> None:
    failure = send(silent, limits=SHORT).failure
    assert failure is not None
    assert failure.detail == "not complete in 0.2 s"


def test_a_drip_fed_body_ends_with_the_deadline_too() -> None:
    exchange = send(dripping, limits=SHORT)
    assert (exchange.status, exchange.body, failure_of(exchange)) == (200, b"{", FailureKind.DEADLINE)


def test_a_body_beyond_the_cap_is_given_up() -> None:
    body = b"x" * 5000
    exchange = send(
        says(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + body), limits=Limits(timedelta(seconds=5), 1000)
    )
    assert failure_of(exchange) is FailureKind.TOO_LARGE


def test_bytes_that_are_no_http_are_a_protocol_failure() -> None:
    exchange = send(says(b"SSH-2.0-OpenSSH_9\r\n\r\n"))
    assert (exchange.status, failure_of(exchange)) == (None, FailureKind.PROTOCOL)


def test_tls_towards_a_plain_server_is_a_tls_failure() -> None:
    exchange = send(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), scheme="https")
    assert failure_of(exchange) is FailureKind.TLS


def test_a_refused_connection_is_a_connect_failure() -> None:
    async def go() -> Exchange:
        async with served(says()) as (port, _):
            pass
        async with new_client() as client:
            whom = replace(target("m"), base_url=f"http://127.0.0.1:{port}/v1")
            return await HttpTransport(client, {}).send(whom, REQUEST, Limits(timedelta(seconds=5)))

    assert failure_of(asyncio.run(go())) is FailureKind.CONNECT


def test_a_name_that_does_not_resolve_is_a_dns_failure() -> None:
    key = aiohttp.client_reqrep.ConnectionKey("nowhere.invalid", 80, False, True, None, None, None)
    fault = httpx.ConnectError("mapped")
    fault.__cause__ = aiohttp.ClientConnectorDNSError(key, OSError(-2, "Name or service not known"))
    assert classify(fault).kind is FailureKind.DNS


def test_a_redirect_is_reported_not_followed() -> None:
    exchange = send(says(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"))
    assert exchange.status == 302


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 401 No\r\ncontent-length: 40\r\n\r\n{"error":"bad key %s"}' % KEY.encode(),
        b"HTTP/1.1 401 No\r\nx-you-sent: Bearer %s\r\ncontent-length: 2\r\n\r\n{}" % KEY.encode(),
    ],
    ids=["in the body", "in a header"],
)
def test_a_key_that_the_target_echoes_is_scrubbed(answer: bytes) -> None:
    exchange = send(says(answer))
    assert KEY not in repr(exchange)
    assert "***" in repr(exchange)


def test_the_key_is_sent_in_its_header() -> None:
    async def go() -> bytes:
        async with served(says(ANSWER)) as (port, heard), new_client() as client:
            whom = replace(target("m"), base_url=f"http://127.0.0.1:{port}/v1")
            credentials = {"openai-chat": (("authorization", Secret(f"Bearer {KEY}")),)}
            await HttpTransport(client, credentials).send(whom, REQUEST, Limits(timedelta(seconds=5)))
            return heard[0]

    assert f": Bearer {KEY}\r\n".encode() in asyncio.run(go())
