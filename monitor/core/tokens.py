"""The usage arithmetic: what an image cost against the text-only control, and what it should have cost.

Rules and figures: VERDICTS.md §1. A count that was not reported makes what depends on it unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median

from monitor.core.memory import Control, Proven
from monitor.core.types import TokenEvidence, Usage

LEAST_TOLERANCE = 4
"""Tokens by which two counts of the same text may differ without meaning."""
TOLERATED_SHARE = 0.05
"""Share of the expected delta that is noise."""
MAD_FACTOR = 3
"""Deviations of the controls that are noise, in median absolute deviations."""
CHARS_PER_TOKEN = (1.0, 5.0)
"""base64 read as text costs a token per 2-4 characters, in the field up to one per 1.1 (new-api #7407); never more."""
TYPICAL_DELTA = 300
"""Tokens that a small canvas costs in most families; four times this lies above the dearest of the ordinary ones."""
TEXTIFIED_FACTOR = 4
"""A delta this many times the expected one is no image any more."""


def weigh(
    usage: Usage,
    echo: str | None,
    controls: Sequence[Control],
    expected: int | None,
) -> TokenEvidence:
    """The token evidence of a probe whose reply reported `usage` and called itself `echo`.

    `controls` are those of the same wording; one that answered under another name is not compared.
    `expected` is the delta a seen image should show, in tokens.
    """
    totals = [c.input_tokens for c in controls if c.input_tokens is not None and _same_echo(c.echo, echo)]
    baseline = round(median(totals)) if totals else None
    return TokenEvidence(
        input=usage.input_total,
        control=baseline,
        delta=None if usage.input_total is None or baseline is None else usage.input_total - baseline,
        expected=expected,
        tolerance=tolerance(expected, totals),
        image_reported=usage.image,
        output=usage.output,
    )


def _same_echo(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def tolerance(expected: int | None, control_totals: Sequence[int]) -> int:
    """How far from 0 (or from `expected`) a delta may lie and still be it, in tokens: max(4, 5 %, 3 × MAD)."""
    return max(LEAST_TOLERANCE, ceil(TOLERATED_SHARE * (expected or 0)), ceil(MAD_FACTOR * _mad(control_totals)))


def _mad(totals: Sequence[int]) -> float:
    if not totals:
        return 0.0
    middle = median(totals)
    return median(abs(total - middle) for total in totals)


def expected_delta(
    override: int | None, proven: Sequence[Proven], prior: int | None, challenge: str, image_size: int
) -> int | None:
    """The config's word, else the median of the target's own proven probes alike, else the family's formula.

    Alike are those of the same challenge, which has its number of images, and size.
    """
    if override is not None:
        return override
    alike = [p for p in proven if (p.challenge, p.image_size) == (challenge, image_size)]
    learned = [p.delta for p in alike if p.delta is not None]
    return round(median(learned)) if learned else prior


def is_text_like(tokens: TokenEvidence) -> bool:
    """Is the delta that of the text alone: known, and within tolerance of 0 or below?"""
    return tokens.delta is not None and tokens.delta <= (tokens.tolerance or LEAST_TOLERANCE)


def is_textified(tokens: TokenEvidence, base64_length: int) -> bool:
    """Was the image's base64 billed as text? Without an expectation, what most families bill must do."""
    if tokens.delta is None:
        return False
    expected = TYPICAL_DELTA if tokens.expected is None else tokens.expected
    dearest, cheapest = (base64_length / chars for chars in CHARS_PER_TOKEN)
    return tokens.delta >= TEXTIFIED_FACTOR * expected and cheapest <= tokens.delta <= dearest
