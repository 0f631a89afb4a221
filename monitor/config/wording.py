"""Pydantic's findings in plain words: a table from its error types to what is wrong and how to cure it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.config.problems import Path, Problem
from monitor.config.yaml_source import Document
from monitor.dialects import REGISTRY

_WORDS: Mapping[str, str] = {
    "string_type": "must be text; put numbers, true and false in quotes to make them text",
    "int_type": "must be a whole number, without quotes or fraction",
    "float_type": "must be a number, without quotes",
    "finite_number": "must be a finite number",
    "dict_type": "must be a mapping: lines of `key: value`, indented under it",
    "model_type": "must be a mapping: lines of `key: value`, indented under it",
    "list_type": "must be a list: [a, b], or lines that begin with `- `",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
}
"""`extra_forbidden` is not here: `keys.py` has said it already."""

MISSING: Mapping[str, str] = {
    "providers": "the endpoints to probe; config/example.yaml shows one",
    "base_url": "the URL that request paths are appended to, such as https://api.example.com/v1",
    "dialect": f"one of {', '.join(REGISTRY)}",
    "models": "at least one model, by the name that its target shall have",
    "model": "the model's name as requests carry it",
    "targets": "a list of {provider: …, model_ref: …}",
    "provider": "the name of a provider in this file",
    "model_ref": "the key of a model of that provider",
    "image": "the path of an image file",
    "question": "what to ask about the image",
    "answer": "a regular expression that a right answer has in it",
}
"""What every required key is for."""


def value_problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    """What `error` says, at its places in `document`."""
    for detail in error.errors(include_url=False):
        if detail["type"] == "extra_forbidden":
            continue
        path = located(detail)
        at = document.at_key if detail["type"] == "missing" or path != detail["loc"] else document.at_value
        yield at(path, _words(detail))


def located(detail: ErrorDetails) -> Path:
    """The path of a finding; pydantic marks a finding about a key by a last step of its own."""
    loc = detail["loc"]
    return loc[:-1] if loc and loc[-1] == "[key]" else loc


def _words(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return f"is missing: {MISSING[str(detail['loc'][-1])]}"
    if kind == "literal_error":
        return f"must be {context['expected']}".replace("'", "`")
    return _WORDS[kind].format(**context)
