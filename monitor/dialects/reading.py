"""Tolerant access to JSON from a stranger: any bytes are legal, and what cannot be read is said in a short sentence.

Figures and labels of a wrong type count as unreported (None). Where the shape of the answer itself is wrong,
`ShapeError` is raised; it never leaves this package.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

JsonObject = dict[str, Any]

LARGEST_COUNT = 2**31 - 1
"""No probe costs two billion tokens: a larger figure is noise, and would not fit a database's integer."""

LARGEST_AMOUNT = 1e15

LONGEST_LABEL = 1000
"""Characters kept of a name, id or code: no honest one is longer."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TOKENS = ("true", "false", "null", "NaN", "Infinity", "-Infinity", ".", "e+", "e-", "E+", "E-")
"""Literals, and what may follow a number's digits: a rest that begins one of these is a token cut short."""
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


class ShapeError(ValueError):
    """Says in a short sentence what is wrong with the shape of a body: a finding about the target."""


def json_in(body: bytes) -> Any:
    """The JSON value that `body` is. NaN and infinities read as null; of duplicate keys the last one counts.

    Raises ShapeError for everything else: other encodings than UTF-8, cut or broken JSON, pages and event streams.
    """
    try:
        return json_value(body.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        cut = fault.reason == "unexpected end of data"
        raise ShapeError(f"JSON cut off at byte {len(body)}" if cut else f"no UTF-8 at byte {fault.start}") from None


def json_value(text: str) -> Any:
    """The JSON value that `text` is; ShapeError when it is none."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as fault:
        raise ShapeError(_instead_of_json(text, fault)) from None
    except RecursionError:
        raise ShapeError("JSON nested too deep") from None
    except ValueError:  # Python refuses integers of more than 4300 digits
        raise ShapeError("JSON with a number too long to read") from None


def object_of(value: Any) -> JsonObject:
    """`value` as a JSON object; ShapeError for anything else."""
    if not isinstance(value, dict):
        raise ShapeError(f"{kind(value)} instead of an object")
    return value


def object_in(parent: JsonObject, key: str) -> JsonObject:
    """The object that must stand under `key`; ShapeError otherwise."""
    value = parent.get(key)
    if value is None:
        raise ShapeError(f"no {key}")
    if not isinstance(value, dict):
        raise ShapeError(f"{key} is {kind(value)}, not an object")
    return value


def objects_in(parent: JsonObject, key: str) -> list[JsonObject]:
    """The list of objects, possibly empty, that must stand under `key`; ShapeError otherwise."""
    value = parent.get(key)
    if value is None:
        raise ShapeError(f"no {key}")
    if not isinstance(value, list):
        raise ShapeError(f"{key} is {kind(value)}, not a list")
    for item in value:
        if not isinstance(item, dict):
            raise ShapeError(f"{key} holds {kind(item)}, not objects only")
    return value


def first_in(parent: JsonObject, key: str) -> JsonObject:
    """The first object of the list that must stand under `key` and must not be empty; ShapeError otherwise."""
    found = objects_in(parent, key)
    if not found:
        raise ShapeError(f"no {key}")
    return found[0]


def text_in(parent: JsonObject, key: str) -> str:
    """The text under `key`, "" when there is none; ShapeError when something else than text stands there."""
    value = parent.get(key)
    if value is not None and not isinstance(value, str):
        raise ShapeError(f"{key} is {kind(value)}, not a string")
    return clean(value or "")


def details(parent: JsonObject, key: str) -> JsonObject:
    """The object under `key`, empty when there is none: for parts whose absence makes nothing unreadable."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def words(value: Any) -> str | None:
    """`value` where it is a string that says something; None for white space and everything else."""
    return clean(value) if isinstance(value, str) and value.strip() else None


def label(value: Any) -> str | None:
    """`value` as a name, id or code on one line; None when it is none."""
    return excerpt(value, LONGEST_LABEL) if words(value) else None


def texts_in(parent: JsonObject, key: str) -> list[str]:
    """Every `text` in a list of parts under `key`, whatever else stands there: for what need not be readable."""
    parts = parent.get(key)
    objects = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [text for part in objects if (text := words(part.get("text")))]


def said(parts: Iterable[str]) -> str | None:
    """The parts of a text joined; None when nothing but white space was said."""
    return words("".join(parts))


def count(value: Any) -> int | None:
    """`value` as a number of tokens (12.0 is one, true is not); None when it is none, for None is not 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST_COUNT:
        return None
    return int(value) if value == int(value) else None


def amount(value: Any) -> float | None:
    """`value` as a non-negative amount of money or of its fractions; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST_AMOUNT:
        return None
    return float(value)


def clean(text: str) -> str:
    """`text` with what neither UTF-8 nor PostgreSQL can store (lone surrogates, NUL) replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def rendered(value: Any) -> str:
    """`value` as text: a string as it is, anything else as compact JSON."""
    if isinstance(value, str):
        return clean(value)
    try:
        return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    except RecursionError:
        return "(nested too deep)"


def excerpt(text: str, most: int) -> str:
    """`text` on one line, of at most `most` characters."""
    line = " ".join(clean(text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def kind(value: Any) -> str:
    """What a JSON value is, with its article."""
    return _KINDS[type(value)]


def _instead_of_json(text: str, fault: json.JSONDecodeError) -> str:
    start = text.lstrip()
    if not start:
        return "an empty body"
    if start.startswith("<"):
        return "HTML instead of JSON"
    if start.startswith(("data:", "event:", ":")):
        return "an event stream instead of JSON"
    if not start.startswith(("{", "[")):
        return f"text instead of JSON: {excerpt(start, 60)!r}"
    if _is_cut(text, fault):
        return f"JSON cut off at byte {len(text.encode())}"
    return f"JSON broken at byte {len(text[: fault.pos].encode())}: {fault.msg}"


def _is_cut(text: str, fault: json.JSONDecodeError) -> bool:
    """Would more bytes have mended it? The decoder points at the start of the token that it could not finish."""
    rest = text[fault.pos :].rstrip()
    if fault.msg.startswith("Invalid \\u"):
        return len(rest) < len("\\uXXXX")
    return not rest or fault.msg.startswith("Unterminated string") or any(word.startswith(rest) for word in _TOKENS)
