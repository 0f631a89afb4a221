"""The pages for people: rendered here, by templates that escape everything a stranger said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from monitor import __version__
from monitor.core.ports import Clock, LedgerAway
from monitor.web import words
from monitor.web.overview import Overview, overview
from monitor.web.ports import Fleet, LedgerViews
from monitor.web.problems import AWAY, RETRY_AFTER_S

REFRESH_S: Final = 5
"""Seconds between refreshes of a page of up to `SMALL` targets."""
REFRESH_LARGE_S: Final = 30
SMALL: Final = 300
"""Targets above which a page is too large to be fetched every few seconds by everybody who looks."""

_TEMPLATES = Environment(
    loader=PackageLoader("monitor.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(version=__version__)
_TEMPLATES.filters.update(meaning=words.meaning, timestamp=words.timestamp)


@dataclass(frozen=True, slots=True)
class Pages:
    """The HTML routes."""

    views: LedgerViews
    fleet: Fleet
    clock: Clock

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["pages"])
        router.add_api_route("/", self.home, response_class=HTMLResponse)
        return router

    async def home(self) -> Response:
        """Targets × checks: standing, reason, score, age of the last proof and the evidence of the last probe."""
        try:
            rows, states, last = await asyncio.gather(
                self.views.all_health(), self.views.check_states(), self.views.last_results()
            )
        except LedgerAway:
            return _page("away.html", 503, words=AWAY, refresh_s=RETRY_AFTER_S, problems=self.fleet.problems)
        shown = overview(self.fleet.targets, rows, states, last, self.clock())
        return await asyncio.to_thread(_home, shown, self.fleet.problems)


def _home(shown: Overview, problems: Sequence[str]) -> Response:
    def age(at: datetime | None) -> str:
        return words.age(at, shown.now)

    refresh_s = REFRESH_S if len(shown.targets) <= SMALL else REFRESH_LARGE_S
    return _page("overview.html", 200, shown=shown, age=age, refresh_s=refresh_s, problems=problems)


def _page(template: str, status: int, **shown: object) -> Response:
    text = _TEMPLATES.get_template(template).render(**shown)
    return HTMLResponse(text, status, {"cache-control": "no-store"})
