"""Is an answer garbled: a model caught in a loop, or bytes read in the wrong encoding? Legal answers may be monotonous
(`777777`, `red red red red`, a table's rule), so what counts is how often a unit comes again and how much of the answer
it fills. What that says about vision is for `core.verdict` to decide: a target whose control is garbled too is ill.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LOOKED_AT = 3_000
"""Characters at either end of an answer that are looked at: a loop, once begun, goes on to the end."""

WORD_REPEATS = 4
"""Times in a row that a word or phrase makes a loop: `the the the the`."""

MARK_REPEATS = 8
"""The same for single characters: `!!!!!!!!`. Six equal digits are a legal answer."""

COLOUR_REPEATS = 9
"""The same for colours and for runs of characters that are no words: a grid of one colour is a legal answer."""

LONG_LOOP = 20
"""Repeats from which on a loop counts however little of the answer it fills; a shorter one must fill half of it."""

LONGEST_PHRASE = 24
"""Words and marks in the longest phrase whose loop is noticed."""

LONGEST_CHUNK = 8
"""Characters in the longest chunk within words (Chinese has no others) whose loop is noticed."""

RULE_LENGTH = 64
"""Marks of rules and ellipses, with no word between them, from which on they draw nothing any more."""

BROKEN = 3
"""Replacement, control or private characters from which on an answer may be mojibake …"""

DOUBLE_ENCODED = 2
"""… or characters of UTF-8 that was read as Latin-1 …"""

BROKEN_SHARE = 0.1
"""… if they also make up this share of it."""

_COLOUR = re.compile(
    "red|orange|yellow|green|blue|purple|violet|magenta|cyan|pink|brown|black|white|gr[ae]y|teal|lime|navy"
)
_RULE = str.maketrans(dict.fromkeys(".-=_*#~|+:,·•─━═…", " "))
"""Marks that are repeated to draw tables, lines and ellipses, which is no loop."""

_BROKEN = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff]")
_TAIL = "\x80-\xbf€‚ƒ„†‡ˆ‰Š‹ŒŽ‘“•˜™š›œžŸ"
_DOUBLE_ENCODED = re.compile(f"[ÂÃÄÅÐÑÎÏ][{_TAIL}]|â€.|[à-ï][{_TAIL}–—’”…]{{2}}|[ÃÂ]{{3,}}")


def is_garbled(text: str) -> bool:
    """Whether `text` is degenerate repetition or mojibake. Total; of a long text only both ends are looked at."""
    part = text if len(text) <= 2 * LOOKED_AT else f"{text[:LOOKED_AT]}\n{text[-LOOKED_AT:]}"
    return _is_mojibake(part) or _is_looping(part)


def _is_mojibake(text: str) -> bool:
    share = BROKEN_SHARE * sum(map(len, text.split()))
    broken = len(_BROKEN.findall(text))
    doubled = sum(map(len, _DOUBLE_ENCODED.findall(text)))
    return broken >= max(BROKEN, share) or doubled >= max(DOUBLE_ENCODED, share)


def _is_looping(text: str) -> bool:
    lettered = text.lower().translate(_RULE)
    words = re.findall(r"\w+|[^\w\s]", lettered)
    if not words:
        return sum(map(len, text.split())) >= RULE_LENGTH
    letters = "".join(lettered.split())
    return any(_loops(words, period) for period in range(1, LONGEST_PHRASE + 1)) or any(
        _loops(letters, period) for period in range(1, LONGEST_CHUNK + 1)
    )


def _loops(units: Sequence[str], period: int) -> bool:
    start, length = _longest_run(units, period)
    repeats = length // period
    fills = repeats >= LONG_LOOP or 2 * length >= len(units)
    return fills and repeats >= _enough(units[start : start + period])


def _longest_run(units: Sequence[str], period: int) -> tuple[int, int]:
    """Start and length of the longest stretch in which every unit equals the one `period` later."""
    best = (0, 0)
    begin = 0
    for place in range(len(units) - period):
        if units[place] != units[place + period]:
            begin = place + 1
        elif place + 1 - begin + period > best[1]:
            best = (begin, place + 1 - begin + period)
    return best


def _enough(unit: Sequence[str]) -> int:
    if len(unit) == 1 and len(unit[0]) == 1:
        return MARK_REPEATS
    legal = all(len(word) == 1 or _COLOUR.fullmatch(word) for word in unit)
    return COLOUR_REPEATS if legal else WORD_REPEATS
