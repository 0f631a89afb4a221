"""The catalogue of checks: one row each, how the image travels and what is asked. A new check is one row.

Beside it are the checks that a config brings along. Their answer is the same each time, so it can be known, guessed
or cached: they tell how well a target reads (gate `quality`), and never prove that images arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from monitor.core.types import Check, Gate, Image, OwnCheck, Target

CATALOGUE: Mapping[str, Check] = {
    check.name: check for check in (Check("inline", Gate.PATH, challenges=("code", "digits"), corroborating=("grid",)),)
}

RESERVED = frozenset(
    {
        *CATALOGUE,
        "control",
        "inline-stream",
        "url",
        "tool-result",
        "with-tools",
        "pair",
        "jpeg",
        "webp",
        "gif",
        "large",
        "fine-print",
        "ocr",
        "cap",
        "strict",
        "egress",
    }
)
"""Names that a config's own checks may not take: those of the contract, whether this version has them or not."""

OWN = "own:"
"""How the challenge of a config's own check begins, so that nothing else is taken for one."""
WORDING_DIGITS = 8


def own_check(name: str, image: Image, question: str, pattern: str) -> OwnCheck:
    """The config's own check of that name. Another question makes another challenge: controls compare equal words."""
    wording = sha256(question.encode()).hexdigest()[:WORDING_DIGITS]
    return OwnCheck(f"{OWN}{name}:{wording}", image, sha256(image.data).digest(), question, pattern)


def is_own(challenge: str) -> bool:
    """Is it the challenge of a config's own check, which expects the same answer each time?"""
    return challenge.startswith(OWN)


def own_of(target: Target, name: str) -> OwnCheck | None:
    """What the target's check of that name asks if it is the config's own; None for one of the catalogue."""
    return next((check.own for check in target.checks if check.name == name), None)


def check_of(target: Target, name: str) -> Check:
    """The row of a check as `target` runs it, or might. KeyError for a name that neither it nor the catalogue knows."""
    own = own_of(target, name)
    return CATALOGUE[name] if own is None else Check(name, Gate.QUALITY, challenges=(own.challenge,))
