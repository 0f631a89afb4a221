"""Budgets as a file says them, and notes on those that the configured pace does not fit into."""

from __future__ import annotations

import pytest

from monitor.core.types import Budget
from tests.config.test_config_load import MINIMAL, loaded, only_target, with_model

FLEET_NOTE = "f:1:1: budget: is expected to take 1,464 probes a day of 1,000: intervals and proof lifetimes will stretch 1.5 times"
PRICES = "input_price_per_million_usd: 3\noutput_price_per_million_usd: 15\n"


@pytest.mark.parametrize(
    ("before", "model", "budget"),
    [
        ("", "", Budget(2.0, 3000, 3_000_000)),
        ("defaults: {budget: {probes_per_day: 5000}}", "", Budget(2.0, 5000, 3_000_000)),
        ("", "budget: {usd_per_day: 1}", Budget(1.0, 3000, 3_000_000)),
        (
            "defaults: {budget: {usd_per_day: 9.5, probes_per_day: 5000}}",
            "budget: {tokens_per_day: 7, usd_per_day: 1}",
            Budget(1.0, 5000, 7),
        ),
    ],
)
def test_a_models_budget_changes_single_values_of_the_defaults(before: str, model: str, budget: Budget) -> None:
    assert only_target(with_model(model, before)).budget == budget


@pytest.mark.parametrize(
    ("line", "budget"),
    [("", Budget(None, None, None)), ("budget: {usd_per_day: 20}", Budget(20.0, None, None))],
)
def test_the_fleet_has_the_limits_that_the_file_says(line: str, budget: Budget) -> None:
    assert loaded(line + MINIMAL).budget == budget


NOTES: list[tuple[str, str, list[str]]] = [
    ("", "", []),
    ("", "every: 30s", []),
    ("", "every: 10s", ["8,664 probes a day of 3,000", "will stretch 2.9 times"]),
    (
        "",
        "budget: {probes_per_day: 24, tokens_per_day: 500000}\nimage: {tokens: 500}",
        ["1,464 probes a day of 24 and 785,880 tokens a day of 500,000", "even stretched 24 times, the most"],
    ),
    ("", PRICES + "image: {tokens: 1000}", ["4.69 USD a day of 2.00", "will stretch 2.4 times"]),
]


@pytest.mark.parametrize(("before", "model", "words"), NOTES)
def test_a_pace_that_its_budget_does_not_cover_is_noted(before: str, model: str, words: list[str]) -> None:
    said = [found.line_for("f") for found in with_model(model, before).notes]
    assert len(said) == bool(words)
    assert all(note.startswith("f:8:7: providers.acme.models.nano: is expected to take") for note in said)
    assert [word for word in words if word not in said[0]] == []


def test_a_fleet_that_its_budget_does_not_cover_is_noted() -> None:
    assert [found.line_for("f") for found in loaded("budget: {probes_per_day: 1000}" + MINIMAL).notes] == [FLEET_NOTE]
