"""GET /api/v1/health and its rows: filters, ETag and 304."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.checks import CATALOGUE
from monitor.web.api import health_json
from tests.web.samples import FakeViews, health
from tests.web.served import SEES, STRIPS, Served, two_targets

ALL = "/api/v1/health"
ONE = "/api/v1/health/openai/sees"


@pytest.fixture
def views() -> FakeViews:
    return two_targets()


@pytest.fixture
def served(views: FakeViews) -> Served:
    return Served(views)


def ids(served: Served, query: str = "") -> list[str]:
    return [row["target_id"] for row in served.json(ALL + query)["targets"]]


def test_all_rows_come_by_target_id_with_the_last_version(served: Served, views: FakeViews) -> None:
    views.rows[STRIPS.id] = health(STRIPS, active=False, version=9)
    answer = served.json(ALL)
    assert answer["version"] == 9
    assert answer["targets"] == [health_json(views.rows[STRIPS.id]), health_json(views.rows[SEES.id])]


def test_one_row_is_the_row_itself(served: Served, views: FakeViews) -> None:
    assert served.json(ONE) == health_json(views.rows[SEES.id])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?standing=active", ["openai/sees"]),
        ("?standing=catalog-only", ["litellm/strips"]),
        ("?group=only-strips", ["litellm/strips"]),
        ("?group=example-vlm", ["litellm/strips", "openai/sees"]),
        ("?check=inline", ["litellm/strips", "openai/sees"]),
        ("?standing=active&group=only-strips", []),
    ],
)
def test_filters_hold_together(served: Served, query: str, expected: list[str]) -> None:
    assert ids(served, query) == expected


@pytest.mark.parametrize("path", [ALL, ONE, ALL + "?standing=active"])
def test_an_unchanged_answer_is_not_sent_again(served: Served, path: str) -> None:
    etag = served.get(path).headers["etag"]
    again = served.get(path, {"if-none-match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


def test_the_etag_is_strong(served: Served) -> None:
    assert served.get(ALL).headers["etag"].startswith('"')


@pytest.mark.parametrize("told", ['"other", {etag}', "W/{etag}", "*"])
def test_if_none_match_is_a_list_of_tags_compared_weakly(served: Served, told: str) -> None:
    etag = served.get(ALL).headers["etag"]
    assert served.get(ALL, {"if-none-match": told.format(etag=etag)}).status_code == 304


@pytest.mark.parametrize("path", [ALL, ONE])
def test_a_moved_valid_until_changes_the_etag(served: Served, views: FakeViews, path: str) -> None:
    before = served.get(path).headers["etag"]
    row = views.rows[SEES.id]
    assert row.valid_until is not None
    views.rows[SEES.id] = replace(row, valid_until=row.valid_until + timedelta(microseconds=1))
    assert served.get(path, {"if-none-match": before}).status_code == 200


def test_a_moved_version_changes_the_etag(served: Served, views: FakeViews) -> None:
    before = served.get(ALL).headers["etag"]
    views.rows[STRIPS.id] = replace(views.rows[STRIPS.id], version=8)
    assert served.get(ALL).headers["etag"] != before


def test_an_unknown_target_is_a_problem_that_says_where_all_are_listed(served: Served) -> None:
    answer = served.get("/api/v1/health/openai/nobody")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "no target openai/nobody; /api/v1/health lists all"


def test_a_wrong_group_is_told_which_there_are(served: Served) -> None:
    answer = served.get(ALL + "?group=exmaple-vlm")
    assert (answer.status_code, answer.json()["allowed"]) == (400, ["example-vlm", "only-strips"])


def test_a_wrong_check_is_told_which_there_are(served: Served) -> None:
    assert served.get(ALL + "?check=inlin").json()["allowed"] == sorted(CATALOGUE)


def test_a_wrong_standing_is_told_which_there_are(served: Served) -> None:
    answer = served.get(ALL + "?standing=down")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"parameter": "standing", "problem": "Input should be 'active' or 'catalog-only'"}
    ]


def test_a_misspelt_filter_is_refused_rather_than_ignored(served: Served) -> None:
    assert served.get(ALL + "?standng=active").json()["errors"][0]["parameter"] == "standng"
