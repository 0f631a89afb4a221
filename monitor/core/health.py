"""From verdict to standing: the flip policy as one pure transition function, and what routers read of it.

Rules of this file (VERDICTS.md §3). Per (target, check) a leaky bucket: AGAINST adds `weight`, FOR takes 1, SILENT
moves nothing. A full bucket makes an active check catalog-only; an unbroken run of FOR brings it back, longer after
each relapse. Expiry is no demotion. A target is active if and only if every required check is active and unexpired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.types import (
    Assessment,
    Capability,
    CheckState,
    ConfigChanged,
    Event,
    Expired,
    Gate,
    Policy,
    Probed,
    Signal,
    Standing,
    Target,
    TargetCheck,
    Verdict,
)

RELAPSE_WINDOW = timedelta(hours=24)
"""A demotion this soon after the last promotion is a relapse."""
MOST_RISE = 64
"""Largest factor on `rise`: 2 to the number of relapses, at most this."""
MOST_DOWN = 4
"""Largest factor on the pace while catalog-only."""
MOST_RELAPSES = 6
"""More relapses than this change nothing: 2 to the 6th is `MOST_RISE`."""
DOWN_SHARE = 12
"""A catalog-only check is probed at most this many times as often as `every` says, however short `down_every` is."""
TIMEOUTS_BEFORE_SLOW = 2
LONGEST_RETRY_AFTER = timedelta(hours=24)
"""A longer Retry-After is taken as this: a target may ask for peace, not for silence."""
NO_ANSWER = frozenset({Verdict.MISSED, Verdict.UNREACHABLE})
"""Verdicts after which a target that timed out is still one that timed out."""

NEVER_PROVEN = "never_proven"
PROOF_EXPIRED = "proof_expired"


def step(state: CheckState, event: Event, policy: Policy) -> CheckState:
    """The state after `event`. Total, deterministic; the version grows by one with every event."""
    return replace(_moved(state, event, policy), version=state.version + 1)


def _moved(state: CheckState, event: Event, policy: Policy) -> CheckState:
    match event:
        case Probed():
            return _probed(state, event, policy)
        case Expired():
            return replace(state, expired=state.standing is Standing.ACTIVE)
        case ConfigChanged():
            return CheckState(since=event.at)


def replay(events: Iterable[Event], policy: Policy, checkpoint: CheckState | None = None) -> CheckState:
    """The state that `events` lead to from `checkpoint` (default: a fresh check)."""
    state = checkpoint or CheckState()
    for event in events:
        state = step(state, event, policy)
    return state


def _probed(state: CheckState, event: Probed, policy: Policy) -> CheckState:
    seen = replace(
        state,
        since=state.since or event.at,
        last_signal=event.signal,
        last_verdict=event.verdict,
        last_challenge=event.challenge,
        timeouts_run=_timeouts_run(state.timeouts_run, event),
        unsure_run=state.unsure_run + (event.verdict is Verdict.UNSURE and event.signal is Signal.SILENT),
    )
    return _MOVES[event.signal](seen, event, policy)


def _timeouts_run(run: int, event: Probed) -> int:
    if event.timed_out:
        return run + 1
    return run if event.verdict in NO_ANSWER else 0


def _silent(state: CheckState, event: Probed, policy: Policy) -> CheckState:  # noqa: ARG001 one shape for all moves
    return state


def _for(state: CheckState, event: Probed, policy: Policy) -> CheckState:
    needed = runs_needed(state, policy)
    first = state.last_proof_at is None and not state.against_before_proof
    proven = replace(
        state,
        score=max(min(state.score, policy.full) - 1, 0),
        run=state.run + 1,
        last_proof_at=event.at,
        expired=False,
        unsure_run=0,
        streak=0,
    )
    if state.standing is Standing.ACTIVE or proven.run < needed:
        return proven
    return replace(
        proven,
        standing=Standing.ACTIVE,
        reason=event.verdict.value,
        score=0 if first else policy.full // 2,
        run=0,
        since=event.at,
        last_promoted_at=event.at,
    )


def _against(state: CheckState, event: Probed, policy: Policy) -> CheckState:
    accused = replace(
        state,
        score=min(state.score + policy.weight, policy.full),
        run=0,
        streak=state.streak + 1,
        against_before_proof=state.against_before_proof or state.last_proof_at is None,
    )
    if state.standing is Standing.CATALOG_ONLY:
        return replace(accused, reason=event.verdict.value if state.last_proof_at is None else state.reason)
    if accused.score < policy.full:
        return accused
    return replace(
        accused,
        standing=Standing.CATALOG_ONLY,
        reason=event.verdict.value,
        since=event.at,
        expired=False,
        relapses=_relapses_after(state, event.at),
    )


_MOVES = {Signal.SILENT: _silent, Signal.FOR: _for, Signal.AGAINST: _against}


def _relapses_after(state: CheckState, at: datetime) -> int:
    relapsed = state.last_promoted_at is not None and at - state.last_promoted_at <= RELAPSE_WINDOW
    return min(state.relapses + 1, MOST_RELAPSES) if relapsed else 0


def runs_needed(state: CheckState, policy: Policy) -> int:
    """FOR in a row that a catalog-only check needs: 1 if nothing ever spoke against it, else rise · 2^relapses."""
    if state.last_proof_at is None and not state.against_before_proof:
        return 1
    return policy.rise * min(1 << state.relapses, MOST_RISE)


# --- pace ---------------------------------------------------------------------------------------------------------


def pace(state: CheckState, check: TargetCheck, policy: Policy) -> timedelta:
    """Time to the next probe, by §3; what follows at once is told by `pacing.follows_at_once`."""
    ordinary = (
        _active_pace(state, check, policy) if state.standing is Standing.ACTIVE else _down_pace(state, check, policy)
    )
    return max(ordinary, policy.down_every) if state.timeouts_run >= TIMEOUTS_BEFORE_SLOW else ordinary


def _active_pace(state: CheckState, check: TargetCheck, policy: Policy) -> timedelta:
    suspicious = state.score > 0 and state.last_signal is not Signal.SILENT
    return min(policy.fast_every, check.every) if suspicious else check.every


def _down_pace(state: CheckState, check: TargetCheck, policy: Policy) -> timedelta:
    if state.last_signal is Signal.FOR:
        return policy.fast_every
    slow = max(policy.down_every, check.every / DOWN_SHARE)
    return slow * min(1 << state.relapses, MOST_DOWN) if state.last_signal is Signal.AGAINST else slow


def expires_at(state: CheckState, check: TargetCheck) -> datetime | None:
    """When the proof of an active check runs out; None where there is nothing to expire."""
    if state.standing is not Standing.ACTIVE or state.last_proof_at is None:
        return None
    return state.last_proof_at + check.proof_ttl


# --- the target as routers read it --------------------------------------------------------------------------------


def assess(target: Target, states: Mapping[str, CheckState]) -> Assessment:
    """The standing of a target. It has at least one required check (the config sees to it)."""
    required = [(check, states.get(check.name, CheckState())) for check in target.required]
    proofs = [state.last_proof_at for _, state in required if state.last_proof_at is not None]
    last_proof = min(proofs) if len(proofs) == len(required) else None
    for _, state in required:
        if state.standing is not Standing.ACTIVE or state.expired:
            return Assessment(Standing.CATALOG_ONLY, reason_of(state), last_proof, None)
    ends = [end for check, state in required if (end := expires_at(state, check)) is not None]
    return Assessment(Standing.ACTIVE, required[0][1].reason, last_proof, min(ends))


def reason_of(state: CheckState) -> str:
    """Why a check stands as it does: `proof_expired`, `never_proven`, or the verdict that decided."""
    return PROOF_EXPIRED if state.expired else state.reason


def capability(check: str, gate: Gate, state: CheckState) -> Capability:
    """One check as routers read it."""
    return Capability(check, gate, _capability_state(state))


def _capability_state(state: CheckState) -> str:
    if state.standing is Standing.ACTIVE:
        return "expired" if state.expired else "pass"
    return "unproven" if state.reason == NEVER_PROVEN else "fail"


def passes(state: CheckState | None) -> bool:
    """Is the check active, with a proof that has not run out?"""
    return state is not None and state.standing is Standing.ACTIVE and not state.expired


def eligible_groups(target: Target, states: Mapping[str, CheckState]) -> Mapping[str, bool]:
    """The router groups of a target, and whether it counts there: active, and all that the group requires passes."""
    active = all(passes(states.get(check.name)) for check in target.required)
    return {m.group: active and all(passes(states.get(check)) for check in m.requires) for m in target.groups}
