"""What a target is going to spend in a day at its configured pace: before its first probe, from what is assumed.

Assumed: every probe is answered, a target is not under suspicion, and nobody reasons. Image tokens are the config's
word, else the family's formula, else `TYPICAL_DELTA`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from monitor.core.checks import check_of, wording
from monitor.core.cost import probe_usd
from monitor.core.families import expected_image_tokens
from monitor.core.inquiry import CONTROL_EVERY, image_size
from monitor.core.tokens import TYPICAL_DELTA
from monitor.core.types import Target, TargetCheck, TokenEvidence, Usage

PROMPT_TOKENS = 35
"""Input tokens of a question and of what a chat template puts around it."""
OUTPUT_TOKENS = 10
"""Output tokens of a bare answer."""
LARGE_SIDE = 1344
"""Side in pixels that an enlarged image has at least."""
DAY = timedelta(days=1)
"""The span of a budget."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Probes (controls included), tokens (input and output) and USD of one day. USD is None without prices.

    A sum has the USD of the targets with prices only.
    """

    probes: float = 0.0
    tokens: float = 0.0
    usd: float | None = None

    def __add__(self, other: Forecast) -> Forecast:
        usd = self.usd if other.usd is None else (self.usd or 0.0) + other.usd
        return Forecast(self.probes + other.probes, self.tokens + other.tokens, usd)


def forecast(target: Target) -> Forecast:
    """What a day of the target takes: its checks at their pace, and hourly controls."""
    controls = _controls_a_day(target)
    probes = sum((_probes_of(target, check) for check in target.checks), Forecast())
    return probes + _calls(target, controls, 0, 0)


def image_tokens(target: Target, check: TargetCheck) -> int:
    """Input tokens that the images of a check are assumed to take."""
    row = check_of(target, check.name)
    side = LARGE_SIDE if row.large else image_size(target)
    width, height = (check.own.image.width, check.own.image.height) if check.own else (side, side)
    configured = None if row.large else target.image_tokens
    return row.images * (configured or expected_image_tokens(target.model, width, height) or TYPICAL_DELTA)


def _probes_of(target: Target, check: TargetCheck) -> Forecast:
    images = check_of(target, check.name).images
    return _calls(target, DAY / check.every, image_tokens(target, check), images)


def _calls(target: Target, number: float, image: int, images: int) -> Forecast:
    """What `number` calls take, each with so many images of `image` tokens in all."""
    sent = PROMPT_TOKENS + image
    usage = Usage(input_total=sent, output=OUTPUT_TOKENS)
    usd = probe_usd(usage, TokenEvidence(delta=image if images else None), target.prices, images)
    return Forecast(number, number * (sent + OUTPUT_TOKENS), None if usd is None else number * usd)


def _controls_a_day(target: Target) -> float:
    """One an hour and wording, but never more than there are probes of that wording."""
    probes: dict[str, float] = {}
    for check in target.checks:
        row = check_of(target, check.name)
        same = wording(row.challenges[0], row)
        probes[same] = probes.get(same, 0.0) + DAY / check.every
    return sum(min(DAY / CONTROL_EVERY, number) for number in probes.values())
