"""What the runner does around a probe: controls, twins, renegotiation, follow-ups, commits, sinks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from monitor.core.memory import CONTROL, REASONING_CAP, TargetMemory
from monitor.core.types import Committed, ProbeResult, Record, Target, Verdict
from monitor.edge.readonly import ReadOnlyLedger
from monitor.edge.transport import HttpTransport
from monitor.runner import Runner
from tests.runner.rig import HandClock, Told, rig, target

Reply = Callable[[dict[str, Any]], httpx.Response]


@dataclass
class Gateway:
    """A Chat server that answers by `reply` and keeps the bodies it was sent."""

    reply: Reply
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content))
        return self.reply(self.bodies[-1])

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    @property
    def with_image(self) -> list[bool]:
        return [isinstance(body["messages"][0]["content"], list) for body in self.bodies]


def completion(text: str | None, finish: str = "stop", tokens: int = 40) -> httpx.Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": tokens, "completion_tokens": 3}
    return httpx.Response(200, json={"id": "r", "model": "m", "choices": [choice], "usage": usage})


def refusal(status: int, message: str, **more: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": message, **more}})


def probes(gateway: Gateway, folder: Path, times: int, *, seconds: float = 60) -> list[ProbeResult]:
    """Probe a target behind the gateway that many times; the probes' own results and the controls."""

    async def go() -> list[ProbeResult]:
        async with rig(folder, gateway.transport) as r:
            for _ in range(times):
                await r.runner.probe(target("m"), "inline", r.clock())
                r.clock.move(seconds)
            return r.told.results

    return asyncio.run(go())


def judged(results: list[ProbeResult]) -> list[Verdict]:
    return [result.verdict for result in results if result.verdict is not None]


# --- controls and twins -------------------------------------------------------------------------------------------


def test_the_control_has_the_same_words_and_no_image(tmp_path: Path) -> None:
    gateway = Gateway(lambda _: completion("NOIMG"))
    probes(gateway, tmp_path, 1)
    assert gateway.with_image == [True, False]
    first, second = (body["messages"][0]["content"] for body in gateway.bodies)
    assert first[-1]["text"] == second


def test_a_control_serves_for_an_hour(tmp_path: Path) -> None:
    async def go() -> list[str]:
        async with rig(tmp_path) as r:
            await r.probe(target("sees"), times=62)
            return [result.challenge for result in r.told.results if result.check == CONTROL]

    assert asyncio.run(go()) == ["code", "code"]


def test_a_control_is_stored_without_a_verdict(tmp_path: Path) -> None:
    results = probes(Gateway(lambda _: completion("NOIMG")), tmp_path, 1)
    assert [(r.check, r.verdict, r.signal, r.rule) for r in results if r.check == CONTROL] == [
        (CONTROL, None, None, "passed")
    ]


def test_no_control_is_sent_while_a_target_does_not_answer(tmp_path: Path) -> None:
    gateway = Gateway(lambda _: refusal(500, "down"))
    probes(gateway, tmp_path, 3)
    assert gateway.with_image == [True, True, True]


def only_text(body: dict[str, Any]) -> httpx.Response:
    if isinstance(body["messages"][0]["content"], list):
        return refusal(400, "this model takes no images", code="no_images")
    return completion("NOIMG")


def test_an_error_is_weighed_against_its_text_twin(tmp_path: Path) -> None:
    gateway = Gateway(only_text)
    assert judged(probes(gateway, tmp_path, 1)) == [Verdict.REJECTED]
    assert gateway.with_image == [True, False]


def test_a_twins_outcome_serves_the_same_error_for_ten_minutes(tmp_path: Path) -> None:
    gateway = Gateway(only_text)
    assert judged(probes(gateway, tmp_path, 12)) == [Verdict.REJECTED] * 12
    assert gateway.with_image.count(False) == 2


def test_an_error_of_another_kind_has_a_twin_of_its_own(tmp_path: Path) -> None:
    codes = iter(["a", "b"])

    def reply(body: dict[str, Any]) -> httpx.Response:
        if isinstance(body["messages"][0]["content"], list):
            return refusal(400, "no images", code=next(codes))
        return completion("NOIMG")

    gateway = Gateway(reply)
    probes(gateway, tmp_path, 2)
    assert gateway.with_image == [True, False, True, False]


def test_an_error_that_text_meets_too_is_no_rejection(tmp_path: Path) -> None:
    gateway = Gateway(lambda _: refusal(400, "bad request"))
    assert judged(probes(gateway, tmp_path, 1)) == [Verdict.PROBE_INVALID]


# --- renegotiation and caps ---------------------------------------------------------------------------------------


