"""Prometheus metrics of the canary host: who fetches, what was turned away, and whether the world reaches us."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.core.canary import Fetch, Fetcher


class CanaryMetrics(Collector):
    """An observer of fetches, and a collector. Series exist for targets that `is_exported` only.

    `rejected` is the number of requests turned away so far, `is_public` whether our own public URL answers.
    """

    def __init__(
        self, is_exported: Callable[[str], bool], rejected: Callable[[], int], is_public: Callable[[], bool]
    ) -> None:
        self._is_exported = is_exported
        self._rejected = rejected
        self._is_public = is_public
        self._fetches: dict[str, Counter[Fetcher]] = {}

    def __call__(self, fetch: Fetch) -> None:
        """Count a fetch."""
        self._fetches.setdefault(fetch.target_id, Counter())[fetch.fetcher] += 1

    def describe(self) -> Iterable[Metric]:
        """Names alone, so that registering asks nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The families as they are now; every fetcher of a target from its first fetch on, so that rates are right."""
        fetches = CounterMetricFamily(
            "visionpath_image_fetches", "Requests for test images by URL.", labels=["target", "fetcher"]
        )
        for target_id, counts in list(self._fetches.items()):
            if self._is_exported(target_id):
                for fetcher in Fetcher:
                    fetches.add_metric([target_id, fetcher.value], counts[fetcher])
        yield fetches
        rejected = CounterMetricFamily("visionpath_canary_rejected", "Requests for no living test image.")
        rejected.add_metric([], self._rejected())
        yield rejected
        public = GaugeMetricFamily(
            "visionpath_canary_public_url_ok", "1 while our test images are reached through canary.public_url."
        )
        public.add_metric([], self._is_public())
        yield public
