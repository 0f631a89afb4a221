"""Does an answer say that no image came? Absence or inability with an image noun as its object, the agreed sentinel, or
the placeholder that somebody put where the image was. The words themselves stand in `core.phrases`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from monitor.core.phrases import LEXICONS
from monitor.core.phrases.lexicon import Lexicon
from monitor.core.phrases.sentinel import PLACEHOLDER, REJECTED, REJECTED_AFTER, SENTINEL
from monitor.core.types import Claim, ClaimKind

LONGEST_WORDS = 80
"""Characters of an answer that a claim quotes."""

LOOKED_AT = 3_000
"""Characters at either end of an answer that are looked at: a claim opens an answer or ends it."""

SHORTEST_ECHO = 4
"""Words of a sentence of the question from which on its repetition is an echo and no coincidence."""

_BEFORE = 200
"""Characters before a claim in which it may be taken back."""

_REASONING_END = re.compile(r"</(?:think|thinking|thought|reasoning|analysis|reflection)>", re.IGNORECASE)
_SENTENCE_END = re.compile(
    r"[.!?;。\n]|\b(?:because|since|but|however|although|therefore|as (?:i|there|no)|so i|aber|weil)\b"
    r"|\b(?:pero|porque|mas|mais|car|но)\b"
)
_MARKUP = re.compile(
    r"[*`~#\\\u00ad\u200b-\u200f\u2060\ufeff]|^[ \t]*>+"
    r"|</?(?:a|b|i|u|p|br|em|h\d|li|ol|ul|td|tr|div|pre|code|span|strong|table|blockquote)\b[^<>]{0,80}>",
    re.IGNORECASE | re.MULTILINE,
)
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ´′"), "'") | {ord("_"): " "}


def _base(letter: str) -> str:
    bare = unicodedata.normalize("NFD", letter)[0]
    return bare if bare.isascii() else letter


_LATIN = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
_FOLD = {code: _base(chr(code)) for code in _LATIN} | dict.fromkeys(map(ord, "ёЁ"), "е")

_SENTINEL, _REJECTED, _REJECTED_AFTER = map(re.compile, (SENTINEL, REJECTED, REJECTED_AFTER))
_PLACEHOLDER = re.compile(PLACEHOLDER)


def find_claim(text: str, question: str) -> Claim | None:
    """What in the answer `text` says that no image came, or None. Total; of a long text only both ends are looked at.

    A sentence of `question` that the answer repeats is an echo and says nothing, nor does what comes before the end of
    a block of reasoning. An exact answer overrides every claim, which is for the caller to heed.
    """
    shown = _plain(_ends(_REASONING_END.split(text)[-1]))
    folded = _without_echo(_folded(shown), question)
    for kind, spans_of in _KINDS:
        span = min(spans_of(folded), default=None)
        if span is not None:
            return Claim(kind, shown[slice(*span)].strip(" ,.:")[:LONGEST_WORDS])
    return None


def _ends(text: str) -> str:
    return text if len(text) <= 2 * LOOKED_AT else f"{text[:LOOKED_AT]}\n\n{text[-LOOKED_AT:]}"


def _plain(text: str) -> str:
    """`text` without markup, with single blanks; a line feed stays unless the next line goes on in lower case."""
    plain = _MARKUP.sub("", unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)))
    return re.sub(r"\s+", _blank, plain).strip()


def _blank(run: re.Match[str]) -> str:
    lines = run[0].count("\n")
    goes_on = run.string[run.end() : run.end() + 1].islower()
    return "\n" if lines > 1 or (lines and not goes_on) else " "


def _folded(shown: str) -> str:
    """`shown` as the lexicons expect it, character by character the same length."""
    return shown.translate(_FOLD).lower()


def _without_echo(folded: str, question: str) -> str:
    for sentence in re.split(r"[.;:!?\n]", _folded(_plain(question))):
        words = re.findall(r"\w+", sentence)
        if len(words) >= SHORTEST_ECHO:
            told_again = r"\W{1,8}".join(map(re.escape, words))
            folded = re.sub(rf"\b{told_again}\b", lambda echo: "\n" * len(echo[0]), folded)
    return folded


def _sentinels(folded: str) -> Iterator[tuple[int, int]]:
    for match in _SENTINEL.finditer(folded):
        before = _sentence_before(folded, match.start())
        if not _REJECTED.search(before) and not _REJECTED_AFTER.match(folded, match.end()):
            yield match.span()


def _placeholders(folded: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _PLACEHOLDER.finditer(folded))


def _absences(folded: str) -> Iterator[tuple[int, int]]:
    for lexicon in LEXICONS:
        yield from _standing(lexicon, lexicon.claim, folded)
        if not lexicon.seen.search(folded):
            yield from _standing(lexicon, lexicon.request, folded)


def _standing(lexicon: Lexicon, phrase: re.Pattern[str], folded: str) -> Iterator[tuple[int, int]]:
    for match in phrase.finditer(folded):
        if not lexicon.taken_back.search(_sentence_before(folded, match.start())):
            yield match.span()


def _sentence_before(folded: str, start: int) -> str:
    return _SENTENCE_END.split(folded[max(0, start - _BEFORE) : start])[-1]


_KINDS = (
    (ClaimKind.SENTINEL, _sentinels),
    (ClaimKind.PLACEHOLDER, _placeholders),
    (ClaimKind.ABSENCE, _absences),
)
