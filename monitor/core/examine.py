"""From an exchange to a finding, and from a judged finding to the result that is stored. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from monitor.core.checks import FINE_PRINT, check_of, is_own, wording
from monitor.core.claims import find_claim
from monitor.core.cost import image_usd, probe_usd
from monitor.core.families import expected_image_tokens
from monitor.core.garble import is_garbled
from monitor.core.inquiry import image_size
from monitor.core.memory import Control, Earlier, TargetMemory
from monitor.core.reason import joined, quote
from monitor.core.tokens import expected_delta, weigh
from monitor.core.types import (
    Answer,
    Ask,
    Exchange,
    Finding,
    Judgement,
    Match,
    ProbeResult,
    Puzzle,
    Reply,
    Signal,
    Target,
    TokenEvidence,
    Twin,
    Usage,
    WireRequest,
)

LONGEST_ANSWER = 400
"""Characters of an answer that are stored."""

Compare = Callable[[str, str, str], Answer]
"""(challenge, expected, text) -> Answer, by the challenges' own matching."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One probe as it goes out and what came back, once it did. `first_attempt` is a form that was refused before."""

    id: UUID
    target: Target
    check: str
    puzzle: Puzzle
    image_size: int
    ask: Ask
    scheduled_at: datetime
    finished_at: datetime
    request: WireRequest | None = None
    exchange: Exchange | None = None
    reply: Reply | None = None
    first_attempt: str | None = None


