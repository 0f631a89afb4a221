"""What an error message is about, by the wordings that WIRE.md collected: data tables of patterns, one per meaning.

A pattern matches the error's type, code, parameter and message together. Order of precedence is the verdict table's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from monitor.core.types import ReplyError


class Meaning(StrEnum):
    """What an error can be about, as far as a verdict depends on it."""

    BAD_IMAGE = "bad image"
    BAD_PARAMETER = "bad parameter"
    IMAGE = "images"
    CONTEXT = "context length"
    DENIED = "credentials or credit"
    THROTTLED = "rate"
    NO_MODEL = "model missing"
    FILTER = "content filter"


_PARAMETERS = (
    r"(?:max_tokens|max_completion_tokens|max_output_tokens|maxOutputTokens|temperature|stream_options|mediaResolution"
    r"|anthropic-version)"
)
_UNKNOWN = r"(?:unsupported|unknown|unrecognized|unexpected|not supported|not permitted|extra)"

PATTERNS: dict[Meaning, tuple[str, ...]] = {
    Meaning.BAD_IMAGE: (
        r"\binvalid_image\b|invalid_image_format|invalid_image_mode|unsupported_image_media_type|invalid_base64_image",
        r"image_too_small|image_too_large|image_parse_error|image_file_too_large|empty_image_file",
        r"could not process image",
        r"unable to process input image",
        r"must be larger than 10",
    ),
    Meaning.BAD_PARAMETER: (
        rf"{_UNKNOWN}[^\n]{{0,60}}\b{_PARAMETERS}\b",
        rf"\b{_PARAMETERS}\b[^\n]{{0,60}}{_UNKNOWN}",
    ),
    Meaning.IMAGE: (
        r"\bimages?\b|image_url|input_image|inline_?data|\bvision\b|multi-?modal|modalit(?:y|ies)|mmproj|\bpictures?\b",
        r"content must be a string",
    ),
    Meaning.CONTEXT: (
        r"context_length_exceeded|context[ _]length|context window|prompt is too long|too many (?:input )?tokens",
        r"input token count|maximum (?:number of )?(?:input |prompt )?tokens|reduce the length",
    ),
    Meaning.DENIED: (
        r"api key not valid|invalid_api_key|incorrect api key|authentication_error|permission_error|permission_denied",
        r"insufficient_quota|credit_balance|credit balance|enforced_spend_limit|spend limit|insufficient credits",
        r"billing_hard_limit|billing_not_active|(?:enable|requires) billing",
    ),
    Meaning.THROTTLED: (
        r"rate[ _]limit|too many requests|overloaded|resource_exhausted|throttl|no deployments available|cooldown",
    ),
    Meaning.FILTER: (
        r"content_filter|content filter|content_policy_violation|content management policy|responsibleaipolicy",
        r"prohibited_content|blocked by (?:our |the )?(?:safety|moderation)|moderation_blocked",
    ),
    Meaning.NO_MODEL: (
        r"model_not_found|model[^\n]{0,80}(?:does not exist|not found|is not available)",
        r"(?:no such|unknown|invalid) model|not_found_error[^\n]{0,20}\bmodel\b",
    ),
}

_COMPILED = {meaning: re.compile("|".join(patterns), re.IGNORECASE) for meaning, patterns in PATTERNS.items()}
_COOLDOWN = re.compile(r"no deployments available|cooldown", re.IGNORECASE)
MOST_CHARS = 4000
"""No error is read further than this; the meaning of a longer one stands at its beginning."""


def speaks_of(error: ReplyError | None, meaning: Meaning, names: Iterable[str] = ()) -> bool:
    """Do the words of `error` carry that meaning? Model `names` carry none ("gpt-4-vision is down")."""
    return error is not None and _COMPILED[meaning].search(_without(error.words[:MOST_CHARS], names)) is not None


def _without(words: str, names: Iterable[str]) -> str:
    spellings = {spelling for name in names for spelling in (name, name.rsplit("/", 1)[-1]) if spelling}
    for spelling in sorted(spellings, key=len, reverse=True):
        words = words.replace(spelling, "…")
    return words


def is_cooldown(error: ReplyError | None) -> bool:
    """Does a gateway say that it gives its own deployment a rest, rather than the provider a limit?"""
    return error is not None and _COOLDOWN.search(error.words[:MOST_CHARS]) is not None
