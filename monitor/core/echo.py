"""Whether two model names mean the same model: aliases, path prefixes and dated suffixes do not count."""

from __future__ import annotations

import re

_SUFFIX = re.compile(
    r"[-@:._](?:latest|preview|exp|stable|\d{8}|\d{6}|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{2}-\d{4}|\d{3,4}|v\d+:\d+"
    r"|free|nitro|floor|online|extended|exacto)$"
)
"""Dates and versions, and the variants by which OpenRouter names a route to the same model."""
_REGION_AND_MAKER = re.compile(
    r"^(?:(?:us|eu|apac|jp|au|global)\.)?(?:anthropic|amazon|meta|mistral|cohere|qwen|openai|deepseek|google)\."
)
"""How Bedrock names models."""


def same_model(one: str, other: str) -> bool:
    """`openai/gpt-4o-2024-08-06` is `gpt-4o`; `gpt-4o-mini` is not."""
    return _stem(one) == _stem(other)


def _stem(name: str) -> str:
    stem = _REGION_AND_MAKER.sub("", name.strip().lower().rsplit("/", 1)[-1])
    while (shorter := _SUFFIX.sub("", stem)) not in (stem, ""):
        stem = shorter
    return stem.replace(".", "-").replace("_", "-")
