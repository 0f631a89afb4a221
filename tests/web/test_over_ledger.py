"""The API over a real ledger: what a probe commits is what is read, and what the adapter says when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.core import records
from monitor.core.ports import LedgerAway
from monitor.core.types import ProbeResult
from monitor.edge.ledger import SqlLedger
from monitor.edge.views import SqlViews
from monitor.web.api import evidence_json, probe_json
from tests.edge.databases import migrated
from tests.web.samples import NOW, result
from tests.web.served import SEES, STRIPS, Served

SEEN = result(SEES, at=NOW - timedelta(seconds=5))
DROPPED = result(STRIPS, active=False, at=NOW - timedelta(seconds=3))
SEEN_AGAIN = result(SEES, at=NOW)

HEALTH = "/api/v1/health"

Ask = Callable[[Served, SqlLedger], Coroutine[Any, Any, Any]]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return migrated(f"sqlite:///{tmp_path / 'visionpath.db'}")


async def commit(ledger: SqlLedger, probed: ProbeResult) -> None:
    of = next(target for target in (SEES, STRIPS) if target.id == probed.target_id)
    await ledger.commit(records.probed(of, await ledger.memory(of), probed))


def over_ledger(url: str, ask: Ask) -> Any:
    async def run() -> Any:
        async with SqlLedger(url) as ledger:
            for probed in (SEEN, DROPPED, SEEN_AGAIN):
                await commit(ledger, probed)
            return await ask(Served(SqlViews(ledger)), ledger)

    return asyncio.run(run())


def read(url: str, path: str) -> Any:
    async def ask(served: Served, _: SqlLedger) -> Any:
        answer = await served.ask(path)
        assert answer.status_code == 200, answer.text
        return answer

    return over_ledger(url, ask)


def test_standings_are_read_as_committed(url: str) -> None:
    rows = read(url, HEALTH).json()["targets"]
    assert {row["target_id"]: (row["standing"], row["reason"]) for row in rows} == {
        "openai/sees": ("active", "seen"),
        "litellm/strips": ("catalog-only", "dropped"),
    }


def test_the_evidence_is_what_was_committed(url: str) -> None:
    assert read(url, f"/api/v1/probes/{DROPPED.id}").json() == evidence_json(DROPPED)


def test_the_history_pages_newest_first(url: str) -> None:
    page = read(url, "/api/v1/targets/openai/sees/probes?check=inline&limit=1").json()
    assert page["probes"] == [probe_json(SEEN_AGAIN)]
    rest = read(url, f"/api/v1/targets/openai/sees/probes?before={page['older']}").json()
    assert rest == {"probes": [probe_json(SEEN)], "older": None}


def test_the_promotion_is_a_transition(url: str) -> None:
    [change] = read(url, "/api/v1/targets/openai/sees/transitions").json()["transitions"]
    assert (change["before"], change["after"], change["probe_id"]) == ("catalog-only", "active", str(SEEN.id))


@pytest.mark.parametrize(("later", "status"), [(5, 304), (120, 200)])
def test_the_etag_moves_with_a_valid_until_that_is_written_back(url: str, later: float, status: int) -> None:
    async def ask(served: Served, ledger: SqlLedger) -> Any:
        etag = (await served.ask(HEALTH)).headers["etag"]
        await commit(ledger, result(SEES, at=NOW + timedelta(seconds=later)))
        return await served.ask(HEALTH, {"if-none-match": etag})

    assert over_ledger(url, ask).status_code == status


def test_the_page_shows_what_was_committed(url: str) -> None:
    html = read(url, "/").text
    assert "answer &#39;Red&#39; for &#39;K7Q2M&#39;" in html
    assert "<b>1</b> catalog-only" in html


def test_checks_tell_their_last_probe(url: str) -> None:
    told = read(url, "/api/v1/targets/openai/sees/checks").json()["checks"]["inline"]
    assert told["last_probe_id"] == str(SEEN_AGAIN.id)


def test_a_closed_ledger_is_away(url: str) -> None:
    with pytest.raises(LedgerAway, match="not open"):
        asyncio.run(SqlViews(SqlLedger(url)).health_version())
