"""The table from evidence to verdict, and the one from verdict to signal, row by row (VERDICTS.md §2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from monitor.core.signals import signal_of
from monitor.core.types import (
    Claim,
    ClaimKind,
    Exchange,
    Failure,
    FailureKind,
    Finding,
    Finish,
    Gate,
    Match,
    Reply,
    ReplyError,
    Signal,
    TokenEvidence,
    Twin,
    Verdict,
)
from monitor.core.verdict import EXACT, OTHERWISE, RULES, TRANSPORT, judge, needs_twin
from tests.core.builders import answer, answered, exchange, finding, part, refused_by, tokens

OLD = UUID(int=7)
SENTINEL = Claim(ClaimKind.SENTINEL, "NOIMG")
PLACEHOLDER = Claim(ClaimKind.PLACEHOLDER, "[image omitted]")
ABSENCE = Claim(ClaimKind.ABSENCE, "I don't see an image")
TIMEOUT = Failure(FailureKind.DEADLINE, "30 s")
NO_VISION = "No endpoints found that support image input"

# --- each row, with its sentence ----------------------------------------------------------------------------------

GOLDENS: tuple[tuple[Finding, str, str], ...] = (
    (
        finding(exchange=None, reply=None, answer=None, tokens=TokenEvidence()),
        "slot passed",
        "missed: more than one interval late, nothing was sent",
    ),
    (
        finding(exchange=exchange(None, TIMEOUT), reply=None, answer=None),
        "no HTTP answer",
        "unreachable: no HTTP answer, deadline: '30 s'",
    ),
    (
        finding(exchange=exchange(None, Failure(FailureKind.DNS, "no such host")), reply=None, answer=None),
        "no HTTP answer",
        "unreachable: no HTTP answer, dns: 'no such host'",
    ),
    (
        refused_by(400, "Could not process image"),
        "our own request was illegal",
        "probe_invalid: HTTP 400, 'Could not process image'",
    ),
    (
        refused_by(400, "Unknown parameter: 'max_tokens'"),
        "our own request was illegal",
        """probe_invalid: HTTP 400, "Unknown parameter: 'max_tokens'\"""",
    ),
    (
        refused_by(400, "The response was filtered", code="content_filter", twin=Twin.PASSED),
        "filtered, with an error status",
        "refused: HTTP 400, 'The response was filtered'",
    ),
    (
        refused_by(400, "prompt is too long", twin=Twin.PASSED),
        "too long only with the image",
        "textified: HTTP 400, 'prompt is too long', the same words without an image pass",
    ),
    (
        refused_by(404, NO_VISION, twin=Twin.PASSED),
        "refused only with the image",
        "rejected: HTTP 404, 'No endpoints found that support image input', the same words without an image pass",
    ),
    (
        refused_by(422, twin=Twin.PASSED),
        "refused only with the image",
        "rejected: HTTP 422, the same words without an image pass",
    ),
    (refused_by(401, "bad key"), "credentials or credit", "denied: HTTP 401, 'bad key'"),
    (
        refused_by(429, "You exceeded your quota", code="insufficient_quota"),
        "credentials or credit",
        "denied: HTTP 429, 'You exceeded your quota'",
    ),
    (refused_by(529, "Overloaded"), "rate limit or overload", "throttled: HTTP 529, 'Overloaded'"),
    (
        refused_by(429, "No deployments available"),
        "rate limit or overload",
        "throttled: HTTP 429, 'No deployments available', the gateway's own cooldown",
    ),
    (
        refused_by(404, "model 'nano' not found", twin=Twin.CLIENT_ERROR),
        "model missing",
        """provider_error: HTTP 404, "model 'nano' not found\"""",
    ),
    (
        refused_by(404, "model 'nano' not found", twin=Twin.FAILED),
        "model missing",
        """provider_error: HTTP 404, "model 'nano' not found\"""",
    ),
    (refused_by(503), "provider failed", "provider_error: HTTP 503"),
    (refused_by(301), "provider failed", "provider_error: HTTP 301"),
    (
        refused_by(500, "missing data required for image input", twin=Twin.FAILED),
        "provider failed",
        "provider_error: HTTP 500, 'missing data required for image input', the text-only twin failed too",
    ),
    (
        refused_by(408, twin=Twin.PASSED),
        "provider failed",
        "provider_error: HTTP 408, the text-only twin passed",
    ),
    (
        refused_by(200, "upstream broke\n"),
        "provider failed",
        r"provider_error: HTTP 200, 'upstream broke\n'",
    ),
    (
        refused_by(400, "nonsense", twin=Twin.CLIENT_ERROR),
        "text-only twin was refused too",
        "probe_invalid: HTTP 400, 'nonsense'",
    ),
    (
        refused_by(400, reply=Reply(malformed="not JSON"), twin=Twin.CLIENT_ERROR),
        "text-only twin was refused too",
        "probe_invalid: HTTP 400",
    ),
    (
        finding(reply=Reply(text="K7Q2M", truncated="a stream without [DONE]")),
        "a stream without its end",
        "truncated: HTTP 200, a stream without [DONE]",
    ),
    (
        finding(exchange=exchange(200, TIMEOUT), reply=Reply(text="K7Q2M", truncated="a stream without [DONE]")),
        "a stream without its end",
        "truncated: HTTP 200, a stream without [DONE], deadline: '30 s'",
    ),
    (
        finding(reply=Reply(malformed="not JSON"), answer=None),
        "not the dialect's shape",
        "malformed: HTTP 200, not JSON",
    ),
    (
        finding(exchange=exchange(200, Failure(FailureKind.TOO_LARGE, "2000000 bytes"))),
        "not the dialect's shape",
        "malformed: HTTP 200, too_large: '2000000 bytes'",
    ),
    (
        finding(tokens=tokens(output=80)),
        "exact, but over the cap",
        "over_cap: answer 'K7Q2M' for 'K7Q2M', input 267 against text-only 31 (Δ +236, expected 236)",
    ),
    (
        answered("It says K7Q2M.", Match.EXACT, answer=answer(Match.EXACT, bare=False)),
        "exact among other words",
        "leaked: answer 'It says K7Q2M.' for 'K7Q2M', input 267 against text-only 31 (Δ +236, expected 236)",
    ),
    (
        answered("K7Q2M", Match.EXACT, delta=0),
        "exact, image tokens missing",
        "seen_unmetered: answer 'K7Q2M' for 'K7Q2M', input 31 = text-only 31",
    ),
    (
        finding(tokens=tokens(image_reported=0)),
        "exact, image tokens missing",
        (
            "seen_unmetered: answer 'K7Q2M' for 'K7Q2M', "
            "input 267 against text-only 31 (Δ +236, expected 236), 0 image tokens reported"
        ),
    ),
    (
        finding(tokens=tokens(765, expected=None)),
        "exact",
        "seen: answer 'K7Q2M' for 'K7Q2M', input 796 against text-only 31 (Δ +765, expected unknown)",
    ),
    (finding(tokens=tokens(None)), "exact", "seen: answer 'K7Q2M' for 'K7Q2M', input tokens unreported"),
    (
        finding(tokens=TokenEvidence(input=267)),
        "exact",
        "seen: answer 'K7Q2M' for 'K7Q2M', input 267, no comparable text-only control",
    ),
    (
        finding(reply=Reply(refusal="I can't read captchas"), answer=None, tokens=tokens()),
        "refusal or filter",
        (
            "refused: the model or its filter refused, no answer text for 'K7Q2M' (\"I can't read captchas\"), "
            "input 267 against text-only 31 (Δ +236, expected 236)"
        ),
    ),
    (
        answered("The", reply=Reply(text="The", finish=Finish.LENGTH)),
        "cut off by the output cap",
        (
            "out_of_budget: the output cap ended the answer, answer 'The' for 'K7Q2M', "
            "input 267 against text-only 31 (Δ +236, expected 236)"
        ),
    ),
    (
        answered("XYZ34", replayed_from=OLD),
        "an earlier answer again",
        "replayed: the reply is that of probe 00000000-0000-0000-0000-000000000007, answer 'XYZ34' for 'K7Q2M'",
    ),
    (
        answered("A base64 string", delta=2000),
        "billed like base64 text",
        "textified: answer 'A base64 string' for 'K7Q2M', input 2031 against text-only 31 (Δ +2000, expected 236)",
    ),
    (
        answered("NOIMG", delta=0, claim=SENTINEL),
        "says that no image came",
        "blind: the model says that no image came ('NOIMG'), answer 'NOIMG' for 'K7Q2M', input 31 = text-only 31",
    ),
    (
        answered("I got [image omitted]", delta=3, claim=PLACEHOLDER),
        "says that no image came",
        (
            "blind: the model quotes a placeholder in the image's stead ('[image omitted]'), "
            "answer 'I got [image omitted]' for 'K7Q2M', input 34 against text-only 31 (Δ +3, expected 236)"
        ),
    ),
    (
        answered("Sorry, I don't see an image", delta=None, claim=ABSENCE),
        "says that no image came",
        (
            'blind: the model says that it has no image ("I don\'t see an image"), '
            "answer \"Sorry, I don't see an image\" for 'K7Q2M', input tokens unreported"
        ),
    ),
    (
        answered("W4XYC", answer=part(1), images=2, expected="K7R9M W4XYC"),
        "some of the images, or in another order",
        (
            "partial: of 2 images only: 2, answer 'W4XYC' for 'K7R9M W4XYC', "
            "input 267 against text-only 31 (Δ +236, expected 236)"
        ),
    ),
    (
        answered("W4XYC K7R9M", answer=part(1, 0), images=2, expected="K7R9M W4XYC"),
        "some of the images, or in another order",
        (
            "partial: all images were read, in another order: 2, 1, answer 'W4XYC K7R9M' for 'K7R9M W4XYC', "
            "input 267 against text-only 31 (Δ +236, expected 236)"
        ),
    ),
    (
        answered("K7R9M W4", answer=part(0), fine_print=True, expected="K7R9M W4XYC"),
        "large print read, small print not",
        ("degraded: answer 'K7R9M W4' for 'K7R9M W4XYC', input 267 against text-only 31 (Δ +236, expected 236)"),
    ),
    (
        answered("Red", reply=Reply(text="Red", model="gpt-5.4-mini"), delta=0),
        "another model answered",
        (
            "substituted: asked 'openai/gpt-5.4-nano', 'gpt-5.4-mini' answered, "
            "answer 'Red' for 'K7Q2M', input 31 = text-only 31"
        ),
    ),
    (
        answered("K7Q2N", Match.NEAR),
        "one edit from exact",
        "misread: answer 'K7Q2N' for 'K7Q2M', input 267 against text-only 31 (Δ +236, expected 236)",
    ),
    (
        answered("\ufffd\x07\ufffd", garbled=True, control_sane=True),
        "gibberish while the twin is sane",
        (
            r"garbled: degenerate answer, answer '�\x07�' for 'K7Q2M', "
            "input 267 against text-only 31 (Δ +236, expected 236)"
        ),
    ),
    (
        answered("Red", delta=0),
        "wrong, and no sign of image tokens",
        "dropped: answer 'Red' for 'K7Q2M', input 31 = text-only 31",
    ),
    (
        answered("Red", unsure_before=1),
        "wrong, and no sign of image tokens",
        (
            "dropped: answer 'Red' for 'K7Q2M', input 267 against text-only 31 (Δ +236, expected 236), "
            "again neither right nor text-only after an unsure answer"
        ),
    ),
    (
        answered("A red square. " * 9),
        "wrong, with tokens that an image could have cost",
        (
            "unsure: answer 'A red square. A red square. A red square. A red square. A r…' for 'K7Q2M', "
            "input 267 against text-only 31 (Δ +236, expected 236)"
        ),
    ),
    (
        finding(reply=Reply(finish=Finish.TOOL_CALLS), answer=None),
        "nothing else fits",
        ("unclassified: no answer text for 'K7Q2M', input 267 against text-only 31 (Δ +236, expected 236)"),
    ),
)


