"""One table from verdict to signal, by what the check stands for (VERDICTS.md §2)."""

from __future__ import annotations

from monitor.core.types import Gate, Signal, Verdict

_FOR = frozenset({Verdict.SEEN, Verdict.SEEN_UNMETERED, Verdict.LEAKED, Verdict.OVER_CAP})
_AGAINST = frozenset(
    {
        Verdict.TEXTIFIED,
        Verdict.REJECTED,
        Verdict.REPLAYED,
        Verdict.BLIND,
        Verdict.PARTIAL,
        Verdict.SUBSTITUTED,
        Verdict.GARBLED,
        Verdict.DROPPED,
    }
)
_AGAINST_BY_GATE = {Gate.PATH: _AGAINST, Gate.QUALITY: _AGAINST | {Verdict.DEGRADED, Verdict.MISREAD, Verdict.UNSURE}}
"""A wrong reading of an image that arrived says nothing against the path, and all against the quality."""


def _signal(verdict: Verdict, against: frozenset[Verdict]) -> Signal:
    if verdict in _FOR:
        return Signal.FOR
    return Signal.AGAINST if verdict in against else Signal.SILENT


SIGNAL: dict[tuple[Gate, Verdict], Signal] = {
    (gate, verdict): _signal(verdict, against) for gate, against in _AGAINST_BY_GATE.items() for verdict in Verdict
}
"""Every (gate, verdict) that a check can end in."""


def signal_of(verdict: Verdict, gate: Gate) -> Signal:
    """What the verdict of a check with that gate says about vision."""
    return SIGNAL[gate, verdict]
