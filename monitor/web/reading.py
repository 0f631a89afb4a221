"""The API's reads. A route finds what is asked for, `api` writes it; big answers are written off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.challenges import REGISTRY
from monitor.challenges.drawn import drawn
from monitor.core.checks import CATALOGUE, is_own
from monitor.core.memory import CONTROL
from monitor.core.types import Image, OwnCheck, ProbeResult, TargetHealth
from monitor.web import models
from monitor.web.api import check_json, evidence_json, health_json, probe_json, transition_json
from monitor.web.conditional import conditional, json_bytes
from monitor.web.models import HealthQuery, Name, Paging, ProbesQuery
from monitor.web.ports import Fleet, LedgerViews
from monitor.web.problems import NotFoundError, NotOneOfError

IMMUTABLE = {"cache-control": "public, max-age=31536000, immutable"}
"""A seed draws the same pixels for ever."""

Part = Annotated[Name, Path()]


@dataclass(frozen=True, slots=True)
class Reading:
    """The routes below `/api/v1` that read."""

    views: LedgerViews
    fleet: Fleet

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/api/v1", tags=["reading"])
        one = "/{provider}/{model_ref}"
        listed = models.documented(models.HealthList, conditional=True)
        router.add_api_route("/health", self.all_health, responses=listed)
        router.add_api_route(
            f"/health{one}", self.one_health, responses=models.documented(models.Health, conditional=True)
        )
        router.add_api_route(f"/targets{one}/checks", self.checks, responses=models.documented(models.Checks))
        router.add_api_route(f"/targets{one}/probes", self.probes, responses=models.documented(models.ProbeList))
        router.add_api_route(
            f"/targets{one}/transitions", self.transitions, responses=models.documented(models.TransitionList)
        )
        router.add_api_route("/probes/{probe_id}", self.probe, responses=models.documented(models.Evidence))
        router.add_api_route("/probes/{probe_id}/image", self.image, response_class=Response, responses=models.IMAGE)
        return router

    async def all_health(self, request: Request, query: Annotated[HealthQuery, Query()]) -> Response:
        """Every row that routers read, by target id; 304 while neither a row nor a `valid_until` has changed."""
        self._require_known(query)
        version = await self.views.health_version()
        rows = [row for row in await self.views.all_health() if _chosen(row, query)]
        body = await asyncio.to_thread(_health_list, version, rows)
        return conditional(request, body)

    async def one_health(self, request: Request, provider: Part, model_ref: Part) -> Response:
        """The row of one target."""
        row = await self._row(f"{provider}/{model_ref}")
        return conditional(request, json_bytes(health_json(row)))

    async def checks(self, provider: Part, model_ref: Part) -> Response:
        """What is believed of each check of a target: standing, score, last proof."""
        row = await self._row(f"{provider}/{model_ref}")
        states = (await self.views.check_states()).get(row.target_id, {})
        last = await self.views.last_results()
        full = next((t.policy.full for t in self.fleet.targets if t.id == row.target_id), None)
        checks = {
            name: check_json(state) | {"full": full, "last_probe_id": _id(last.get((row.target_id, name)))}
            for name, state in sorted(states.items())
        }
        return _fresh({"checks": checks})

    async def probes(self, provider: Part, model_ref: Part, query: Annotated[ProbesQuery, Query()]) -> Response:
        """The probes of a target, newest first, text-only controls included."""
        if query.check is not None:
            _require_one_of("check", query.check, {*self._checks(), CONTROL})
        row = await self._row(f"{provider}/{model_ref}")
        page = await self.views.probes(row.target_id, check=query.check, before=query.before, limit=query.limit)
        return _fresh({"probes": [probe_json(result) for result in page.items], "older": page.older})

    async def transitions(self, provider: Part, model_ref: Part, query: Annotated[Paging, Query()]) -> Response:
        """The changes of a target's standing, newest first."""
        row = await self._row(f"{provider}/{model_ref}")
        page = await self.views.transitions(row.target_id, before=query.before, limit=query.limit)
        return _fresh({"transitions": [transition_json(item) for item in page.items], "older": page.older})

    async def probe(self, probe_id: UUID) -> Response:
        """All that is kept of one probe."""
        return _fresh(evidence_json(await self._result(probe_id)))

    async def image(self, probe_id: UUID) -> Response:
        """The very image that the probe sent, redrawn from its seed; that of the config if it is still the same."""
        result = await self._result(probe_id)
        if is_own(result.challenge):
            image = configured(result, self._own())
        else:
            image = await asyncio.to_thread(redrawn, result)
        return Response(image.data, media_type=image.media_type, headers=IMMUTABLE)

    async def _row(self, target_id: str) -> TargetHealth:
        row = await self.views.one_health(target_id)
        if row is None:
            raise NotFoundError(f"no target {target_id}; /api/v1/health lists all")
        return row

    async def _result(self, probe_id: UUID) -> ProbeResult:
        result = await self.views.probe(probe_id)
        if result is None:
            raise NotFoundError(f"no probe {probe_id}: it never was, or its retention is over")
        return result

    def _require_known(self, query: HealthQuery) -> None:
        targets = self.fleet.targets
        if query.group is not None:
            _require_one_of("group", query.group, {m.group for target in targets for m in target.groups})
        if query.check is not None:
            _require_one_of("check", query.check, self._checks())

    def _checks(self) -> set[str]:
        return {*CATALOGUE, *(check.name for target in self.fleet.targets for check in target.checks)}

    def _own(self) -> Iterable[OwnCheck]:
        return (check.own for target in self.fleet.targets for check in target.checks if check.own is not None)


def redrawn(result: ProbeResult) -> Image:
    """The image of a probe. NotFoundError for a control, which sends none, and for a challenge that is no more."""
    if result.check == CONTROL:
        raise NotFoundError("a text-only control sends no image")
    check = CATALOGUE.get(result.check)
    if check is None or result.challenge not in REGISTRY:
        raise NotFoundError(f"this version does not draw {result.challenge!r} for the check {result.check!r}")
    return drawn(check, result.challenge, result.seed, result.image_size).images[0]


def configured(result: ProbeResult, own: Iterable[OwnCheck]) -> Image:
    """The image of a probe of one of the config's own checks, whose digest is its seed. NotFoundError if it is gone."""
    for check in own:
        if check.digest == result.seed:
            return check.image
    raise NotFoundError(f"the config no longer has the image that was sent: SHA-256 {result.seed.hex()}")


def _chosen(row: TargetHealth, query: HealthQuery) -> bool:
    return (
        query.standing in (None, row.standing)
        and (query.group is None or query.group in row.groups)
        and (query.check is None or query.check in {capability.check for capability in row.capabilities})
    )


def _health_list(version: int, rows: Iterable[TargetHealth]) -> bytes:
    return json_bytes({"version": version, "targets": [health_json(row) for row in rows]})


def _require_one_of(parameter: str, value: str, allowed: Iterable[str]) -> None:
    known = set(allowed)
    if value not in known:
        raise NotOneOfError(parameter, value, known)


def _id(result: ProbeResult | None) -> str | None:
    return None if result is None else str(result.id)


def _fresh(content: dict[str, Any]) -> Response:
    return JSONResponse(content, headers={"cache-control": "no-store"})
