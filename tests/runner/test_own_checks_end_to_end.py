"""A config with a check of its own and a group that requires it, through runner, ledger, page, API and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from prometheus_client import generate_latest

from monitor.challenges.drawing import text_image
from monitor.config.load import load_text
from monitor.config.settings import Config
from monitor.core.types import ProbeResult, Signal, Standing, Target, Verdict
from monitor.edge.ledger import SqlLedger
from monitor.edge.metrics import Metrics
from monitor.edge.transport import HttpTransport
from monitor.edge.views import SqlViews
from monitor.runner import Runner
from monitor.sandbox.app import create_app
from tests.edge.databases import migrated
from tests.runner.rig import HandClock
from tests.web.served import Served

T = TypeVar("T")
QUESTION = "Reply with only the code."
CONFIG = """
checks:
  receipt: {image: code.png, question: "QUESTION", answer: 'PATTERN', every: 1h, gate: quality}
defaults:
  checks: {inline: required, receipt: optional}
providers:
  acme:
    base_url: http://sandbox/v1
    dialect: openai-chat
    api_key: planted-key
    models:
      nano:
        model: MODEL
        input_modalities: [text, image]
models:
  readers: {requires: [inline, receipt], targets: [{provider: acme, model_ref: nano}]}
  any: {targets: [{provider: acme, model_ref: nano}]}
