"""The requests that our dialects write are what the makers' SDKs call a request, and what their clients send."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from monitor.core.types import Ask, Image
from monitor.dialects import REGISTRY
from monitor.sandbox import create_app
from tests.runner.rig import BASES
from tests.sdk.asks import ASKS, CODE
from tests.sdk.clients import ASKERS, clients_of
from tests.sdk.makers import request_type
from tests.sdk.strictness import problems

every_dialect = pytest.mark.parametrize("dialect", REGISTRY)
every_ask = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)

SMALL = replace(CODE, images=(Image(b"png", "image/png", 448, 448),))

BROKEN: tuple[tuple[str, str, str, str], ...] = (
    ("openai-chat", r"^\{", '{"foo":1,', "foo"),
    ("openai-chat", r'"model":"sees",', "", "model"),
    ("openai-chat", r'"role":"user"', '"role":"user","foo":1', "UserMessageParam.foo: Extra"),
    (
        "openai-chat",
        r'"image_url":\{"url":("[^"]*")\}',
        r'"image_url":\1',
        "image_url: Input should be an object",
    ),
    ("openai-chat", r'("url":"[^"]*")', r'\1,"foo":1', "image_url.foo"),
    ("openai-chat", r'"type":"image_url"', '"type":"input_image"', "Input should be 'image_url'"),
    ("openai-chat", r'"max_completion_tokens":64', '"max_completion_tokens":"64"', "max_completion_tokens"),
    (
        "openai-responses",
        r'"image_url":("[^"]*")',
        r'"image_url":{"url":\1}',
        "image_url: Input should be a valid string",
    ),
    ("openai-responses", r'"type":"input_text"', '"type":"text"', "Input should be 'input_text'"),
    ("openai-responses", r'"max_output_tokens"', '"max_tokens"', "max_tokens"),
    ("anthropic-messages", r'"max_tokens":64,', "", "max_tokens"),
    ("anthropic-messages", r'"source":\{', '"source":{"foo":1,', "foo"),
    ("anthropic-messages", r'"source":(\{[^}]*\})', r'"image":{"source":\1}', "source"),
    ("anthropic-messages", r'"image/png"', '"image/tiff"', "media_type"),
    ("gemini", r'"inlineData"', '"inline_data"', "contents.0.parts.0.inline_data"),
    ("gemini", r'"mimeType"', '"mime_type"', "contents.0.parts.0.inlineData.mime_type"),
    ("gemini", r'"inlineData":(\{[^}]*\})', r'"blob":{"inlineData":\1}', "contents.0.parts.0.blob"),
    ("gemini", r'"generationConfig":\{([^}]*)\}', r"\1", "maxOutputTokens"),
    ("gemini", r'"maxOutputTokens"', '"maxTokens"', "generationConfig.maxTokens"),
)
"""Dialect, what to find in a legal request, what to write there, and a part of the complaint."""


async def sent_by_the_maker(dialect: str, ask: Ask) -> httpx2.Request:
    sent: list[httpx2.Request] = []
    async with clients_of(create_app(), sent, google_version="v1beta") as makers:
        await ASKERS[dialect](makers, ask)
    (request,) = sent
    return request


def spelt_as_ours(body: Any) -> Any:
    """google-genai writes `mime_type` and URL-safe base64: readers of protobuf's JSON take either name and alphabet
    (https://protobuf.dev/programming-guides/json/).
    """
    for part in [part for content in body.get("contents", ()) for part in content["parts"] if "inlineData" in part]:
        blob = part["inlineData"]
        part["inlineData"] = {"mimeType": blob["mime_type"], "data": blob["data"].translate(str.maketrans("-_", "+/"))}
    return body


@every_dialect
@every_ask
def test_our_request_is_of_the_makers_type(dialect: str, ask: Ask) -> None:
    assert problems(request_type(dialect), REGISTRY[dialect].build(ask).body) == []


@pytest.mark.parametrize(("dialect", "legal", "illegal", "complaint"), BROKEN)
def test_a_broken_request_is_not_of_the_makers_type(dialect: str, legal: str, illegal: str, complaint: str) -> None:
    body, changes = re.subn(legal, illegal, REGISTRY[dialect].build(SMALL).body.decode(), count=1)
    assert changes == 1
    assert complaint in "\n".join(problems(request_type(dialect), body.encode()))


@every_dialect
@every_ask
def test_the_makers_client_sends_the_same_body(dialect: str, ask: Ask) -> None:
    theirs = asyncio.run(sent_by_the_maker(dialect, ask))
    assert spelt_as_ours(json.loads(theirs.content)) == json.loads(REGISTRY[dialect].build(ask).body)


@every_dialect
def test_the_makers_client_asks_at_the_same_place_with_the_same_headers(dialect: str) -> None:
    theirs, ours = asyncio.run(sent_by_the_maker(dialect, CODE)), REGISTRY[dialect].build(CODE)
    assert (theirs.method, str(theirs.url)) == (ours.method, BASES[dialect] + ours.path)
    assert {name for name, _ in ours.headers} <= set(theirs.headers)
