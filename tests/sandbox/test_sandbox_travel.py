"""However an image travels, the sound gateway reads and bills it; a fault of one way shows there and nowhere else."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from monitor.core.types import Ask, Finish, Image
from monitor.dialects import REGISTRY
from monitor.sandbox.faults import FAULTS
from monitor.sandbox.fetching import Fetched
from tests.sandbox.dialogue import send
from tests.sandbox.travel import (
    ANOTHER,
    ASKS,
    CODE,
    HOST,
    INLINE,
    RIGHT,
    TRAVELS,
    Host,
    by_url,
    encoded,
    gateway,
    host,
    parsed,
    reply,
    response,
)

PARTIAL_FAULTS = [name for name, fault in FAULTS.items() if fault.shows_in]
PRICES = {"openai-chat": 255, "openai-responses": 236, "anthropic-messages": 256, "gemini": 1032}
FORMS = ("inline", "inline-stream", "url", "tool-result", "with-tools")
STREAMED = replace(INLINE, stream=True)

every_dialect = pytest.mark.parametrize("dialect", REGISTRY)
every_travel = pytest.mark.parametrize(("dialect", "check"), TRAVELS)


# --- the sound gateway --------------------------------------------------------------------------------------------


@every_travel
def test_it_is_read_however_it_travels(dialect: str, check: str) -> None:
    answer = reply(dialect, ASKS[check]())
    assert (answer.text, answer.finish, answer.truncated, answer.model) == (RIGHT[check], Finish.STOP, None, "sees")


@pytest.mark.parametrize(("dialect", "check"), [travel for travel in TRAVELS if travel[1] in FORMS])
def test_it_costs_the_same_however_it_travels(dialect: str, check: str) -> None:
    ask = ASKS[check]()
    shown, control = (reply(dialect, each).usage.input_total or 0 for each in (ask, replace(ask, images=())))
    assert shown - control == PRICES[dialect]


@every_travel
def test_its_text_only_control_is_missing_the_image_only(dialect: str, check: str) -> None:
    assert reply(dialect, replace(ASKS[check](), images=())).text == "NOIMG"


@every_dialect
def test_a_system_prompt_and_tools_cost_their_words(dialect: str) -> None:
    plain, with_tools = (reply(dialect, ASKS[check]()).usage.input_total or 0 for check in ("inline", "with-tools"))
    assert with_tools - plain > 100


def test_an_image_in_a_tool_message_of_chat_is_400_in_its_own_shape() -> None:
    shown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    answer = asked_by_hand({"role": "tool", "tool_call_id": "call_1", "content": [shown]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_value")
    assert "only allowed for messages with role 'user'" in error["message"]


def test_a_text_in_a_tool_message_of_chat_is_welcome() -> None:
    assert asked_by_hand({"role": "tool", "tool_call_id": "call_1", "content": "1 file read."}).status_code == 200


def asked_by_hand(last: dict[str, object]) -> httpx.Response:
    """Chat's answer to a question, a call of a tool, and this message."""
    call = {"id": "call_1", "type": "function", "function": {"name": "read_file", "arguments": "{}"}}
    history = [
        {"role": "user", "content": INLINE.question},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    ]
    return response(gateway(), "openai-chat", replace(INLINE, images=(), extra_body={"messages": [*history, last]}))


# --- streams ------------------------------------------------------------------------------------------------------


@every_dialect
def test_a_stream_says_what_the_reply_in_one_piece_says(dialect: str) -> None:
    for ask in (INLINE, replace(INLINE, images=()), replace(INLINE, images=(CODE,) * 12, cap=16)):
        assert reply(dialect, replace(ask, stream=True)) == reply(dialect, ask)


@every_dialect
@pytest.mark.parametrize("model", ["refuses", "filters"])
def test_a_streamed_refusal_is_that_of_the_reply_in_one_piece(dialect: str, model: str) -> None:
    whole, streamed = (reply(dialect, replace(ask, model=model)) for ask in (INLINE, STREAMED))
    assert (streamed.refusal, streamed.finish, streamed.truncated) == (whole.refusal, whole.finish, None)