@pytest.mark.parametrize(("evidence", "rule", "sentence"), GOLDENS, ids=[f"{g[1]}-{n}" for n, g in enumerate(GOLDENS)])
def test_the_row_fires_with_its_sentence(evidence: Finding, rule: str, sentence: str) -> None:
    judged = judge(evidence)
    assert (judged.rule, f"{judged.verdict}: {judged.reason}") == (rule, sentence)


def test_every_row_has_a_golden() -> None:
    assert {rule for _, rule, _ in GOLDENS} == {rule.name for rule in RULES}


def test_every_verdict_stands_in_the_table() -> None:
    assert {rule.verdict for rule in RULES} == set(Verdict)


def test_a_strangers_words_are_cut_and_escaped() -> None:
    judged = judge(refused_by(500, "\x1b[31m" + "x" * 1000))
    assert judged.reason == f"HTTP 500, '\\x1b[31m{'x' * 54}…'"


# --- totality -----------------------------------------------------------------------------------------------------

STATUSES = (200, 201, 204, 301, 400, 401, 402, 403, 404, 408, 418, 429, 500, 503, 529)
EXCHANGES = (
    None,
    exchange(None),
    exchange(None, TIMEOUT),
    exchange(200, Failure(FailureKind.CUT, "peer closed")),
    *(exchange(status) for status in STATUSES),
)
ERRORS = (
    None,
    ReplyError("nonsense"),
    ReplyError("Could not process image"),
    ReplyError("Unknown parameter: 'max_tokens'"),
    ReplyError(NO_VISION),
    ReplyError("prompt is too long"),
    ReplyError("API key not valid"),
    ReplyError("rate limit for images"),
    ReplyError("No deployments available"),
    ReplyError("The model does not exist"),
    ReplyError("content_filter"),
)
MATCHES = (
    answer(Match.EXACT),
    answer(Match.EXACT, bare=False),
    answer(Match.NEAR),
    answer(Match.FAR),
    answer(Match.NONE),
    part(0),
    part(1, 0),
    None,
)
DELTAS = (None, 0, -400, 236, 85, 2000, 100_000)


