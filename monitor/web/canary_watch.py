"""Looks at our own canary host through its public URL, as a target would, so that an outage of ours (a proxy that is
down, a certificate that expired, a name that went) is never blamed on targets.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from datetime import datetime, timedelta

import httpx

from monitor import __version__
from monitor.core.ports import Clock
from monitor.core.types import Image
from monitor.web.canary import Canary, CanaryFull

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=15)
"""From the end of one look to the next."""
LOOK_WITHIN = timedelta(seconds=10)
"""How long one look may take, first to last byte."""
INTERVAL = LOOK_EVERY + LOOK_WITHIN
"""A success older than this says nothing about now."""


class Watch:
    """Fetches an image of its own through the public URL. `image` is what it offers to itself.

    `client` is one of `new_watch_client`. Before the first look has ended our URL counts as away.
    """

    def __init__(self, canary: Canary, image: Image, client: httpx.AsyncClient, clock: Clock) -> None:
        self._canary = canary
        self._image = image
        self._client = client
        self._clock = clock
        self._is_ok: bool | None = None
        self._last_ok: datetime | None = None
        self._one_at_a_time = asyncio.Lock()
        self._begun = 0
        self._ended = 0

    def public_ok_since(self, now: datetime) -> datetime | None:
        """When our public URL last answered, within INTERVAL before `now`; None if it did not, or failed since."""
        if not self._is_ok or self._last_ok is None or now - self._last_ok > INTERVAL:
            return None
        return self._last_ok

    async def look(self) -> bool:
        """Look now: does our public URL answer with our image? All who ask during one look share the next.

        The one under way could tell of a moment before the question.
        """
        begun = self._begun
        async with self._one_at_a_time:
            if self._ended <= begun:
                self._begun = number = self._begun + 1
                await self._look()
                self._ended = number
            return bool(self._is_ok)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("the look at our own canary URL failed: our own fault; trying again")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def _look(self) -> None:
        started, before = self._clock(), self._is_ok
        fault = await self._fault(started)
        self._is_ok = fault is None
        if self._is_ok:
            self._last_ok = started
        if self._is_ok is not before:
            log.log(logging.INFO if self._is_ok else logging.ERROR, "our canary URL %s", fault or "answers")

    async def _fault(self, now: datetime) -> str | None:
        """What is wrong with our public URL, in the words of who noticed it; None if nothing is."""
        try:
            url = self._canary.offer_ourselves(self._image, now + INTERVAL)
            async with asyncio.timeout(LOOK_WITHIN.total_seconds()), self._client.stream("GET", url) as answer:
                return await self._fault_of(answer)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, CanaryFull) as fault:
            return f"is away: {str(fault) or type(fault).__name__}"

    async def _fault_of(self, answer: httpx.Response) -> str | None:
        if answer.status_code != httpx.codes.OK:
            return f"answers with HTTP {answer.status_code}: does what stands before us pass the path on?"
        body = b""
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > len(self._image.data):
                break
        same = body == self._image.data and answer.headers.get("content-type") == self._image.media_type
        return None if same else "answers with another image or type: something before us rewrites it"


def new_watch_client(trust: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """A client that sees what a target would: no proxy of the environment, no redirect, a connection for each look,
    since one that is kept would outlive the certificate. `trust` says whose certificates are believed; default: the
    public authorities'.
    """
    return httpx.AsyncClient(
        verify=trust or httpx.create_ssl_context(trust_env=False),
        trust_env=False,
        follow_redirects=False,
        timeout=LOOK_WITHIN.total_seconds(),
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"user-agent": f"visionpath/{__version__}", "accept-encoding": "identity"},
    )
