"""What counts as having read several things: the codes of a pair, the words of a line. All of them, in order, between
whatever else is said.

Like `matching`, every pattern is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from monitor.challenges.matching import (
    alphanumeric,
    answer_proper,
    exact,
    in_capitals,
    near,
    nothing,
    standing_alone,
    without_markup,
    wrong,
)
from monitor.core.types import Answer, Match

_HYPHENATED: Final = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_WORD: Final = re.compile(r"[A-Z0-9]+")


@dataclass(frozen=True, slots=True, order=True)
class _Found:
    """One part as it was read: where in the answer, which of the parts it is, and its characters there."""

    start: int
    part: int
    characters: str


def match_parts(expected: Sequence[str], text: str) -> Answer:
    """How `text` compares with several parts of [A-Z0-9], any two of them at least 3 edits apart; case is ignored.

    EXACT when all stand in order, with anything between them; NEAR when all do, but for one edit in some. Otherwise
    FAR, with those read (or nearly) counted as `parts_seen` and shown, in the answer's order, as `extracted`;
    `reordered` when that is all of them. Bare when nothing but separators is said.
    """
    said, reasoned = answer_proper(text)
    plain = in_capitals(said)
    if not plain:
        return nothing(len(expected))
    joined, whole = "".join(expected), alphanumeric(plain)
    if whole == joined or _in_order([*map(standing_alone, expected)], plain) or standing_alone(joined).search(plain):
        return _all_read(Match.EXACT, expected, bare=whole == joined and not reasoned)
    if _within_an_edit(whole, joined):
        return _all_read(Match.NEAR, _cut(whole, expected))
    found = sorted(one for part, characters in enumerate(expected) for one in _found(part, characters, plain))
    return _compared(found, len(expected)) if found else wrong(said, len(expected))


def match_line(expected: str, text: str) -> Answer:
    """How `text` compares with the words of `expected`, letter for letter, capitals and small letters being different.

    EXACT when all its words stand in order, with anything between them; NEAR when only the case is wrong, or a space,
    or one character of a word. Bare when nothing else is said; white space, line breaks and markup are nothing.
    """
    said, reasoned = answer_proper(text)
    plain = without_markup(said)
    if not plain:
        return nothing()
    words = expected.split()
    alone = [re.compile(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])") for word in words]
    if _in_order(alone, plain):
        return exact(expected, bare=plain.rstrip(".。") == expected and not reasoned)
    if _within_an_edit(plain.casefold(), expected.casefold()):
        return near(plain)
    read = _nearly_in_order(words, plain)
    return wrong(said) if read is None else near(" ".join(read))


def _in_order(parts: Sequence[re.Pattern[str]], plain: str) -> bool:
    end = 0
    for part in parts:
        match = part.search(plain, end)
        if match is None:
            return False
        end = match.end()
    return True


def _nearly_in_order(words: Sequence[str], plain: str) -> list[str] | None:
    """What was read for each of the words, if all were at least nearly, in order and case aside."""
    read: list[str] = []
    for said in plain.split():
        candidate = said.strip(".,;:!?。，；：")
        if len(read) < len(words) and _within_an_edit(candidate.casefold(), words[len(read)].casefold()):
            read.append(candidate)
    return read if len(read) == len(words) else None


def _found(part: int, characters: str, plain: str) -> Iterator[_Found]:
    """Where the part stands, as it is or else but for one edit; nowhere gives nothing."""
    if match := standing_alone(characters).search(plain):
        yield _Found(match.start(), part, characters)
        return
    for said in (*_HYPHENATED.finditer(plain), *_WORD.finditer(plain)):
        candidate = said[0].replace("-", "")
        if _within_an_edit(candidate, characters):
            yield _Found(said.start(), part, candidate)
            return


def _compared(found: Sequence[_Found], total: int) -> Answer:
    """The answer that read these parts, in this order, not all of them right."""
    extracted = " ".join(one.characters for one in found)
    everything = len(found) == total
    reordered = everything and [one.part for one in found] != list(range(total))
    match = Match.NEAR if everything and not reordered else Match.FAR
    return Answer(
        match, len(found), total, extracted, bare=False, reordered=reordered, places=tuple(one.part for one in found)
    )


def _all_read(match: Match, parts: Sequence[str], *, bare: bool = False) -> Answer:
    return Answer(match, len(parts), len(parts), " ".join(parts), bare=bare)


def _cut(whole: str, expected: Sequence[str]) -> list[str]:
    """What was said in one piece, cut where the first parts end; the last part takes the difference."""
    ends = [sum(map(len, expected[:number])) for number in range(1, len(expected))]
    return [whole[start:end] for start, end in zip([0, *ends], [*ends, len(whole)], strict=True)]


def _within_an_edit(said: str, expected: str) -> bool:
    return abs(len(said) - len(expected)) <= 1 and Levenshtein.distance(said, expected, score_cutoff=1) <= 1
