"""What the recent results of a target teach: controls, learned deltas, echoes and caps, earlier puzzles.

A fold over stored results, newest first, bounded: a restart that reads the same rows knows the same things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from monitor.core.checks import is_own
from monitor.core.types import CheckState, ProbeResult, TargetHealth, Twin, Verdict

CONTROL = "control"
"""The `check` of a text-only twin's result."""
EARLIER_KEPT = 16
"""Earlier puzzles in which a replayed answer is looked for."""
CONTROLS_KEPT = 5
"""Controls per wording whose median is the text-only input."""
PROVEN_KEPT = 20
"""Proven probes from which the expected delta is learned."""
REASONING_CAP = 4096
"""Output tokens granted after an answer ran out of budget; reasoning models think for thousands."""
PROVEN = frozenset({Verdict.SEEN, Verdict.SEEN_UNMETERED, Verdict.LEAKED, Verdict.OVER_CAP})
"""Verdicts that rest on an exact answer."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier puzzle of the target, to recognise an answer that belongs to it."""

    probe_id: UUID
    challenge: str
    expected: str
    response_id: str | None
    body_digest: bytes | None


@dataclass(frozen=True, slots=True)
class Control:
    """A text-only control of one wording, named by `core.checks.wording`."""

    wording: str
    at: datetime
    input_tokens: int | None
    echo: str | None
    sane: bool | None
    passed: bool


@dataclass(frozen=True, slots=True)
class Proven:
    """A proven probe: the delta it showed, of which challenge at which image size, and who answered.

    The delta is None if unmetered or unknown, and for an image that we did not draw, which costs what it costs.
    """

    delta: int | None
    challenge: str
    image_size: int
    echo: str | None


@dataclass(frozen=True, slots=True)
class TargetMemory:
    """All that is known of a target. Tuples are newest first. `cap` is the largest output cap yet needed."""

    states: Mapping[str, CheckState] = field(default_factory=dict)
    health: TargetHealth | None = None
    earlier: tuple[Earlier, ...] = ()
    controls: tuple[Control, ...] = ()
    proven: tuple[Proven, ...] = ()
    cap: int | None = None
    cap_parameter: str | None = None

    def state(self, check: str) -> CheckState:
        """The state of a check; a fresh one if it was never probed."""
        return self.states.get(check, CheckState())


def remember(memory: TargetMemory, result: ProbeResult) -> TargetMemory:
    """`memory` after one more result."""
    if result.check == CONTROL:
        return _remember_control(memory, result)
    return replace(
        memory,
        earlier=_remember_puzzle(memory, result),
        proven=_remember_proven(memory, result),
        cap=_needed_cap(memory.cap, result),
        cap_parameter=_accepted_parameter(memory, result),
    )


def _accepted_parameter(memory: TargetMemory, result: ProbeResult) -> str | None:
    return result.cap_parameter if result.http_status == 200 else memory.cap_parameter


def _remember_puzzle(memory: TargetMemory, result: ProbeResult) -> tuple[Earlier, ...]:
    """An image that is always the same has always the same answer: that it comes again tells nothing."""
    if result.http_status != 200 or is_own(result.challenge):
        return memory.earlier
    puzzle = Earlier(result.id, result.challenge, result.expected, result.response_id, result.body_digest)
    return (puzzle, *memory.earlier)[:EARLIER_KEPT]


def _remember_control(memory: TargetMemory, result: ProbeResult) -> TargetMemory:
    control = Control(
        wording=result.challenge,
        at=result.finished_at,
        input_tokens=result.input_tokens,
        echo=result.response_model,
        sane=result.answer_sane,
        passed=result.rule == Twin.PASSED,
    )
    same = tuple(c for c in memory.controls if c.wording == control.wording)[: CONTROLS_KEPT - 1]
    others = tuple(c for c in memory.controls if c.wording != control.wording)
    return replace(memory, controls=(control, *same, *others), cap_parameter=_accepted_parameter(memory, result))


def _remember_proven(memory: TargetMemory, result: ProbeResult) -> tuple[Proven, ...]:
    if result.verdict not in PROVEN:
        return memory.proven
    ours = result.verdict is Verdict.SEEN and not is_own(result.challenge)
    delta = result.token_delta if ours else None
    return (Proven(delta, result.challenge, result.image_size, result.response_model), *memory.proven)[:PROVEN_KEPT]


def _needed_cap(cap: int | None, result: ProbeResult) -> int:
    exhausted = result.verdict is Verdict.OUT_OF_BUDGET
    return max(cap or 0, result.output_cap, REASONING_CAP if exhausted else 0)
