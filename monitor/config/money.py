"""Whether what is expected to be spent fits into the budgets: notes on those where it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.config.problems import Path
from monitor.core.budget import MOST_STRETCH, Spent, stretch
from monitor.core.forecast import Forecast, forecast
from monitor.core.types import Budget, Target


def money_notes(targets: Iterable[Target], fleet: Budget) -> Iterator[tuple[Path, str]]:
    """A note for each target that will not run at its configured pace, and for the fleet."""
    everything = Forecast()
    for target in targets:
        expected = forecast(target)
        everything += expected
        if words := _words(expected, target.budget):
            yield ("providers", target.provider, "models", target.model_ref), words
    if words := _words(everything, fleet):
        yield ("budget",), words


def _words(expected: Forecast, budget: Budget) -> str | None:
    over = " and ".join(_over(expected, budget))
    if not over:
        return None
    factor = stretch(budget, Spent(), expected, 0.0).ordinary
    if factor >= MOST_STRETCH:
        return f"is expected to take {over}: even stretched {MOST_STRETCH:g} times, the most, it will overspend"
    return f"is expected to take {over}: intervals and proof lifetimes will stretch {factor:.1f} times"


def _over(expected: Forecast, budget: Budget) -> Iterator[str]:
    if budget.usd_per_day is not None and expected.usd is not None and expected.usd > budget.usd_per_day:
        yield f"{expected.usd:.2f} USD a day of {budget.usd_per_day:.2f}"
    if budget.probes_per_day is not None and expected.probes > budget.probes_per_day:
        yield f"{expected.probes:,.0f} probes a day of {budget.probes_per_day:,}"
    if budget.tokens_per_day is not None and expected.tokens > budget.tokens_per_day:
        yield f"{expected.tokens:,.0f} tokens a day of {budget.tokens_per_day:,}"
