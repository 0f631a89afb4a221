"""The sentence with the figures: what each witness of a finding said, in words fit to paste into an incident."""

from __future__ import annotations

from monitor.core.types import Finding

LONGEST_QUOTE = 60
"""Characters of a stranger's words that are quoted; control characters are escaped."""


def joined(*clauses: str) -> str:
    """The clauses that have something to say, in one sentence."""
    return ", ".join(clause for clause in clauses if clause)


def quote(words: str) -> str:
    """A stranger's words, cut and with everything unprintable escaped, in quotation marks."""
    cut = words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + "…"
    return repr(cut)


def has_text(f: Finding) -> bool:
    """Did the target answer in words? White space alone is no answer."""
    return bool(_text(f).strip())


def _text(f: Finding) -> str:
    return (f.reply.text or "") if f.reply else ""


def about_answer(f: Finding) -> str:
    """What was answered and what was drawn."""
    if not has_text(f):
        refusal = f.reply.refusal if f.reply else None
        return f"no answer text for {f.expected!r}" + (f" ({quote(refusal)})" if refusal else "")
    return f"answer {quote(_text(f))} for {f.expected!r}"


def about_tokens(f: Finding) -> str:
    """The usage arithmetic, and what the target itself says of image tokens."""
    t = f.tokens
    if t.input is None:
        return "input tokens unreported"
    if t.delta is None:
        known = f"input {t.input}, no comparable text-only control"
    elif t.delta == 0:
        known = f"input {t.input} = text-only {t.control}"
    else:
        known = f"input {t.input} against text-only {t.control} (Δ {t.delta:+d}, expected {_or_unknown(t.expected)})"
    return joined(known, "" if t.image_reported is None else f"{t.image_reported} image tokens reported")


def _or_unknown(count: int | None) -> str:
    return "unknown" if count is None else str(count)


def about_error(f: Finding) -> str:
    """Status and words of an error."""
    status = f"HTTP {f.exchange.status}" if f.exchange else "no HTTP answer"
    error = f.reply.error if f.reply else None
    return joined(status, quote(error.message) if error else "")


def about_failure(f: Finding) -> str:
    """What went wrong below HTTP or with the shape of the body."""
    fault = f.reply.malformed or f.reply.truncated if f.reply else None
    failure = f.exchange.failure if f.exchange else None
    status = f"HTTP {f.exchange.status}" if f.exchange and f.exchange.status else "no HTTP answer"
    return joined(status, fault or "", f"{failure.kind}: {quote(failure.detail)}" if failure else "")
