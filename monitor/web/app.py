"""The web application: which parts answer what, behind the same headers and with the same shape of problems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.staticfiles import StaticFiles

from monitor import __version__
from monitor.core.ports import Clock
from monitor.web import problems
from monitor.web.headers import SecurityHeaders
from monitor.web.operations import Operations
from monitor.web.pages import Pages
from monitor.web.ports import Fleet, LedgerViews
from monitor.web.reading import Reading

STATIC = Path(__file__).with_name("static")


def create_app(
    *,
    views: LedgerViews,
    registry: CollectorRegistry,
    fleet: Fleet,
    not_ready: Callable[[], str | None],
    clock: Clock,
) -> FastAPI:
    """Everything that is served. `fleet` is the config in force; `not_ready` says why not, None when ready.

    There is no /docs page: FastAPI's loads from a CDN, which the Content-Security-Policy forbids.
    """
    app = FastAPI(
        title="Visionpath",
        version=__version__,
        summary="Keeps proving that each vision target still sees.",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    app.include_router(Pages(views, fleet, clock).router())
    app.include_router(Operations(registry, not_ready, fleet).router())
    app.include_router(Reading(views, fleet).router())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
