"""The makers' own clients get from the sandbox what they would get from the provider, errors as their own exceptions."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import anthropic
import openai
import pytest
from google.genai.errors import APIError, ClientError, ServerError

from monitor.core.types import Ask
from monitor.sandbox import create_app
from monitor.sandbox.faults import FAULTS
from tests.sandbox.dialogue import SPEAKERS, chance
from tests.sdk.asks import CODE, CONTROL, PUZZLES, ask_for
from tests.sdk.clients import ASKERS, clients_of
from tests.sdk.makers import MAKERS, Reading

PRICES = {speaker.name: speaker.prices[448] for speaker in SPEAKERS}

every_dialect = pytest.mark.parametrize("dialect", ASKERS)


def answer(dialect: str, ask: Ask) -> Reading:
    async def get() -> Reading:
        async with clients_of(create_app(draw=chance())) as makers:
            return MAKERS[dialect].read(await ASKERS[dialect](makers, ask))

    return asyncio.run(get())


@every_dialect
@pytest.mark.parametrize("challenge", ["code", "digits", "grid"])
def test_the_makers_client_gets_our_images_read(dialect: str, challenge: str) -> None:
    puzzle = PUZZLES[challenge]
    assert answer(dialect, ask_for(puzzle)).text == puzzle.expected


@every_dialect
def test_the_makers_client_may_send_text_alone(dialect: str) -> None:
    assert answer(dialect, CONTROL).text == "NOIMG"


@every_dialect
def test_the_makers_client_finds_the_bill(dialect: str) -> None:
    with_image, without = answer(dialect, CODE), answer(dialect, CONTROL)
    assert with_image.input_tokens is not None
    assert without.input_tokens is not None
    assert with_image.input_tokens - without.input_tokens == PRICES[dialect]
    assert with_image.output_tokens == 2


@pytest.mark.parametrize(("dialect", "tokens"), [("openai-chat", PRICES["openai-chat"]), ("gemini", PRICES["gemini"])])
def test_the_makers_client_finds_image_tokens_where_its_type_has_them(dialect: str, tokens: int) -> None:
    assert answer(dialect, CODE).image_tokens == tokens


@every_dialect
def test_the_makers_client_is_told_the_model(dialect: str) -> None:
    assert answer(dialect, CODE).model == "sees"


def test_openais_client_lists_the_faults() -> None:
    async def models() -> list[str]:
        async with clients_of(create_app()) as makers:
            return [model.id async for model in makers.openai.models.list()]

    assert asyncio.run(models()) == list(FAULTS)


# --- errors -------------------------------------------------------------------------------------------------------

FAILING = {400: "rejects-images", 401: "unauthorised", 404: "no-such-model", 429: "throttled", 500: "server-error"}
"""Which model makes the sandbox answer with that status."""

OPENAI = pytest.mark.parametrize("dialect", ["openai-chat", "openai-responses"])


async def asked(dialect: str, status: int) -> None:
    async with clients_of(create_app()) as makers:
        await ASKERS[dialect](makers, replace(CODE, model=FAILING[status]))


@OPENAI
@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, openai.BadRequestError, "invalid_value"),
        (401, openai.AuthenticationError, "invalid_api_key"),
        (404, openai.NotFoundError, "model_not_found"),
        (429, openai.RateLimitError, "rate_limit_exceeded"),
        (500, openai.InternalServerError, None),
    ],
)
def test_openais_client_raises_its_own_error(
    dialect: str, status: int, kind: type[openai.APIStatusError], code: str | None
) -> None:
    with pytest.raises(kind) as raised:
        asyncio.run(asked(dialect, status))
    assert (raised.value.status_code, raised.value.code) == (status, code)


@pytest.mark.parametrize(
    ("status", "kind", "type_"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
    ],
)
def test_anthropics_client_raises_its_own_error(status: int, kind: type[anthropic.APIStatusError], type_: str) -> None:
    with pytest.raises(kind) as raised:
        asyncio.run(asked("anthropic-messages", status))
    assert (raised.value.status_code, raised.value.type) == (status, type_)


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (400, ClientError, "INVALID_ARGUMENT"),
        (401, ClientError, "UNAUTHENTICATED"),
        (404, ClientError, "NOT_FOUND"),
        (429, ClientError, "RESOURCE_EXHAUSTED"),
        (500, ServerError, "INTERNAL"),
    ],
)
def test_googles_client_raises_its_own_error(status: int, kind: type[APIError], word: str) -> None:
    with pytest.raises(kind) as raised:
        asyncio.run(asked("gemini", status))
    assert (raised.value.code, raised.value.status) == (status, word)


@OPENAI
def test_openais_client_finds_when_to_come_back(dialect: str) -> None:
    with pytest.raises(openai.RateLimitError) as raised:
        asyncio.run(asked(dialect, 429))
    assert raised.value.response.headers["retry-after"] == "5"


def test_anthropics_client_finds_when_to_come_back() -> None:
    with pytest.raises(anthropic.RateLimitError) as raised:
        asyncio.run(asked("anthropic-messages", 429))
    assert raised.value.response.headers["retry-after"] == "5"


def test_googles_client_finds_when_to_come_back() -> None:
    with pytest.raises(ClientError) as raised:
        asyncio.run(asked("gemini", 429))
    (info,) = raised.value.details["error"]["details"]
    assert info["retryDelay"] == "5s"
