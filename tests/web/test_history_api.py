"""Probes, transitions and checks of a target: order, paging, bounds, evidence and its image."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from monitor.challenges import REGISTRY
from monitor.core.memory import CONTROL
from monitor.web.api import evidence_json, probe_json, transition_json
from tests.web.samples import NOW, FakeViews, ago, result, transition
from tests.web.served import SEES, Served, two_targets

PROBES = "/api/v1/targets/openai/sees/probes"
TRANSITIONS = "/api/v1/targets/openai/sees/transitions"


@pytest.fixture
def views() -> FakeViews:
    views = two_targets()
    views.results = [result(SEES, at=NOW - n * timedelta(minutes=1)) for n in range(5)]
    views.changes = [transition(SEES, ago(n)) for n in range(3)]
    return views


@pytest.fixture
def served(views: FakeViews) -> Served:
    return Served(views)


def test_probes_come_newest_first(served: Served, views: FakeViews) -> None:
    assert served.json(PROBES) == {"probes": [probe_json(r) for r in views.results], "older": None}


def test_paging_walks_the_whole_history_once(served: Served, views: FakeViews) -> None:
    page = served.json(f"{PROBES}?limit=2")
    seen = [probe["probe_id"] for probe in page["probes"]]
    while page["older"] is not None:
        page = served.json(f"{PROBES}?limit=2&before={page['older']}")
        seen += [probe["probe_id"] for probe in page["probes"]]
    assert seen == [str(r.id) for r in views.results]


def test_probes_of_one_check(served: Served, views: FakeViews) -> None:
    views.results[2] = result(SEES, check=CONTROL, verdict=None, signal=None, rule="passed")
    assert len(served.json(f"{PROBES}?check=inline")["probes"]) == 4
    assert [probe["check"] for probe in served.json(f"{PROBES}?check=control")["probes"]] == [CONTROL]


def test_transitions_page_likewise(served: Served, views: FakeViews) -> None:
    page = served.json(f"{TRANSITIONS}?limit=2")
    assert page["transitions"] == [transition_json(t) for t in views.changes[:2]]
    rest = served.json(f"{TRANSITIONS}?before={page['older']}")
    assert (len(rest["transitions"]), rest["older"]) == (1, None)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=ten",
        "before=0",
        "before=9223372036854775808",
        "check=%00",
        "check=nope",
        "page=2",
    ],
)
def test_inputs_are_bounded(served: Served, query: str) -> None:
    assert served.get(f"{PROBES}?{query}").status_code == 400


@pytest.mark.parametrize("path", ["openai/nobody", "open%00ai/sees", f"openai/{'x' * 201}"])
@pytest.mark.parametrize("what", ["probes", "transitions", "checks"])
def test_no_such_target_is_no_fault_of_ours(served: Served, path: str, what: str) -> None:
    assert served.get(f"/api/v1/targets/{path}/{what}").status_code in (400, 404)


def test_checks_tell_score_and_where_the_check_falls(served: Served, views: FakeViews) -> None:
    told = served.json("/api/v1/targets/litellm/strips/checks")["checks"]["inline"]
    assert (told["score"], told["full"]) == (76, 76)
    assert told["last_probe_id"] == str(views.last["litellm/strips", "inline"].id)


def test_a_probe_shows_all_its_evidence(served: Served, views: FakeViews) -> None:
    shown = views.results[0]
    assert served.json(f"/api/v1/probes/{shown.id}") == evidence_json(shown)


def test_the_image_is_the_one_that_was_sent(served: Served, views: FakeViews) -> None:
    sent = views.results[0]
    answer = served.get(f"/api/v1/probes/{sent.id}/image")
    assert answer.content == REGISTRY["code"].make(sent.seed, sent.image_size).images[0].data
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize("changed", [{"check": CONTROL, "verdict": None}, {"challenge": "tetris"}])
def test_without_an_image_there_is_none_to_show(served: Served, views: FakeViews, changed: dict[str, Any]) -> None:
    views.results[0] = result(SEES, **changed)
    assert served.get(f"/api/v1/probes/{views.results[0].id}/image").status_code == 404


@pytest.mark.parametrize("suffix", ["", "/image"])
def test_an_unknown_probe_is_not_found(served: Served, suffix: str) -> None:
    assert served.get(f"/api/v1/probes/00000000-0000-0000-0000-000000000000{suffix}").status_code == 404


def test_a_probe_id_that_is_none_is_refused(served: Served) -> None:
    assert served.get("/api/v1/probes/one").json()["errors"][0]["parameter"] == "probe_id"
