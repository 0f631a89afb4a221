"""What a day is expected to take."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.core.checks import own_check
from monitor.core.forecast import Forecast, forecast
from monitor.core.types import Image, Mode, Prices
from tests.core.builders import check, target

PRICES = Prices(input_per_million=0.20, output_per_million=1.25)
HOURLY = check(every=timedelta(hours=1))
HOURLY_PAIR = check("pair", every=timedelta(hours=1))
EVERY_SIX_HOURS = check(every=timedelta(hours=6))
PHOTO = own_check("receipt", Image(b"", "image/png", 896, 448), "Which merchant?", "x")
RECEIPT = replace(check("receipt", Mode.OPTIONAL, timedelta(hours=1)), own=PHOTO)
NANO = {"model": "gpt-5.4-nano", "image_size": None, "image_tokens": None}
"""236 image tokens at 448 pixels."""

CASES: dict[str, tuple[tuple[Any, ...], dict[str, Any], Forecast]] = {
    "a check a minute and 24 controls": ((check(),), NANO, Forecast(1464, 1440 * 281 + 24 * 45)),
    "controls only where there are probes": ((EVERY_SIX_HOURS,), NANO, Forecast(8, 4 * 281 + 4 * 45)),
    "an unknown family": ((HOURLY,), NANO | {"model": "mystery"}, Forecast(48, 24 * 345 + 24 * 45)),
    "image tokens from the config": ((HOURLY,), NANO | {"image_tokens": 1000}, Forecast(48, 24 * 1045 + 24 * 45)),
    "a wording of its own has controls of its own": (
        (HOURLY, RECEIPT),
        NANO,
        Forecast(96, 24 * 281 + 24 * (45 + 471) + 48 * 45),
    ),
    "two images cost twice": ((HOURLY_PAIR,), NANO, Forecast(48, 24 * (45 + 472) + 24 * 45)),
    "other formats share the controls, other forms do not": (
        (HOURLY, check("jpeg", every=timedelta(hours=1)), check("inline-stream", every=timedelta(hours=1))),
        NANO,
        Forecast(120, 72 * 281 + 48 * 45),
    ),
    "a large image is not of the config's tokens": (
        (check("large", every=timedelta(hours=6)),),
        NANO | {"image_tokens": 1000},
        Forecast(8, 4 * (45 + 2117) + 4 * 45),
    ),
    "with prices": (
        (HOURLY,),
        NANO | {"prices": PRICES},
        Forecast(48, 24 * 281 + 24 * 45, 24 * ((271 + 35) * 0.20 + 20 * 1.25) / 1e6),
    ),
    "a price by the piece": (
        (HOURLY,),
        NANO | {"prices": replace(PRICES, image_each=0.01)},
        Forecast(48, 24 * 281 + 24 * 45, 24 * ((35 + 35) * 0.20 + 20 * 1.25) / 1e6 + 0.24),
    ),
    "half the prices are none": ((HOURLY,), NANO | {"prices": Prices(0.2)}, Forecast(48, 24 * 281 + 24 * 45)),
}


@pytest.mark.parametrize(("checks", "facts", "expected"), CASES.values(), ids=CASES)
def test_a_day_is_its_probes_and_controls(checks: tuple[Any, ...], facts: dict[str, Any], expected: Forecast) -> None:
    found = forecast(target(*checks, **facts))
    assert [found.probes, found.tokens] == pytest.approx([expected.probes, expected.tokens])
    assert found.usd == (None if expected.usd is None else pytest.approx(expected.usd))


def test_a_sum_has_the_money_that_is_known() -> None:
    parts = [Forecast(1, 10, None), Forecast(2, 20, 0.5), Forecast(3, 30, None), Forecast(4, 40, 0.25)]
    assert sum(parts, Forecast()) == Forecast(10, 100, 0.75)


def test_a_sum_without_prices_has_no_money() -> None:
    assert sum([Forecast(1, 10, None)], Forecast()).usd is None
