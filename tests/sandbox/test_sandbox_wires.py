"""Each dialect of the sandbox: what a sound reply looks like, and what a strict server refuses."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from struct import pack
from typing import Any
from zlib import crc32

import httpx
import pytest
from PIL import Image as Pillow

from monitor.challenges.drawing import text_image
from monitor.core.types import Image
from monitor.sandbox import create_app
from tests.sandbox.dialogue import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    QUESTIONS,
    RESPONSES,
    SPEAKERS,
    Json,
    Speaker,
    chance,
    data_url,
    exchange,
)

QUESTION = QUESTIONS["code"]
CODE = text_image("K7R9M", 448)

every_dialect = pytest.mark.parametrize("speaker", SPEAKERS, ids=lambda speaker: speaker.name)


def ask(speaker: Speaker, *images: Image, model: str = "sees", cap: int = 64) -> httpx.Response:
    return exchange(create_app(draw=chance()), speaker.ask(model, QUESTION, images, cap))


def png_header(side: int) -> bytes:
    """A PNG that promises `side` by `side` pixels and holds none."""
    header = b"IHDR" + pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + pack(">I", 13) + header + pack(">I", crc32(header)) + bytes(4) + b"IDAT"


def encoded(format_: str, side: int) -> bytes:
    out = BytesIO()
    Pillow.new("RGB", (side, side), "white").save(out, format_)
    return out.getvalue()


# --- sound replies ------------------------------------------------------------------------------------------------


@every_dialect
def test_the_answer_comes_from_the_pixels(speaker: Speaker) -> None:
    reply = ask(speaker, CODE)
    assert (reply.status_code, speaker.text(reply.json())) == (200, "K7R9M")


@every_dialect
def test_without_an_image_it_says_so_in_the_agreed_word(speaker: Speaker) -> None:
    assert speaker.text(ask(speaker).json()) == "NOIMG"


@every_dialect
def test_several_images_are_read_in_order(speaker: Speaker) -> None:
    reply = ask(speaker, CODE, text_image("W4XYC", 256))
    assert speaker.text(reply.json()) == "K7R9M W4XYC"


@every_dialect
def test_a_blank_image_is_no_missing_image(speaker: Speaker) -> None:
    blank = Image(encoded("PNG", 448), "image/png", 448, 448)
    assert speaker.text(ask(speaker, blank).json()) == "The picture is blank."


@every_dialect
@pytest.mark.parametrize("size", [256, 448])
def test_an_image_costs_what_the_family_bills(speaker: Speaker, size: int) -> None:
    with_image = ask(speaker, text_image("K7R9M", size)).json()
    without = ask(speaker).json()
    assert speaker.input_tokens(with_image) - speaker.input_tokens(without) == speaker.prices[size]


@every_dialect
def test_the_model_is_echoed_and_every_reply_has_its_own_id(speaker: Speaker) -> None:
    app = create_app()
    replies = [exchange(app, speaker.ask("sees", QUESTION, [CODE])).json() for _ in range(2)]
    assert [reply[speaker.echo] for reply in replies] == ["sees", "sees"]
    assert replies[0][speaker.reply_id] != replies[1][speaker.reply_id]


@pytest.mark.parametrize(
    ("speaker", "finish"),
    [(CHAT, "length"), (RESPONSES, "max_output_tokens"), (ANTHROPIC, "max_tokens"), (GEMINI, "MAX_TOKENS")],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_cap_cuts_the_answer_and_says_so(speaker: Speaker, finish: str) -> None:
    reply = ask(speaker, *[text_image("K7R9M", 64)] * 9, cap=16).json()
    assert speaker.finish(reply) == finish
    assert speaker.output_tokens(reply) == 16


@pytest.mark.parametrize(
    ("speaker", "finish"),
    [(CHAT, "stop"), (RESPONSES, "completed"), (ANTHROPIC, "end_turn"), (GEMINI, "STOP")],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_whole_answer_ends_of_itself(speaker: Speaker, finish: str) -> None:
    assert speaker.finish(ask(speaker, CODE).json()) == finish


def test_chat_itemises_image_tokens() -> None:
    usage = ask(CHAT, CODE).json()["usage"]
    details = usage["prompt_tokens_details"]
    assert details["image_tokens"] == 255
    assert details["image_tokens"] + details["text_tokens"] == usage["prompt_tokens"]


def test_gemini_itemises_image_tokens() -> None:
    usage = ask(GEMINI, CODE).json()["usageMetadata"]
    details = {entry["modality"]: entry["tokenCount"] for entry in usage["promptTokensDetails"]}
    assert details["IMAGE"] == 1032
    assert sum(details.values()) == usage["promptTokenCount"]


def test_no_image_means_no_field_for_image_tokens() -> None:
    assert "image_tokens" not in ask(CHAT).json()["usage"]["prompt_tokens_details"]
    details = ask(GEMINI).json()["usageMetadata"]["promptTokensDetails"]
    assert [entry["modality"] for entry in details] == ["TEXT"]


@pytest.mark.parametrize(
    ("speaker", "path"),
    [
        (CHAT, ["messages", 0]),
        (RESPONSES, ["input", 0]),
        (ANTHROPIC, ["messages", 0]),
    ],
    ids=lambda value: getattr(value, "name", "at"),
)
def test_content_may_be_a_plain_string(speaker: Speaker, path: list[Any]) -> None:
    body = speaker.body("sees", "", (), 64)
    field, index = path
    body[field][index]["content"] = QUESTION
    reply = exchange(create_app(), speaker.request("sees", body)).json()
    assert (speaker.text(reply), speaker.input_tokens(reply)) == ("NOIMG", speaker.input_tokens(ask(speaker).json()))


@pytest.mark.parametrize("format_", ["JPEG", "WEBP", "GIF"])
def test_other_formats_are_read_too(format_: str) -> None:
    out = BytesIO()
    with Pillow.open(BytesIO(CODE.data)) as pixels:
        pixels.save(out, format_)
    image = replace(CODE, data=out.getvalue(), media_type=f"image/{format_.lower()}")
    assert ANTHROPIC.text(ask(ANTHROPIC, image).json()) == "K7R9M"


# --- what a strict server refuses ---------------------------------------------------------------------------------


ENVELOPES = {
    CHAT: ({"error"}, {"message", "type", "param", "code"}),
    RESPONSES: ({"error"}, {"message", "type", "param", "code"}),
    ANTHROPIC: ({"type", "error", "request_id"}, {"type", "message"}),
    GEMINI: ({"error"}, {"code", "message", "status"}),
}


def error_of(speaker: Speaker, reply: httpx.Response) -> Json:
    """The error inside the dialect's own envelope; anything else is not that envelope."""
    body: Json = reply.json()
    error: Json = body["error"]
    assert (set(body), set(error)) == ENVELOPES[speaker]
    return error


