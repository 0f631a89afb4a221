"""The SDKs' own types, read strictly: as they come they let unknown keys and Python's names pass, and look at the items
of a list only when somebody walks it.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

_TIGHTENING: dict[str, dict[str, Any]] = {
    "typed-dict": {"extra_behavior": "forbid"},
    "model-fields": {"extra_behavior": "forbid"},
    "generator": {"type": "list"},
    **{scalar: {"strict": True} for scalar in ("str", "int", "float", "bool")},
}


def strict(kind: Any) -> SchemaValidator:
    """A validator of JSON by `kind` (TypedDicts, pydantic models) that knows only the wire's names, at any depth."""
    return SchemaValidator(_tightened(TypeAdapter(list[kind]).core_schema), {"val_json_bytes": "base64"})


def problems(validator: SchemaValidator, body: bytes) -> list[str]:
    """What is wrong with the JSON `body`, a line each; nothing for a legal one. No type is stretched to fit."""
    try:
        validator.validate_json(b"[" + body + b"]")
    except ValidationError as error:
        return [f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()]
    return []


def _tightened(node: Any) -> Any:
    """A core schema (https://docs.pydantic.dev/latest/internals/architecture/) with the tightening of each node.

    Of a model only its fields stay: its class brings a lenient config, and a validator built beforehand.
    """
    if isinstance(node, list | tuple):
        return type(node)(map(_tightened, node))
    if not isinstance(node, dict):
        return node
    kind = node.get("type")
    tight = {key: _tightened(value) for key, value in node.items()}
    if kind == "model":
        return tight["schema"] | {key: node[key] for key in ("ref",) if key in node}
    return tight | (_TIGHTENING.get(kind, {}) if isinstance(kind, str) else {})
