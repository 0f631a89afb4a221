"""The `receipt` challenge: a name in mixed case, a price and a date, to be copied letter for letter.

A blind guess is right once in 29,760,696,000,000 (3.4e-14): 405 * 405 names, 9,000 prices, 10,080 days in either of
two notations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitor.challenges.drawing import SMALLEST_FINE, receipt_image
from monitor.challenges.glyphs import DIGITS
from monitor.challenges.parts import match_line
from monitor.challenges.randomness import SeededStream
from monitor.challenges.receipt_glyphs import CAPITALS
from monitor.core.types import Answer, Puzzle

WORD: Final = (CAPITALS, "aeu", "bdhmt", "e", "bhm")
"""What may stand at each place of a word. It can be said, but none of the 405 is in an English dictionary (SCOWL
2020.12), for a reader's memory would help; the e keeps it from making sense upside down, where u is n and h is y."""

_TO_NINE: Final = DIGITS[1:]
_DECADES: Final = "123"
_MONTHS: Final = tuple(f"{month:02}" for month in range(1, 13))
_DAYS: Final = tuple(f"{day:02}" for day in range(1, 29))


@dataclass(frozen=True, slots=True)
class Receipt:
    """Two words, a price from 10.00 to 99.99, and a day from 2010 to 2039, as 2027-03-19 or 19.03.2027."""

    name: str = "receipt"
    smallest: int = SMALLEST_FINE
    question: str = (
        "Reply with only the text printed in the image, copied exactly, in upper and lower case as it stands there. "
        "If no image was received, reply NOIMG."
    )

    def make(self, seed: bytes, size: int) -> Puzzle:
        """The receipt of that seed; `expected` is its three lines, parted by spaces."""
        stream = SeededStream(seed)
        expected = f"{_word(stream)} {_word(stream)} {_price(stream)} {_date(stream)}"
        return Puzzle(self.name, seed, (receipt_image(expected, size),), self.question, expected)

    def check(self, expected: str, text: str) -> Answer:
        """Exact when every word stands in `text`, in order and in its case; NEAR when only the case is wrong."""
        return match_line(expected, text)


def _word(stream: SeededStream) -> str:
    return "".join(map(stream.choice, WORD))


def _price(stream: SeededStream) -> str:
    return f"{stream.choice(_TO_NINE)}{stream.choice(DIGITS)}.{''.join(stream.choices(DIGITS, 2))}"


def _date(stream: SeededStream) -> str:
    year = f"20{stream.choice(_DECADES)}{stream.choice(DIGITS)}"
    month, day = stream.choice(_MONTHS), stream.choice(_DAYS)
    return stream.choice((f"{year}-{month}-{day}", f"{day}.{month}.{year}"))
