"""Whether a provider has places enough: checks that hang must not starve their siblings into `missed`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from monitor.config.problems import Path
from monitor.core.types import Target


def starved(targets: Sequence[Target], places: Mapping[str, int]) -> Iterator[tuple[Path, str]]:
    """A finding for each provider whose checks, should all of them hang, hold more than its `places` at once."""
    for provider, limit in places.items():
        held = ceil(sum(_held(target) for target in targets if target.provider == provider))
        if held > limit:
            words = (
                f"{limit} is too low: should all checks of this provider hang, they hold {held} places at once; "
                f"say `max_concurrency: {held}` or more here, or shorten timeouts"
            )
            yield ("providers", provider, "max_concurrency"), words


def _held(target: Target) -> float:
    """Places that the checks of a hanging target hold on average, at the slow pace that hanging brings them to."""
    return sum(min(check.timeout / max(check.every, target.policy.down_every), 1.0) for check in target.checks)
