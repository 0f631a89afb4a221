"""One table from evidence to verdict (VERDICTS.md §2); what a verdict says about vision is in `signals`.

Rules of this file. Three blocks, in this order: transport and HTTP; an exact answer; everything else. Inside a block
the first rule that matches wins; the last rule matches all, so `judge` is total. A rule is a row: what it is called,
the verdict, when it holds, and the sentence with figures that goes into the incident.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.core.echo import same_model
from monitor.core.error_words import Meaning, is_cooldown, speaks_of
from monitor.core.reason import about_answer, about_error, about_failure, about_tokens, has_text, joined, quote
from monitor.core.tokens import is_text_like, is_textified
from monitor.core.types import (
    ClaimKind,
    Finding,
    Finish,
    Judgement,
    Match,
    ReplyError,
    Twin,
    Verdict,
)

# --- what the rules ask of a finding ------------------------------------------------------------------------------


def _status(f: Finding) -> int:
    return f.exchange.status or 0 if f.exchange else 0


def _error(f: Finding) -> ReplyError | None:
    return f.reply.error if f.reply else None


def _is_error(f: Finding) -> bool:
    return not 200 <= _status(f) < 300 or _error(f) is not None


def _is_4xx(f: Finding) -> bool:
    return 400 <= _status(f) < 500


def _exact(f: Finding) -> bool:
    return f.answer is not None and f.answer.match is Match.EXACT


def _sent_nothing(f: Finding) -> bool:
    return f.exchange is None


def _no_http_answer(f: Finding) -> bool:
    return _status(f) == 0


def _speaks_of_images(f: Finding) -> bool:
    of_the_file = f.tests_the_file and speaks_of(_error(f), Meaning.BAD_IMAGE)
    return of_the_file or speaks_of(_error(f), Meaning.IMAGE, names=(f.model, *f.known_echoes))


def _our_request_was_bad(f: Finding) -> bool:
    error = _error(f)
    parameter = speaks_of(error, Meaning.BAD_PARAMETER) and not _speaks_of_images(f)
    return (speaks_of(error, Meaning.BAD_IMAGE) and not f.tests_the_file) or parameter


def _throttled(f: Finding) -> bool:
    return _status(f) in (429, 529) or speaks_of(_error(f), Meaning.THROTTLED)


def _only_with_image(f: Finding) -> bool:
    transient = _throttled(f) or _status(f) == 408
    return f.twin is Twin.PASSED and _is_error(f) and not transient


def _too_long_only_with_image(f: Finding) -> bool:
    return _only_with_image(f) and speaks_of(_error(f), Meaning.CONTEXT)


ABOUT_THE_KEY = frozenset({401, 402, 403})
"""4xx that say nothing about the image unless their words speak of it."""


def _filtered(f: Finding) -> bool:
    return _is_error(f) and speaks_of(_error(f), Meaning.FILTER)


def _refused_only_with_image(f: Finding) -> bool:
    refused = _is_4xx(f) and _status(f) not in ABOUT_THE_KEY and not speaks_of(_error(f), Meaning.DENIED)
    return _only_with_image(f) and (refused or _speaks_of_images(f))


def _denied(f: Finding) -> bool:
    return _status(f) in ABOUT_THE_KEY or speaks_of(_error(f), Meaning.DENIED)


def _model_missing(f: Finding) -> bool:
    return _is_4xx(f) and speaks_of(_error(f), Meaning.NO_MODEL)


def _provider_failed(f: Finding) -> bool:
    unclear = _is_4xx(f) and f.twin in (None, Twin.FAILED)
    return _is_error(f) and (not _is_4xx(f) or _status(f) == 408 or unclear)


def _truncated(f: Finding) -> bool:
    return f.reply is not None and f.reply.truncated is not None


def _out_of_shape(f: Finding) -> bool:
    cut_off = f.exchange is not None and f.exchange.failure is not None
    return cut_off or f.reply is None or f.reply.malformed is not None


def _over_cap(f: Finding) -> bool:
    return _exact(f) and f.tokens.output is not None and f.tokens.output > f.cap


def _leaked(f: Finding) -> bool:
    return _exact(f) and f.answer is not None and not f.answer.bare


def _unmetered(f: Finding) -> bool:
    return _exact(f) and (is_text_like(f.tokens) or f.tokens.image_reported == 0)


def _refused(f: Finding) -> bool:
    if f.reply is None:
        return False
    return f.reply.refusal is not None or f.reply.finish in (Finish.FILTER, Finish.REFUSAL)


def _out_of_budget(f: Finding) -> bool:
    return f.reply is not None and f.reply.finish is Finish.LENGTH


def _textified(f: Finding) -> bool:
    return is_textified(f.tokens, f.base64_length)


def _echo(f: Finding) -> str:
    return (f.reply.model or "") if f.reply else ""


def _substituted(f: Finding) -> bool:
    echo = _echo(f)
    return echo != "" and not any(same_model(echo, known) for known in (f.model, *f.known_echoes))


def _partial(f: Finding) -> bool:
    if f.answer is None or f.images < 2:
        return False
    return f.answer.reordered or 0 < f.answer.parts_seen < f.answer.parts_total


def _degraded(f: Finding) -> bool:
    return f.fine_print and f.answer is not None and f.answer.places == (0,)


def _misread(f: Finding) -> bool:
    return f.answer is not None and f.answer.match is Match.NEAR


def _dropped(f: Finding) -> bool:
    if not has_text(f):
        return is_text_like(f.tokens)
    return f.tokens.delta is None or is_text_like(f.tokens) or f.unsure_before > 0


# --- the table ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table. `name` is what `--debug` and the evidence page show as the rule that fired."""

    name: str
    verdict: Verdict
    when: Callable[[Finding], bool]
    say: Callable[[Finding], str]


