"""/metrics, /-/healthy and /-/ready."""

from __future__ import annotations

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from tests.web.samples import FakeViews
from tests.web.served import Served, with_gauge


@pytest.fixture
def served() -> Served:
    return Served(FakeViews())


def test_metrics_are_prometheus_text(served: Served) -> None:
    with_gauge(served.registry)
    answer = served.get("/metrics")
    [family] = parse_text(answer.text)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert [(sample.labels, sample.value) for sample in family.samples] == [({"target": "openai/sees"}, 1.0)]


def test_metrics_are_openmetrics_for_who_asks(served: Served) -> None:
    with_gauge(served.registry)
    answer = served.get("/metrics", {"accept": "application/openmetrics-text; version=1.0.0"})
    [family] = parse_openmetrics(answer.text)  # type: ignore[no-untyped-call] # the library's
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert family.name == "visionpath_target_active"


def test_it_is_healthy_while_it_starts(served: Served) -> None:
    served.not_ready = "starting"
    assert served.get("/-/healthy").status_code == 200


def test_it_is_ready_when_nothing_speaks_against_it(served: Served) -> None:
    assert served.json("/-/ready") == {"state": "ready"}


def test_it_says_why_it_is_not_ready(served: Served) -> None:
    served.not_ready = "stopping"
    answer = served.get("/-/ready")
    assert (answer.status_code, answer.json()["detail"]) == (503, "stopping")
