"""What every request keeps to, whatever the dialect."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from monitor.core.auth import AUTH_SCHEMES
from monitor.core.types import Ask, Image
from monitor.dialects import REGISTRY
from monitor.dialects.request import merged

QUESTION = 'Say "NOIMG", 図, \u00e9\nor the code.'
ASK = Ask("m", QUESTION, (Image(b"png bytes", "image/png", 448, 448),), cap=64, cap_parameter="auto")
CONTROL = replace(ASK, images=())

DIALECTS = pytest.mark.parametrize("name", REGISTRY)


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return [value] if isinstance(value, str) else []


def _body(name: str, ask: Ask) -> Any:
    return json.loads(REGISTRY[name].build(ask).body)


@DIALECTS
def test_the_same_ask_gives_the_same_bytes(name: str) -> None:
    assert REGISTRY[name].build(ASK) == REGISTRY[name].build(ASK)


@DIALECTS
def test_the_control_has_the_same_text_and_no_image(name: str) -> None:
    with_image, without = _strings(_body(name, ASK)), _strings(_body(name, CONTROL))
    assert with_image.count(QUESTION) == without.count(QUESTION) == 1
    assert not any("cG5nIGJ5dGVz" in text for text in without)


@DIALECTS
def test_images_stand_before_the_text(name: str) -> None:
    strings = _strings(_body(name, ASK))
    image = next(index for index, text in enumerate(strings) if text.endswith("cG5nIGJ5dGVz"))
    assert image < strings.index(QUESTION)


@DIALECTS
def test_no_temperature_is_sent(name: str) -> None:
    assert b"temperature" not in REGISTRY[name].build(ASK).body


@DIALECTS
def test_no_header_carries_a_key(name: str) -> None:
    key_headers = {scheme[0] for scheme in AUTH_SCHEMES.values() if scheme}
    assert not key_headers & {header for header, _ in REGISTRY[name].build(ASK).headers}


@DIALECTS
def test_the_auth_scheme_is_a_known_one(name: str) -> None:
    assert REGISTRY[name].auth_scheme in AUTH_SCHEMES


@DIALECTS
def test_a_frozen_extra_body_can_be_sent(name: str) -> None:
    extra = MappingProxyType({"a": MappingProxyType({"b": (MappingProxyType({"c": 1}),)})})
    assert _body(name, replace(ASK, extra_body=extra))["a"] == {"b": [{"c": 1}]}


@pytest.mark.parametrize(
    ("base", "extra", "expected"),
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": {"d": 2}}}, {"a": {"c": {"e": 3}}}, {"a": {"b": 1, "c": {"d": 2, "e": 3}}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_mappings_merge_and_everything_else_replaces(
    base: dict[str, Any], extra: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert merged(base, extra) == expected


def test_merging_changes_neither_side() -> None:
    base, extra = {"a": {"b": 1}}, {"a": {"c": 2}}
    merged(base, extra)
    assert (base, extra) == ({"a": {"b": 1}}, {"a": {"c": 2}})
