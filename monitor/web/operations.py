"""What machines that run the monitor ask of it: its metrics, whether it lives, whether it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.web import models
from monitor.web.access import writes
from monitor.web.ports import Fleet
from monitor.web.problems import ProblemResponse


@dataclass(frozen=True, slots=True)
class Operations:
    """The routes below `/-/`, and `/metrics`."""

    registry: CollectorRegistry
    not_ready: Callable[[], str | None]
    fleet: Fleet

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["operations"])
        router.add_api_route("/metrics", self.metrics, response_class=Response, responses=models.METRICS)
        router.add_api_route("/-/healthy", self.healthy, responses=models.documented(models.State))
        router.add_api_route("/-/ready", self.ready, responses=models.documented(models.State))
        router.add_api_route(
            "/-/reload",
            self.reload,
            methods=["POST"],
            responses=models.documented(models.State),
            dependencies=[writes(self.fleet)],
        )
        return router

    async def reload(self) -> Response:
        """Read the config again, as SIGHUP does; 400 with everything that is wrong, and the old config stays."""
        problems = await self.fleet.reload()
        if problems:
            errors = [{"parameter": "config", "problem": problem} for problem in problems]
            return ProblemResponse(400, "the config was not reloaded: the old one stays in force", errors=errors)
        return JSONResponse({"state": "reloaded"}, headers={"cache-control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        """Prometheus text; OpenMetrics for a client that asks for it."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        # 100,000 samples take most of a second: the event loop must not wait for that.
        text = await asyncio.to_thread(encode, self.registry)
        return Response(text, headers={"content-type": content_type, "cache-control": "no-store"})

    async def healthy(self) -> Response:
        """The process answers."""
        return JSONResponse({"state": "healthy"}, headers={"cache-control": "no-store"})

    async def ready(self) -> Response:
        """The schema is current, the state is loaded and probes are scheduled; else 503 and why not."""
        reason = self.not_ready()
        if reason is not None:
            return ProblemResponse(503, reason)
        return JSONResponse({"state": "ready"}, headers={"cache-control": "no-store"})