def examine(sent: Sent, memory: TargetMemory, compare: Compare) -> Finding:
    """All the evidence of a probe, the text twin's outcome aside."""
    text = sent.reply.text if sent.reply else None
    controls = controls_of(sent, memory)
    return Finding(
        model=sent.target.model,
        known_echoes=frozenset(p.echo for p in memory.proven if p.echo is not None),
        cap=sent.ask.cap,
        expected=sent.puzzle.expected,
        question=sent.puzzle.question,
        base64_length=sum((len(image.data) + 2) // 3 * 4 for image in sent.puzzle.images),
        exchange=sent.exchange,
        reply=sent.reply,
        answer=None if text is None else compare(sent.puzzle.challenge, sent.puzzle.expected, text),
        claim=None if text is None else find_claim(text, sent.puzzle.question),
        tokens=_tokens(sent, memory),
        replayed_from=_replayed_from(sent, memory, compare),
        garbled=text is not None and is_garbled(text),
        control_sane=controls[0].sane if controls else None,
        unsure_before=memory.state(sent.check).unsure_run,
        images=len(sent.puzzle.images),
        fine_print=sent.puzzle.challenge == FINE_PRINT,
        tests_the_file=check_of(sent.target, sent.check).tests_the_file,
    )


def controls_of(sent: Sent, memory: TargetMemory) -> tuple[Control, ...]:
    """The text-only controls that a probe compares with, newest first."""
    same = wording(sent.puzzle.challenge, sent.ask)
    return tuple(control for control in memory.controls if control.wording == same)


def _tokens(sent: Sent, memory: TargetMemory) -> TokenEvidence:
    if sent.reply is None:
        return TokenEvidence()
    return weigh(sent.reply.usage, sent.reply.model, controls_of(sent, memory), _expected_delta(sent, memory))


def _expected_delta(sent: Sent, memory: TargetMemory) -> int | None:
    """What was learned holds for images that we draw, the config's word for its canvas; else the formula."""
    each = [expected_image_tokens(sent.target.model, i.width, i.height) for i in sent.puzzle.images]
    known = [tokens for tokens in each if tokens is not None]
    prior = sum(known) if known else None
    if is_own(sent.puzzle.challenge):
        return prior
    configured = sent.target.image_tokens if sent.image_size == image_size(sent.target) else None
    override = None if configured is None else configured * len(each)
    return expected_delta(override, memory.proven, prior, sent.puzzle.challenge, sent.image_size)


def _replayed_from(sent: Sent, memory: TargetMemory, compare: Compare) -> UUID | None:
    if sent.reply is None or sent.reply.text is None or sent.exchange is None:
        return None
    digest = body_digest(sent.exchange.body)
    for old in memory.earlier:
        same_reply = digest == old.body_digest or _same_id(sent.reply.response_id, old, memory.earlier)
        if same_reply and compare(old.challenge, old.expected, sent.reply.text).match is Match.EXACT:
            return old.probe_id
    return None


def _same_id(response_id: str | None, old: Earlier, earlier: tuple[Earlier, ...]) -> bool:
    bodies = {e.body_digest for e in earlier if e.response_id == response_id}
    constant = len(bodies) > 1
    return bool(response_id) and response_id == old.response_id and not constant


def body_digest(body: bytes) -> bytes:
    """A short fingerprint of a reply's body, to recognise it when it comes again."""
    return blake2b(body, digest_size=16).digest()


def text_twin(sent: Sent) -> Twin:
    """How a text-only request fared."""
    status = sent.exchange.status if sent.exchange else None
    if status is not None and 400 <= status < 500:
        return Twin.CLIENT_ERROR
    fine = status is not None and 200 <= status < 300 and sent.reply is not None
    faults = (sent.reply.error, sent.reply.malformed, sent.reply.truncated) if sent.reply else ()
    return Twin.PASSED if fine and not any(faults) else Twin.FAILED


def result_of(sent: Sent, finding: Finding, judgement: Judgement, signal: Signal) -> ProbeResult:
    """The stored result of a judged probe."""
    return replace(
        _measured(sent, finding.tokens),
        verdict=judgement.verdict,
        signal=signal,
        rule=judgement.rule,
        reason=joined(judgement.reason, f"first tried {sent.first_attempt}" if sent.first_attempt else ""),
        control_tokens=finding.tokens.control,
        token_delta=finding.tokens.delta,
        expected_tokens=finding.tokens.expected,
    )


def control_result(sent: Sent) -> ProbeResult:
    """The stored result of a text-only control: it has no verdict; its rule says how it fared."""
    usage = sent.reply.usage if sent.reply else Usage()
    result = _measured(sent, TokenEvidence(input=usage.input_total, delta=0))
    text = result.answer or ""
    return replace(
        result,
        rule=text_twin(sent).value,
        reason="text-only control" if text_twin(sent) is Twin.PASSED else _failure_words(sent),
        answer_sane=None if sent.reply is None or sent.reply.text is None else not is_garbled(text),
    )


def _failure_words(sent: Sent) -> str:
    error = sent.reply.error if sent.reply else None
    failure = sent.exchange.failure if sent.exchange else None
    status = f"HTTP {sent.exchange.status}" if sent.exchange and sent.exchange.status else "no HTTP answer"
    return joined(status, quote(error.message) if error else "", quote(failure.detail) if failure else "")


def _measured(sent: Sent, tokens: TokenEvidence) -> ProbeResult:
    reply = sent.reply or Reply()
    exchange = sent.exchange
    images = len(sent.puzzle.images)
    prices = sent.target.prices
    return ProbeResult(
        id=sent.id,
        target_id=sent.target.id,
        check=sent.check,
        challenge=sent.puzzle.challenge,
        seed=sent.puzzle.seed,
        image_size=sent.image_size,
        scheduled_at=sent.scheduled_at,
        finished_at=sent.finished_at,
        verdict=None,
        signal=None,
        rule=None,
        reason="",
        expected=sent.puzzle.expected,
        output_cap=sent.ask.cap,
        cap_parameter=sent.ask.cap_parameter,
        http_status=exchange.status if exchange else None,
        failure=exchange.failure.kind if exchange and exchange.failure else None,
        latency_s=exchange.elapsed_s if exchange else None,
        first_byte_s=exchange.first_byte_s if exchange else None,
        input_tokens=reply.usage.input_total,
        image_tokens=reply.usage.image,
        output_tokens=reply.usage.output,
        cached_tokens=reply.usage.cached,
        reasoning_tokens=reply.usage.reasoning,
        response_model=reply.model,
        response_id=reply.response_id,
        body_digest=body_digest(exchange.body) if exchange and exchange.status == 200 else None,
        answer=None if reply.text is None else reply.text[:LONGEST_ANSWER],
        cost_usd=probe_usd(reply.usage, tokens, prices, images),
        image_cost_usd=image_usd(reply.usage, tokens, prices, images),
        billed_usd=reply.usage.billed_usd,
        retry_after=reply.error.retry_after if reply.error else None,
        first_attempt=sent.first_attempt,
    )
