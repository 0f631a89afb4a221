"""How the gateway gets an image by its URL, as the provider behind it would: by plain http, and from loopback only.

It follows no redirect, trusts no proxy of the environment, and bounds time and size.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

WITHIN_S = 5.0
"""From the call to the last byte."""
MOST_BYTES = 20_000_000
_AGENT = "sandbox-upstream/1"
_NO_AUTHORITY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: https is never asked for, and loading the system's authorities takes its time."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL held. `media_type` is that of the Content-Type header, "" without one."""

    media_type: str
    data: bytes


class FetchError(Exception):
    """Nothing usable came. Its text is how OpenAI begins the sentence: `Timeout` or `Error`."""


Fetch = Callable[[str], Awaitable[Fetched]]
"""Gets an image by its URL. Raises FetchError."""


async def fetch_over_loopback(url: str) -> Fetched:
    """The image at `url`. Raises FetchError, before any connection where `url` is not plain http to loopback."""
    if not _is_loopback(url):
        raise FetchError("Error")
    try:
        async with asyncio.timeout(WITHIN_S):
            return await _get(url)
    except (TimeoutError, httpx.TimeoutException):
        raise FetchError("Timeout") from None
    except httpx.HTTPError:
        raise FetchError("Error") from None


def _is_loopback(url: str) -> bool:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme == "http" and (parsed.host == "localhost" or _is_loopback_address(parsed.host))


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def _get(url: str) -> Fetched:
    headers = {"user-agent": _AGENT, "accept": "image/*", "accept-encoding": "identity"}
    async with (
        httpx.AsyncClient(verify=_NO_AUTHORITY, trust_env=False, timeout=WITHIN_S) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise FetchError("Error")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        return Fetched(media_type, await _body(response))


async def _body(response: httpx.Response) -> bytes:
    received = bytearray()
    async for piece in response.aiter_raw():
        received += piece
        if len(received) > MOST_BYTES:
            raise FetchError("Error")
    return bytes(received)