def _errors() -> Iterator[Finding]:
    cut = Reply(text="K7Q2M", truncated="a stream without [DONE]")
    replies = (None, Reply(malformed="HTML"), cut, Reply(text="K7Q2M"), *(Reply(error=error) for error in ERRORS))
    for wire, reply, twin, match, is_file in product(EXCHANGES, replies, (None, *Twin), MATCHES, (False, True)):
        yield finding(exchange=wire, reply=reply, twin=twin, answer=match, tests_the_file=is_file)


def _answers() -> Iterator[Finding]:
    axes = product(
        MATCHES,
        DELTAS,
        (None, *Finish),
        (None, SENTINEL),
        (None, OLD),
        (None, "gpt-5.4-nano", "gpt-5.4-mini"),
        (0, 1),
        ((False, True), (True, True), (True, False), (True, None)),
        ((None, 6), (0, 80)),
        ((1, False), (2, False), (1, True)),
    )
    for match, delta, finish, claim, replayed, echo, unsure, (garbled, sane), (image, output), (images, fine) in axes:
        no_text = match is None or match.match is Match.NONE
        yield finding(
            reply=Reply(text=None if no_text else "…", finish=finish, model=echo),
            answer=match,
            tokens=tokens(delta, image_reported=image, output=output),
            claim=claim,
            replayed_from=replayed,
            garbled=garbled,
            control_sane=sane,
            unsure_before=unsure,
            images=images,
            fine_print=fine,
        )


