"""The five error shapes of WIRE.md, what gateways make of them, and the delays that they ask for."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from monitor.core.types import ReplyError
from monitor.dialects import REGISTRY
from monitor.dialects.errors import LONGEST_MESSAGE
from tests.dialects.golden_files import answered

DIALECTS = pytest.mark.parametrize("name", REGISTRY)

SHAPES: dict[str, tuple[Any, ReplyError]] = {
    "openai": (
        {"error": {"message": "No.", "type": "invalid_request_error", "param": "model", "code": "model_not_found"}},
        ReplyError("No.", "invalid_request_error", "model_not_found", "model"),
    ),
    "anthropic": (
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"},
        ReplyError("Overloaded", "overloaded_error"),
    ),
    "google": (
        {"error": {"code": 404, "message": "No such model", "status": "NOT_FOUND", "details": []}},
        ReplyError("No such model", "NOT_FOUND", "404"),
    ),
    "google in a list": (
        [{"error": {"code": 404, "message": "No such model", "status": "NOT_FOUND"}}],
        ReplyError("No such model", "NOT_FOUND", "404"),
    ),
    "error is text": ({"code": "400", "error": "Bad image"}, ReplyError("Bad image", None, "400")),
    "flat": (
        {"object": "error", "message": "No image for you", "type": "BadRequestError", "param": None, "code": 400},
        ReplyError("No image for you", "BadRequestError", "400"),
    ),
}

GATEWAYS: dict[str, tuple[Any, ReplyError]] = {
    "raw is JSON": (
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {"raw": '{"error":{"message":"No images.","type":"bad","code":"x"}}', "provider_name": "P"},
            }
        },
        ReplyError("Provider returned error: No images.", "bad", "x"),
    ),
    "raw is an object": (
        {"error": {"message": "Provider returned error", "code": 500, "metadata": {"raw": {"error": "gone"}}}},
        ReplyError("Provider returned error: gone", None, "500"),
    ),
    "raw is text": (
        {"error": {"message": "Provider returned error", "code": 429, "metadata": {"raw": "slow down"}}},
        ReplyError("Provider returned error: slow down", None, "429"),
    ),
    "message is JSON": (
        {"error": {"message": '{"error":{"message":"No images.","type":"bad","param":"p"}}', "code": "upstream"}},
        ReplyError("No images.", "bad", "upstream", "p"),
    ),
    "message is JSON twice": (
        {"error": {"message": json.dumps({"error": {"message": json.dumps({"error": "deep"})}})}},
        ReplyError("deep"),
    ),
    "message is an object": (
        {"object": "error", "message": {"detail": [{"loc": ["body", "x"], "msg": "Extra"}]}, "type": "t"},
        ReplyError('[{"loc":["body","x"],"msg":"Extra"}]', "t"),
    ),
    "message is Python": (
        {"object": "error", "message": "[{'loc': ('body', 'x')}]", "code": 400},
        ReplyError("[{'loc': ('body', 'x')}]", None, "400"),
    ),
    "error and message": (
        {"status": 404, "error": "Not Found", "message": "no such route"},
        ReplyError("Not Found: no such route"),
    ),
    "error is true": ({"error": True, "message": "overloaded"}, ReplyError("overloaded")),
    "error is a list": ({"error": ["a", 1]}, ReplyError('["a",1]')),
    "an object without words": (
        {"error": {"type": "server_error"}},
        ReplyError("an error without words", "server_error"),
    ),
    "capital object": ({"object": "Error", "message": "no", "code": 3001}, ReplyError("no", None, "3001")),
}

ONLY_BY_STATUS: dict[str, tuple[bytes, str]] = {
    "FastAPI text": (b'{"detail":"Not Found"}', "Not Found"),
    "FastAPI list": (b'{"detail":[{"msg":"Extra"}]}', '[{"msg":"Extra"}]'),
    "AWS": (b'{"Message":"denied"}', "denied"),
    "bare message": (b'{"success":false,"message":"no channel"}', "no channel"),
    "errors": (b'{"errors":[{"code":7003,"message":"no route"}]}', '[{"code":7003,"message":"no route"}]'),
    "JSON text": (b'"nope"', "nope"),
    "other JSON": (b'{"ok":false}', 'HTTP 418: {"ok":false}'),
    "null error": (b'{"error":null}', 'HTTP 418: {"error":null}'),
    "plain text": (b"  upstream\n connect error ", "HTTP 418: upstream connect error"),
    "page": (b"<html><head><title>\nTeapot</title><style>body{}</style></head>", "HTTP 418: Teapot"),
    "page without title": (b"<html><body>image image</body>", "HTTP 418 with no readable error"),
    "nothing": (b"", "HTTP 418 with no readable error"),
    "binary": (b"\x1f\x8b\x08\x00\xff", "HTTP 418 with no readable error"),
    "cut JSON": (b'{"error":{"mess', 'HTTP 418: {"error":{"mess'),
}


@DIALECTS
@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(("body", "expected"), SHAPES.values(), ids=SHAPES)
def test_a_shape_is_read_in_every_dialect_and_status(name: str, status: int, body: Any, expected: ReplyError) -> None:
    assert REGISTRY[name].parse(answered(json.dumps(body).encode(), status)).error == expected


@pytest.mark.parametrize(("body", "expected"), GATEWAYS.values(), ids=GATEWAYS)
def test_a_gateways_wrapping_is_undone(body: Any, expected: ReplyError) -> None:
    assert REGISTRY["openai-chat"].parse(answered(json.dumps(body).encode(), 400)).error == expected


@DIALECTS
@pytest.mark.parametrize(("body", "message"), ONLY_BY_STATUS.values(), ids=ONLY_BY_STATUS)
def test_a_bad_status_is_an_error_whatever_the_body(name: str, body: bytes, message: str) -> None:
    reply = REGISTRY[name].parse(answered(body, 418))
    assert reply.error is not None
    assert (reply.error.message, reply.malformed) == (message, None)


@DIALECTS
@pytest.mark.parametrize("body", [value[0] for value in ONLY_BY_STATUS.values()], ids=ONLY_BY_STATUS)
def test_the_same_body_with_a_good_status_is_malformed(name: str, body: bytes) -> None:
    reply = REGISTRY[name].parse(answered(body, 200))
    assert (reply.error, reply.malformed is None) == (None, False)


@pytest.mark.parametrize("error", [None, "", {}, [], False, 0])
def test_an_empty_error_field_is_none(error: Any) -> None:
    body = {"error": error, "choices": [{"message": {"content": "K7"}}]}
    assert REGISTRY["openai-chat"].parse(answered(json.dumps(body).encode())).text == "K7"


def test_a_quoted_request_is_cut_off_a_message() -> None:
    body = json.dumps({"error": {"message": "x" * 100_000}}).encode()
    error = REGISTRY["openai-chat"].parse(answered(body, 400)).error
    assert error is not None
    assert len(error.message) == LONGEST_MESSAGE


def test_wrapping_is_undone_to_a_limit() -> None:
    message = "bottom"
    for _ in range(10):
        message = json.dumps({"error": {"message": message}})
    error = REGISTRY["openai-chat"].parse(answered(message.encode(), 400)).error
    assert error is not None
    assert error.message.startswith('{"error"')


DATE = "Sat, 21 Nov 2026 04:00:00 GMT"
HEADERS: dict[str, tuple[dict[str, str], float | None]] = {
    "none": ({}, None),
    "milliseconds": ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
    "seconds": ({"retry-after": "20"}, 20.0),
    "fraction": ({"retry-after": " 0.5 "}, 0.5),
    "zero": ({"retry-after": "0"}, 0.0),
    "date": ({"retry-after": "Sat, 21 Nov 2026 04:01:00 GMT", "date": DATE}, 60.0),
    "past date": ({"retry-after": "Sat, 21 Nov 2026 03:00:00 GMT", "date": DATE}, 0.0),
    "date without a date": ({"retry-after": "Sat, 21 Nov 2026 04:01:00 GMT"}, None),
    "a zoneless date": ({"retry-after": "Sat, 21 Nov 2026 04:01:00 -0000", "date": DATE}, None),
    "a day at most": ({"retry-after": "99999999"}, 86400.0),
    "negative": ({"retry-after": "-5"}, None),
    "not finite": ({"retry-after": "inf", "retry-after-ms": "nan"}, None),
    "words": ({"retry-after": "soon", "date": DATE}, None),
}


@DIALECTS
@pytest.mark.parametrize("status", [429, 200])
@pytest.mark.parametrize(("headers", "seconds"), HEADERS.values(), ids=HEADERS)
def test_the_headers_ask_for_a_delay(name: str, status: int, headers: dict[str, str], seconds: float | None) -> None:
    error = REGISTRY[name].parse(answered(b'{"error":{"message":"slow down"}}', status, headers)).error
    assert error is not None
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


LITELLM = (
    "No deployments available for selected model, Try again in 5.0 seconds. All deployments for selected model are in"
    " cooldown. Passed model=qwen-vl. pre-call-checks=False, cooldown_list=['3f1c']"
)
WORDS: dict[str, tuple[str, float | None]] = {
    "litellm": (LITELLM, 5.0),
    "openai, seconds": ("Rate limit reached for nano on tokens per min (TPM). Please try again in 20s. Visit …", 20.0),
    "openai, milliseconds": ("Rate limit reached. Please try again in 340ms.", 0.34),
    "a day at most": ("try again in 999999999 seconds", 86400.0),
    "another unit": ("Please try again in 7m12s.", None),
    "no delay": ("Please try again later", None),
    "no figure of ours": ("retrying in 5 seconds", None),
}


@DIALECTS
@pytest.mark.parametrize(("message", "seconds"), WORDS.values(), ids=WORDS)
def test_the_words_ask_for_a_delay(name: str, message: str, seconds: float | None) -> None:
    body = json.dumps({"error": {"message": message, "type": "rate_limit_error", "code": "429"}}).encode()
    error = REGISTRY[name].parse(answered(body, 429)).error
    assert error is not None
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_a_header_beats_the_words() -> None:
    body = json.dumps({"error": {"message": LITELLM}}).encode()
    error = REGISTRY["openai-chat"].parse(answered(body, 429, {"retry-after": "60"})).error
    assert error is not None
    assert error.retry_after == timedelta(seconds=60)


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [("34.5s", 34.5), ("7s", 7.0), ("0s", 0.0), ("-3s", None), ("3", None), (3, None), ("999999999s", 86400.0)],
)
def test_gemini_asks_for_a_delay_in_the_body(delay: Any, seconds: float | None) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    body = json.dumps({"error": {"code": 429, "message": "quota", "details": ["x", {}, info]}}).encode()
    error = REGISTRY["gemini"].parse(answered(body, 429)).error
    assert error is not None
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))
