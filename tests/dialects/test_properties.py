"""Whatever a target sends, `parse` answers, and a reply says one thing: what was read, an error, or what was wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.types import Reply
from monitor.dialects import REGISTRY
from tests.dialects.golden_files import answered, golden_files, load

DIALECTS = pytest.mark.parametrize("name", REGISTRY)
STATUSES = st.none() | st.integers(100, 599) | st.just(200)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800\x00")
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
BODIES = {
    name: [written["body"] for file in golden_files(name, "replies") if "body" in (written := load(file)["exchange"])]
    for name in REGISTRY
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _strings(getattr(value, field.name))


def check(reply: Reply, status: int | None) -> None:
    is_good = status is not None and 200 <= status < 300
    assert sum(fault is not None for fault in (reply.error, reply.malformed, reply.truncated)) <= 1
    if reply.error is not None:
        assert reply == Reply(error=reply.error)
        assert reply.error.message.strip()
    if reply.malformed is not None:
        assert reply == Reply(malformed=reply.malformed)
        assert is_good or status is None
    if status is not None and not is_good:
        assert reply.error is not None
    assert reply.text is None or reply.text.strip()
    for text in _strings(reply):
        assert "\x00" not in text.encode().decode()


@DIALECTS
@given(body=st.binary(), status=STATUSES)
def test_any_bytes_make_a_reply(name: str, body: bytes, status: int | None) -> None:
    check(REGISTRY[name].parse(answered(body, status)), status)


@DIALECTS
@given(value=ANY_JSON, status=STATUSES)
def test_any_json_makes_a_reply(name: str, value: Any, status: int | None) -> None:
    check(REGISTRY[name].parse(answered(json.dumps(value).encode(), status)), status)


@DIALECTS
@given(data=st.data(), new=ANY_JSON, status=st.sampled_from([200, 400]))
def test_a_captured_body_with_any_part_replaced_makes_a_reply(
    name: str, data: st.DataObject, new: Any, status: int
) -> None:
    body = data.draw(st.sampled_from(BODIES[name]))
    path = data.draw(st.sampled_from(list(paths(body))))
    check(REGISTRY[name].parse(answered(json.dumps(changed(body, path, new)).encode(), status)), status)


@DIALECTS
@given(headers=st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text()))
def test_any_headers_make_a_reply(name: str, headers: dict[str, str]) -> None:
    check(REGISTRY[name].parse(answered(b"{}", 429, headers)), 429)


@DIALECTS
@pytest.mark.parametrize("depth", [300, 900, 990, 5000])
@pytest.mark.parametrize("status", [200, 500])
def test_any_nesting_makes_a_reply(name: str, depth: int, status: int) -> None:
    deep = "[" * depth + "]" * depth
    everywhere = ",".join(f'"{key}":{deep}' for key in ("object", "type", "status", "choices", "usage", "detail", "id"))
    for body in (deep, f'{{"error":{{"message":{deep}}}}}', f"{{{everywhere}}}"):
        check(REGISTRY[name].parse(answered(body.encode(), status)), status)
