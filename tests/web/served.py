"""The application over made-up views, reached without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client import CollectorRegistry, Gauge

from monitor.core.types import Secret, Target
from monitor.web.app import create_app
from monitor.web.ports import LedgerViews
from tests.web.samples import NOW, FakeViews, health, result, state, target

SEES = target("openai/sees", "example-vlm")
STRIPS = target("litellm/strips", "example-vlm", "only-strips")


@dataclass
class FakeFleet:
    """A config that a test turns; `broken` is what the next reload finds wrong."""

    targets: Sequence[Target]
    token: Secret | None = None
    problems: Sequence[str] = ()
    broken: Sequence[str] = ()
    reloads: int = 0

    async def reload(self) -> Sequence[str]:
        self.reloads += 1
        return self.broken


class Served:
    """`create_app` with everything a test may want to turn; `get` asks it one thing."""

    def __init__(self, views: LedgerViews, targets: Sequence[Target] = (SEES, STRIPS)) -> None:
        self.not_ready: str | None = None
        self.registry = CollectorRegistry()
        self.fleet = FakeFleet(targets)
        self.app = create_app(
            views=views,
            registry=self.registry,
            fleet=self.fleet,
            not_ready=lambda: self.not_ready,
            clock=lambda: NOW,
        )

    def get(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
        return asyncio.run(self.ask(path, headers, method))

    async def ask(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://visionpath") as client:
            return await client.request(method, path, headers=headers)

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content)


def two_targets() -> FakeViews:
    """One target that sees, and one whose gateway strips the image."""
    views = FakeViews((SEES, health(SEES, active=True)), (STRIPS, health(STRIPS, active=False)))
    for of, active in ((SEES, True), (STRIPS, False)):
        views.states[of.id] = {"inline": state(active=active)}
        views.results.append(result(of, active=active))
        views.last[of.id, "inline"] = views.results[-1]
    return views


def with_gauge(registry: CollectorRegistry) -> None:
    """A metric to find again."""
    Gauge("visionpath_target_active", "1 while active.", ["target"], registry=registry).labels("openai/sees").set(1)
