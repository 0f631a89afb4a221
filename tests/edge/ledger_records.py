"""Records as the runner makes them, for the ledger's tests: small, valid, and different by number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid5

from monitor.core.memory import CONTROL
from monitor.core.types import (
    PROBE_NAMESPACE,
    Capability,
    CheckState,
    ConfigChanged,
    Expired,
    Gate,
    Probed,
    ProbeResult,
    Record,
    Signal,
    Standing,
    Target,
    TargetHealth,
    Transition,
    Verdict,
    probe_id,
)
from monitor.edge.ledger import SqlLedger

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
TARGET = Target("openai/nano", "openai", "nano", "gpt-nano", "openai-chat", "https://api.example.com/v1", "main", ())

T = TypeVar("T")


def with_ledger(url: str, story: Callable[[SqlLedger], Awaitable[T]]) -> T:
    """What `story` tells of a ledger that is open while it runs."""

    async def run() -> T:
        async with SqlLedger(url) as ledger:
            return await story(ledger)

    return asyncio.run(run())


def slot(number: int) -> datetime:
    return START + timedelta(minutes=number)


def result(number: int, target_id: str = TARGET.id, check: str = "inline", **facts: Any) -> ProbeResult:
    """A probe that saw, in its own slot."""
    usual: dict[str, Any] = {
        "id": probe_id(target_id, check, slot(number)),
        "target_id": target_id,
        "check": check,
        "challenge": "code",
        "seed": number.to_bytes(32),
        "image_size": 448,
        "scheduled_at": slot(number),
        "finished_at": slot(number) + timedelta(seconds=2),
        "verdict": Verdict.SEEN,
        "signal": Signal.FOR,
        "rule": "exact",
        "reason": "read all 6 characters",
        "expected": f"K{number}",
        "output_cap": 64,
        "cap_parameter": "max_tokens",
        "http_status": 200,
    }
    return ProbeResult(**{**usual, **facts})


def control(number: int, target_id: str = TARGET.id, **facts: Any) -> ProbeResult:
    """A text-only twin."""
    return result(number, target_id, CONTROL, **{"verdict": None, "signal": None, "rule": "passed", **facts})


def state(version: int, **facts: Any) -> CheckState:
    return CheckState(**{"standing": Standing.ACTIVE, "reason": "seen", "since": START, "version": version, **facts})


def health(target_id: str = TARGET.id, **facts: Any) -> TargetHealth:
    """An active row, its proof valid for ever so long."""
    provider, model_ref = target_id.split("/")
    usual: dict[str, Any] = {
        "target_id": target_id,
        "provider": provider,
        "model_ref": model_ref,
        "model": "gpt-nano",
        "dialect": "openai-chat",
        "standing": Standing.ACTIVE,
        "reason": "seen",
        "since": START,
        "last_proof_at": START,
        "valid_until": datetime(9000, 1, 1, tzinfo=UTC),
        "capabilities": (Capability("ocr", Gate.QUALITY, "fail"), Capability("inline", Gate.PATH, "pass")),
        "groups": {"vlm": True},
        "media_path": "inline",
        "last_probe_id": None,
        "updated_at": START,
    }
    return TargetHealth(**{**usual, **facts})


def transition(number: int, target_id: str = TARGET.id) -> Transition:
    return Transition(
        id=uuid5(PROBE_NAMESPACE, f"{target_id} {number}"),
        target_id=target_id,
        before=Standing.CATALOG_ONLY,
        after=Standing.ACTIVE,
        at=slot(number),
        reason="seen",
        detail="first proof",
        probe_id=probe_id(target_id, "inline", slot(number)),
        actor="probe",
    )


def probed(result: ProbeResult, version: int | None, **parts: Any) -> Record:
    """The record of a probe that makes its check's state that version (None: a control, which moves none)."""
    if version is None or result.verdict is None or result.signal is None:
        return replace(bare(result.target_id, result.check, result.scheduled_at), result=result, **parts)
    event = Probed(result.scheduled_at, result.verdict, result.signal, result.challenge)
    record = replace(bare(result.target_id, result.check, result.scheduled_at), result=result, event=event)
    return replace(record, **{"state": state(version), **parts})


def expired(number: int, version: int, target_id: str = TARGET.id, check: str = "inline", **parts: Any) -> Record:
    record = replace(bare(target_id, check, slot(number)), event=Expired(slot(number)))
    return replace(record, **{"state": state(version, expired=True), **parts})


def config_changed(number: int, version: int, target_id: str = TARGET.id, check: str = "inline") -> Record:
    record = replace(bare(target_id, check, slot(number)), event=ConfigChanged(slot(number)))
    return replace(record, state=CheckState(version=version))


def bare(target_id: str, check: str, at: datetime) -> Record:
    """A record that leaves nothing behind yet."""
    return Record(target_id, check, at, None, None, None, None, None)
