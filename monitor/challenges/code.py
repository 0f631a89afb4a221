"""The `code` challenge: five characters, the first choice. A blind guess is right once in 2,138,688 (about 5e-7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from monitor.challenges.drawing import MIN_SIZE, text_image
from monitor.challenges.glyphs import CODE_ALPHABET
from monitor.challenges.matching import match_characters
from monitor.challenges.randomness import SeededStream
from monitor.core.types import Answer, Puzzle

LENGTH: Final = 5

APART: Final = 3
"""The least edit distance of two codes that are shown together: a misreading of one is never nearly the other."""

_WORD: Final = re.compile(r"(?=[A-Z]{3})[A-Z]*?[AEUY]")
"""Three or more letters in a row with a vowel among them: it may spell something, which draws a weak reader to the word
that it knows, and may draw a filter. Two letters spell nothing that matters, and without a vowel there is no word."""


@dataclass(frozen=True, slots=True)
class Code:
    """Five characters of `CODE_ALPHABET`, at least one of them a digit, and no words."""

    name: str = "code"
    smallest: int = MIN_SIZE
    question: str = "Reply with only the characters printed in the image. If no image was received, reply NOIMG."

    def make(self, seed: bytes, size: int) -> Puzzle:
        """The code of that seed, in one line where the canvas is wide enough."""
        expected = draw_code(SeededStream(seed))
        return Puzzle(self.name, seed, (text_image(expected, size),), self.question, expected)

    def check(self, expected: str, text: str) -> Answer:
        """Exact when the characters stand in `text` on their own, in order."""
        return match_characters(expected, text)


def is_code(characters: str) -> bool:
    """Whether `characters`, of the alphabet, may be shown: with a digit, and without a word."""
    return not characters.isalpha() and _WORD.search(characters) is None


def draw_code(stream: SeededStream) -> str:
    """Draws until a code may be shown, so that all of those are equally likely; two draws in five will do."""
    while True:
        characters = "".join(stream.choices(CODE_ALPHABET, LENGTH))
        if is_code(characters):
            return characters


def draw_two_codes(stream: SeededStream) -> tuple[str, str]:
    """Two codes `APART`. A blind guess at both is right once in more than 4.5e12 (2.2e-13)."""
    first = draw_code(stream)
    while True:
        second = draw_code(stream)
        if Levenshtein.distance(first, second) >= APART:
            return first, second
