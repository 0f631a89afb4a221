from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.problems import ConfigError
from monitor.config.yaml_source import DEEPEST, parse

PLAIN: list[tuple[str, Any]] = [
    ("off", "off"),
    ("on", "on"),
    ("no", "no"),
    ("yes", "yes"),
    ("y", "y"),
    ("true", True),
    ("True", True),
    ("tRUE", "tRUE"),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("10", 10),
    ("-3", -3),
    ("010", 10),
    ("0o10", 8),
    ("0x1F", 31),
    ("1_000", "1_000"),
    ("1:30", "1:30"),
    ("60s", "60s"),
    ("2026-01-01", "2026-01-01"),
    ("2026-01-01T02:00Z", "2026-01-01T02:00Z"),
    ("1.5", 1.5),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("1.2.3", "1.2.3"),
    ("-.inf", -math.inf),
    ("=", "="),
    ("'10'", "10"),
    ('"true"', "true"),
    ("${NAME}", "${NAME}"),
]


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_words_mean_what_yaml_1_2_says(text: str, value: Any) -> None:
    data = parse(f"key: {text}\n", "f").data
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


def test_not_a_number_is_a_number() -> None:
    assert math.isnan(parse("key: .nan", "f").data["key"])


def test_an_integer_beyond_64_bits_becomes_a_float() -> None:
    assert parse("key: " + "9" * 5000, "f").data == {"key": math.inf}


@pytest.mark.parametrize("key", ["off", "null", "10", "1.0", "true"])
def test_keys_are_always_text(key: str) -> None:
    assert parse(f"{key}: 1", "f").data == {key: 1}


def test_places_of_values_and_keys_count_from_one() -> None:
    document = parse("a:\n  - b: c\n  - [d]\n", "f")
    assert document.values == {
        (): (1, 1),
        ("a",): (2, 3),
        ("a", 0): (2, 5),
        ("a", 0, "b"): (2, 8),
        ("a", 1): (3, 5),
        ("a", 1, 0): (3, 6),
    }
    assert document.keys == {("a",): (1, 1), ("a", 0, "b"): (2, 5)}


def test_an_alias_stands_for_a_copy_of_its_anchor() -> None:
    assert parse("a: &x {b: 1}\nc: *x\n", "f").data == {"a": {"b": 1}, "c": {"b": 1}}


def test_an_empty_text_is_no_data() -> None:
    assert parse("# only a comment\n", "f").data is None


def test_a_byte_order_mark_is_no_content() -> None:
    assert parse("\ufeffa: 1\n", "f").data == {"a": 1}


def test_nesting_is_allowed_up_to_its_bound() -> None:
    depth = DEEPEST - 1
    assert parse("[" * depth + "]" * depth, "f").data


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from(" \n\t:-[]{},#&*!|>'\"%@`?\\Ux0fa.~<$\x00\x85\ufeff\ud800é"), max_size=40))
def test_any_text_is_data_or_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert parse(text, "f").keys.keys() <= parse(text, "f").values.keys()


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(codec="utf-8"), max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
        max_leaves=10,
    )
)
def test_json_is_read_as_json(data: Any) -> None:
    assert parse(json.dumps(data), "f").data == data
