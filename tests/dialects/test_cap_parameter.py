"""Learning the name of Chat's cap from a refusal: the wordings of real servers, and those that only look alike.

Wordings seen in: OpenAI, Azure, Copilot, Mistral, vLLM (1Panel-dev/MaxKB#2912), Groq (tmc/langchaingo#1028), Google's
compatible endpoint, serde and Go servers, JSON Schema validators, litellm.
"""

from __future__ import annotations

import json

import pytest

from monitor.core.types import Reply, ReplyError
from monitor.dialects.openai_chat import OpenAiChat, cap_parameter_refused, other_cap_parameter
from tests.dialects.golden_files import answered

NEWER, OLDER = "max_completion_tokens", "max_tokens"
USE_NEWER = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
GROQ = "property 'max_completion_tokens' is unsupported, did you mean 'max_tokens'?"
SERDE = (
    "Failed to deserialize: unknown field `max_completion_tokens`, expected one of `messages`, `max_tokens` at line 1"
)
VLLM = "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted', 'input': 800}]"
OLD_PYDANTIC = "1 validation error: loc: ('body', 'max_completion_tokens'), msg: extra fields not permitted"

REFUSED = [
    (USE_NEWER, OLDER),
    (GROQ, NEWER),
    (SERDE, NEWER),
    (VLLM, NEWER),
    (OLD_PYDANTIC, NEWER),
    ("max_completion_tokens: Extra inputs are not permitted", NEWER),
    ("Unrecognized request argument supplied: max_completion_tokens", NEWER),
    ("Unknown parameter: 'max_completion_tokens'.", NEWER),
    ('json: unknown field "max_completion_tokens"', NEWER),
    ('Invalid JSON payload received. Unknown name "max_completion_tokens": Cannot find field.', NEWER),
    ("Completions.create() got an unexpected keyword argument 'max_completion_tokens'", NEWER),
    ("Additional properties are not allowed ('max_completion_tokens' was unexpected)", NEWER),
    (
        "litellm.UnsupportedParamsError: ollama does not support parameters: ['max_completion_tokens'], for model=x",
        NEWER,
    ),
    ("extraneous key [max_tokens] is not permitted", OLDER),
    ("The parameter max_completion_tokens is not supported by this server", NEWER),
    ("`max_tokens` parameter is not supported", OLDER),
    ("This model wants another name. Please use 'max_completion_tokens' instead of 'max_tokens'.", OLDER),
]

NOT_REFUSED = [
    (USE_NEWER, NEWER),
    (GROQ, OLDER),
    (SERDE, OLDER),
    (VLLM, OLDER),
    ("max_tokens is too large: 99999. This model supports at most 16384 completion tokens", OLDER),
    ("Invalid value for 'max_completion_tokens': must be at least 16", NEWER),
    ("max_tokens: Input should be greater than 0", OLDER),
    ("Could not finish the message because max_tokens or model output limit was reached", OLDER),
    ("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", NEWER),
    ("Unsupported value: 'temperature' does not support 0 with this model", NEWER),
    ("unknown field `store`, expected one of `max_tokens`, `max_completion_tokens`", NEWER),
    ("Unsupported parameter: 'max_tokens_to_sample'", OLDER),
    ("This model does not support image input", NEWER),
    ("", NEWER),
]


@pytest.mark.parametrize(("message", "parameter"), REFUSED)
def test_a_refusal_is_recognised(message: str, parameter: str) -> None:
    assert cap_parameter_refused(Reply(error=ReplyError(message)), parameter)


@pytest.mark.parametrize(("message", "parameter"), NOT_REFUSED)
def test_other_complaints_are_no_refusal(message: str, parameter: str) -> None:
    assert not cap_parameter_refused(Reply(error=ReplyError(message)), parameter)


def test_mistrals_refusal_is_recognised_in_its_body() -> None:
    item = {"type": "extra_forbidden", "loc": ["body", NEWER], "msg": "Extra inputs are not permitted", "input": 64}
    body = {"object": "error", "message": {"detail": [item]}, "type": "invalid_request_error", "param": None}
    assert cap_parameter_refused(OpenAiChat().parse(answered(json.dumps(body).encode(), 422)), "auto")


def test_a_code_beside_the_parameter_needs_no_words() -> None:
    error = ReplyError("不支持", code="unsupported_parameter", param=OLDER)
    assert cap_parameter_refused(Reply(error=error), OLDER)


def test_the_code_of_another_parameter_is_no_refusal() -> None:
    error = ReplyError("no", code="unsupported_parameter", param="temperature")
    assert not cap_parameter_refused(Reply(error=error), OLDER)


def test_an_answer_refuses_nothing() -> None:
    assert not cap_parameter_refused(Reply(text=GROQ), "auto")


def test_auto_is_the_newer_parameter() -> None:
    assert cap_parameter_refused(Reply(error=ReplyError(GROQ)), "auto")


@pytest.mark.parametrize(("parameter", "other"), [("auto", OLDER), (NEWER, OLDER), (OLDER, NEWER)])
def test_the_other_parameter(parameter: str, other: str) -> None:
    assert other_cap_parameter(parameter) == other
