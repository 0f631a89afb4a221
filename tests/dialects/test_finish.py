"""Every stop reason that the dialects' SDKs name, and what becomes of one that nobody has named yet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.core.types import Finish, Reply
from monitor.dialects import REGISTRY
from monitor.dialects.finish import FINISHES
from tests.dialects.golden_files import answered

STOP, LENGTH, FILTER, REFUSAL, TOOLS, OTHER = (
    Finish.STOP,
    Finish.LENGTH,
    Finish.FILTER,
    Finish.REFUSAL,
    Finish.TOOL_CALLS,
    Finish.OTHER,
)

CHAT = {
    "stop": STOP,
    "length": LENGTH,
    "content_filter": FILTER,
    "tool_calls": TOOLS,
    "function_call": TOOLS,
    "abort": OTHER,
    "end_turn": STOP,
    "MAX_TOKENS": LENGTH,
}
RESPONSES_STATUS = {"completed": STOP, "in_progress": OTHER, "queued": OTHER, "cancelled": OTHER}
RESPONSES_INCOMPLETE = {
    "max_output_tokens": LENGTH,
    "content_filter": FILTER,
    "max_messages": OTHER,
    "steered": OTHER,
    None: OTHER,
}
ANTHROPIC = {
    "end_turn": STOP,
    "stop_sequence": STOP,
    "max_tokens": LENGTH,
    "tool_use": TOOLS,
    "refusal": REFUSAL,
    "pause_turn": OTHER,
    "model_context_window_exceeded": OTHER,
}
GEMINI = {
    "STOP": STOP,
    "MAX_TOKENS": LENGTH,
    "CONTINUATION": LENGTH,
    "SAFETY": FILTER,
    "RECITATION": FILTER,
    "BLOCKLIST": FILTER,
    "PROHIBITED_CONTENT": FILTER,
    "SPII": FILTER,
    "IMAGE_SAFETY": FILTER,
    "IMAGE_PROHIBITED_CONTENT": FILTER,
    "IMAGE_RECITATION": FILTER,
    "MODEL_ARMOR": FILTER,
    "ESCALATION": FILTER,
    "MALFORMED_FUNCTION_CALL": TOOLS,
    "UNEXPECTED_TOOL_CALL": TOOLS,
    "TOO_MANY_TOOL_CALLS": TOOLS,
    "FINISH_REASON_UNSPECIFIED": OTHER,
    "LANGUAGE": OTHER,
    "OTHER": OTHER,
    "IMAGE_OTHER": OTHER,
    "NO_IMAGE": OTHER,
    "MISSING_THOUGHT_SIGNATURE": OTHER,
    "MALFORMED_RESPONSE": OTHER,
    "PUP_LIMITED_DISABLED": OTHER,
}


def _parse(name: str, body: dict[str, Any]) -> Reply:
    return REGISTRY[name].parse(answered(json.dumps(body).encode()))


def _chat(reason: Any) -> Reply:
    return _parse("openai-chat", {"choices": [{"message": {"content": "K7"}, "finish_reason": reason}]})


def _anthropic(reason: Any) -> Reply:
    return _parse("anthropic-messages", {"content": [], "stop_reason": reason})


def _gemini(reason: Any) -> Reply:
    return _parse("gemini", {"candidates": [{"content": {}, "finishReason": reason}]})


@pytest.mark.parametrize(("reason", "finish"), CHAT.items())
def test_a_finish_reason_of_chat(reason: str, finish: Finish) -> None:
    assert _chat(reason).finish is finish


@pytest.mark.parametrize(("status", "finish"), RESPONSES_STATUS.items())
def test_a_status_of_responses(status: str, finish: Finish) -> None:
    assert _parse("openai-responses", {"status": status, "output": []}).finish is finish


@pytest.mark.parametrize(("reason", "finish"), RESPONSES_INCOMPLETE.items())
def test_a_reason_for_an_incomplete_response(reason: str | None, finish: Finish) -> None:
    body = {"status": "incomplete", "incomplete_details": {"reason": reason}, "output": []}
    assert _parse("openai-responses", body).finish is finish


@pytest.mark.parametrize(("reason", "finish"), ANTHROPIC.items())
def test_a_stop_reason_of_anthropic(reason: str, finish: Finish) -> None:
    assert _anthropic(reason).finish is finish


@pytest.mark.parametrize(("reason", "finish"), GEMINI.items())
def test_a_finish_reason_of_gemini(reason: str, finish: Finish) -> None:
    assert _gemini(reason).finish is finish


@pytest.mark.parametrize("reason", [None, "", " ", 7, {}, ["stop"]])
@pytest.mark.parametrize("parse", [_chat, _anthropic, _gemini])
def test_no_stop_reason_is_none(parse: Any, reason: Any) -> None:
    assert parse(reason).finish is None


def test_every_known_reason_is_in_a_table_above() -> None:
    named = {*CHAT, *RESPONSES_STATUS, *RESPONSES_INCOMPLETE, *ANTHROPIC, *GEMINI}
    assert set(FINISHES) <= {reason.lower() for reason in named if reason}
