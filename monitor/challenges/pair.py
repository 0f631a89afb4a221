"""The `pair` challenge: two images with a code each, for paths that lose one of several images or mix them up.

A blind guess is right once in more than 4.5e12 (2.2e-13); one of the two, as a code is.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.challenges.code import draw_two_codes
from monitor.challenges.drawing import MIN_SIZE, text_image
from monitor.challenges.parts import match_parts
from monitor.challenges.randomness import SeededStream
from monitor.core.types import Answer, Puzzle


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes at least 3 edits apart, one in each of two images."""

    name: str = "pair"
    smallest: int = MIN_SIZE
    question: str = (
        "Reply with only the characters printed in the two images, those of the first image first, then a space, then "
        "those of the second. If no image was received, reply NOIMG."
    )

    def make(self, seed: bytes, size: int) -> Puzzle:
        """The images of that seed; `expected` is both codes, parted by a space."""
        codes = draw_two_codes(SeededStream(seed))
        images = tuple(text_image(code, size) for code in codes)
        return Puzzle(self.name, seed, images, self.question, " ".join(codes))

    def check(self, expected: str, text: str) -> Answer:
        """Exact when both codes stand in `text`, in order; NEAR when both do but for an edit; else how many do."""
        return match_parts(expected.split(), text)
