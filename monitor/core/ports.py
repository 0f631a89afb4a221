"""The ports: what the core's callers plug in. A test gives a hand-written one here, never a patch by path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.core.memory import TargetMemory
    from monitor.core.types import (
        Answer,
        Ask,
        Committed,
        Exchange,
        Form,
        Limits,
        Puzzle,
        Record,
        Reply,
        Target,
        WireRequest,
    )


class Dialect(Protocol):
    """One wire protocol. Pure, synchronous and total: `parse` reports what it cannot read, it never raises."""

    @property
    def name(self) -> str:
        """As the config spells it, such as `openai-chat`."""

    @property
    def auth_scheme(self) -> str:
        """The default scheme in `core.auth.AUTH_SCHEMES` by which this dialect's makers send the key."""

    @property
    def forms(self) -> frozenset[Form]:
        """The ways to travel that this dialect has at all."""

    def build(self, ask: Ask) -> WireRequest:
        """The request for `ask`, byte for byte the same each time. ValueError for a form that is not in `forms`."""

    def parse(self, exchange: Exchange) -> Reply:
        """What the exchange says. Any bytes are legal input."""


class Challenge(Protocol):
    """One kind of test image. Pure and deterministic: the same seed and size give the same pixels for ever."""

    @property
    def name(self) -> str:
        """As the catalogue of checks spells it, such as `code`."""

    @property
    def question(self) -> str:
        """The prompt: one wording for every seed, so that one text-only control serves them all."""

    @property
    def smallest(self) -> int:
        """Side in pixels of the smallest canvas that it can draw on; smaller ones are a ValueError of `make`."""

    def make(self, seed: bytes, size: int) -> Puzzle:
        """The puzzle of that seed on a square canvas of `size` pixels. ValueError for a size it cannot draw."""

    def check(self, expected: str, text: str) -> Answer:
        """How `text` compares with `expected`. Any text is legal input."""


class Transport(Protocol):
    """Sends a request to a target's endpoint with its key. Never raises for a fault of the network."""

    async def send(self, target: Target, request: WireRequest, limits: Limits) -> Exchange:
        """One attempt: no retry, no redirect followed."""


class Ledger(Protocol):
    """Owns what is known of each target. A commit is all or nothing, and the same probe commits once."""

    async def memory(self, target: Target) -> TargetMemory:
        """States, health and recent results of the target, as last committed."""

    async def commit(self, record: Record) -> Committed:
        """Keep the record, or say why not."""


class LedgerAway(Exception):  # noqa: N818 - a state of the world, not a mistake of the caller's
    """What is known cannot be read at the moment: the database is locked, full, gone or closed."""


class Clock(Protocol):
    """The time of day. Handed in so that tests move it by hand."""

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""


class Sink(Protocol):
    """Something derived from committed records: metrics, a log, a live page."""

    @property
    def name(self) -> str:
        """For the failure counter."""

    def __call__(self, record: Record) -> None:
        """Take note of a record that is already committed. May fail; the failure is logged and counted."""


Sinks = Sequence[Sink]
