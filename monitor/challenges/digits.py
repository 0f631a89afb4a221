"""The `digits` challenge: six digits, for weak readers and on retry. A blind guess is right once in a million."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitor.challenges.drawing import MIN_SIZE, text_image
from monitor.challenges.glyphs import DIGITS
from monitor.challenges.matching import match_characters
from monitor.challenges.randomness import SeededStream
from monitor.core.types import Answer, Puzzle

LENGTH: Final = 6


@dataclass(frozen=True, slots=True)
class Digits:
    """Six digits, leading zeros included."""

    name: str = "digits"
    smallest: int = MIN_SIZE
    question: str = "Reply with only the digits printed in the image. If no image was received, reply NOIMG."

    def make(self, seed: bytes, size: int) -> Puzzle:
        """The digits of that seed, in one line where the canvas is wide enough."""
        expected = "".join(SeededStream(seed).choices(DIGITS, LENGTH))
        return Puzzle(self.name, seed, (text_image(expected, size),), self.question, expected)

    def check(self, expected: str, text: str) -> Answer:
        """Exact when the digits stand in `text` on their own, in order."""
        return match_characters(expected, text)