def _unanswered(f: Finding) -> bool:
    return judge(f).rule in {rule.name for rule in TRANSPORT}


def _is_exact(f: Finding) -> bool:
    return f.answer is not None and f.answer.match is Match.EXACT


@pytest.fixture(scope="module")
def everything() -> tuple[Finding, ...]:
    """The product of the axes: all errors, and all answers to a 200."""
    return (*_errors(), *_answers())


def test_the_table_is_total_and_has_no_dead_row(everything: tuple[Finding, ...]) -> None:
    assert {judge(f).rule for f in everything} == {rule.name for rule in RULES}


def test_the_last_row_matches_all(everything: tuple[Finding, ...]) -> None:
    assert all(RULES[-1].when(f) for f in everything)


def test_every_judgement_says_why(everything: tuple[Finding, ...]) -> None:
    assert all(judge(f).reason for f in everything)


def test_an_answered_probe_speaks_for_vision_if_and_only_if_it_is_exact(everything: tuple[Finding, ...]) -> None:
    answered_ones = [f for f in everything if not _unanswered(f)]
    assert all((_signal(f) is Signal.FOR) is _is_exact(f) for f in answered_ones)


def test_an_unanswered_probe_never_speaks_for_vision(everything: tuple[Finding, ...]) -> None:
    assert Signal.FOR not in {_signal(f) for f in everything if _unanswered(f)}


def test_an_unanswered_probe_speaks_against_vision_only_when_its_twin_passed(everything: tuple[Finding, ...]) -> None:
    against = [f for f in everything if _unanswered(f) and _signal(f) is Signal.AGAINST]
    assert {f.twin for f in against} == {Twin.PASSED}


def _signal(f: Finding) -> Signal:
    return signal_of(judge(f).verdict, Gate.PATH)