"""


@dataclass
class Monitor:
    """Everything but the schedule, over a config whose own image says K7A3M."""

    target: Target
    ledger: SqlLedger
    runner: Runner
    clock: HandClock
    metrics: Metrics
    served: Served

    async def probe(self, check: str, times: int = 1) -> list[ProbeResult]:
        results = []
        for _ in range(times):
            probe = await self.runner.probe(self.target, check, self.clock())
            assert probe is not None
            assert probe.record.result is not None
            results.append(probe.record.result)
            self.clock.move(60)
        return results

    async def reload(self, config: Config) -> None:
        (self.target,) = self.served.fleet.targets = config.targets
        await self.runner.reassess(self.target, self.clock())
        self.metrics.watch(self.target, await self.ledger.memory(self.target))

    async def json(self, path: str) -> Any:
        answer = await self.served.ask(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def groups(self) -> dict[str, bool]:
        groups: dict[str, bool] = (await self.json("/api/v1/health/acme/nano"))["groups"]
        return groups


def config(folder: Path, model: str = "sees", pattern: str = "K7A3M", question: str = QUESTION) -> Config:
    text = CONFIG.replace("MODEL", model).replace("PATTERN", pattern).replace("QUESTION", question)
    return load_text(text, "f", {}, folder)


@asynccontextmanager
async def monitor(folder: Path, model: str, pattern: str) -> AsyncIterator[Monitor]:
    (folder / "code.png").write_bytes(text_image("K7A3M", 448).data)
    used, clock, metrics = config(folder, model, pattern), HandClock(), Metrics()
    sandbox = httpx.ASGITransport(create_app(slow_s=0.01))
    url = migrated(f"sqlite:///{folder / 'visionpath.db'}")
    async with SqlLedger(url) as ledger, httpx.AsyncClient(transport=sandbox) as client:
        runner = Runner(ledger, HttpTransport(client, used.credentials), clock, b"s" * 32, (metrics,))
        m = Monitor(used.targets[0], ledger, runner, clock, metrics, Served(SqlViews(ledger), used.targets))
        await m.reload(used)
        yield m


def with_monitor(
    folder: Path, story: Callable[[Monitor], Awaitable[T]], model: str = "sees", pattern: str = "K7A3M"
) -> T:
    async def run() -> T:
        async with monitor(folder, model, pattern) as m:
            return await story(m)

    return asyncio.run(run())


JUDGED = [
    ("sees", "K7A3M", Verdict.SEEN, Signal.FOR),
    ("sees", "(?i)k7 ?a3m", Verdict.SEEN, Signal.FOR),
    ("sees", "LearnOpenCV", Verdict.UNSURE, Signal.AGAINST),
    ("misreads", "K7A3M", Verdict.UNSURE, Signal.AGAINST),
    ("leaks-reasoning", "K7A3M", Verdict.LEAKED, Signal.FOR),
    ("strips", "K7A3M", Verdict.BLIND, Signal.AGAINST),
    ("invents", "K7A3M", Verdict.DROPPED, Signal.AGAINST),
    ("throttled", "K7A3M", Verdict.THROTTLED, Signal.SILENT),
    ("refuses", "K7A3M", Verdict.REFUSED, Signal.SILENT),
]


@pytest.mark.parametrize(("model", "pattern", "verdict", "signal"), JUDGED)
def test_an_own_check_is_judged_by_what_the_target_read(
    model: str, pattern: str, verdict: Verdict, signal: Signal, tmp_path: Path
) -> None:
    (result,) = with_monitor(tmp_path, lambda m: m.probe("receipt"), model, pattern)
    assert (result.verdict, result.signal, result.expected) == (verdict, signal, pattern)


def test_an_answer_that_comes_again_is_no_replay(tmp_path: Path) -> None:
    async def story(m: Monitor) -> list[Verdict | None]:
        right = await m.probe("receipt", 2)
        await m.reload(config(tmp_path, "replays", pattern="LearnOpenCV"))
        return [result.verdict for result in [*right, *await m.probe("receipt", 2)]]

    assert with_monitor(tmp_path, story, "replays") == [Verdict.SEEN] * 2 + [Verdict.UNSURE] * 2


def test_a_wrong_reading_stays_one_and_is_never_called_a_drop(tmp_path: Path) -> None:
    results = with_monitor(tmp_path, lambda m: m.probe("receipt", 3), "misreads")
    assert [result.verdict for result in results] == [Verdict.UNSURE] * 3


def test_it_has_a_text_twin_of_its_own_words(tmp_path: Path) -> None:
    async def story(m: Monitor) -> list[str]:
        await m.probe("inline")
        (seen,) = await m.probe("receipt")
        assert seen.token_delta is not None
        assert seen.token_delta > 0
        controls = (await m.json("/api/v1/targets/acme/nano/probes?check=control"))["probes"]
        return [control["challenge"].rpartition(":")[0] for control in controls]

    assert with_monitor(tmp_path, story) == ["own:receipt", ""]


def test_another_question_is_compared_with_a_twin_of_its_own(tmp_path: Path) -> None:
    async def story(m: Monitor) -> int:
        await m.probe("receipt")
        await m.reload(config(tmp_path, question="Which code is printed there? Say only that."))
        await m.probe("receipt")
        return len((await m.json("/api/v1/targets/acme/nano/probes?check=control"))["probes"])

    assert with_monitor(tmp_path, story) == 2


@pytest.mark.parametrize("tokens", [None, 999])
def test_what_our_own_canvas_costs_is_not_expected_of_it(tokens: int | None, tmp_path: Path) -> None:
    async def story(m: Monitor) -> list[int | None]:
        m.target = replace(m.target, image_tokens=tokens)
        results = [*await m.probe("inline", 2), *await m.probe("receipt", 2)]
        return [result.expected_tokens for result in results]

    _, inline, *own = with_monitor(tmp_path, story)
    assert inline is not None
    assert own == [None, None]


# --- groups -------------------------------------------------------------------------------------------------------


def test_a_group_counts_a_target_only_while_all_that_it_requires_passes(tmp_path: Path) -> None:
    async def story(m: Monitor) -> list[dict[str, bool]]:
        seen = [await m.groups()]
        for check in ("inline", "receipt"):
            await m.probe(check)
            seen.append(await m.groups())
        return seen

    assert with_monitor(tmp_path, story) == [
        {"any": False, "readers": False},
        {"any": True, "readers": False},
        {"any": True, "readers": True},
    ]


def test_the_required_check_alone_makes_nobody_eligible(tmp_path: Path) -> None:
    async def story(m: Monitor) -> dict[str, bool]:
        await m.probe("receipt")
        return await m.groups()

    assert with_monitor(tmp_path, story) == {"any": False, "readers": False}


def test_wrong_readings_cost_the_group_but_not_the_standing(tmp_path: Path) -> None:
    async def story(m: Monitor) -> tuple[dict[str, bool], Standing, Any]:
        await m.probe("inline")
        await m.probe("receipt")
        m.target = replace(m.target, model="misreads")
        await m.probe("receipt", m.target.policy.fall)
        row = await m.json("/api/v1/health/acme/nano")
        return row["groups"], Standing(row["standing"]), row["capabilities"]["receipt"]

    groups, standing, capability = with_monitor(tmp_path, story)
    assert groups == {"any": True, "readers": False}
    assert (standing, capability) == (Standing.ACTIVE, {"gate": "quality", "state": "fail"})


def test_an_expired_proof_of_it_costs_the_group(tmp_path: Path) -> None:
    async def story(m: Monitor) -> dict[str, bool]:
        await m.probe("inline")
        await m.probe("receipt")
        await m.runner.expire(m.target, "receipt", m.clock())
        return await m.groups()

    assert with_monitor(tmp_path, story) == {"any": True, "readers": False}


def test_metrics_count_the_group_and_have_the_check_from_the_start(tmp_path: Path) -> None:
    async def story(m: Monitor) -> str:
        await m.probe("inline")
        return generate_latest(m.metrics.registry).decode()

    text = with_monitor(tmp_path, story)
    assert 'visionpath_group_active_targets{group="any"} 1.0' in text
    assert 'visionpath_group_active_targets{group="readers"} 0.0' in text
    assert 'visionpath_probes_total{check="receipt",target="acme/nano",verdict="unsure"} 0.0' in text
    assert 'check="inline",target="acme/nano",verdict="unsure"' not in text


# --- what is shown ------------------------------------------------------------------------------------------------


def test_page_and_api_show_it(tmp_path: Path) -> None:
    async def story(m: Monitor) -> str:
        (seen,) = await m.probe("receipt")
        rows = (await m.json("/api/v1/health?check=receipt"))["targets"]
        assert [row["capabilities"]["receipt"]["state"] for row in rows] == ["pass"]
        shown = (await m.json("/api/v1/targets/acme/nano/probes?check=receipt"))["probes"]
        assert [probe["probe_id"] for probe in shown] == [str(seen.id)]
        return (await m.served.ask("/")).text

    page = with_monitor(tmp_path, story)
    assert "receipt <span" in page
    assert "answer &#39;K7A3M&#39; for &#39;K7A3M&#39;" in page


async def _image(m: Monitor, result: ProbeResult) -> httpx.Response:
    return await m.served.ask(f"/api/v1/probes/{result.id}/image")


def test_the_image_that_is_shown_is_the_one_that_was_sent(tmp_path: Path) -> None:
    async def story(m: Monitor) -> httpx.Response:
        return await _image(m, (await m.probe("receipt"))[0])

    shown = with_monitor(tmp_path, story)
    assert shown.content == (tmp_path / "code.png").read_bytes()
    assert shown.headers["content-type"] == "image/png"


def test_another_question_hides_no_image_and_another_image_says_so(tmp_path: Path) -> None:
    async def story(m: Monitor) -> list[tuple[int, bool]]:
        (sent,) = await m.probe("receipt")
        await m.reload(config(tmp_path, question="Which code?"))
        asked = await _image(m, sent)
        (tmp_path / "code.png").write_bytes(text_image("ACDEF", 448).data)
        await m.reload(config(tmp_path))
        return [
            (answer.status_code, "no longer has the image" in answer.text) for answer in (asked, await _image(m, sent))
        ]

    assert with_monitor(tmp_path, story) == [(200, False), (404, True)]
