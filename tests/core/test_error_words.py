"""What the wordings of WIRE.md are about."""

from __future__ import annotations

import pytest

from monitor.core.error_words import MOST_CHARS, Meaning, is_cooldown, speaks_of
from monitor.core.types import ReplyError

BAD_IMAGE, BAD_PARAMETER, IMAGE = Meaning.BAD_IMAGE, Meaning.BAD_PARAMETER, Meaning.IMAGE
CONTEXT, DENIED, THROTTLED, NO_MODEL = Meaning.CONTEXT, Meaning.DENIED, Meaning.THROTTLED, Meaning.NO_MODEL

WORDINGS = (
    (DENIED, ReplyError("Incorrect API key provided", code="invalid_api_key")),
    (DENIED, ReplyError("invalid x-api-key", type="authentication_error")),
    (DENIED, ReplyError("API key not valid. Please pass a valid API key.", type="INVALID_ARGUMENT")),
    (DENIED, ReplyError("Your credit is spent", code="credit_balance_exhausted")),
    (DENIED, ReplyError("You exceeded your current quota", code="insufficient_quota")),
    (DENIED, ReplyError("limit reached", type="enforced_spend_limit_reached")),
    (DENIED, ReplyError("Insufficient credits")),
    (DENIED, ReplyError("Your account is not active", code="billing_not_active")),
    (THROTTLED, ReplyError("Overloaded", type="overloaded_error")),
    (THROTTLED, ReplyError("Rate limit reached for requests", code="rate_limit_exceeded")),
    (THROTTLED, ReplyError("Quota exceeded", type="RESOURCE_EXHAUSTED")),
    (THROTTLED, ReplyError("Too many tokens, please wait", type="ThrottlingException")),
    (THROTTLED, ReplyError("No deployments available for selected model, try again in 5 seconds")),
    (IMAGE, ReplyError("No endpoints found that support image input")),
    (IMAGE, ReplyError("unknown variant `image_url`, expected `text`")),
    (IMAGE, ReplyError("/models/acme is not a multimodal model")),
    (IMAGE, ReplyError("missing data required for image input")),
    (IMAGE, ReplyError("the server does not support it - hint: you may need to provide the mmproj")),
    (IMAGE, ReplyError("content must be a string")),
    (BAD_IMAGE, ReplyError("…", code="invalid_image_format")),
    (BAD_IMAGE, ReplyError("…", code="image_too_small")),
    (BAD_IMAGE, ReplyError("…", code="image_parse_error")),
    (BAD_IMAGE, ReplyError("…", code="empty_image_file")),
    (BAD_IMAGE, ReplyError("Could not process image", type="invalid_request_error")),
    (BAD_IMAGE, ReplyError("Unable to process input image. Please retry")),
    (BAD_IMAGE, ReplyError("The image length and width do not meet [height:1 or width:1 must be larger than 10]")),
    (
        BAD_PARAMETER,
        ReplyError("Unsupported parameter: 'max_tokens'", code="unsupported_parameter", param="max_tokens"),
    ),
    (BAD_PARAMETER, ReplyError("Unsupported value: 'temperature' does not support 0 with this model.")),
    (BAD_PARAMETER, ReplyError("Unrecognized request argument supplied: max_completion_tokens")),
    (BAD_PARAMETER, ReplyError("max_completion_tokens: Extra inputs are not permitted")),
    (CONTEXT, ReplyError("This model's maximum context length is 8192 tokens", code="context_length_exceeded")),
    (CONTEXT, ReplyError("prompt is too long: 210000 tokens > 200000 maximum")),
    (CONTEXT, ReplyError("The input token count (1200000) exceeds the maximum number of tokens allowed")),
    (NO_MODEL, ReplyError("The model `nano` does not exist or you do not have access to it", code="model_not_found")),
    (NO_MODEL, ReplyError('model "llava" not found, try pulling it first')),
    (NO_MODEL, ReplyError("models/gemini-9 is not found for API version v1beta", type="NOT_FOUND")),
    (NO_MODEL, ReplyError("model: claude-9", type="not_found_error")),
)

SOMETHING_ELSE = (
    (BAD_IMAGE, ReplyError("Timeout while downloading", code="invalid_image_url")),
    (BAD_PARAMETER, ReplyError("max_tokens: Field required")),
    (IMAGE, ReplyError("Internal server error")),
    (IMAGE, ReplyError("imagine a provision")),
    (CONTEXT, ReplyError("Too many requests")),
    (DENIED, ReplyError("You exceeded your current quota, please check your plan and billing details.")),
    (THROTTLED, ReplyError("The server is separate and limited")),
    (NO_MODEL, ReplyError("This model is not multimodal")),
    (NO_MODEL, ReplyError("route: /v2", type="not_found_error")),
)


@pytest.mark.parametrize(("meaning", "error"), WORDINGS)
def test_a_wording_from_the_field_is_understood(meaning: Meaning, error: ReplyError) -> None:
    assert speaks_of(error, meaning)


@pytest.mark.parametrize(("meaning", "error"), SOMETHING_ELSE)
def test_a_similar_wording_is_not_mistaken(meaning: Meaning, error: ReplyError) -> None:
    assert not speaks_of(error, meaning)


@pytest.mark.parametrize("meaning", Meaning)
def test_no_error_speaks_of_nothing(meaning: Meaning) -> None:
    assert not speaks_of(None, meaning)


def test_the_letters_of_a_model_name_are_no_meaning() -> None:
    error = ReplyError("acme/gpt-4-vision-preview failed, gpt-4-vision-preview again")
    assert speaks_of(error, IMAGE)
    assert not speaks_of(error, IMAGE, names=("acme/gpt-4-vision-preview", "gpt-4", ""))


def test_the_words_beside_a_model_name_still_count() -> None:
    assert speaks_of(ReplyError("acme-vision takes no images"), IMAGE, names=("acme-vision",))


def test_an_endless_error_is_read_at_its_beginning_only() -> None:
    assert not speaks_of(ReplyError("x" * MOST_CHARS + " image"), IMAGE)


@pytest.mark.parametrize(
    ("message", "cooldown"),
    [
        ("No deployments available for selected model, Try again in 5.0 seconds. Passed model=a", True),
        ("All deployments for selected model are in cooldown", True),
        ("all_deployments_in_cooldown", True),
        ("deployment in cooldown", True),
        ("Rate limit", False),
        ("Rate limit reached for nano. Please try again in 20s", False),
    ],
)
def test_a_gateways_own_cooldown_is_told_from_a_providers_limit(message: str, *, cooldown: bool) -> None:
    assert is_cooldown(ReplyError(message)) is cooldown


def test_no_error_is_no_cooldown() -> None:
    assert not is_cooldown(None)