@every_dialect
def test_a_stream_is_declared_as_one(dialect: str) -> None:
    assert response(gateway(), dialect, STREAMED).headers["content-type"] == "text/event-stream; charset=utf-8"


def kinds(dialect: str, ask: Ask = STREAMED) -> list[str]:
    """The names of the events, repetitions left out; the data where there are none."""
    text = response(gateway(), dialect, ask).text
    named = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("event: ")]
    data = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("data: ")]
    return list(dict.fromkeys(named or data))


def test_responses_streams_its_own_events() -> None:
    assert kinds("openai-responses") == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


@pytest.mark.parametrize("model", ["sees", "stream-error"])
def test_responses_numbers_its_events(model: str) -> None:
    lines = response(gateway(), "openai-responses", replace(STREAMED, model=model)).text.splitlines()
    numbers = [json.loads(line[6:])["sequence_number"] for line in lines if line.startswith("data: ")]
    assert numbers == list(range(len(numbers)))


def test_anthropic_streams_its_own_events() -> None:
    assert kinds("anthropic-messages") == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_chat_ends_with_its_usage_and_done() -> None:
    *_, usage, done = kinds("openai-chat")
    assert (json.loads(usage)["choices"], json.loads(usage)["usage"]["completion_tokens"], done) == ([], 2, "[DONE]")


@pytest.mark.parametrize("options", [None, {"include_usage": False}])
def test_chat_streams_no_usage_unless_asked(options: object) -> None:
    ask = replace(STREAMED, extra_body={"stream_options": options})
    assert (reply("openai-chat", ask).text, reply("openai-chat", ask).usage.input_total) == ("K7R9M", None)
    assert not any("usage" in event for event in kinds("openai-chat", ask))


def test_gemini_gives_the_reason_and_the_output_in_the_last_event_only() -> None:
    *before, last = map(json.loads, kinds("gemini"))
    assert before
    assert all("finishReason" not in event["candidates"][0] for event in before)
    assert all("candidatesTokenCount" not in event["usageMetadata"] for event in before)
    assert (last["candidates"][0]["finishReason"], last["usageMetadata"]["candidatesTokenCount"]) == ("STOP", 2)


def test_gemini_streams_as_events_only() -> None:
    url = "http://sandbox/v1beta/models/sees:streamGenerateContent"
    body = REGISTRY["gemini"].build(STREAMED).body
    assert post(url, body).json()["error"]["status"] == "INVALID_ARGUMENT"
    assert post(f"{url}?alt=sse", body).status_code == 200


def post(url: str, body: bytes) -> httpx.Response:
    return asyncio.run(send(gateway(), httpx.Request("POST", url, headers={"x-goog-api-key": "x"}, content=body)))


@every_dialect
@pytest.mark.parametrize("model", ["rejects-images", "throttled", "server-error"])
def test_a_failure_before_a_stream_has_its_status(dialect: str, model: str) -> None:
    whole, streamed = (response(gateway(), dialect, replace(ask, model=model)) for ask in (INLINE, STREAMED))
    assert (streamed.status_code, streamed.content) == (whole.status_code, whole.content)


@every_dialect
def test_a_cut_stream_has_part_of_the_answer_and_no_end(dialect: str) -> None:
    answer = reply(dialect, replace(STREAMED, model="stream-cut"))
    assert (answer.text, answer.finish, answer.truncated is not None) == ("K7R", None, True)


@every_dialect
def test_an_error_in_a_stream_comes_after_part_of_the_answer(dialect: str) -> None:
    answer = response(gateway(), dialect, replace(STREAMED, model="stream-error"))
    assert (answer.status_code, "K7R" in answer.text) == (200, True)
    error = parsed(dialect, answer).error
    assert error is not None
    assert error.message == "The server had an error while processing your request."


def test_a_replay_is_streamed_too() -> None:
    app = gateway()
    first = reply("openai-chat", replace(INLINE, model="replays"), app)
    again = reply("openai-chat", replace(STREAMED, model="replays", images=(ANOTHER,)), app)
    assert again == first


# --- by URL -------------------------------------------------------------------------------------------------------

