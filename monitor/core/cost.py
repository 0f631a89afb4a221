"""Usage times price, in USD. Without a price or a count the cost is unknown, never 0."""

from __future__ import annotations

from monitor.core.types import Prices, TokenEvidence, Usage

MILLION = 1_000_000


def image_tokens(usage: Usage, tokens: TokenEvidence) -> int | None:
    """Tokens of the input that the image cost: as reported, else the delta against the text-only control.

    A reported 0 beside a delta is an omission (VERDICTS.md §1), not a free image.
    """
    if usage.image or tokens.delta is None:
        return usage.image
    return max(tokens.delta, 0)


def image_usd(usage: Usage, tokens: TokenEvidence, prices: Prices, images: int) -> float | None:
    """What the images alone cost. A price per image beats one per image token; with neither, the input rate holds."""
    if images == 0:
        return 0.0
    if prices.image_each is not None:
        return images * prices.image_each
    rate = prices.image_per_million if prices.image_per_million is not None else prices.input_per_million
    count = image_tokens(usage, tokens)
    return None if rate is None or count is None else count * rate / MILLION


def probe_usd(usage: Usage, tokens: TokenEvidence, prices: Prices, images: int) -> float | None:
    """What the whole call cost by the configured prices; the provider's own bill is kept beside it, not mixed in."""
    inward = _input_usd(usage, tokens, prices, images)
    if inward is None or prices.output_per_million is None or usage.output is None:
        return None
    return inward + usage.output * prices.output_per_million / MILLION


def _input_usd(usage: Usage, tokens: TokenEvidence, prices: Prices, images: int) -> float | None:
    if prices.input_per_million is None or usage.input_total is None:
        return None
    if images == 0 or (prices.image_each is None and prices.image_per_million is None):
        return usage.input_total * prices.input_per_million / MILLION
    of_image, picture = image_tokens(usage, tokens), image_usd(usage, tokens, prices, images)
    if of_image is None or picture is None:
        return None
    return max(usage.input_total - of_image, 0) * prices.input_per_million / MILLION + picture
