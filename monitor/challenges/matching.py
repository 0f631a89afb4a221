"""What counts as having read the expected characters: exact, nearly, not at all, or nothing said.

Every pattern is linear, and an answer is cut to LONGEST characters first: a long list of guesses is no reading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from rapidfuzz.distance import Levenshtein

from monitor.core.types import Answer, Match

LONGEST: Final = 16_384
"""Characters of an answer that are looked at, half of them from each end."""

SHOWN: Final = 64
"""Characters of a wrong answer that are kept as `Answer.extracted`."""

_REASONING: Final = "think|thinking|thought|reasoning|reflection|analysis|scratchpad"
_REASONING_START: Final = re.compile(
    rf"<(?:{_REASONING})\b[^<>]{{0,80}}>|\[think\]|◁think▷|<\|begin_of_thought\|>|<\|start_thinking\|>"
    r"|<\|channel\|>(?:analysis|commentary)\b",
    re.IGNORECASE,
)
_REASONING_END: Final = re.compile(
    rf"</(?:{_REASONING})\s?>|\[/think\]|◁/think▷|<\|end_of_thought\|>|<\|end_thinking\|>"
    r"|<\|channel\|>final<\|message\|>",
    re.IGNORECASE,
)
"""How models fence the reasoning that they leak: the common tags, Magistral, Kimi, OpenThinker, Command, gpt-oss."""

_MARKUP_WITHIN: Final = re.compile(
    r"</?(?:b|code|em|i|kbd|mark|s|samp|span|strong|sub|sup|tt|u)\b[^<>]{0,80}>", re.IGNORECASE
)
_MARKUP_BETWEEN: Final = re.compile(
    r"```(?:text|txt|plain|plaintext|markdown|md|json)\s"
    r"|</?(?:answer|br|center|div|li|ol|output|p|pre|response|result|table|tbody|td|th|thead|tr|ul)\b[^<>]{0,80}>"
    r"|<\|[a-z_]{1,40}\|>"
    r"|\\(?:boxed|mathbf|mathrm|mathtt|text|textbf|texttt)\b",
    re.IGNORECASE,
)
"""Fences with a language, HTML, special tokens, LaTeX. An unknown tag stays: `<K7Q2M>` is an answer."""

_HIDDEN: Final = "*_~`'\"‘’‚‛“”„‟«»‹›「」『』\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff\u20e3"
_SPACING: Final = "#|<>()[]{}【】《》〈〉$\\"
_DASHES: Final = "‐‑‒–—―−"
_SIGNS: Final = str.maketrans(
    dict.fromkeys(_HIDDEN, "") | dict.fromkeys(_SPACING, " ") | dict.fromkeys(_DASHES, "-"),
)
"""Markup within a line, quotes and what is invisible go (a keycap becomes its digit); markup between things: space."""

_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")
_ANY_WORD: Final = re.compile(r"[^\W_]+")
_TOKEN: Final = re.compile(r"[A-Z0-9]+")
_HYPHENATED: Final = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")


def match_characters(expected: str, text: str) -> Answer:
    """How `text` compares with `expected`, characters of [A-Z0-9]; upper and lower case are the same.

    An answer of these characters alone is exact whatever is between them: `K, 7, Q, 2, M` or `123,456`.
    """
    said, reasoned = answer_proper(text)
    plain = in_capitals(said)
    if not plain:
        return nothing()
    squeezed = plain.replace(" ", "").replace("-", "")
    if squeezed.rstrip(".。") == expected:
        return exact(expected, bare=not reasoned)
    whole = alphanumeric(squeezed)
    if whole == expected or (expected in squeezed and standing_alone(expected).search(plain)):
        return exact(expected, bare=False)
    nearest = _nearest(expected, whole, plain)
    return wrong(said) if nearest is None else near(nearest)


def match_words(expected: Sequence[str], vocabulary: Sequence[str], text: str) -> Answer:
    """How `text` compares with `expected`, a sequence of words of `vocabulary` (lower case).

    The last words of the vocabulary that `text` names count, as many as expected, with anything between them: that is
    where an answer concludes. The whole vocabulary in its own order is the question's list echoed, and does not count.
    """
    said, reasoned = answer_proper(text)
    plain = in_capitals(said)
    if not plain:
        return nothing()
    word_of = {word.upper(): word for word in vocabulary}
    named = tuple(word_of[token] for token in _TOKEN.findall(plain) if token in word_of)
    read = _without_echo(tuple(vocabulary), named)[-len(expected) :]
    if read == tuple(expected):
        nothing_else = _ANY_WORD.findall(plain) == [word.upper() for word in expected]
        return exact(" ".join(expected), bare=nothing_else and not reasoned)
    differences = sum(a != b for a, b in zip(read, expected, strict=False))
    return near(" ".join(read)) if len(read) == len(expected) and differences == 1 else wrong(said)


def answer_proper(text: str) -> tuple[str, bool]:
    """The answer proper, within LONGEST characters, and whether reasoning was cut from it.

    What follows the last closing tag counts, opened or not; a block that never closes runs to the end.
    """
    closed = 0
    for end in _REASONING_END.finditer(text):
        closed = end.end()
    opened = _REASONING_START.search(text, closed)
    answer = text[closed : opened.start() if opened else len(text)].strip()
    if len(answer) > LONGEST:
        answer = f"{answer[: LONGEST // 2]} … {answer[-LONGEST // 2 :]}"
    return answer, closed > 0 or opened is not None


def in_capitals(said: str) -> str:
    """NFKC, upper case, without markup, quotes and invisible characters, white space collapsed."""
    return without_markup(said).upper()


def without_markup(said: str) -> str:
    """NFKC, without markup, quotes and invisible characters, white space collapsed."""
    rendered = _MARKUP_BETWEEN.sub(" ", _MARKUP_WITHIN.sub("", said))
    return " ".join(unicodedata.normalize("NFKC", rendered).translate(_SIGNS).split())


def alphanumeric(plain: str) -> str:
    """The letters and digits, of whatever script, without what is between them."""
    return _NOT_ALPHANUMERIC.sub("", plain)


def standing_alone(expected: str) -> re.Pattern[str]:
    """The characters in order, spaces or hyphens between them, not next to another of [A-Z0-9].

    Word boundaries would not do: to a regular expression a Chinese character beside the code is part of the word.
    """
    return re.compile(rf"(?<![A-Z0-9]){'[ -]{0,3}'.join(expected)}(?![A-Z0-9])")


def _nearest(expected: str, whole: str, plain: str) -> str | None:
    """The first word, or before them the whole, that is at most one edit away from `expected`."""
    words: list[str] = _HYPHENATED.findall(plain)
    for candidate in (whole, *(word.replace("-", "") for word in words)):
        if abs(len(candidate) - len(expected)) <= 1 and Levenshtein.distance(candidate, expected, score_cutoff=1) <= 1:
            return candidate
    return None


def _without_echo(vocabulary: tuple[str, ...], named: tuple[str, ...]) -> tuple[str, ...]:
    """`named` without every run that is the whole vocabulary in order."""
    kept: list[str] = []
    for word in named:
        kept.append(word)
        if tuple(kept[-len(vocabulary) :]) == vocabulary:
            del kept[-len(vocabulary) :]
    return tuple(kept)


def exact(extracted: str, *, bare: bool) -> Answer:
    """Read right. `bare`: nothing else was said."""
    return Answer(Match.EXACT, parts_seen=1, parts_total=1, extracted=extracted, bare=bare)


def near(extracted: str) -> Answer:
    """Read nearly."""
    return Answer(Match.NEAR, parts_seen=1, parts_total=1, extracted=extracted, bare=False)


def wrong(said: str, parts: int = 1) -> Answer:
    """Read wrong, every one of the parts."""
    return Answer(Match.FAR, parts_seen=0, parts_total=parts, extracted=shown(said), bare=False)


def nothing(parts: int = 1) -> Answer:
    """No answer text."""
    return Answer(Match.NONE, parts_seen=0, parts_total=parts, extracted=None, bare=False)


def shown(said: str) -> str:
    """`said`, cut to SHOWN characters."""
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…"
