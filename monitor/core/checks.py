"""The catalogue of checks: one row each, how the image travels and what is asked. A new check is one row.

Beside it are the checks that a config brings along. Their answer is the same each time, so it can be known, guessed
or cached: they tell how well a target reads (gate `quality`), and never prove that images arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from monitor.core.types import Ask, Check, Gate, Image, OwnCheck, Placement, Target

FINE_PRINT = "fine-print"
"""The challenge that has large print and small."""

_INLINE = Check("inline", Gate.PATH, challenges=("code", "digits"), corroborating=("grid",))

CATALOGUE: Mapping[str, Check] = {
    check.name: check
    for check in (
        _INLINE,
        replace(_INLINE, name="inline-stream", stream=True),
        replace(_INLINE, name="tool-result", placement=Placement.TOOL_RESULT),
        replace(_INLINE, name="with-tools", with_tools=True),
        Check("pair", Gate.PATH, challenges=("pair",), images=2),
        replace(_INLINE, name="jpeg", media_type="image/jpeg"),
        replace(_INLINE, name="webp", media_type="image/webp"),
        replace(_INLINE, name="gif", media_type="image/gif"),
        # A grid leaves no paper for what makes an image large.
        replace(_INLINE, name="large", corroborating=(), large=True, every=timedelta(hours=6)),
        Check("fine-print", Gate.QUALITY, challenges=(FINE_PRINT,)),
        Check("ocr", Gate.QUALITY, challenges=("receipt",)),
    )
}

RESERVED = frozenset({*CATALOGUE, "control", "url", "cap", "strict", "egress"})
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


def wording(challenge: str, sent: Check | Ask) -> str:
    """The name under which a text-only control is kept: only those of the same question in the same forms compare."""
    return "+".join([challenge, *sorted(sent.forms)])
