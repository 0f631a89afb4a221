"""The landing page: what it says, in which order, and that nothing a stranger said is ever markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from monitor.core.types import Target
from tests.web.samples import NOW, FakeViews, ago, health, result, state, target
from tests.web.served import SEES, STRIPS, Served, two_targets

HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>"


class Text(HTMLParser):
    """The page as read: its words with single spaces, and every tag and link."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: list[str] = []
        self.feed(html)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


def page(views: FakeViews, targets: tuple[Target, ...] = (SEES, STRIPS)) -> Text:
    answer = Served(views, targets).get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return Text(answer.text)


def test_it_counts_first() -> None:
    assert "1 catalog-only 1 active checked just now" in page(two_targets()).words


def test_problems_come_first_the_newest_on_top_then_what_waits_then_what_is_active() -> None:
    names = ("a/active", "b/old", "c/new", "d/waiting")
    targets = tuple(target(name) for name in names)
    views = FakeViews(*((t, health(t, active=t.id == "a/active")) for t in targets))
    views.rows["b/old"] = replace(views.rows["b/old"], since=ago(9000))
    views.last = {(t.id, "inline"): result(t) for t in targets[:3]}
    links = [link.removeprefix("/api/v1/health/") for link in page(views, targets).links]
    assert [link for link in links if link in names] == ["c/new", "b/old", "d/waiting", "a/active"]


def test_a_row_says_standing_reason_since_and_the_evidence() -> None:
    words = page(two_targets()).words
    assert (
        "litellm/strips openai-chat ✕ catalog-only image silently dropped since 1 h ago inline fail never 76 / 76 "
        "dropped just now answer 'Red' for 'K7Q2M', input 31 = text-only 31 evidence" in words
    )


def test_an_active_target_is_never_shown_without_the_age_of_its_proof() -> None:
    assert "✓ active reads the image since 1 h ago inline pass 20 s ago 0 / 76 seen" in page(two_targets()).words


def test_every_moment_is_there_in_full_too() -> None:
    html = Served(two_targets()).get("/").text
    assert '<time datetime="2026-03-01T11:00:00+00:00" title="2026-03-01 11:00:00 UTC">1 h ago</time>' in html


def test_a_row_links_to_its_json_and_to_the_evidence_and_image_of_its_last_probe() -> None:
    views = two_targets()
    probe = views.last[STRIPS.id, "inline"].id
    wanted = {"/api/v1/health/litellm/strips", f"/api/v1/probes/{probe}", f"/api/v1/probes/{probe}/image"}
    assert wanted <= set(page(views).links)


def test_every_link_is_answered() -> None:
    served = Served(two_targets())
    links = set(Text(served.get("/").text).links) - {"#main"}
    assert {link: served.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_past_its_valid_until_a_row_is_read_as_routers_read_it() -> None:
    views = two_targets()
    views.rows[SEES.id] = replace(views.rows[SEES.id], valid_until=NOW - timedelta(minutes=2))
    words = page(views).words
    assert "openai/sees openai-chat ✕ catalog-only the last proof is too old since 2 min ago" in words
    assert "2 catalog-only 0 active" in words


def test_a_group_without_an_eligible_target_is_on_top_and_says_so() -> None:
    words = page(two_targets()).words
    assert "only-strips ✕ 0 of 1 eligible: nothing to route to example-vlm 1 of 2 eligible" in words


def test_before_the_first_answer_it_says_that_probes_are_under_way() -> None:
    words = page(FakeViews()).words
    assert "2 waiting for a first probe not checked yet" in words
    assert "The first probes are under way" in words


def test_without_targets_it_says_what_to_do() -> None:
    assert "No targets The config lists no model" in page(FakeViews(), ()).words


def test_without_its_database_it_says_so() -> None:
    views = two_targets()
    views.away = True
    answer = Served(views).get("/")
    assert answer.status_code == 503
    assert "The database is away" in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("where", ["reason", "model", "group", "health reason"])
def test_what_a_stranger_said_is_text(where: str) -> None:
    odd = target("odd/one", HOSTILE if where == "group" else "g", model=HOSTILE if where == "model" else "m")
    row = health(odd, active=False, reason=HOSTILE if where == "health reason" else "dropped")
    views = FakeViews((odd, row))
    views.states[odd.id] = {"inline": state(active=False)}
    views.last[odd.id, "inline"] = result(odd, reason=HOSTILE if where == "reason" else "r")
    shown = page(views, (odd,))
    assert HOSTILE in shown.words
    assert shown.tags.count("script") == 1
    assert "onerror" not in shown.attributes


def test_the_page_carries_no_inline_style_or_script() -> None:
    shown = page(two_targets())
    assert "style" not in shown.tags
    assert not {name for name in shown.attributes if name == "style" or name.startswith("on")}


def test_nothing_is_loaded_from_another_host() -> None:
    assert all(link.startswith(("/", "#")) for link in page(two_targets()).links)


def test_the_table_has_a_caption_and_scopes() -> None:
    html = Served(two_targets()).get("/").text
    assert "<caption>" in html
    assert len(re.findall(r"<th\b", html)) == len(re.findall(r'<th scope="(?:col|rowgroup)"', html))