UNFETCHED = {
    "openai-chat": f"Timeout while downloading {HOST}/png.",
    "openai-responses": f"Timeout while downloading {HOST}/png.",
    "anthropic-messages": "Unable to download the file. Please verify the URL and try again.",
    "gemini": "Cannot fetch content from the provided URL.",
}


@every_dialect
def test_a_url_is_fetched_once(dialect: str) -> None:
    canary = host(CODE)
    reply(dialect, ASKS["url"](), gateway(canary))
    assert canary.asked == [f"{HOST}/png"]


@every_dialect
def test_a_failed_fetch_is_400_in_the_dialects_own_words(dialect: str) -> None:
    answer = response(gateway(host()), dialect, ASKS["url"]())
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, UNFETCHED[dialect])


@pytest.mark.parametrize("dialect", ["openai-chat", "openai-responses"])
def test_openai_has_a_code_for_it(dialect: str) -> None:
    assert response(gateway(host()), dialect, ASKS["url"]()).json()["error"]["code"] == "invalid_image_url"


@every_dialect
def test_what_was_fetched_is_looked_at_as_strictly(dialect: str) -> None:
    lying = Host({f"{HOST}/png": Fetched("image/png", encoded(CODE, "GIF").data)}, [])
    assert response(gateway(lying), dialect, ASKS["url"]()).status_code == 400


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
@every_dialect
def test_any_format_may_be_fetched(dialect: str, kind: str) -> None:
    image = encoded(CODE, kind)
    assert reply(dialect, replace(INLINE, images=(by_url(image),)), gateway(host(image))).text == "K7R9M"


@every_dialect
def test_the_gateway_that_fetches_nothing_does_not(dialect: str) -> None:
    canary = host(CODE)
    answer = reply(dialect, replace(ASKS["url"](), model="url-unfetched"), gateway(canary))
    assert (canary.asked, answer.error, answer.text == "K7R9M") == ([], None, False)


@pytest.mark.parametrize("dialect", [name for name in REGISTRY if name != "openai-chat"])
def test_a_url_in_a_tool_result_is_fetched_too(dialect: str) -> None:
    ask = replace(ASKS["tool-result"](), images=(by_url(CODE),))
    assert reply(dialect, ask).text == "K7R9M"


# --- faults of one way --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", PARTIAL_FAULTS)
@every_travel
def test_a_fault_shows_in_its_own_checks_and_only_there(fault: str, dialect: str, check: str) -> None:
    answer = reply(dialect, replace(ASKS[check](), model=fault))
    sound = (answer.text, answer.error, answer.truncated) == (RIGHT[check], None, None)
    assert sound == (check not in FAULTS[fault].shows_in)


@pytest.mark.parametrize(("fault", "left"), [("first-only", "K7R9M"), ("last-only", "W4XYC")])
@every_dialect
def test_of_several_images_one_is_left_and_billed(fault: str, left: str, dialect: str) -> None:
    answer, alone = (reply(dialect, replace(ask, model=fault)) for ask in (ASKS["pair"](), INLINE))
    assert (answer.text, answer.usage.input_total) == (left, alone.usage.input_total)


@pytest.mark.parametrize("fault", PARTIAL_FAULTS)
def test_a_fault_names_checks_of_the_contract(fault: str) -> None:
    assert set(FAULTS[fault].shows_in) <= set(ASKS)


def test_a_fault_is_judged_sound_where_it_does_not_show() -> None:
    fault = FAULTS["tools-blind"]
    assert (fault.judged_by("with-tools"), fault.judged_by("inline")) == (fault.judged, FAULTS["sees"].judged)


def test_images_of_a_megabyte_pass_where_larger_ones_are_lost() -> None:
    small, big = (replace(CODE, data=padded(CODE, size)) for size in (1_000_000, 1_000_010))
    texts = [reply("gemini", replace(INLINE, model="large-blind", images=(image,))).text for image in (small, big)]
    assert (texts[0], texts[1] == "K7R9M") == ("K7R9M", False)


def padded(image: Image, size: int) -> bytes:
    """The image's bytes made up to `size`; PNG readers stop at the end of the image."""
    return image.data.ljust(size, b"\0")
