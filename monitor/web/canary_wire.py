"""HTTP as the canary host speaks it to strangers: one request a connection, in few bytes and little time, no log line.

uvicorn by itself waits for a request for ever, logs every malformed one, and answers while it is still being told one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

MOST_CONNECTIONS = 256
"""Connections at once; the next is dropped."""
REQUEST_WITHIN_S = 10.0
"""Seconds that a request, up to its last header, may take."""
LIFETIME_S = 60.0
"""Seconds that a connection may live: 2 MB over a slow line."""
LONGEST_REQUEST = 8_192
"""Bytes of a request line with its headers."""

SILENT: Final = logging.getLogger("monitor.web.canary_wire.strangers")
"""Where uvicorn's words about strangers go: what they do wrong is counted, and faults of ours are logged by us."""
SILENT.disabled = True


@dataclass(frozen=True, slots=True)
class Patience:
    """How much strangers are borne: `reject` counts connections that brought no request; limits in seconds."""

    reject: Callable[[], None]
    request_within: float = REQUEST_WITHIN_S
    lifetime: float = LIFETIME_S


class Connection(H11Protocol):
    """A connection of the canary host. uvicorn makes it from a class alone, so that is where the limits stand."""

    patience: ClassVar[Patience]
    cycle: RequestResponseCycle | None  # type: ignore[assignment] # None before the first request, as uvicorn has it

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.logger = SILENT
        self._timers = [
            self.loop.call_later(self.patience.request_within, self._expect_request),
            self.loop.call_later(self.patience.lifetime, self._give_up),
        ]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin, or drop one connection too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        for timer in self._timers:
            timer.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 uvicorn's
        """What is no HTTP gets no answer: one could already be under way."""
        self._give_up()

    def _expect_request(self) -> None:
        if self.cycle is None:
            self._give_up()

    def _give_up(self) -> None:
        self.patience.reject()
        self.transport.abort()


def wire(app: ASGIApp, given: Patience) -> uvicorn.Config:
    """How `app` is served to strangers."""

    class Given(Connection):
        patience = given

    return uvicorn.Config(
        app,
        http=Given,
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe is the application's to say; uvicorn would believe all of loopback
        h11_max_incomplete_event_size=LONGEST_REQUEST,
        timeout_graceful_shutdown=1,
    )
