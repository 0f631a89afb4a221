"""Usage times price: what is unknown stays unknown."""

from __future__ import annotations

import pytest

from monitor.core.cost import image_tokens, image_usd, probe_usd
from monitor.core.types import Prices, TokenEvidence, Usage
from tests.core.builders import tokens

USAGE = Usage(input_total=1_000_000, output=100_000, image=400_000)
NO_SPLIT = Usage(input_total=1_000_000, output=100_000)
FLAT = Prices(input_per_million=2.0, output_per_million=10.0)
PER_TOKEN = Prices(input_per_million=2.0, output_per_million=10.0, image_per_million=5.0)
PER_IMAGE = Prices(input_per_million=2.0, output_per_million=10.0, image_each=0.25)
UNKNOWN = TokenEvidence()


@pytest.mark.parametrize(
    ("reported", "delta", "count"),
    [(236, 240, 236), (None, 240, 240), (None, -3, 0), (0, 240, 240), (0, None, 0), (None, None, None)],
)
def test_image_tokens_are_those_reported_else_the_delta(
    reported: int | None, delta: int | None, count: int | None
) -> None:
    assert image_tokens(Usage(image=reported), tokens(delta)) == count


@pytest.mark.parametrize(
    ("prices", "usd"),
    [
        (FLAT, 0.8),
        (PER_TOKEN, 2.0),
        (PER_IMAGE, 0.25),
        (Prices(image_per_million=5.0, image_each=0.25), 0.25),
        (Prices(input_per_million=2.0, image_per_million=0.0), 0.0),
        (Prices(), None),
    ],
)
def test_a_price_per_image_beats_one_per_image_token_beats_the_input_rate(prices: Prices, usd: float | None) -> None:
    assert image_usd(USAGE, UNKNOWN, prices, images=1) == (None if usd is None else pytest.approx(usd))


def test_each_image_is_paid() -> None:
    assert image_usd(USAGE, UNKNOWN, PER_IMAGE, images=3) == pytest.approx(0.75)


@pytest.mark.parametrize("prices", [FLAT, PER_TOKEN])
def test_an_unknown_count_of_image_tokens_makes_the_image_cost_unknown(prices: Prices) -> None:
    assert image_usd(NO_SPLIT, UNKNOWN, prices, images=1) is None


def test_a_text_only_control_has_no_image_cost() -> None:
    assert image_usd(NO_SPLIT, UNKNOWN, Prices(), images=0) == 0.0


@pytest.mark.parametrize(("prices", "usd"), [(FLAT, 3.0), (PER_TOKEN, 1.2 + 2.0 + 1.0), (PER_IMAGE, 1.2 + 0.25 + 1.0)])
def test_a_probe_costs_its_text_its_image_and_its_output(prices: Prices, usd: float) -> None:
    assert probe_usd(USAGE, UNKNOWN, prices, images=1) == pytest.approx(usd)


def test_a_control_costs_its_text_and_its_output() -> None:
    assert probe_usd(NO_SPLIT, UNKNOWN, PER_IMAGE, images=0) == pytest.approx(3.0)


def test_at_the_input_rate_no_split_is_needed() -> None:
    assert probe_usd(NO_SPLIT, UNKNOWN, FLAT, images=1) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("usage", "prices"),
    [
        (Usage(output=6), FLAT),
        (Usage(input_total=31), FLAT),
        (NO_SPLIT, PER_TOKEN),
        (NO_SPLIT, PER_IMAGE),
        (USAGE, Prices(output_per_million=10.0)),
        (USAGE, Prices(input_per_million=2.0)),
    ],
)
def test_without_a_price_or_a_count_the_cost_is_unknown_never_zero(usage: Usage, prices: Prices) -> None:
    assert probe_usd(usage, UNKNOWN, prices, images=1) is None


def test_more_image_tokens_than_input_cost_no_negative_text() -> None:
    usage = Usage(input_total=100, output=0, image=400_000)
    assert probe_usd(usage, UNKNOWN, PER_TOKEN, images=1) == pytest.approx(2.0)
