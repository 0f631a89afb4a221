"""Every error is a problem, every answer carries the security headers, and the description lists every route."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from monitor.web import api, models
from monitor.web.headers import SECURITY_HEADERS
from tests.web.samples import NOW, FakeViews, health, result, state, transition
from tests.web.served import SEES, Served, two_targets

HEALTH = "/api/v1/health"
PATHS = [
    "/",
    "/metrics",
    "/-/healthy",
    "/-/ready",
    HEALTH,
    f"{HEALTH}/openai/sees",
    "/api/v1/targets/openai/sees/checks",
    "/api/v1/targets/openai/sees/probes",
    "/api/v1/targets/openai/sees/transitions",
    f"/api/v1/probes/{result(SEES).id}",
    f"/api/v1/probes/{result(SEES).id}/image",
]


class Broken(FakeViews):
    async def health_version(self) -> int:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nowhere", "GET", 404),
        ("/static/nothing.css", "GET", 404),
        ("/docs", "GET", 404),
        (f"{HEALTH}/openai/nobody", "GET", 404),
        (HEALTH, "DELETE", 405),
        (f"{HEALTH}?standing=up", "GET", 400),
    ],
)
def test_every_error_has_the_same_shape(path: str, method: str, status: int) -> None:
    answer = Served(two_targets()).get(path, method=method)
    problem = models.Problem.model_validate(answer.json())
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem.status) == (status, status)


def test_a_wrong_method_is_told_the_right_one() -> None:
    assert Served(two_targets()).get(HEALTH, method="POST").headers["allow"] == "GET"


def test_a_fault_of_ours_is_a_problem_without_its_innards() -> None:
    answer = Served(Broken()).get(HEALTH)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "ZeroDivision" not in answer.text
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("path", [path for path in PATHS if path.startswith("/api")])
def test_a_database_that_is_away_is_unavailable_and_stays_unnamed(path: str) -> None:
    views = two_targets()
    views.away = True
    answer = Served(views).get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "secret" not in answer.text


def test_metrics_and_liveness_do_not_need_the_database() -> None:
    views = two_targets()
    views.away = True
    assert {Served(views).get(path).status_code for path in ("/metrics", "/-/healthy", "/-/ready")} == {200}


@pytest.mark.parametrize("path", [*PATHS, "/static/style.css", "/nowhere", f"{HEALTH}?limit=1"])
def test_every_answer_carries_the_security_headers(path: str) -> None:
    assert SECURITY_HEADERS.items() <= dict(Served(two_targets()).get(path).headers).items()


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    sources = set(re.findall(r"-src (\S+?)(?:;|$)", SECURITY_HEADERS["content-security-policy"]))
    assert sources == {"'none'", "'self'"}


# --- OpenAPI ------------------------------------------------------------------------------------------------------


def described() -> FastAPI:
    return Served(two_targets()).app


def test_the_description_lists_every_route() -> None:
    app = described()
    schema = Served(two_targets()).json("/openapi.json")
    routes = {path.replace("openai", "{provider}").replace("sees", "{model_ref}") for path in PATHS}
    routes = {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{probe_id}", path) for path in routes}
    assert set(schema["paths"]) == routes | {"/-/reload"}
    assert app.docs_url is None


def test_no_route_is_described_with_an_answer_it_does_not_give() -> None:
    schema = Served(two_targets()).json("/openapi.json")
    routes = [route for path in schema["paths"].values() for route in path.values()]
    statuses = {status for route in routes for status in route["responses"]}
    assert statuses <= {"200", "304", "503", "default"}
    assert not {name for name in schema["components"]["schemas"] if "ValidationError" in name}


@pytest.mark.parametrize(
    ("model", "written"),
    [
        (models.Health, api.health_json(health(SEES, active=True))),
        (models.Probe, api.probe_json(result(SEES))),
        (models.Evidence, api.evidence_json(result(SEES))),
        (models.Transition, api.transition_json(transition(SEES, NOW))),
        (models.Check, api.check_json(state(active=True)) | {"full": 76, "last_probe_id": None}),
    ],
)
def test_what_is_written_is_what_is_described(model: type[BaseModel], written: dict[str, object]) -> None:
    model.model_validate(written)
    assert set(written) == set(model.model_fields)


def test_names_of_operations_are_unique() -> None:
    operations = [route.unique_id for route in described().routes if isinstance(route, APIRoute)]
    assert len(operations) == len(set(operations))
