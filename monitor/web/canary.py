"""The image host of `url` checks: serves nothing but test images, each under a path that nobody can guess and that one
probe was told, and remembers who fetched which.

Whatever else is asked of it is the same empty 404, answered from memory: nothing is written, nothing is logged, the
request is counted. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from monitor.core.canary import Fetch, Network, Networks, classify, client_address
from monitor.core.ports import Clock
from monitor.core.types import Image, utc

log = logging.getLogger(__name__)

MOST_OFFERS = 20_000
"""URLs that live at once: 95 new ones a second with a timeout of 30 s and its grace."""
MOST_BYTES = 128 * 2**20
"""Bytes of all images that live at once."""
MOST_FETCHES = 50
"""Requests that one probe's URLs answer: an honest fetcher needs one or two, a loop or a leaked URL gets no more."""
LONGEST_AGENT = 200
"""Characters of a user agent that are kept."""
CHUNK = 65_536
"""Bytes handed over at once, so that a peer that hangs up stops us."""

SUFFIXES: Final[Mapping[str, str]] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
}
"""Some providers judge an image by how its URL ends."""
_COMMON_HEADERS: Final = ((b"cache-control", b"no-store"), (b"connection", b"close"))
_NOT_FOUND_HEADERS: Final = [*_COMMON_HEADERS, (b"content-length", b"0")]
OURSELVES: Final = UUID(int=0)
"""The probe that a look at ourselves is."""

Observer = Callable[[Fetch], None]


class CanaryFull(Exception):  # noqa: N818 a state of the world
    """More images are on offer than the host keeps: our fault, no target's."""


