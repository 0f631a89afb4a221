"""A person's words for the contract's names, and for time. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "never_proven": "never proven to see",
    "proof_expired": "the last proof is too old",
    "removed": "no longer in the config",
    "missed": "the slot passed, nothing was sent",
    "unreachable": "no HTTP answer",
    "probe_invalid": "our own request was refused",
    "textified": "the image arrives as base64 text",
    "rejected": "refuses images, answers text",
    "denied": "key or credit refused",
    "throttled": "rate-limited",
    "provider_error": "the provider fails",
    "truncated": "the stream broke off",
    "malformed": "the reply is not in the dialect",
    "over_cap": "sees, but ignores the output cap",
    "leaked": "sees, but says more than asked",
    "seen_unmetered": "sees, but bills no image tokens",
    "seen": "reads the image",
    "refused": "the model refused the question",
    "out_of_budget": "the output cap ended the answer",
    "replayed": "an earlier answer came again",
    "blind": "says that no image came",
    "partial": "only some of the images, or mixed up",
    "substituted": "another model answers",
    "degraded": "reads large print only",
    "misread": "one character off",
    "garbled": "gibberish",
    "dropped": "image silently dropped",
    "unsure": "a wrong answer, with image tokens",
    "unclassified": "fits no rule",
}
"""What a standing's reason or a verdict means; a name that is not here stands for itself."""

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def meaning(reason: str) -> str:
    """What the reason means, in a few words."""
    return REASONS.get(reason, reason)


def age(at: datetime | None, now: datetime) -> str:
    """How long ago, in whole units rounded down; `never` for a moment that was not, `just now` below a second."""
    if at is None:
        return "never"
    seconds = int((now - at).total_seconds())
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return "just now"


def timestamp(at: datetime) -> str:
    """The moment in full, for a person: UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