def refused(speaker: Speaker, body: Json, headers: Json | None = None) -> tuple[int, Json]:
    reply = exchange(create_app(), speaker.request("sees", body, headers))
    return reply.status_code, error_of(speaker, reply)


@every_dialect
@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer  ", "Basic abc"])
def test_a_missing_key_is_401(speaker: Speaker, value: str | None) -> None:
    others = {name: text for name, text in speaker.headers.items() if name == "anthropic-version"}
    headers = others if value is None else {**others, "authorization": value}
    status, error = refused(speaker, speaker.body("sees", QUESTION, [CODE], 64), headers)
    assert status == 401
    assert "API key" in error["message"]


def test_the_401_carries_the_dialects_own_word() -> None:
    words = [refused(speaker, speaker.body("sees", QUESTION, (), 64), {})[1] for speaker in SPEAKERS]
    chat, responses, anthropic, gemini = words
    assert (chat["code"], responses["code"]) == ("invalid_api_key", "invalid_api_key")
    assert (anthropic["type"], gemini["status"]) == ("authentication_error", "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("speaker", "headers"),
    [
        (CHAT, {"api-key": "azure"}),
        (ANTHROPIC, {"authorization": "Bearer x", "anthropic-version": "2023-06-01"}),
        (GEMINI, {"authorization": "Bearer x"}),
    ],
    ids=lambda value: getattr(value, "name", "headers"),
)
def test_the_dialects_other_header_for_the_key_is_welcome(speaker: Speaker, headers: Json) -> None:
    body = speaker.body("sees", QUESTION, (), 64)
    assert exchange(create_app(), speaker.request("sees", body, headers)).status_code == 200


def test_anthropic_wants_its_version() -> None:
    status, error = refused(ANTHROPIC, ANTHROPIC.body("sees", QUESTION, (), 64), {"x-api-key": "x"})
    assert (status, error["message"]) == (400, "anthropic-version: header is required")


def test_anthropic_wants_max_tokens() -> None:
    body = ANTHROPIC.body("sees", QUESTION, (), 64)
    del body["max_tokens"]
    status, error = refused(ANTHROPIC, body)
    assert (status, error["type"], error["message"]) == (400, "invalid_request_error", "max_tokens: Field required")