def old_server(body: dict[str, Any]) -> httpx.Response:
    if "max_completion_tokens" in body:
        parameter = "max_completion_tokens"
        return refusal(400, f"Unsupported parameter: '{parameter}'", code="unsupported_parameter", param=parameter)
    return completion("NOIMG")


def test_a_refused_cap_parameter_is_learned_once_per_target(tmp_path: Path) -> None:
    gateway = Gateway(old_server)
    assert judged(probes(gateway, tmp_path, 3)) == [Verdict.BLIND] * 3
    assert ["max_completion_tokens" in body for body in gateway.bodies] == [True, *[False] * (len(gateway.bodies) - 1)]


def test_the_refused_attempt_stands_in_the_result(tmp_path: Path) -> None:
    first = next(r for r in probes(Gateway(old_server), tmp_path, 1) if r.verdict)
    assert first.first_attempt == "auto: HTTP 400"
    assert first.reason.endswith("first tried auto: HTTP 400")


def test_a_configured_cap_parameter_is_not_renegotiated(tmp_path: Path) -> None:
    async def go() -> list[ProbeResult]:
        async with rig(tmp_path, Gateway(old_server).transport) as r:
            return await r.probe(replace(target("m"), cap_parameter="max_completion_tokens"))

    assert judged(asyncio.run(go())) == [Verdict.PROBE_INVALID]


def test_an_answer_out_of_budget_raises_the_cap_for_good(tmp_path: Path) -> None:
    gateway = Gateway(
        lambda body: completion(None, "length") if body["max_completion_tokens"] == 64 else completion("X")
    )
    probes(gateway, tmp_path, 3)
    caps = [
        body["max_completion_tokens"] for body, image in zip(gateway.bodies, gateway.with_image, strict=True) if image
    ]
    assert caps == [64, REASONING_CAP, REASONING_CAP]


# --- commits and sinks --------------------------------------------------------------------------------------------


@dataclass
class Contested:
    """A ledger in which another writer is faster, `conflicts` times."""

    ledger: ReadOnlyLedger
    conflicts: int
    commits: list[Committed] = field(default_factory=list)

    async def memory(self, whom: Target) -> TargetMemory:
        return await self.ledger.memory(whom)

    async def commit(self, record: Record) -> Committed:
        lost = record.state is not None and self.commits.count(Committed.CONFLICT) < self.conflicts
        self.commits.append(Committed.CONFLICT if lost else await self.ledger.commit(record))
        return self.commits[-1]


def contested(folder: Path, conflicts: int, sinks: tuple[Any, ...] = ()) -> tuple[Contested, Runner, HandClock]:
    clock = HandClock()
    ledger = Contested(ReadOnlyLedger(f"sqlite:///{folder / 'none.db'}"), conflicts)
    client = httpx.AsyncClient(transport=Gateway(lambda _: completion("NOIMG")).transport)
    return ledger, Runner(ledger, HttpTransport(client, {}), clock, b"s" * 32, sinks), clock


def test_a_commit_that_lost_the_race_steps_again_and_tells_once(tmp_path: Path) -> None:
    told = Told()
    ledger, runner, clock = contested(tmp_path, 2, (told,))
    asyncio.run(runner.probe(target("m"), "inline", clock()))
    assert ledger.commits.count(Committed.CONFLICT) == 2
    assert judged(told.results) == [Verdict.BLIND]


@dataclass
class Broken:
    name: str = "broken"

    def __call__(self, record: Record) -> None:
        raise RuntimeError(f"cannot take {record.target_id}")


def test_a_failing_sink_is_counted_and_the_others_are_told(tmp_path: Path) -> None:
    told = Told()
    _, runner, clock = contested(tmp_path, 0, (Broken(), told))
    asyncio.run(runner.probe(target("m"), "inline", clock()))
    assert runner.sink_failures["broken"] == len(told.records) == 2


def test_the_same_slot_is_the_same_puzzle(tmp_path: Path) -> None:
    async def go() -> set[tuple[str, bytes]]:
        async with rig(tmp_path) as r:
            slot = r.clock()
            two = [await r.runner.probe(target("sees"), "inline", slot) for _ in range(2)]
            return {(p.sent.puzzle.expected, p.sent.puzzle.seed) for p in two if p}

    assert len(asyncio.run(go())) == 1


def test_a_missed_slot_is_stored_and_nothing_is_drawn(tmp_path: Path) -> None:
    async def go() -> ProbeResult:
        async with rig(tmp_path) as r:
            probe = await r.runner.missed(target("sees"), "inline", r.clock() - timedelta(minutes=5))
            assert probe is not None
            assert probe.record.result is not None
            return probe.record.result

    result = asyncio.run(go())
    assert (result.verdict, result.challenge, result.http_status) == (Verdict.MISSED, "", None)
