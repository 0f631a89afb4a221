"""Dataclass to JSON: pure views, one a type, with the names of the contract. Unknown is null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.core.types import CheckState, ProbeResult, TargetHealth, Transition


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with microseconds."""
    return None if at is None else at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def health_json(row: TargetHealth) -> dict[str, Any]:
    """The row of `target_health`, column for column."""
    return {
        "target_id": row.target_id,
        "provider": row.provider,
        "model_ref": row.model_ref,
        "model": row.model,
        "dialect": row.dialect,
        "standing": row.standing.value,
        "reason": row.reason,
        "since": moment(row.since),
        "last_proof_at": moment(row.last_proof_at),
        "valid_until": moment(row.valid_until),
        "capabilities": {c.check: {"gate": c.gate.value, "state": c.state} for c in row.capabilities},
        "groups": dict(row.groups),
        "media_path": row.media_path,
        "last_probe_id": None if row.last_probe_id is None else str(row.last_probe_id),
        "version": row.version,
        "updated_at": moment(row.updated_at),
    }


def probe_json(result: ProbeResult) -> dict[str, Any]:
    """One probe; a control has neither verdict nor signal."""
    return {
        "probe_id": str(result.id),
        "target": result.target_id,
        "check": result.check,
        "challenge": result.challenge,
        "seed": result.seed.hex(),
        "scheduled_at": moment(result.scheduled_at),
        "verdict": result.verdict,
        "signal": result.signal,
        "reason": result.reason,
        "http_status": result.http_status,
        "latency_s": result.latency_s,
        "first_byte_s": result.first_byte_s,
        "input_tokens": result.input_tokens,
        "control_tokens": result.control_tokens,
        "token_delta": result.token_delta,
        "expected_tokens": result.expected_tokens,
        "image_tokens": result.image_tokens,
        "output_tokens": result.output_tokens,
        "cached_tokens": result.cached_tokens,
        "response_model": result.response_model,
        "response_id": result.response_id,
        "answer": result.answer,
        "expected": result.expected,
        "fetches": result.fetches,
        "cost_usd": result.cost_usd,
        "billed_usd": result.billed_usd,
    }


def transition_json(transition: Transition) -> dict[str, Any]:
    """One change of standing."""
    return {
        "transition_id": str(transition.id),
        "target": transition.target_id,
        "before": transition.before.value,
        "after": transition.after.value,
        "at": moment(transition.at),
        "reason": transition.reason,
        "detail": transition.detail,
        "probe_id": None if transition.probe_id is None else str(transition.probe_id),
        "actor": transition.actor,
    }


def check_json(state: CheckState) -> dict[str, Any]:
    """What is believed of one check."""
    return {
        "standing": state.standing.value,
        "reason": state.reason,
        "score": state.score,
        "since": moment(state.since),
        "last_proof_at": moment(state.last_proof_at),
        "expired": state.expired,
    }


def evidence_json(result: ProbeResult) -> dict[str, Any]:
    """All that is kept of one probe: `probe_json` and what only an investigation asks for."""
    return probe_json(result) | {
        "rule": result.rule,
        "finished_at": moment(result.finished_at),
        "image_size": result.image_size,
        "output_cap": result.output_cap,
        "cap_parameter": result.cap_parameter,
        "failure": result.failure,
        "reasoning_tokens": result.reasoning_tokens,
        "answer_sane": result.answer_sane,
        "body_digest": None if result.body_digest is None else result.body_digest.hex(),
        "image_cost_usd": result.image_cost_usd,
        "retry_after_s": None if result.retry_after is None else result.retry_after.total_seconds(),
        "first_attempt": result.first_attempt,
    }
