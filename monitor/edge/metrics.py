"""Prometheus metrics: a collector over the latest record of each target, and counters of what was committed.

A series exists for a configured target only: what a removed one left vanishes. Unknown values have no sample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor import __version__
from monitor.core.checks import check_of
from monitor.core.health import assess, eligible_groups, passes
from monitor.core.memory import TargetMemory
from monitor.core.ports import Ledger
from monitor.core.signals import SIGNAL
from monitor.core.types import Assessment, CheckState, Committed, ProbeResult, Record, Signal, Standing, Target, Verdict

DURATION_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120)
LAG_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300)
COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5)

ALERTING = frozenset({Verdict.SEEN_UNMETERED, Verdict.OVER_CAP, Verdict.PROBE_INVALID, Verdict.UNCLASSIFIED})
"""Verdicts that ticket whatever they say about vision. Their counters, and those of all that speak against a check,
exist at 0 from the start, so that the first increment is not missed.
"""


@dataclass(slots=True)
class _Series:
    """What is exported of one target."""

    target: Target
    assessment: Assessment
    states: dict[str, CheckState]
    last: dict[str, ProbeResult] = field(default_factory=dict)
    probes: Counter[tuple[str, Verdict]] = field(default_factory=Counter)
    transitions: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    cost_usd: float = 0.0
    image_cost_usd: float = 0.0


class Metrics:
    """A sink of records and the registry that `/metrics` renders."""

    name = "metrics"

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._series: dict[str, _Series] = {}
        self._sink_failures: Mapping[str, int] = {}
        self._is_exhausted: Callable[[Target], bool] = lambda _: False
        self._missed = 0
        self._duration = Histogram(
            "visionpath_probe_duration_seconds",
            "Duration of answered probes.",
            ["provider", "dialect"],
            buckets=DURATION_BUCKETS,
            registry=self.registry,
        )
        self.lag = Histogram(
            "visionpath_schedule_lag_seconds",
            "How late probes start after their slot.",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )
        self.commit = Histogram(
            "visionpath_ledger_commit_seconds",
            "Duration of ledger transactions.",
            buckets=COMMIT_BUCKETS,
            registry=self.registry,
        )
        self._config_ok = Gauge(
            "visionpath_config_last_reload_successful",
            "1 if the last config that was read is in force.",
            registry=self.registry,
        )
        self._config_at = Gauge(
            "visionpath_config_last_reload_success_timestamp_seconds",
            "When the config in force was applied.",
            registry=self.registry,
        )
        self.registry.register(_Snapshot(self._collect))

    def watch(self, target: Target, memory: TargetMemory) -> None:
        """Export a configured target from now on, as the ledger knows it; counters of one known before go on."""
        known = self._series.get(target.id)
        if known is not None:
            self._series[target.id] = _again(known, target, memory)
            return
        series = _Series(target, assess(target, memory.states), dict(memory.states))
        series.probes.update(_zeros(target))
        self._series[target.id] = series

    def forget(self, target_id: str) -> None:
        """Export nothing of a target any more."""
        self._series.pop(target_id, None)

    def is_exported(self, target_id: str) -> bool:
        """Whether a target of that id is exported."""
        return target_id in self._series

    def config_loaded(self, at: datetime) -> None:
        """A config was applied."""
        self._config_ok.set(1)
        self._config_at.set(at.timestamp())

    def config_refused(self) -> None:
        """A config was refused; the one before it stays in force."""
        self._config_ok.set(0)

    def count_failures_of(self, sink_failures: Mapping[str, int]) -> None:
        """Export these counts of records that a sink failed on."""
        self._sink_failures = sink_failures

    def ask_of_budgets(self, is_exhausted: Callable[[Target], bool]) -> None:
        """Export what this says of each target's budget."""
        self._is_exhausted = is_exhausted

    def __call__(self, record: Record) -> None:
        """Count a committed record and show its state."""
        series = self._series.get(record.target_id)
        if series is None:
            return
        if record.state is not None:
            series.states[record.check] = record.state
        if record.assessment is not None:
            series.assessment = record.assessment
        if record.transition is not None:
            series.transitions[record.transition.after.value] += 1
        if record.result is not None:
            self._count(series, record.result)

    def _count(self, series: _Series, result: ProbeResult) -> None:
        if result.verdict is not None:
            series.probes[result.check, result.verdict] += 1
            series.last[result.check] = result
        self._missed += result.verdict is Verdict.MISSED
        series.tokens["input"] += result.input_tokens or 0
        series.tokens["output"] += result.output_tokens or 0
        series.cost_usd += result.cost_usd or 0.0
        series.image_cost_usd += result.image_cost_usd or 0.0
        if result.http_status is not None and result.latency_s is not None:
            self._duration.labels(series.target.provider, series.target.dialect).observe(result.latency_s)

    def _collect(self) -> Iterator[Metric]:
        everyone = list(self._series.values())
        yield from _standing_families(everyone)
        yield from _check_families(everyone)
        yield from _counter_families(everyone)
        yield _group_family(everyone)
        yield _gauge(
            "visionpath_budget_exhausted",
            "1 while the day's budget of the target, or the fleet's, leaves it the least pace only.",
            ["target"],
            (([s.target.id], self._is_exhausted(s.target)) for s in everyone),
        )
        yield _info_family(everyone)
        build = GaugeMetricFamily("visionpath_build_info", "The running version.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        missed = CounterMetricFamily("visionpath_schedule_missed", "Slots that passed before they could be probed.")
        missed.add_metric([], self._missed)
        yield missed
        failures = CounterMetricFamily("visionpath_sink_failures", "Records that a sink failed on.", labels=["sink"])
        for sink, count in sorted(self._sink_failures.items()):
            failures.add_metric([sink], count)
        yield failures


def _again(known: _Series, target: Target, memory: TargetMemory) -> _Series:
    """The series of a target whose config was reloaded; checks that it no longer runs are left out."""
    names = {check.name for check in target.checks}
    return replace(
        known,
        target=target,
        assessment=assess(target, memory.states),
        states=dict(memory.states),
        last={name: result for name, result in known.last.items() if name in names},
        probes=Counter(
            _zeros(target) | {(check, verdict): n for (check, verdict), n in known.probes.items() if check in names}
        ),
    )


def _zeros(target: Target) -> dict[tuple[str, Verdict], int]:
    gates = {check.name: check_of(target, check.name).gate for check in target.checks}
    return {
        (name, verdict): 0
        for name, gate in gates.items()
        for verdict in Verdict
        if verdict in ALERTING or SIGNAL[gate, verdict] is Signal.AGAINST
    }


class TimedLedger:
    """A ledger whose commits are timed, the wait in the writer's queue included."""

    def __init__(self, ledger: Ledger, metrics: Metrics) -> None:
        self._ledger = ledger
        self._observe = metrics.commit.observe

    async def memory(self, target: Target) -> TargetMemory:
        """As the ledger has it."""
        return await self._ledger.memory(target)

    async def commit(self, record: Record) -> Committed:
        """As the ledger does it."""
        started = perf_counter()
        try:
            return await self._ledger.commit(record)
        finally:
            self._observe(perf_counter() - started)


class _Snapshot(Collector):
    """A collector that asks anew at each scrape."""

    def __init__(self, collect: Callable[[], Iterator[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        """The families as they are now."""
        return self._collect()


def _gauge(name: str, words: str, labels: list[str], rows: Iterable[tuple[list[str], float | None]]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, value in rows:
        if value is not None:
            family.add_metric(values, value)
    return family


def _counter(name: str, words: str, labels: list[str], rows: Iterable[tuple[list[str], float]]) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _standing_families(everyone: list[_Series]) -> Iterator[Metric]:
    yield _gauge(
        "visionpath_target_active",
        "1 while the target is active, 0 while it is catalog-only.",
        ["target", "provider", "model"],
        (
            ([s.target.id, s.target.provider, s.target.model], s.assessment.standing is Standing.ACTIVE)
            for s in everyone
        ),
    )
    yield _gauge(
        "visionpath_target_reason",
        "1 for the present reason of the target's standing.",
        ["target", "reason"],
        (([s.target.id, s.assessment.reason], 1) for s in everyone),
    )
    yield _gauge(
        "visionpath_target_last_proof_timestamp_seconds",
        "Slot of the oldest of the latest proofs of the required checks.",
        ["target"],
        (([s.target.id], _seconds(s.assessment.last_proof_at)) for s in everyone),
    )
    yield _gauge(
        "visionpath_target_valid_until_timestamp_seconds",
        "When the target's standing runs out without a new proof.",
        ["target"],
        (([s.target.id], _seconds(s.assessment.valid_until)) for s in everyone),
    )
    yield _gauge(
        "visionpath_target_group",
        "1 while the target counts for the router group, else 0.",
        ["target", "group"],
        (
            ([s.target.id, group], eligible)
            for s in everyone
            for group, eligible in eligible_groups(s.target, s.states).items()
        ),
    )


def _group_family(everyone: list[_Series]) -> Metric:
    counts: Counter[str] = Counter()
    for series in everyone:
        for group, eligible in eligible_groups(series.target, series.states).items():
            counts[group] += eligible
    return _gauge(
        "visionpath_group_active_targets",
        "Targets of the router group that count.",
        ["group"],
        (([group], count) for group, count in sorted(counts.items())),
    )


def _check_families(everyone: list[_Series]) -> Iterator[Metric]:
    labels = ["target", "check"]
    checks = [(s, c.name, s.states.get(c.name, CheckState())) for s in everyone for c in s.target.checks]
    yield _gauge(
        "visionpath_check_active",
        "1 while the check is active and unexpired.",
        labels,
        (([s.target.id, name], passes(state)) for s, name, state in checks),
    )
    yield _gauge(
        "visionpath_check_score",
        "Score of the leaky bucket; full flips the check.",
        labels,
        (([s.target.id, name], state.score) for s, name, state in checks),
    )
    last = [
        ([s.target.id, name], result) for s in everyone for name, result in list(s.last.items())
    ]  # a probe may end meanwhile
    yield _gauge(
        "visionpath_probe_last_duration_seconds",
        "Duration of the last probe.",
        labels,
        ((where, r.latency_s) for where, r in last),
    )
    yield _gauge(
        "visionpath_probe_image_token_delta",
        "Input tokens of the last probe minus its text-only control.",
        labels,
        ((where, r.token_delta) for where, r in last),
    )
    yield _gauge(
        "visionpath_probe_image_tokens_expected",
        "Input tokens that a seen image should add.",
        labels,
        ((where, r.expected_tokens) for where, r in last),
    )


def _counter_families(everyone: list[_Series]) -> Iterator[Metric]:
    yield _counter(
        "visionpath_probes",
        "Probes by verdict.",
        ["target", "check", "verdict"],
        (([s.target.id, check, verdict], n) for s in everyone for (check, verdict), n in sorted(s.probes.items())),
    )
    yield _counter(
        "visionpath_transitions",
        "Changes of standing.",
        ["target", "to"],
        (([s.target.id, to.value], s.transitions[to.value]) for s in everyone for to in Standing),
    )
    yield _counter(
        "visionpath_tokens",
        "Tokens that the target reported, probes and controls.",
        ["target", "direction"],
        (([s.target.id, way], s.tokens[way]) for s in everyone for way in ("input", "output")),
    )
    yield _counter(
        "visionpath_cost_usd",
        "Cost of probes and controls by the configured prices.",
        ["target"],
        (([s.target.id], s.cost_usd) for s in everyone),
    )
    yield _counter(
        "visionpath_image_cost_usd",
        "Cost of the images alone.",
        ["target"],
        (([s.target.id], s.image_cost_usd) for s in everyone),
    )


def _info_family(everyone: list[_Series]) -> Metric:
    family = InfoMetricFamily("visionpath_target", "What the target is; its own labels as label_*.")
    for series in everyone:
        target = series.target
        own = {f"label_{name}": value for name, value in target.labels.items()}
        known = {"target": target.id, "provider": target.provider, "model": target.model, "dialect": target.dialect}
        family.add_metric([], own | known)
    return family
