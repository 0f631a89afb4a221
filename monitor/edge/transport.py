"""Sends a probe and reports what happened on the wire. The key is added here and scrubbed from what comes back here,
so that no other module ever holds both; a fault of the network becomes a `Failure`, never an exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from time import perf_counter

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from monitor import __version__
from monitor.core.types import Exchange, Failure, FailureKind, Limits, Secret, Target, WireRequest
from monitor.edge.scrub import Scrubber

KEEPALIVE_S = 15.0
"""Seconds that an idle connection is kept; longer than most peers keep theirs buys only resets."""

Headers = tuple[tuple[str, Secret], ...]
NO_SECRETS: tuple[Headers, Scrubber] = ((), Scrubber(()))

FAILURES: tuple[tuple[tuple[type[BaseException], ...], FailureKind], ...] = (
    ((TimeoutError, httpx.TimeoutException), FailureKind.DEADLINE),
    ((aiohttp.ClientConnectorDNSError,), FailureKind.DNS),
    ((aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch), FailureKind.TLS),
    ((aiohttp.ClientConnectorError,), FailureKind.CONNECT),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError), FailureKind.CUT),
    ((aiohttp.ClientError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError), FailureKind.PROTOCOL),
)
"""The first row with a type that the fault, or what caused it, is an instance of. The cause comes first:
httpx-aiohttp reports refused and dropped connections as `httpx.ConnectTimeout`."""


class HttpTransport:
    """The `Transport` over one httpx client. `credentials` maps a target's key_ref to the headers that carry its key.

    Proxies from the environment are not used: they would be handed the keys.
    """

    def __init__(self, client: httpx.AsyncClient, credentials: Mapping[str, Headers]) -> None:
        self._client = client
        self.use(credentials)

    def use(self, credentials: Mapping[str, Headers]) -> None:
        """Send with these keys from now on."""
        self._credentials = {ref: (headers, Scrubber(headers)) for ref, headers in credentials.items()}

    async def send(self, target: Target, request: WireRequest, limits: Limits) -> Exchange:
        """One attempt within `limits`; no redirect is followed."""
        secrets, scrubber = self._credentials.get(target.key_ref, NO_SECRETS)
        attempt = _Attempt(perf_counter())
        try:
            async with asyncio.timeout(limits.deadline.total_seconds()):
                await self._exchange(target, request, secrets, limits, attempt)
        except TimeoutError:
            attempt.failure = Failure(FailureKind.DEADLINE, f"not complete in {limits.deadline.total_seconds():g} s")
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
            aiohttp.ClientError,
            OSError,
            ValueError,
        ) as fault:
            attempt.failure = classify(fault)
        return attempt.exchange(scrubber, target.model)

    async def _exchange(
        self, target: Target, request: WireRequest, secrets: Headers, limits: Limits, attempt: _Attempt
    ) -> None:
        async with self._client.stream(
            request.method,
            target.base_url.rstrip("/") + request.path,
            headers=[*request.headers, *((name, secret.reveal()) for name, secret in secrets)],
            content=request.body,
        ) as response:
            attempt.first_byte = perf_counter()
            attempt.status = response.status_code
            attempt.headers = dict(response.headers)
            async for chunk in response.aiter_bytes():
                attempt.body += chunk
                if len(attempt.body) > limits.max_bytes:
                    attempt.failure = Failure(FailureKind.TOO_LARGE, f"more than {limits.max_bytes} bytes")
                    return


@dataclass(slots=True)
class _Attempt:
    """An exchange as it grows, so that what came before a fault is kept. Targets echo keys in their error messages."""

    started: float
    first_byte: float | None = None
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    failure: Failure | None = None

    def exchange(self, scrubber: Scrubber, public: str) -> Exchange:
        failure = self.failure
        return Exchange(
            status=self.status,
            headers=scrubber.scrubbed_headers(self.headers or {}, public),
            body=scrubber.scrubbed(self.body, public),
            failure=failure and replace(failure, detail=scrubber.scrubbed_text(failure.detail, public)),
            elapsed_s=perf_counter() - self.started,
            first_byte_s=None if self.first_byte is None else self.first_byte - self.started,
        )


def new_client() -> httpx.AsyncClient:
    """The client that all targets share: no cookies, no redirects, no environment, no limit but the schedule's."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_S, ssl=transport.ssl_context)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    transport = AiohttpTransport(trust_env=False, client=session)
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # noqa: S113 the overall deadline is around the whole exchange
        headers={"user-agent": f"visionpath/{__version__}", "accept-encoding": "identity"},
    )


def classify(fault: BaseException) -> Failure:
    """What kind of failure an exception of the HTTP client is, and its words."""
    causes = list(_causes(fault))
    for types, kind in FAILURES:
        if any(isinstance(cause, types) for cause in causes[1:] or causes):
            return Failure(kind, str(causes[-1]) or type(causes[-1]).__name__)
    return Failure(FailureKind.PROTOCOL, str(fault) or type(fault).__name__)


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while isinstance(fault, Exception):
        yield fault
        fault = fault.__cause__