def _rejected_words(f: Finding) -> str:
    return joined(about_error(f), "the same words without an image pass")


def _throttled_words(f: Finding) -> str:
    return joined(about_error(f), "the gateway's own cooldown" if is_cooldown(_error(f)) else "")


def _provider_words(f: Finding) -> str:
    twin = {None: "", Twin.FAILED: "the text-only twin failed too", Twin.PASSED: "the text-only twin passed"}
    return joined(about_error(f), twin.get(f.twin, ""))


def _blind_words(f: Finding) -> str:
    kinds = {
        ClaimKind.SENTINEL: "the model says that no image came",
        ClaimKind.PLACEHOLDER: "the model quotes a placeholder in the image's stead",
        ClaimKind.ABSENCE: "the model says that it has no image",
    }
    claim = f"{kinds[f.claim.kind]} ({quote(f.claim.words)})" if f.claim else ""
    return joined(claim, about_answer(f), about_tokens(f))


def _partial_words(f: Finding) -> str:
    places = f.answer.places if f.answer else ()
    order = ", ".join(str(place + 1) for place in places)
    lead = "all images were read, in another order" if len(places) == f.images else f"of {f.images} images only"
    return joined(f"{lead}: {order}", about_answer(f), about_tokens(f))


def _substituted_words(f: Finding) -> str:
    return joined(f"asked {f.model!r}, {quote(_echo(f))} answered", about_answer(f), about_tokens(f))


def _dropped_words(f: Finding) -> str:
    again = "again neither right nor text-only after an unsure answer" if f.unsure_before > 0 else ""
    return joined(about_answer(f), about_tokens(f), again)


def _evidence_words(f: Finding) -> str:
    return joined(about_answer(f), about_tokens(f))


def _with(lead: str) -> Callable[[Finding], str]:
    return lambda f: joined(lead, about_answer(f), about_tokens(f))


