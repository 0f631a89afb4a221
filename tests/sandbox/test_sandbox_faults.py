"""Each fault, in each dialect, does what its name says: one table of what the client gets to see.

Faults of one way for an image to travel are in test_sandbox_travel.py.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx
import pytest

from monitor.challenges.drawing import cells_image, text_image
from monitor.core.types import Verdict
from monitor.sandbox import create_app
from monitor.sandbox.faults import FAULTS
from monitor.sandbox.minds import Draw
from tests.sandbox.dialogue import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    QUESTIONS,
    RESPONSES,
    SPEAKERS,
    Json,
    Speaker,
    base64_of,
    chance,
    exchange,
    send,
)

SIZE = 448
CODE, ANOTHER = text_image("K7R9M", SIZE), text_image("W4XYC", SIZE)
BASE64_LENGTH = len(base64_of(CODE))

every_dialect = pytest.mark.parametrize("speaker", SPEAKERS, ids=lambda speaker: speaker.name)


def ask(speaker: Speaker, model: str, question: str = "code", draw: Draw | None = None) -> httpx.Response:
    image = {
        "code": CODE,
        "digits": text_image("804126", SIZE),
        "grid": cells_image(["red", "cyan", "red", "blue"], SIZE),
    }
    app = create_app(draw=draw or chance(), slow_s=0)
    return exchange(app, speaker.ask(model, QUESTIONS[question], [image[question]]))


def twin(speaker: Speaker, model: str) -> httpx.Response:
    return exchange(create_app(draw=chance(), slow_s=0), speaker.ask(model, QUESTIONS["code"]))


def price_of(speaker: Speaker, model: str, reply: httpx.Response) -> int:
    """What the image cost: against the text-only twin."""
    return speaker.input_tokens(reply.json()) - speaker.input_tokens(twin(speaker, model).json())


# --- faults that answer -------------------------------------------------------------------------------------------

Says = Callable[[str], bool]
Costs = Callable[[int, int], bool]


def says_the_code(text: str) -> bool:
    return text == "K7R9M"


def says_another_code(text: str) -> bool:
    return text != "K7R9M" and re.fullmatch("[ACDEFHJKMNPRTUVWXY3479]{4}[3479]", text) is not None


def says_that_nothing_came(text: str) -> bool:
    return text == "NOIMG" or "any image" in text or "no image" in text


def says_the_code_among_words(text: str) -> bool:
    return text.endswith(": K7R9M.") and "</think>" in text


def says_all_but_one_symbol(text: str) -> bool:
    return len(text) == 5 and sum(a != b for a, b in zip(text, "K7R9M", strict=True)) == 1


def quotes_the_placeholder(text: str) -> bool:
    return text == "[image omitted]"


def costs_an_image(delta: int, price: int) -> bool:
    return delta == price


def costs_nothing(delta: int, _price: int) -> bool:
    return delta == 0


def costs_a_few_words(delta: int, _price: int) -> bool:
    return 0 < delta < 10


def costs_a_flat_sum(delta: int, _price: int) -> bool:
    return delta == 250


def costs_like_text(delta: int, _price: int) -> bool:
    return BASE64_LENGTH / 4 <= delta <= BASE64_LENGTH / 2


@dataclass(frozen=True)
class Answers:
    says: Says
    costs: Costs
    echo: str | None = None


ANSWERS = {
    "sees": Answers(says_the_code, costs_an_image),
    "slow": Answers(says_the_code, costs_an_image),
    "unmetered": Answers(says_the_code, costs_nothing),
    "replays": Answers(says_the_code, costs_an_image),
    "leaks-reasoning": Answers(says_the_code_among_words, costs_an_image),
    "misreads": Answers(says_all_but_one_symbol, costs_an_image),
    "strips": Answers(says_that_nothing_came, costs_nothing),
    "placeholder": Answers(quotes_the_placeholder, costs_a_few_words),
    "invents": Answers(says_another_code, costs_nothing),
    "flat-usage": Answers(says_another_code, costs_a_flat_sum),
    "textifies": Answers(says_another_code, costs_like_text),
    "substitutes": Answers(says_another_code, costs_nothing, echo="penny-text-2b"),
    "intermittent-10": Answers(says_the_code, costs_an_image),
}


@every_dialect
@pytest.mark.parametrize("model", ANSWERS)
def test_a_fault_answers_and_bills_as_its_name_says(speaker: Speaker, model: str) -> None:
    expected, reply = ANSWERS[model], ask(speaker, model)
    assert reply.status_code == 200
    assert expected.says(speaker.text(reply.json()))
    assert expected.costs(price_of(speaker, model, reply), speaker.prices[SIZE])
    assert reply.json()[speaker.echo] == (expected.echo or model)


def test_textifying_bills_at_least_four_times_an_image_where_an_image_is_cheap() -> None:
    """On Gemini up to 2.5 an image of 448 px is four tiles, which base64 text does not cost four times: use 256 px."""
    for speaker, size in ((CHAT, 448), (RESPONSES, 448), (ANTHROPIC, 448), (GEMINI, 256)):
        image = text_image("K7R9M", size)
        reply = exchange(create_app(draw=chance()), speaker.ask("textifies", QUESTIONS["code"], [image]))
        delta = price_of(speaker, "textifies", reply)
        assert delta >= 4 * speaker.prices[size]
        assert len(base64_of(image)) / 4 <= delta <= len(base64_of(image)) / 2


@pytest.mark.parametrize("model", ["invents", "textifies", "flat-usage", "substitutes"])
@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("code", "[ACDEFHJKMNPRTUVWXY3479]{4}[3479]"),
        ("digits", "[0-9]{6}"),
        ("grid", "(?:(?:red|yellow|green|cyan|blue|magenta)(?: |$)){4}"),
    ],
)
def test_an_invented_answer_has_the_form_that_was_asked_for(model: str, question: str, form: str) -> None:
    assert re.fullmatch(form, CHAT.text(ask(CHAT, model, question).json()))


def test_invented_answers_differ_from_one_request_to_the_next() -> None:
    app = create_app(draw=chance())
    request = CHAT.ask("invents", QUESTIONS["code"], [CODE])
    assert len({CHAT.text(exchange(app, request).json()) for _ in range(8)}) == 8


@pytest.mark.parametrize(("question", "right"), [("digits", list("804126")), ("grid", ["red", "cyan", "red", "blue"])])
def test_a_misreading_is_one_symbol_off_whatever_was_asked(question: str, right: list[str]) -> None:
    text = CHAT.text(ask(CHAT, "misreads", question).json())
    symbols = text.split() if " " in text else list(text)
    assert sum(a != b for a, b in zip(symbols, right, strict=True)) == 1


def test_a_stripped_image_is_missed_in_several_phrases() -> None:
    app = create_app(draw=chance())
    request = CHAT.ask("strips", QUESTIONS["code"], [CODE])
    assert len({CHAT.text(exchange(app, request).json()) for _ in range(12)}) == 3


@pytest.mark.parametrize(("drawn", "says"), [(9, says_another_code), (10, says_the_code)])
def test_the_intermittent_fault_loses_the_image_in_ten_draws_of_a_hundred(drawn: int, says: Says) -> None:
    reply = ask(CHAT, "intermittent-10", draw=lambda below: min(drawn, below - 1))
    assert says(CHAT.text(reply.json()))


# --- faults with a memory -----------------------------------------------------------------------------------------


@every_dialect
def test_a_replay_is_the_whole_first_reply_again(speaker: Speaker) -> None:
    app = create_app(draw=chance())
    first, second = (exchange(app, speaker.ask("replays", QUESTIONS["code"], [image])) for image in (CODE, ANOTHER))
    assert second.content == first.content


def test_a_replay_needs_the_same_dialect_and_question() -> None:
    app = create_app(draw=chance())
    exchange(app, CHAT.ask("replays", QUESTIONS["code"], [CODE]))
    other_question = exchange(app, CHAT.ask("replays", QUESTIONS["digits"], [ANOTHER]))
    other_dialect = exchange(app, RESPONSES.ask("replays", QUESTIONS["code"], [ANOTHER]))
    assert (CHAT.text(other_question.json()), RESPONSES.text(other_dialect.json())) == ("W4XYC", "W4XYC")


def test_a_request_without_an_image_is_neither_replayed_nor_remembered() -> None:
    app = create_app(draw=chance())
    blind = CHAT.ask("replays", QUESTIONS["code"])
    texts = [
        CHAT.text(exchange(app, request).json())
        for request in (blind, CHAT.ask("replays", QUESTIONS["code"], [CODE]), blind)
    ]
    assert texts == ["NOIMG", "K7R9M", "NOIMG"]


# --- faults without an answer -------------------------------------------------------------------------------------

REFUSALS: tuple[tuple[str, Speaker, Callable[[Json], Any], Any], ...] = (
    ("refuses", CHAT, lambda reply: reply["choices"][0]["message"]["content"], None),
    ("refuses", CHAT, lambda reply: "can't help" in reply["choices"][0]["message"]["refusal"], True),
    ("refuses", RESPONSES, lambda reply: reply["output"][0]["content"][0]["type"], "refusal"),
    ("refuses", ANTHROPIC, lambda reply: (reply["stop_reason"], reply["content"]), ("refusal", [])),
    ("refuses", GEMINI, lambda reply: reply["candidates"], [{"index": 0, "finishReason": "SAFETY"}]),
    ("filters", CHAT, lambda reply: reply["choices"][0]["finish_reason"], "content_filter"),
    ("filters", RESPONSES, lambda reply: (reply["status"], reply["output"]), ("incomplete", [])),
    ("filters", RESPONSES, lambda reply: reply["incomplete_details"], {"reason": "content_filter"}),
    ("filters", ANTHROPIC, lambda reply: (reply["stop_reason"], reply["content"]), ("refusal", [])),
    ("filters", GEMINI, lambda reply: reply["promptFeedback"], {"blockReason": "PROHIBITED_CONTENT"}),
)


@pytest.mark.parametrize(("model", "speaker", "where", "what"), REFUSALS)
def test_a_refusal_has_the_form_of_its_dialect(
    model: str, speaker: Speaker, where: Callable[[Json], Any], what: object
) -> None:
    reply = ask(speaker, model)
    assert (reply.status_code, where(reply.json())) == (200, what)


@dataclass(frozen=True)
class Fails:
    status: int
    message: str
    word: dict[str, str | None]
    """Dialect -> the code (OpenAI), type (Anthropic) or status (Gemini) of the error."""


FAILURES = {
    "rejects-images": Fails(
        400,
        "This model does not support image input.",
        {"openai": "invalid_value", "anthropic": "invalid_request_error", "gemini": "INVALID_ARGUMENT"},
    ),
    "unauthorised": Fails(
        401,
        "Incorrect API key provided.",
        {"openai": "invalid_api_key", "anthropic": "authentication_error", "gemini": "UNAUTHENTICATED"},
    ),
    "throttled": Fails(
        429,
        "Rate limit reached for requests.",
        {"openai": "rate_limit_exceeded", "anthropic": "rate_limit_error", "gemini": "RESOURCE_EXHAUSTED"},
    ),
    "server-error": Fails(
        500,
        "The server had an error while processing your request.",
        {"openai": None, "anthropic": "api_error", "gemini": "INTERNAL"},
    ),
    "error-in-200": Fails(
        200,
        "Provider returned error",
        {"openai": "502", "anthropic": "api_error", "gemini": "INTERNAL"},
    ),
}


@every_dialect
@pytest.mark.parametrize("model", FAILURES)
def test_a_failure_has_the_shape_of_its_dialect(speaker: Speaker, model: str) -> None:
    expected, reply = FAILURES[model], ask(speaker, model)
    error = reply.json()["error"]
    field = {"openai": "code", "anthropic": "type", "gemini": "status"}
    kind = speaker.name.partition("-")[0]
    assert (reply.status_code, error["message"]) == (expected.status, expected.message)
    assert error[field[kind]] == expected.word[kind]


@every_dialect
def test_throttling_says_when_to_come_back(speaker: Speaker) -> None:
    assert ask(speaker, "throttled").headers["retry-after"] == "5"


def test_gemini_says_it_in_the_body_too() -> None:
    assert ask(GEMINI, "throttled").json()["error"]["details"][0]["retryDelay"] == "5s"


@every_dialect
def test_garbage_is_a_web_page_with_status_200(speaker: Speaker) -> None:
    reply = ask(speaker, "garbage")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    with pytest.raises(json.JSONDecodeError):
        reply.json()


def test_slow_takes_the_time_that_the_app_was_given() -> None:
    started = perf_counter()
    exchange(create_app(draw=chance(), slow_s=0.05), CHAT.ask("slow", QUESTIONS["code"], [CODE]))
    assert perf_counter() - started >= 0.05


async def wait_a_little(speaker: Speaker) -> httpx.Response:
    app = create_app(draw=chance())
    return await asyncio.wait_for(send(app, speaker.ask("hangs", QUESTIONS["code"], [CODE])), timeout=0.1)


@every_dialect
def test_a_hanging_request_never_answers_and_can_be_cancelled(speaker: Speaker) -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(wait_a_little(speaker))


def test_a_hanging_request_ends_when_its_client_goes_away() -> None:
    request = CHAT.ask("hangs", QUESTIONS["code"], [CODE])
    body, farewell = {"type": "http.request", "body": request.content}, {"type": "http.disconnect"}
    incoming: Iterator[Json] = iter([body, farewell])
    scope = {
        "type": "http",
        "method": "POST",
        "path": request.url.path,
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }

    async def receive() -> Json:
        return next(incoming)

    async def ignore(_message: object) -> None:
        pass

    async def serve() -> None:
        await asyncio.wait_for(create_app(draw=chance())(scope, receive, ignore), timeout=10)

    asyncio.run(serve())
    assert next(incoming, None) is None


# --- the table itself ---------------------------------------------------------------------------------------------


def test_every_fault_of_the_table_is_tested_here() -> None:
    refusals = {model for model, *_ in REFUSALS}
    of_one_way = {name for name, fault in FAULTS.items() if fault.shows_in}
    assert set(FAULTS) == {*ANSWERS, *FAILURES, *refusals, "garbage", "hangs", *of_one_way}


@every_dialect
@pytest.mark.parametrize("model", FAULTS)
def test_a_fault_concerns_images_only(speaker: Speaker, model: str) -> None:
    reply = twin(speaker, model)
    assert (reply.status_code, speaker.text(reply.json()), reply.json()[speaker.echo]) == (200, "NOIMG", model)


def test_the_models_are_listed_by_name() -> None:
    reply = exchange(create_app(), httpx.Request("GET", "http://sandbox/v1/models"))
    assert [model["id"] for model in reply.json()["data"]] == list(FAULTS)


@pytest.mark.parametrize(
    ("model", "verdicts"),
    [
        ("sees", (Verdict.SEEN,)),
        ("slow", (Verdict.SEEN,)),
        ("strips", (Verdict.BLIND,)),
        ("placeholder", (Verdict.BLIND,)),
        ("invents", (Verdict.DROPPED,)),
        ("unmetered", (Verdict.SEEN_UNMETERED,)),
        ("flat-usage", (Verdict.UNSURE, Verdict.DROPPED)),
        ("substitutes", (Verdict.SUBSTITUTED,)),
        ("replays", (Verdict.SEEN, Verdict.REPLAYED)),
        ("leaks-reasoning", (Verdict.LEAKED,)),
        ("misreads", (Verdict.MISREAD,)),
        ("textifies", (Verdict.TEXTIFIED,)),
        ("refuses", (Verdict.REFUSED,)),
        ("filters", (Verdict.REFUSED,)),
        ("rejects-images", (Verdict.REJECTED,)),
        ("unauthorised", (Verdict.DENIED,)),
        ("throttled", (Verdict.THROTTLED,)),
        ("server-error", (Verdict.PROVIDER_ERROR,)),
        ("error-in-200", (Verdict.PROVIDER_ERROR,)),
        ("garbage", (Verdict.MALFORMED,)),
        ("hangs", (Verdict.UNREACHABLE,)),
        ("intermittent-10", (Verdict.SEEN, Verdict.DROPPED)),
        ("stream-blind", (Verdict.DROPPED,)),
        ("stream-cut", (Verdict.TRUNCATED,)),
        ("stream-error", (Verdict.PROVIDER_ERROR,)),
        ("tool-blind", (Verdict.DROPPED,)),
        ("tools-blind", (Verdict.DROPPED,)),
        ("jpeg-blind", (Verdict.DROPPED,)),
        ("webp-blind", (Verdict.DROPPED,)),
        ("gif-blind", (Verdict.DROPPED,)),
        ("large-blind", (Verdict.DROPPED,)),
        ("first-only", (Verdict.PARTIAL,)),
        ("last-only", (Verdict.PARTIAL,)),
        ("swaps", (Verdict.PARTIAL,)),
        ("url-unfetched", (Verdict.DROPPED,)),
    ],
)
def test_the_row_names_the_verdicts_that_it_deserves(model: str, verdicts: tuple[Verdict, ...]) -> None:
    assert FAULTS[model].judged == verdicts
