"""POST /-/reload: who may, what it answers, and what the page shows of a refused config."""

from __future__ import annotations

import pytest

from monitor.core.types import Secret
from tests.web.served import Served, two_targets

BEARER = {"authorization": "Bearer t0ken-of-the-test"}


@pytest.fixture
def served() -> Served:
    served = Served(two_targets())
    served.fleet.token = Secret("t0ken-of-the-test")
    return served


def test_without_a_configured_token_nobody_may_reload() -> None:
    served = Served(two_targets())
    assert (served.get("/-/reload", BEARER, "POST").status_code, served.fleet.reloads) == (403, 0)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic dDprZW4="}])
def test_a_wrong_token_is_401_and_says_which_scheme(served: Served, headers: dict[str, str]) -> None:
    answer = served.get("/-/reload", headers, "POST")
    assert (answer.status_code, answer.headers["www-authenticate"], served.fleet.reloads) == (401, "Bearer", 0)


def test_a_good_config_is_reloaded(served: Served) -> None:
    answer = served.get("/-/reload", BEARER, "POST")
    assert (answer.status_code, answer.json()["state"], served.fleet.reloads) == (200, "reloaded", 1)


def test_a_bad_config_is_400_with_every_problem(served: Served) -> None:
    served.fleet.broken = ("a.yaml:1:1: database: is missing", "a.yaml:2:1: x: unknown key")
    answer = served.get("/-/reload", BEARER, "POST")
    assert answer.status_code == 400
    assert [error["problem"] for error in answer.json()["errors"]] == list(served.fleet.broken)


def test_reload_is_not_to_be_had_by_get(served: Served) -> None:
    assert served.get("/-/reload", BEARER).status_code == 405


def test_the_page_shows_that_the_config_on_disk_is_not_in_force(served: Served) -> None:
    served.fleet.problems = ("a.yaml:3:5: every: <script>",)
    page = served.get("/").text
    assert "The config on disk is not in force" in page
    assert "a.yaml:3:5: every: &lt;script&gt;" in page