TRANSPORT: tuple[Rule, ...] = (
    Rule("slot passed", Verdict.MISSED, _sent_nothing, lambda _: "more than one interval late, nothing was sent"),
    Rule("no HTTP answer", Verdict.UNREACHABLE, _no_http_answer, about_failure),
    Rule("our own request was illegal", Verdict.PROBE_INVALID, _our_request_was_bad, about_error),
    Rule("filtered, with an error status", Verdict.REFUSED, _filtered, about_error),
    Rule("too long only with the image", Verdict.TEXTIFIED, _too_long_only_with_image, _rejected_words),
    Rule("refused only with the image", Verdict.REJECTED, _refused_only_with_image, _rejected_words),
    Rule("credentials or credit", Verdict.DENIED, _denied, about_error),
    Rule("rate limit or overload", Verdict.THROTTLED, _throttled, _throttled_words),
    Rule("model missing", Verdict.PROVIDER_ERROR, _model_missing, about_error),
    Rule("provider failed", Verdict.PROVIDER_ERROR, _provider_failed, _provider_words),
    Rule("text-only twin was refused too", Verdict.PROBE_INVALID, _is_error, about_error),
    Rule("a stream without its end", Verdict.TRUNCATED, _truncated, about_failure),
    Rule("not the dialect's shape", Verdict.MALFORMED, _out_of_shape, about_failure),
)

EXACT: tuple[Rule, ...] = (
    Rule("exact, but over the cap", Verdict.OVER_CAP, _over_cap, _evidence_words),
    Rule("exact among other words", Verdict.LEAKED, _leaked, _evidence_words),
    Rule("exact, image tokens missing", Verdict.SEEN_UNMETERED, _unmetered, _evidence_words),
    Rule("exact", Verdict.SEEN, _exact, _evidence_words),
)

OTHERWISE: tuple[Rule, ...] = (
    Rule("refusal or filter", Verdict.REFUSED, _refused, _with("the model or its filter refused")),
    Rule("cut off by the output cap", Verdict.OUT_OF_BUDGET, _out_of_budget, _with("the output cap ended the answer")),
    Rule(
        "an earlier answer again",
        Verdict.REPLAYED,
        lambda f: f.replayed_from is not None,
        lambda f: joined(f"the reply is that of probe {f.replayed_from}", about_answer(f)),
    ),
    Rule("billed like base64 text", Verdict.TEXTIFIED, _textified, _evidence_words),
    Rule("says that no image came", Verdict.BLIND, lambda f: f.claim is not None, _blind_words),
    Rule("some of the images, or in another order", Verdict.PARTIAL, _partial, _partial_words),
    Rule("another model answered", Verdict.SUBSTITUTED, _substituted, _substituted_words),
    Rule("large print read, small print not", Verdict.DEGRADED, _degraded, _evidence_words),
    Rule("one edit from exact", Verdict.MISREAD, _misread, _evidence_words),
    Rule(
        "gibberish while the twin is sane",
        Verdict.GARBLED,
        lambda f: f.garbled and f.control_sane is True,
        _with("degenerate answer"),
    ),
    Rule("wrong, and no sign of image tokens", Verdict.DROPPED, _dropped, _dropped_words),
    Rule("wrong, with tokens that an image could have cost", Verdict.UNSURE, has_text, _evidence_words),
    Rule("nothing else fits", Verdict.UNCLASSIFIED, lambda _: True, _evidence_words),
)

RULES: tuple[Rule, ...] = TRANSPORT + EXACT + OTHERWISE
"""The whole table in order of precedence."""


def judge(finding: Finding) -> Judgement:
    """The verdict on a finding, the rule that fired, and why. Total: the last rule matches everything."""
    rule = next(rule for rule in RULES if rule.when(finding))
    return Judgement(rule.verdict, rule.name, rule.say(finding))


def needs_twin(finding: Finding) -> bool:
    """Does the verdict on this error depend on whether the same words without an image pass?"""
    if finding.exchange is None or finding.exchange.status is None or finding.twin is not None:
        return False
    return judge(finding).verdict is not judge(replace(finding, twin=Twin.PASSED)).verdict
