"""What the next probe of a check sends: which challenge, how large, with which cap, and whether a control is due."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from monitor.core.families import default_canvas
from monitor.core.memory import Control, TargetMemory
from monitor.core.types import Ask, Check, CheckState, Puzzle, Target, Twin, Verdict

CONTROL_EVERY = timedelta(hours=1)
"""Age at which a text-only control is renewed."""
CONTROLS_PER_HOUR = 2
"""The hourly control, and one more when another model name answers."""
TWIN_EVERY = timedelta(minutes=10)
"""How long the outcome of a text twin serves all errors of the same status and code; failed controls wait as long."""
TURNS = frozenset({Verdict.UNSURE, Verdict.REFUSED})
"""Verdicts after which the very next probe is of another kind."""


@dataclass(frozen=True, slots=True)
class TwinOutcome:
    """How the text twin after an error of this status and code fared, and when it was sent."""

    status: int | None
    code: str | None
    at: datetime
    twin: Twin


def seed(secret: bytes, probe: UUID) -> bytes:
    """The seed of a probe: replayable from its row, computable by nobody without the installation's secret."""
    return hmac.digest(secret, probe.bytes, "sha256")


def choose_challenge(check: Check, state: CheckState) -> str:
    """The kind of puzzle for the next probe: the first choice, alternating from the second follow-up of a suspicion."""
    kinds = check.challenges + (check.corroborating if state.last_proof_at else ())
    if state.last_verdict in TURNS and state.last_challenge in kinds:
        return kinds[(kinds.index(state.last_challenge) + 1) % len(kinds)]
    return kinds[max(state.streak - 1, 0) % len(kinds)]


def image_size(target: Target) -> int:
    """Side of the square canvas in pixels: the config's word, else what the token family bills fairly."""
    return target.image_size or default_canvas(target.model)


def ask(target: Target, memory: TargetMemory, puzzle: Puzzle, check: Check) -> Ask:
    """The request in the dialect's terms, in the form of the check, with what was learned of caps."""
    learned = memory.cap_parameter if target.cap_parameter == "auto" else None
    return Ask(
        model=target.model,
        question=puzzle.question,
        images=puzzle.images,
        cap=max(target.output_cap, memory.cap or 0),
        cap_parameter=learned or target.cap_parameter,
        api_version=target.api_version,
        extra_body=target.extra_body,
        stream=check.stream,
        placement=check.placement,
        with_tools=check.with_tools,
    )


def control_due(controls: Sequence[Control], echo: str | None, now: datetime) -> bool:
    """Must the text-only twin of a wording be sent again? `controls` are those of the wording, newest first."""
    if not controls:
        return True
    last = controls[0]
    if not last.passed:
        return now - last.at >= TWIN_EVERY
    recent = sum(now - c.at < CONTROL_EVERY for c in controls)
    renamed = None not in (echo, last.echo) and echo != last.echo and recent < CONTROLS_PER_HOUR
    return renamed or now - last.at >= CONTROL_EVERY


def known_twin(outcomes: Sequence[TwinOutcome], status: int | None, code: str | None, now: datetime) -> Twin | None:
    """The outcome of a text twin sent for the same kind of error, while it still serves."""
    for outcome in outcomes:
        if (outcome.status, outcome.code) == (status, code) and now - outcome.at < TWIN_EVERY:
            return outcome.twin
    return None


def keep_twin(outcomes: Sequence[TwinOutcome], newest: TwinOutcome) -> tuple[TwinOutcome, ...]:
    """The outcomes that still serve, with a new one."""
    return (newest, *(old for old in outcomes if newest.at - old.at < TWIN_EVERY))
