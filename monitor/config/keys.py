"""Walks over a file's data and the model together: which keys cannot stay, and what to leave out to read the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args, get_origin

from monitor.config.model import File, Open, Strict
from monitor.config.problems import Path, closest

ROUTERS_KEYS = frozenset(
    {"tier", "pricing_notes", "tool_support", "honors_max_tokens", "strategy", "mode", "max_tokens"}
)
"""Keys that routers are known to use: never taken for misspellings of ours."""


class KeyProblem(NamedTuple):
    """A key that cannot stay, and the path of the key that it was most likely meant to be (else its own)."""

    path: Path
    message: str
    meant: Path


def key_problems(data: Any) -> Iterator[KeyProblem]:
    """Every key that cannot stay."""
    return _visit(File, data, ())


def _visit(kind: Any, data: Any, path: Path) -> Iterator[KeyProblem]:
    section = _section(kind)
    if section and isinstance(data, dict):
        for key, value in data.items():
            yield from _visit_key(section, key, value, path)
    elif get_origin(kind) is dict and isinstance(data, dict):
        for key, value in data.items():
            yield from _visit(get_args(kind)[1], value, (*path, key))
    elif get_origin(kind) is list and isinstance(data, list):
        for index, item in enumerate(data):
            yield from _visit(get_args(kind)[0], item, (*path, index))


def _visit_key(section: type[Strict], key: str, value: Any, holder: Path) -> Iterator[KeyProblem]:
    field, path = section.model_fields.get(key), (*holder, key)
    if key in section.LATER:
        yield KeyProblem(path, "is not supported by this version; remove it", path)
    elif field is None:
        yield from _stranger(section, key, holder)
    elif value is None:
        yield KeyProblem(path, "is empty: give it a value or remove the line", path)
    else:
        yield from _visit(field.annotation, value, path)


def _stranger(section: type[Strict], key: str, holder: Path) -> Iterator[KeyProblem]:
    shared = issubclass(section, Open)
    near = None if shared and key in ROUTERS_KEYS else closest(key, [*section.model_fields, *section.LATER])
    if near:
        yield KeyProblem((*holder, key), f"unknown key; did you mean `{near}`?", (*holder, near))
    elif not shared:
        known = ", ".join(sorted(section.model_fields))
        yield KeyProblem((*holder, key), f"unknown key; known: {known}", (*holder, key))


def _section(kind: Any) -> type[Strict] | None:
    """The model behind an annotation: itself, or what `Annotated` wraps."""
    inner = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    return inner if isinstance(inner, type) and issubclass(inner, Strict) else None


def removable(path: Path) -> Path:
    """The least part of a file that holds `path` and that the file is valid without; empty if there is none."""
    kind: Any = File
    least: Path = ()
    for length, step in enumerate(path, start=1):
        section = _section(kind)
        field = section.model_fields.get(str(step)) if section else None
        if not (isinstance(step, int) or (field and field.is_required())):  # items stay: others keep their index
            least = path[:length]
        kind = field.annotation if field else (get_args(kind) or (None,))[-1]
    return least