@dataclass(slots=True)
class _Witness:
    """What is known of a probe; `observers` hear of each fetch once it is answered."""

    probe_id: UUID
    target_id: str
    observers: Sequence[Observer]
    offers: int = 0
    fetches: list[Fetch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Offer:
    """An image under its name, until the moment."""

    image: Image
    until: datetime
    witness: _Witness


class Canary:
    """An ASGI application, and the witness of who asked it for what.

    `public_url` is how the world reaches it; a proxy before it may pass the path on with or without that URL's own.
    `new_token` gives at least 128 random bits in characters that a URL needs not escape; they know nothing of probes.
    `observers` are told of every fetch of a probe's image, after it was answered; their failures are logged.
    """

    def __init__(  # noqa: PLR0913 the parts that the composition root hands in
        self,
        public_url: str,
        *,
        networks: Networks,
        trusted_proxies: Sequence[Network],
        clock: Clock,
        new_token: Callable[[], str],
        observers: Sequence[Observer] = (),
    ) -> None:
        self._base = public_url.rstrip("/")
        self._prefix = urlsplit(self._base).path
        self._networks = networks
        self._trusted = tuple(trusted_proxies)
        self._clock = clock
        self._new_token = new_token
        self._observers = tuple(observers)
        self._offers: dict[str, _Offer] = {}
        self._witnesses: dict[UUID, _Witness] = {}
        self._ends: list[tuple[datetime, int, str]] = []
        self._order = count()
        self._bytes = 0
        self.rejected = 0

    # --- what the runner asks -------------------------------------------------------------------------------------

    def offer(self, probe_id: UUID, target_id: str, image: Image, until: datetime) -> str:
        """The URL under which the image of that probe is served from now `until` then. CanaryFull: no room.

        Each call makes another URL; all those of a probe share its fetches.
        """
        self._make_room(len(image.data))
        witness = self._witnesses.setdefault(probe_id, _Witness(probe_id, target_id, self._observers))
        return self._place(_Offer(image, utc(until), witness))

    def offer_ourselves(self, image: Image, until: datetime) -> str:
        """The same for a look at ourselves: nobody is told of its fetches."""
        self._make_room(len(image.data))
        return self._place(_Offer(image, utc(until), _Witness(OURSELVES, "", ())))

    def fetches(self, probe_id: UUID) -> tuple[Fetch, ...]:
        """Who asked for the images of that probe so far, in order, those under way among them; () once all expired."""
        self._expire()
        witness = self._witnesses.get(probe_id)
        return tuple(witness.fetches) if witness else ()

    def _make_room(self, size: int) -> None:
        self._expire()
        if len(self._offers) >= MOST_OFFERS or self._bytes + size > MOST_BYTES:
            raise CanaryFull(
                f"the canary host keeps {len(self._offers)} images, {self._bytes} bytes, and takes no more"
            )

    def _place(self, offer: _Offer) -> str:
        name = self._new_token() + SUFFIXES.get(offer.image.media_type, "")
        self._offers[name] = offer
        self._bytes += len(offer.image.data)
        offer.witness.offers += 1
        heapq.heappush(self._ends, (offer.until, next(self._order), name))
        return f"{self._base}/{name}"

    def _expire(self) -> None:
        now = self._clock()
        while self._ends and self._ends[0][0] <= now:
            offer = self._offers.pop(heapq.heappop(self._ends)[2])
            self._bytes -= len(offer.image.data)
            offer.witness.offers -= 1
            if not offer.witness.offers:
                self._witnesses.pop(offer.witness.probe_id, None)

    # --- what the world asks --------------------------------------------------------------------------------------

    def reject(self) -> None:
        """Count a request, or what should have been one, that is none for a living image."""
        self.rejected += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            await self._handle(scope, receive, send)
        except Exception:
            log.exception("the canary host failed on a request: our own fault")  # the server keeps silent
            raise

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        offer = self._found(scope)
        if offer is None:
            self.reject()
            await _answer(send, 404, _NOT_FOUND_HEADERS)
            return
        index = self._note(scope, offer.witness)
        sent = 0
        try:
            sent = await _serve(scope["method"], offer.image, receive, send)
        finally:
            self._answered(offer.witness, index, sent)

    def _found(self, scope: Scope) -> _Offer | None:
        """The image that is asked for. A dict compares hashes first: how long it takes tells nothing of the names."""
        self._expire()
        path: str = scope["path"].removeprefix(self._prefix)
        offer = self._offers.get(path[1:]) if path.startswith("/") else None
        if offer is None or scope["method"] not in ("GET", "HEAD") or len(offer.witness.fetches) >= MOST_FETCHES:
            return None
        return offer

    def _note(self, scope: Scope, witness: _Witness) -> int:
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else None
        address = client_address(peer, headers.getlist("x-forwarded-for"), self._trusted)
        agent = headers.get("user-agent")
        witness.fetches.append(
            Fetch(
                probe_id=witness.probe_id,
                number=len(witness.fetches) + 1,
                target_id=witness.target_id,
                at=self._clock(),
                address=None if address is None else str(address),
                fetcher=classify(address, self._networks),
                agent=None if agent is None else agent[:LONGEST_AGENT],
                method=scope["method"],
                status=200,
                bytes_sent=0,
            )
        )
        return len(witness.fetches) - 1

    def _answered(self, witness: _Witness, index: int, sent: int) -> None:
        fetch = witness.fetches[index] = replace(witness.fetches[index], bytes_sent=sent)
        for observe in witness.observers:
            try:
                observe(fetch)
            except Exception:
                log.exception("an observer of fetches failed: our own fault; serving goes on")


async def _serve(method: str, image: Image, receive: Receive, send: Send) -> int:
    """Send the image; how many of its bytes were handed over before the end, or before the peer hung up.

    Ranges and conditions are not looked at: everybody gets the whole image, so that a fetch is a fetch.
    """
    headers = [
        *_COMMON_HEADERS,
        (b"content-length", str(len(image.data)).encode()),
        (b"content-type", image.media_type.encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if method == "HEAD":
        await _answer(send, 200, headers)
        return 0
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    hung_up = asyncio.create_task(_hung_up(receive), name="canary peer")
    try:
        return await _send_body(image.data, send, hung_up)
    finally:
        hung_up.cancel()


async def _send_body(data: bytes, send: Send, hung_up: asyncio.Task[None]) -> int:
    for start in range(0, len(data), CHUNK):
        end = min(start + CHUNK, len(data))
        await send({"type": "http.response.body", "body": data[start:end], "more_body": end < len(data)})
        if end < len(data):
            await asyncio.sleep(0)  # sending to a peer that has gone never waits, and we would not hear of it
            if hung_up.done():
                return start
    return len(data)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """An answer without a body."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body"})


async def _hung_up(receive: Receive) -> None:
    """Returns when the peer has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
