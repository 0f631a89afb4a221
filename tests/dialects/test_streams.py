"""Streams as they come: in any spelling of the format, cut anywhere, and with anything in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.types import Reply
from monitor.dialects import REGISTRY
from monitor.dialects.stream import MOST_LINES, is_stream
from tests.dialects.golden_files import answered, exchange_of, golden_files, load
from tests.dialects.test_properties import ANY_JSON, DIALECTS, changed, check, paths

SSE = {"content-type": "text/event-stream; charset=utf-8"}


def _is_json(line: str) -> bool:
    return line.startswith("data: {")


def _streams(name: str) -> Iterator[Path]:
    return (file for file in golden_files(name, "replies") if "stream" in load(file)["exchange"])


HEALTHY = [
    (name, file)
    for name in REGISTRY
    for file in _streams(name)
    if "text" in load(file)["reply"] and "truncated" not in load(file)["reply"]
]
every_healthy_stream = pytest.mark.parametrize(("name", "file"), HEALTHY, ids=[f"{n}-{f.stem}" for n, f in HEALTHY])


def _lines(file: Path) -> list[str]:
    lines: list[str] = load(file)["exchange"]["stream"]
    return lines


def _whole(name: str, file: Path) -> Reply:
    return REGISTRY[name].parse(exchange_of(load(file)["exchange"]))


def _parsed(name: str, text: str) -> Reply:
    return REGISTRY[name].parse(answered(text.encode()))


# --- spelling -----------------------------------------------------------------------------------------------------


@every_healthy_stream
@pytest.mark.parametrize("ends", [("\n",), ("\r",), ("\r\n",), ("\r\n", "\n"), ("\n", "\n", "\r\n")])
def test_lines_may_end_in_any_way(name: str, file: Path, ends: tuple[str, ...]) -> None:
    lines = _lines(file)
    assert _parsed(name, "".join(line + ends[i % len(ends)] for i, line in enumerate(lines))) == _whole(name, file)


def _pretty(line: str) -> list[str]:
    return [f"data: {part}" for part in json.dumps(json.loads(line[6:]), indent=1).split("\n")]


SPELLINGS = {
    "a byte order mark": lambda lines: ["\ufeff" + lines[0], *lines[1:]],
    "no space after the colon": lambda lines: [line.replace(": ", ":", 1) for line in lines],
    "comments everywhere": lambda lines: [part for line in lines for part in (": ping", line)],
    "comments as events": lambda lines: [part for line in lines for part in ((line,) if line else ("", ":", ""))],
    "unknown fields, ids and delays": lambda lines: [
        part for line in lines for part in ("x: {", "id: 7", "retry: 3", line)
    ],
    "empty events": lambda lines: [
        part for line in lines for part in ((line,) if line else ("", "data:", "", "data", ""))
    ],
    "unknown events": lambda lines: ["event: vendor.note", 'data: {"type":"vendor.note"}', "", *lines],
    "blank lines": lambda lines: ["", "", *(part for line in lines for part in ((line,) if line else ("", "", "")))],
    "data over several lines": lambda lines: [
        p for line in lines for p in (_pretty(line) if _is_json(line) else [line])
    ],
    "no blank line at the end": lambda lines: lines[:-1],
}


@every_healthy_stream
@pytest.mark.parametrize("spelt", SPELLINGS.values(), ids=SPELLINGS)
def test_a_stream_may_be_spelt_in_any_way(name: str, file: Path, spelt: Any) -> None:
    text = "".join(f"{line}\n" for line in spelt(_lines(file)))
    assert REGISTRY[name].parse(answered(text.encode(), headers=SSE)) == _whole(name, file)


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, b"data: {}\n\n", True),
        ({}, b"\xef\xbb\xbf\r\n: ping\n\n", True),
        ({}, b"event:error\ndata:x\n\n", True),
        ({"content-type": "application/json"}, b"id: 1\ndata: {}\n\n", True),
        (SSE, b"", True),
        (SSE, b"da", True),
        (SSE, b'{"error":{"message":"no"}}\ndata: [DONE]\n', True),
        (SSE, b'{"choices":[]}', False),
        (SSE, b"<html>", False),
        ({}, b"", False),
        ({}, b'{"data": 1}', False),
        ({}, b"database down", False),
        ({"content-type": "text/plain"}, b"upstream: gone", False),
    ],
)
def test_what_is_a_stream(headers: dict[str, str], body: bytes, expected: bool) -> None:
    assert is_stream(answered(body, headers=headers)) is expected


# --- cut ----------------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_a_stream_cut_anywhere_is_truncated_or_whole(data: st.DataObject) -> None:
    name, file = data.draw(st.sampled_from(HEALTHY))
    body = "".join(f"{line}\n" for line in _lines(file)).encode()
    at = data.draw(st.integers(0, len(body)))
    reply, whole = REGISTRY[name].parse(answered(body[:at], headers=SSE)), _whole(name, file)
    if reply.truncated is None:
        assert reply == whole
    assert (reply.error, reply.malformed) == (None, None)
    assert (whole.text or "").startswith(reply.text or "")


def test_a_character_cut_in_two_is_no_fault() -> None:
    body = 'data: {"choices":[{"delta":{"content":"K7"}}]}\n\ndata: {"choices":[{"delta":{"content":"é'.encode()
    reply = REGISTRY["openai-chat"].parse(answered(body[:-1]))
    assert (reply.text, reply.truncated) == ("K7", "a stream without [DONE]")


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    body = b'data: {"choices":[{"delta":{"content":"K\xff7"}}]}\n\ndata: [DONE]\n\n'
    assert REGISTRY["openai-chat"].parse(answered(body)).text == "K\ufffd7"


def test_what_follows_the_end_is_not_read() -> None:
    text = 'data: {"choices":[{"delta":{"content":"K7"}}]}\n\ndata: [DONE]\n\ndata: {"choices":[{"delta":{"content":"Q2"}}]}\n\n'
    assert _parsed("openai-chat", text).text == "K7"


def test_a_broken_event_before_the_last_is_malformed() -> None:
    text = 'data: {"choices":[{"delta"\n\ndata: {"choices":[]'
    assert _parsed("openai-chat", text).malformed == "event 1: JSON cut off at byte 20"


@DIALECTS
@pytest.mark.parametrize(
    ("data", "found"), [("7", "a number"), ("null", "null"), ('"hello"', "a string"), ("[]", "a list")]
)
def test_an_event_is_an_object(name: str, data: str, found: str) -> None:
    assert _parsed(name, f"data: {data}\n\n").malformed == f"event 1: {found} instead of an object"


# --- anything -----------------------------------------------------------------------------------------------------

FIELDS = st.sampled_from(["data", "event", "id", "retry", "", "x", "{", "["])
VALUES = ANY_JSON.map(json.dumps) | st.text() | st.sampled_from(["[DONE]", "error", "message_start", "message_stop"])
LINES = st.builds("{}:{}\n{}".format, FIELDS, VALUES, st.sampled_from(["", "\n", "\r"]))


@DIALECTS
@given(lines=st.lists(LINES), declared=st.booleans(), status=st.sampled_from([200, 500]))
def test_any_lines_make_a_reply(name: str, lines: list[str], declared: bool, status: int) -> None:
    body = "".join(lines).encode("utf-8", "surrogatepass")
    check(REGISTRY[name].parse(answered(body, status, SSE if declared else {})), status)


@DIALECTS
@given(body=st.binary())
def test_any_bytes_in_a_stream_make_a_reply(name: str, body: bytes) -> None:
    check(REGISTRY[name].parse(answered(b"data: " + body, headers=SSE)), 200)


@DIALECTS
@given(data=st.data(), new=ANY_JSON)
def test_a_captured_stream_with_any_part_replaced_makes_a_reply(name: str, data: st.DataObject, new: Any) -> None:
    lines = _lines(data.draw(st.sampled_from([file for at, file in HEALTHY if at == name])))
    number = data.draw(st.sampled_from([i for i, line in enumerate(lines) if _is_json(line)]))
    event = json.loads(lines[number][6:])
    path = data.draw(st.sampled_from(list(paths(event))))
    lines[number] = f"data: {json.dumps(changed(event, path, new))}"
    check(_parsed(name, "".join(f"{line}\n" for line in lines)), 200)


@DIALECTS
@pytest.mark.parametrize("depth", [300, 990, 5000])
def test_any_nesting_in_a_stream_makes_a_reply(name: str, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    for event in (deep, f'{{"type":"message_start","message":{deep}}}', f'{{"choices":{deep},"candidates":{deep}}}'):
        check(_parsed(name, f"data: {event}\n\n{deep}\n"), 200)


def test_a_long_answer_in_small_pieces_is_read() -> None:
    chunk = 'data: {"choices":[{"delta":{"content":"K7Q2M "}}]}\n\n'
    assert len(_parsed("openai-chat", chunk * 10_000 + "data: [DONE]\n\n").text or "") == 60_000


def test_an_event_of_a_great_many_lines_is_not_read() -> None:
    assert _parsed("gemini", "data:\n" * 300_000).malformed == f"an event of more than {MOST_LINES} lines"


def test_an_event_of_many_lines_is_read() -> None:
    data = "data:\n" * (MOST_LINES - 1) + "data: {}"
    assert _parsed("gemini", data).truncated == "a stream without finishReason"