# --- precedence ---------------------------------------------------------------------------------------------------

EVERY_PHRASE = {
    "reply": Reply(text="K7Q2M", refusal="no", finish=Finish.LENGTH, model="gpt-5.4-mini"),
    "claim": SENTINEL,
    "replayed_from": OLD,
    "garbled": True,
    "control_sane": True,
    "unsure_before": 1,
}


@pytest.mark.parametrize("claim", [SENTINEL, PLACEHOLDER, ABSENCE])
def test_an_exact_answer_overrides_every_claim(claim: Claim) -> None:
    assert judge(finding(claim=claim)).verdict is Verdict.SEEN


def test_an_exact_answer_overrides_all_else_at_once() -> None:
    assert judge(finding(**EVERY_PHRASE)).verdict is Verdict.SEEN


@pytest.mark.parametrize("delta", [d for d in DELTAS if d not in (0, -400)])
def test_an_exact_answer_is_seen_whatever_odd_delta(delta: int | None) -> None:
    assert judge(finding(tokens=tokens(delta))).verdict is Verdict.SEEN


@pytest.mark.parametrize(
    ("wire", "reply"),
    [
        (None, Reply(text="K7Q2M")),
        (exchange(None, TIMEOUT), Reply(text="K7Q2M")),
        (exchange(500), Reply(text="K7Q2M")),
        (exchange(404), Reply(text="K7Q2M")),
        (exchange(200), Reply(text="K7Q2M", error=ReplyError("upstream broke"))),
        (exchange(200), Reply(text="K7Q2M", malformed="no choices")),
        (exchange(200), Reply(text="K7Q2M", truncated="no [DONE]")),
        (exchange(200, Failure(FailureKind.CUT, "peer closed")), Reply(text="K7Q2M")),
    ],
)
def test_transport_beats_an_exact_answer(wire: Exchange | None, reply: Reply) -> None:
    assert _unanswered(finding(exchange=wire, reply=reply))


IN_ORDER: tuple[tuple[Verdict, dict[str, object]], ...] = (
    (Verdict.OVER_CAP, {"tokens": tokens(0, output=80), "answer": answer(Match.EXACT, bare=False)}),
    (Verdict.LEAKED, {"tokens": tokens(0), "answer": answer(Match.EXACT, bare=False)}),
    (Verdict.SEEN_UNMETERED, {"tokens": tokens(0)}),
    (Verdict.SEEN, {}),
)


@pytest.mark.parametrize(("verdict", "evidence"), IN_ORDER)
def test_exact_answers_are_told_apart_in_order(verdict: Verdict, evidence: dict[str, object]) -> None:
    assert judge(finding(**(EVERY_PHRASE | evidence))).verdict is verdict


ALL_AT_ONCE = EVERY_PHRASE | {
    "reply": Reply(text="Red", refusal="no", finish=Finish.LENGTH, model="gpt-5.4-mini"),
    "answer": part(0),
    "tokens": tokens(2000),
    "images": 2,
    "fine_print": True,
}
TAKEN_AWAY: tuple[tuple[Verdict, dict[str, object]], ...] = (
    (Verdict.REFUSED, {}),
    (Verdict.OUT_OF_BUDGET, {"reply": Reply(text="Red", finish=Finish.LENGTH, model="gpt-5.4-mini")}),
    (Verdict.REPLAYED, {"reply": Reply(text="Red", model="gpt-5.4-mini")}),
    (Verdict.TEXTIFIED, {"replayed_from": None}),
    (Verdict.BLIND, {"tokens": tokens(0)}),
    (Verdict.PARTIAL, {"claim": None}),
    (Verdict.SUBSTITUTED, {"images": 1}),
    (Verdict.DEGRADED, {"reply": Reply(text="Red")}),
    (Verdict.MISREAD, {"answer": answer(Match.NEAR)}),
    (Verdict.GARBLED, {"answer": answer(Match.FAR)}),
    (Verdict.DROPPED, {"garbled": False}),
    (Verdict.DROPPED, {"tokens": tokens()}),
    (Verdict.UNSURE, {"unsure_before": 0}),
    (Verdict.UNCLASSIFIED, {"reply": Reply()}),
)
"""What remains each time that the witness which decided is taken away."""


