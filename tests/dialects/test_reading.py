"""What counts as a figure, as words, as JSON, in a body that a stranger wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.types import Exchange, Failure, FailureKind
from monitor.dialects import REGISTRY
from monitor.dialects.openai_chat import OpenAiChat
from monitor.dialects.reading import LARGEST_COUNT, ShapeError, amount, clean, count, json_in, rendered, said, words
from tests.dialects.golden_files import answered


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (12, 12),
        (12.0, 12),
        (LARGEST_COUNT, LARGEST_COUNT),
        (LARGEST_COUNT + 1, None),
        (10**400, None),
        (-1, None),
        (12.5, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        ("12", None),
        (None, None),
        ([12], None),
    ],
)
def test_only_a_whole_number_is_a_count(value: Any, expected: int | None) -> None:
    assert count(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0.0), (0.25, 0.25), (10**400, None), (-0.1, None), (True, None), ("0.1", None), ({"usd": 1}, None)],
)
def test_only_a_number_is_an_amount(value: Any, expected: float | None) -> None:
    assert amount(value) == expected


@pytest.mark.parametrize("value", [None, "", " \n\t", 3, ["K7"], {"text": "K7"}])
def test_nothing_but_a_string_that_says_something_is_words(value: Any) -> None:
    assert words(value) is None


def test_white_space_around_words_is_kept() -> None:
    assert said(["\n K7", "Q2 "]) == "\n K7Q2 "


def test_what_no_database_can_store_is_replaced() -> None:
    assert clean("a\x00b\ud800c\U0001f600") == "a\ufffdb\ufffdc\U0001f600"


def test_what_is_nested_too_deep_to_be_written_is_named() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert rendered(deep) == "(nested too deep)"


WRONG_BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "an empty body"),
    "white space": (b" \r\n", "an empty body"),
    "page": (b"\n<!DOCTYPE html>", "HTML instead of JSON"),
    "event stream": (b"event: message_start\ndata: {}\n\n", "an event stream instead of JSON"),
    "stream comment": (b": OPENROUTER PROCESSING\n\ndata: {}\n", "an event stream instead of JSON"),
    "text": (b"Internal\nServer Error", "text instead of JSON: 'Internal Server Error'"),
    "cut": (b'{"a": "b', "JSON cut off at byte 8"),
    "cut in a character": ('{"a": "é'.encode()[:-1], "JSON cut off at byte 8"),
    "broken": ('{"é": 1, b}'.encode(), "JSON broken at byte 10: Expecting property name enclosed in double quotes"),
    "two documents": (b'{"a":1}\n{"b":2}', "JSON broken at byte 8: Extra data"),
    "bad UTF-8": (b'{"a": "\xff"}', "no UTF-8 at byte 7"),
    "deep": (b"[" * 100_000, "JSON nested too deep"),
    "long number": (b"[" + b"9" * 5000 + b"]", "JSON with a number too long to read"),
}


@pytest.mark.parametrize(("body", "sentence"), WRONG_BODIES.values(), ids=WRONG_BODIES)
def test_what_is_wrong_is_said(body: bytes, sentence: str) -> None:
    with pytest.raises(ShapeError) as fault:
        json_in(body)
    assert str(fault.value) == sentence


NO_STREAMS = {case: wrong for case, wrong in WRONG_BODIES.items() if "stream" not in case}


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize(("body", "sentence"), NO_STREAMS.values(), ids=NO_STREAMS)
def test_a_dialect_says_it_too(name: str, body: bytes, sentence: str) -> None:
    assert REGISTRY[name].parse(answered(body)).malformed == sentence


@given(st.dictionaries(st.text(), st.integers() | st.booleans() | st.none() | st.floats() | st.text()), st.data())
def test_json_cut_anywhere_is_called_cut(value: dict[str, Any], data: st.DataObject) -> None:
    body = json.dumps(value, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "replace")
    at = data.draw(st.integers(1, len(body) - 1))
    with pytest.raises(ShapeError, match=f"^JSON cut off at byte {at}$"):
        json_in(body[:at])


def test_a_byte_order_mark_and_padding_are_no_fault() -> None:
    assert json_in(b"\xef\xbb\xbf\n\n  {} \n") == {}


def test_nan_is_unreported() -> None:
    assert json_in(b'{"a": NaN, "b": -Infinity}') == {"a": None, "b": None}


def test_of_duplicate_keys_the_last_counts() -> None:
    assert json_in(b'{"a": 1, "a": 2}') == {"a": 2}


def test_an_answer_that_is_complete_is_read_though_the_exchange_failed() -> None:
    body = b'{"choices":[{"message":{"content":"K7"}}]}'
    exchange = Exchange(200, {}, body, Failure(FailureKind.CUT, "peer closed"), 1.0, 0.5)
    assert OpenAiChat().parse(exchange).text == "K7"


@pytest.mark.parametrize("name", REGISTRY)
def test_without_an_http_answer_there_is_nothing_to_read(name: str) -> None:
    assert REGISTRY[name].parse(answered(b"", status=None)).malformed == "no HTTP answer"