STRANGE_PARTS: tuple[tuple[Speaker, Json], ...] = (
    (CHAT, {"type": "input_image", "image_url": data_url(CODE)}),
    (CHAT, {"type": "image_url", "image_url": data_url(CODE)}),
    (CHAT, {"type": "image_url", "image_url": {"url": data_url(CODE), "format": "image/png"}}),
    (RESPONSES, {"type": "image_url", "image_url": {"url": data_url(CODE)}}),
    (RESPONSES, {"type": "input_image", "image_url": {"url": data_url(CODE)}}),
    (ANTHROPIC, {"type": "image_url", "image_url": {"url": data_url(CODE)}}),
    (ANTHROPIC, {"type": "image", "source": {"type": "base64", "media_type": "image/tiff", "data": ""}}),
    (ANTHROPIC, {"type": "image", "source": {"type": "base64", "mediaType": "image/png", "data": ""}}),
    (GEMINI, {"inlineData": {"media_type": "image/png", "data": ""}}),
    (GEMINI, {"image": {"mimeType": "image/png", "data": ""}}),
    (GEMINI, {"text": "both", "inlineData": {"mimeType": "image/png", "data": ""}}),
)


@pytest.mark.parametrize(("speaker", "part"), STRANGE_PARTS, ids=lambda value: getattr(value, "name", "part"))
def test_a_part_of_another_dialect_is_400(speaker: Speaker, part: Json) -> None:
    body = speaker.body("sees", QUESTION, (), 64)
    field = {CHAT: "messages", RESPONSES: "input", ANTHROPIC: "messages", GEMINI: "contents"}[speaker]
    turn = body[field][0]
    turn["parts" if speaker is GEMINI else "content"].append(part)
    assert refused(speaker, body)[0] == 400


@every_dialect
def test_a_body_that_is_no_json_is_400(speaker: Speaker) -> None:
    url = f"http://sandbox{speaker.path.format(model='sees')}"
    reply = exchange(create_app(), httpx.Request("POST", url, headers=speaker.headers, content=b'{"model": '))
    assert reply.status_code == 400
    assert "Invalid JSON" in error_of(speaker, reply)["message"]


@every_dialect
def test_an_unknown_model_is_404(speaker: Speaker) -> None:
    reply = ask(speaker, CODE, model="no-such-fault")
    assert (reply.status_code, error_of(speaker, reply)["message"]) == (
        404,
        "The model `no-such-fault` does not exist.",
    )


@pytest.mark.parametrize("url", ["https://example.com/a.png", "data:image/png,plain", "file:///etc/passwd", ""])
@pytest.mark.parametrize("speaker", [CHAT, RESPONSES], ids=lambda speaker: speaker.name)
def test_no_url_of_the_world_is_fetched(speaker: Speaker, url: str) -> None:
    body = speaker.body("sees", QUESTION, [CODE], 64)
    if speaker is CHAT:
        body["messages"][0]["content"][0]["image_url"]["url"] = url
    else:
        body["input"][0]["content"][0]["image_url"] = url
    status, error = refused(speaker, body)
    assert (status, error["code"]) == (400, "invalid_image_url")


BAD_IMAGES = {
    "image_too_small": Image(encoded("PNG", 10), "image/png", 10, 10),
    "invalid_image_format": replace(CODE, media_type="image/jpeg"),
    "image_parse_error": replace(CODE, data=CODE.data[: len(CODE.data) // 2]),
    "image_too_large": replace(CODE, data=png_header(20_000)),
}


@every_dialect
@pytest.mark.parametrize("code", BAD_IMAGES)
def test_an_illegal_image_is_400_in_the_dialects_own_words(speaker: Speaker, code: str) -> None:
    reply = ask(speaker, BAD_IMAGES[code])
    error = error_of(speaker, reply)
    said = {ANTHROPIC: "Could not process image: ", GEMINI: "Unable to process input image: "}
    assert reply.status_code == 400
    if speaker in said:
        assert error["message"].startswith(said[speaker])
    else:
        assert error["code"] == code


@every_dialect
def test_bytes_that_are_no_image_at_all_are_400(speaker: Speaker) -> None:
    assert ask(speaker, replace(CODE, data=base64.b64encode(b"no image"))).status_code == 400


@pytest.mark.parametrize("data", ["AAA*A", "AAA", "ÄÖÜ="])
def test_data_that_is_no_base64_is_400(data: str) -> None:
    body = ANTHROPIC.body("sees", QUESTION, [CODE], 64)
    body["messages"][0]["content"][0]["source"]["data"] = data
    status, error = refused(ANTHROPIC, body)
    assert (status, error["message"]) == (400, "Could not process image: the data is not base64")


def test_an_illegal_image_is_refused_whatever_the_fault() -> None:
    assert ask(CHAT, BAD_IMAGES["image_too_small"], model="strips").status_code == 400