@pytest.mark.parametrize("taken", range(len(TAKEN_AWAY)), ids=[f"{verdict}" for verdict, _ in TAKEN_AWAY])
def test_everything_else_is_told_apart_in_order(taken: int) -> None:
    evidence = dict(ALL_AT_ONCE)
    for _, change in TAKEN_AWAY[: taken + 1]:
        evidence |= change
    assert judge(finding(**evidence)).verdict is TAKEN_AWAY[taken][0]


def test_the_blocks_stand_in_order() -> None:
    assert RULES == TRANSPORT + EXACT + OTHERWISE


# --- single facts -------------------------------------------------------------------------------------------------

BAD_IMAGE = "Could not process image"
FACTS = (
    (
        "a bad image is no fault of ours where the file is the subject",
        refused_by(400, BAD_IMAGE, twin=Twin.PASSED, tests_the_file=True),
        Verdict.REJECTED,
    ),
    (
        "so it is by the code alone, in a 200",
        refused_by(200, "no", "invalid_image_format", twin=Twin.PASSED, tests_the_file=True),
        Verdict.REJECTED,
    ),
    ("elsewhere it is ours", refused_by(400, BAD_IMAGE, twin=Twin.PASSED), Verdict.PROBE_INVALID),
    (
        "an unknown parameter is ours everywhere",
        refused_by(400, "Unknown parameter: 'max_tokens'", twin=Twin.PASSED, tests_the_file=True),
        Verdict.PROBE_INVALID,
    ),
    ("one code of two in one image is not partial", answered("K7R9M", answer=part(0)), Verdict.UNSURE),
    ("none of several images is not partial", answered("Red", images=2, delta=0), Verdict.DROPPED),
    ("small print alone is not degraded", answered("W4XYC", answer=part(1), fine_print=True), Verdict.UNSURE),
    ("unreported output is never over the cap", finding(tokens=tokens(output=None)), Verdict.SEEN),
    ("output up to the cap is within it", finding(tokens=tokens(output=64)), Verdict.SEEN),
    ("output beyond the cap is over it", finding(tokens=tokens(output=65)), Verdict.OVER_CAP),
    ("absent image tokens are unknown", finding(tokens=tokens(image_reported=None)), Verdict.SEEN),
    ("a negative delta is that of text", finding(tokens=tokens(-9)), Verdict.SEEN_UNMETERED),
    ("a filter's finish is a refusal", answered("no", reply=Reply("no", Finish.FILTER)), Verdict.REFUSED),
    ("a refusing finish is a refusal", answered("no", reply=Reply("no", Finish.REFUSAL)), Verdict.REFUSED),
    ("an empty answer may be cut too", finding(reply=Reply(None, Finish.LENGTH), answer=None), Verdict.OUT_OF_BUDGET),
    (
        "a dated suffix is no other model",
        answered("Red", reply=Reply("Red", model="gpt-5.4-nano-2026-03-01")),
        "unsure",
    ),
    ("an alias is no other model", answered("Red", reply=Reply("Red", model="x"), known_echoes={"x"}), "unsure"),
    ("an unreported echo is no other model", answered("Red", reply=Reply("Red", model="")), "unsure"),
    ("gibberish says nothing without a sane twin", answered("%%", garbled=True, control_sane=False), "unsure"),
    ("gibberish says nothing with an unknown twin", answered("%%", garbled=True), "unsure"),
    ("an unknown delta is a drop", answered("Red", delta=None), Verdict.DROPPED),
    ("a negative delta is a drop", answered("Red", delta=-20), Verdict.DROPPED),
    ("a delta at the tolerance is a drop", answered("Red", delta=12), Verdict.DROPPED),
    ("a delta above the tolerance is unsure", answered("Red", delta=13), Verdict.UNSURE),
    ("an invented flat delta is unsure", answered("Red", delta=85), Verdict.UNSURE),
    ("no text at the text's price is a drop", finding(reply=Reply(), answer=None, tokens=tokens(0)), Verdict.DROPPED),
    (
        "no text at an unknown price is neither",
        finding(reply=Reply(), answer=None, tokens=tokens(None)),
        "unclassified",
    ),
    ("white space is no text", finding(reply=Reply(" \n"), answer=answer(Match.NONE)), Verdict.UNCLASSIFIED),
    ("no text after an unsure one is neither", finding(reply=Reply(), answer=None, unsure_before=1), "unclassified"),
    ("a gateway that answers 204 is out of shape", finding(exchange=exchange(204), reply=None), Verdict.MALFORMED),
)


