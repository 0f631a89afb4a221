"""What the sandbox answers is what the makers' SDKs call a reply, and they read in it what our dialects read."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from pydantic import TypeAdapter

from monitor.challenges.drawing import text_image
from monitor.core.types import Image
from monitor.dialects import REGISTRY
from monitor.sandbox import create_app
from monitor.sandbox.faults import FAULTS, Fault, Pace
from tests.dialects.golden_files import answered
from tests.sandbox.dialogue import QUESTIONS, SPEAKERS, chance, exchange
from tests.sdk.makers import MAKERS, ours, reply_type
from tests.sdk.strictness import problems

SPEAKER = {speaker.name: speaker for speaker in SPEAKERS}
CODE = text_image("K7R9M", 448)


def completes(fault: Fault) -> bool:
    return fault.problem is None and fault.page is None and fault.pace is not Pace.NEVER


CASES: dict[str, tuple[str, list[Image], int]] = {
    **{name: (name, [CODE], 64) for name, fault in FAULTS.items() if completes(fault)},
    "no image": ("sees", [], 64),
    "cut by the cap": ("sees", [text_image("K7R9M", 64)] * 9, 16),
}
"""Model, images, cap."""

every_dialect = pytest.mark.parametrize("dialect", MAKERS)
every_case = pytest.mark.parametrize("case", CASES)


@cache
def reply(dialect: str, case: str) -> bytes:
    model, images, cap = CASES[case]
    request = SPEAKER[dialect].ask(model, QUESTIONS["code"], images, cap)
    answer = exchange(create_app(draw=chance(), slow_s=0), request)
    assert answer.status_code == 200
    return answer.content


@every_dialect
@every_case
def test_a_reply_is_of_the_makers_type(dialect: str, case: str) -> None:
    assert problems(reply_type(dialect), reply(dialect, case)) == []


@every_dialect
@every_case
def test_the_maker_and_our_dialect_read_the_same(dialect: str, case: str) -> None:
    body = reply(dialect, case)
    theirs: Any = TypeAdapter(MAKERS[dialect].reply).validate_json(body)
    assert MAKERS[dialect].read(theirs) == ours(REGISTRY[dialect].parse(answered(body)))


BROKEN: tuple[tuple[str, list[str | int], Any, str], ...] = (
    ("openai-chat", ["choices", 0, "message", "foo"], 1, "choices.0.message.foo: Extra"),
    ("openai-chat", ["choices", 0, "finish_reason"], "end_turn", "choices.0.finish_reason: Input"),
    ("openai-chat", ["usage", "prompt_tokens"], "285", "usage.prompt_tokens: Input"),
    ("openai-responses", ["output", 0, "content", 0, "type"], "text", "Input should be 'output_text'"),
    ("openai-responses", ["usage", "input_tokens_details"], {}, "cached_tokens: Field required"),
    ("anthropic-messages", ["content", 0, "txt"], "", "txt: Extra"),
    ("anthropic-messages", ["stop_reason"], "stop", "stop_reason: Input"),
    ("gemini", ["candidates", 0, "finish_reason"], "STOP", "candidates.0.finish_reason: Extra"),
    ("gemini", ["usageMetadata", "promptTokenCount"], "285", "usageMetadata.promptTokenCount: Input"),
)
"""Dialect, where in a sound reply to write what, and a part of the complaint."""


@pytest.mark.parametrize(("dialect", "place", "value", "complaint"), BROKEN)
def test_a_broken_reply_is_not_of_the_makers_type(
    dialect: str, place: list[str | int], value: Any, complaint: str
) -> None:
    body = json.loads(reply(dialect, "sees"))
    node = body
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    assert complaint in "\n".join(problems(reply_type(dialect), json.dumps(body).encode()))
