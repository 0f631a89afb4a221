"""Evidence, states and results with a default for everything that a test does not speak of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.memory import CONTROL, Control
from monitor.core.types import (
    Answer,
    CheckState,
    Exchange,
    Failure,
    Finding,
    Match,
    Mode,
    Policy,
    Probed,
    ProbeResult,
    Reply,
    ReplyError,
    Signal,
    Standing,
    Target,
    TargetCheck,
    TokenEvidence,
    Verdict,
    probe_id,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVERY = timedelta(seconds=60)
EXPECTED_TOKENS = 236
"""What the image of these tests should cost; its tolerance is 12."""
BASE64_LENGTH = 4000
VERDICT_OF = {Signal.FOR: Verdict.SEEN, Signal.AGAINST: Verdict.DROPPED, Signal.SILENT: Verdict.THROTTLED}


def exchange(status: int | None = 200, failure: Failure | None = None) -> Exchange:
    return Exchange(status, {}, b"{}", failure, elapsed_s=0.8, first_byte_s=0.7)


def tokens(delta: int | None = EXPECTED_TOKENS, **other: Any) -> TokenEvidence:
    """A control of 31 tokens and the delta; None leaves the input unreported."""
    known = TokenEvidence(31 if delta is None else 31 + delta, 31, delta, EXPECTED_TOKENS, 12)
    fields = {name: getattr(known, name) for name in ("input", "control", "delta", "expected", "tolerance")}
    if delta is None:
        fields["input"] = None
    return TokenEvidence(**(fields | other))


def answer(match: Match, *, bare: bool = True) -> Answer:
    return Answer(match, int(match is Match.EXACT), 1, None, bare)


def part(*places: int) -> Answer:
    """Of two parts those were read, in that order."""
    return Answer(Match.FAR, len(places), 2, None, bare=False, reordered=places == (1, 0), places=places)


def finding(**other: Any) -> Finding:
    """A probe that was seen: 200, the exact code and nothing else, the expected delta."""
    fields: dict[str, Any] = {
        "model": "openai/gpt-5.4-nano",
        "known_echoes": frozenset(),
        "cap": 64,
        "expected": "K7Q2M",
        "question": "Reply with only the characters.",
        "base64_length": BASE64_LENGTH,
        "exchange": exchange(),
        "reply": Reply(text="K7Q2M"),
        "answer": answer(Match.EXACT),
        "claim": None,
        "tokens": tokens(),
    }
    return Finding(**(fields | other))


def answered(text: str, match: Match = Match.FAR, delta: int | None = EXPECTED_TOKENS, **other: Any) -> Finding:
    """A probe that was answered with `text`."""
    return finding(**({"reply": Reply(text=text), "answer": answer(match), "tokens": tokens(delta)} | other))


def refused_by(status: int, message: str | None = None, code: str | None = None, **other: Any) -> Finding:
    """A probe that met an HTTP error, or a 200 with an error in it; without a message, one without words."""
    reply = Reply(error=None if message is None else ReplyError(message, code=code))
    evidence = {"exchange": exchange(status), "reply": reply, "answer": None, "tokens": TokenEvidence()}
    return finding(**(evidence | other))


def check(name: str = "inline", mode: Mode = Mode.REQUIRED, every: timedelta = EVERY) -> TargetCheck:
    return TargetCheck(name, mode, every, timeout=timedelta(seconds=30), proof_ttl=timedelta(minutes=5))


def target(*checks: TargetCheck, **other: Any) -> Target:
    fields: dict[str, Any] = {
        "id": "acme/nano",
        "provider": "acme",
        "model_ref": "nano",
        "model": "gpt-5.4-nano",
        "dialect": "openai-chat",
        "base_url": "https://api.example.com/v1",
        "key_ref": "ACME_KEY",
        "checks": checks or (check(),),
    }
    return Target(**(fields | other))


def active(score: int = 0, **other: Any) -> CheckState:
    """A check that was promoted at noon and last proven then."""
    fields: dict[str, Any] = {
        "standing": Standing.ACTIVE,
        "reason": "seen",
        "score": score,
        "since": NOON,
        "last_proof_at": NOON,
        "last_promoted_at": NOON,
        "last_signal": Signal.FOR,
        "last_verdict": Verdict.SEEN,
    }
    return CheckState(**(fields | other))


def fallen(score: int = Policy().full, **other: Any) -> CheckState:
    """A check that was proven once and then flipped."""
    fields: dict[str, Any] = {
        "standing": Standing.CATALOG_ONLY,
        "reason": "dropped",
        "last_signal": Signal.AGAINST,
        "last_verdict": Verdict.DROPPED,
    }
    return active(score, **(fields | other))


def probed(signal: Signal, at: datetime = NOON, verdict: Verdict | None = None, *, timed_out: bool = False) -> Probed:
    """A probe of that signal, by default with the verdict that is typical of it."""
    return Probed(at, verdict or VERDICT_OF[signal], signal, "code", timed_out)


def result(at: datetime = NOON, name: str = "inline", **other: Any) -> ProbeResult:
    """A stored probe that was seen."""
    fields: dict[str, Any] = {
        "id": probe_id("acme/nano", name, at),
        "target_id": "acme/nano",
        "check": name,
        "challenge": "code",
        "seed": b"seed",
        "image_size": 448,
        "scheduled_at": at,
        "finished_at": at + timedelta(seconds=1),
        "verdict": Verdict.SEEN,
        "signal": Signal.FOR,
        "rule": "exact",
        "reason": "",
        "expected": "K7Q2M",
        "output_cap": 64,
        "cap_parameter": "max_completion_tokens",
        "http_status": 200,
        "token_delta": EXPECTED_TOKENS,
    }
    return ProbeResult(**(fields | other))


def control_result(at: datetime = NOON, **other: Any) -> ProbeResult:
    """A stored text-only control that passed."""
    unjudged: dict[str, Any] = {"verdict": None, "signal": None, "rule": "passed", "input_tokens": 31}
    return result(at, CONTROL, **(unjudged | other))


def control(input_tokens: int | None, echo: str | None = None) -> Control:
    return Control("code", NOON, input_tokens, echo, sane=True, passed=True)
