"""What every request keeps to, whatever the dialect."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from monitor.core.auth import AUTH_SCHEMES
from monitor.core.types import Ask, Form, Image, Placement
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


FORMS: dict[str, tuple[frozenset[Form], Ask]] = {
    "stream": (frozenset({Form.STREAM}), replace(ASK, stream=True)),
    "tool result": (frozenset({Form.TOOL_RESULT}), replace(ASK, placement=Placement.TOOL_RESULT)),
    "with tools": (frozenset({Form.WITH_TOOLS}), replace(ASK, with_tools=True)),
    "all": (frozenset(Form), replace(ASK, stream=True, placement=Placement.TOOL_RESULT, with_tools=True)),
}
HAD = [(name, ask) for name in REGISTRY for forms, ask in FORMS.values() if forms <= REGISTRY[name].forms]


def _prose(body: Any) -> list[str]:
    return [text for text in _strings(body) if " " in text]


@pytest.mark.parametrize(("name", "ask"), HAD)
def test_in_any_form_the_control_lacks_the_image_and_nothing_else(name: str, ask: Ask) -> None:
    with_image, without = _body(name, ask), _body(name, replace(ask, images=()))
    assert _prose(with_image) == _prose(without)
    assert json.dumps(with_image).count("cG5nIGJ5dGVz") == 1
    assert "cG5nIGJ5dGVz" not in json.dumps(without)


@pytest.mark.parametrize(("name", "ask"), HAD)
def test_in_any_form_the_question_is_asked_once(name: str, ask: Ask) -> None:
    assert _strings(_body(name, ask)).count(QUESTION) == 1


@pytest.mark.parametrize(("name", "ask"), HAD)
def test_nothing_but_the_question_speaks_of_images(name: str, ask: Ask) -> None:
    assert not any("image" in text.lower() for text in _prose(_body(name, ask)))


@pytest.mark.parametrize(("name", "ask"), HAD)
def test_a_url_travels_in_the_place_of_the_bytes(name: str, ask: Ask) -> None:
    url = "https://images.example/p/9f2c.png"
    body = _body(name, replace(ask, images=(replace(ASK.images[0], url=url),)))
    assert _strings(body).count(url) == 1
    assert "cG5nIGJ5dGVz" not in json.dumps(body)


def test_a_form_that_a_dialect_does_not_have_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="openai-chat has no images in tool results"):
        REGISTRY["openai-chat"].build(FORMS["tool result"][1])


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