@pytest.mark.parametrize(("evidence", "verdict"), [fact[1:] for fact in FACTS], ids=[fact[0] for fact in FACTS])
def test_the_fact_decides(evidence: Finding, verdict: str) -> None:
    assert judge(evidence).verdict == verdict


def test_after_an_unsure_answer_an_exact_one_is_seen() -> None:
    assert judge(finding(unsure_before=1)).verdict is Verdict.SEEN


# --- errors, by the wordings of WIRE.md ---------------------------------------------------------------------------

BAD_KEY = ReplyError("API key not valid. Please pass a valid API key.")
NO_MODEL = ReplyError("The model `nano` does not exist", code="model_not_found")
ANTHROPIC_RATE = ReplyError("This would exceed the rate limit. Please reduce the maximum tokens requested")

WIRE = (
    # status, error, verdict while the twin passed, met a 4xx too, failed
    (401, ReplyError("no", code="invalid_api_key"), "denied", "denied", "denied"),
    (403, ReplyError("AccessDenied"), "denied", "denied", "denied"),
    (402, ReplyError("Insufficient credits"), "denied", "denied", "denied"),
    (400, BAD_KEY, "denied", "denied", "denied"),
    (400, ReplyError("filtered", code="content_filter"), "refused", "refused", "refused"),
    (400, ReplyError("no", code="image_content_policy_violation"), "refused", "refused", "refused"),
    (429, ReplyError("spent", code="credit_balance_exhausted"), "denied", "denied", "denied"),
    (429, ReplyError("spent", code="insufficient_quota"), "denied", "denied", "denied"),
    (429, ReplyError("spent", type="enforced_spend_limit_reached"), "denied", "denied", "denied"),
    (429, None, "throttled", "throttled", "throttled"),
    (429, ReplyError("image rate limit"), "throttled", "throttled", "throttled"),
    (429, ANTHROPIC_RATE, "throttled", "throttled", "throttled"),
    (400, ReplyError("rate limit for images"), "throttled", "throttled", "throttled"),
    (529, ReplyError("Overloaded", type="overloaded_error"), "throttled", "throttled", "throttled"),
    (404, ReplyError(NO_VISION), "rejected", "probe_invalid", "provider_error"),
    (400, ReplyError("unknown variant `image_url`, expected `text`"), "rejected", "probe_invalid", "provider_error"),
    (400, ReplyError("nano is not a multimodal model"), "rejected", "probe_invalid", "provider_error"),
    (400, ReplyError("missing data required for image input"), "rejected", "probe_invalid", "provider_error"),
    (500, ReplyError("missing data required for image input"), "rejected", "provider_error", "provider_error"),
    (500, ReplyError("image input is not supported, mmproj"), "rejected", "provider_error", "provider_error"),
    (400, ReplyError("content must be a string"), "rejected", "probe_invalid", "provider_error"),
    (500, ReplyError("content must be a string"), "rejected", "provider_error", "provider_error"),
    (200, ReplyError("this model takes no images"), "rejected", "provider_error", "provider_error"),
    (403, ReplyError("images are not part of your plan"), "rejected", "denied", "denied"),
    (400, ReplyError("…", code="invalid_image_format"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (400, ReplyError("…", code="image_too_small"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (400, ReplyError("…", code="image_parse_error"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (400, ReplyError("Could not process image"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (400, ReplyError("Unable to process input image"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (400, ReplyError("width:1 must be larger than 10"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (400, ReplyError("Unsupported parameter: 'max_tokens'"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (400, ReplyError("unknown field image_url near temperature"), "rejected", "probe_invalid", "provider_error"),
    (400, ReplyError("…", code="context_length_exceeded"), "textified", "probe_invalid", "provider_error"),
    (500, ReplyError("context length exceeded"), "textified", "provider_error", "provider_error"),
    (400, ReplyError("Could not process image: prompt is too long"), "probe_invalid", "probe_invalid", "probe_invalid"),
    (429, NO_MODEL, "throttled", "throttled", "throttled"),
    (404, NO_MODEL, "rejected", "provider_error", "provider_error"),
    (408, None, "provider_error", "provider_error", "provider_error"),
    (408, ReplyError("timeout while reading the image"), "provider_error", "provider_error", "provider_error"),
    (500, None, "provider_error", "provider_error", "provider_error"),
    (500, ReplyError("gpt-5.4-nano is down"), "provider_error", "provider_error", "provider_error"),
    (200, ReplyError("upstream broke"), "provider_error", "provider_error", "provider_error"),
    (302, None, "provider_error", "provider_error", "provider_error"),
)


@pytest.mark.parametrize(("status", "error", "passed", "client_error", "failed"), WIRE)
def test_an_error_of_the_field_is_judged_by_its_words_and_its_twin(
    status: int, error: ReplyError | None, passed: str, client_error: str, failed: str
) -> None:
    met = finding(exchange=exchange(status), reply=Reply(error=error), answer=None)
    verdicts = [judge(replace(met, twin=twin)).verdict for twin in (Twin.PASSED, Twin.CLIENT_ERROR, Twin.FAILED)]
    assert verdicts == [passed, client_error, failed]


@pytest.mark.parametrize(("status", "error", "passed", "client_error", "failed"), WIRE)
def test_a_twin_is_needed_if_and_only_if_its_passing_would_speak_against_vision(
    status: int, error: ReplyError | None, passed: str, client_error: str, failed: str
) -> None:
    met = finding(exchange=exchange(status), reply=Reply(error=error), answer=None)
    assert needs_twin(met) is (signal_of(Verdict(passed), Gate.PATH) is Signal.AGAINST)


def test_a_models_own_name_does_not_speak_of_images() -> None:
    down = refused_by(500, "acme-vision-90b is down", model="acme/acme-vision-90b", twin=Twin.PASSED)
    assert judge(down).verdict is Verdict.PROVIDER_ERROR


@pytest.mark.parametrize("status", [s for s in STATUSES if 400 <= s < 500 and s not in (401, 402, 403, 408, 429)])
def test_any_other_4xx_is_rejected_while_the_twin_passes(status: int) -> None:
    assert judge(refused_by(status, twin=Twin.PASSED)).verdict is Verdict.REJECTED


@pytest.mark.parametrize(
    "evidence",
    [
        finding(),
        answered("Red", delta=0),
        finding(exchange=None),
        finding(exchange=exchange(None, TIMEOUT)),
        finding(reply=Reply(malformed="HTML")),
        refused_by(404, NO_VISION, twin=Twin.PASSED),
        refused_by(404, NO_VISION, twin=Twin.FAILED),
        refused_by(404, NO_VISION, twin=Twin.CLIENT_ERROR),
    ],
)
def test_no_twin_is_needed_without_an_error_or_with_one_at_hand(evidence: Finding) -> None:
    assert not needs_twin(evidence)


# --- signals ------------------------------------------------------------------------------------------------------

PATH_SIGNALS = {
    Verdict.MISSED: Signal.SILENT,
    Verdict.UNREACHABLE: Signal.SILENT,
    Verdict.PROBE_INVALID: Signal.SILENT,
    Verdict.TEXTIFIED: Signal.AGAINST,
    Verdict.REJECTED: Signal.AGAINST,
    Verdict.DENIED: Signal.SILENT,
    Verdict.THROTTLED: Signal.SILENT,
    Verdict.PROVIDER_ERROR: Signal.SILENT,
    Verdict.TRUNCATED: Signal.SILENT,
    Verdict.MALFORMED: Signal.SILENT,
    Verdict.OVER_CAP: Signal.FOR,
    Verdict.LEAKED: Signal.FOR,
    Verdict.SEEN_UNMETERED: Signal.FOR,
    Verdict.SEEN: Signal.FOR,
    Verdict.REFUSED: Signal.SILENT,
    Verdict.OUT_OF_BUDGET: Signal.SILENT,
    Verdict.REPLAYED: Signal.AGAINST,
    Verdict.BLIND: Signal.AGAINST,
    Verdict.PARTIAL: Signal.AGAINST,
    Verdict.SUBSTITUTED: Signal.AGAINST,
    Verdict.DEGRADED: Signal.SILENT,
    Verdict.MISREAD: Signal.SILENT,
    Verdict.GARBLED: Signal.AGAINST,
    Verdict.DROPPED: Signal.AGAINST,
    Verdict.UNSURE: Signal.SILENT,
    Verdict.UNCLASSIFIED: Signal.SILENT,
}


@pytest.mark.parametrize("verdict", Verdict)
def test_the_signal_of_a_path_check_is_that_of_the_design(verdict: Verdict) -> None:
    assert signal_of(verdict, Gate.PATH) is PATH_SIGNALS[verdict]
