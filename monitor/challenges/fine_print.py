"""The `fine-print` challenge: a large code over a small one, for paths that shrink images until only headlines remain.

Glyphs are 92 px high (69 on canvases below 420, 46 below 315) and 14 px. A blind guess is right once in more than
4.5e12 (2.2e-13).
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.challenges.code import draw_two_codes
from monitor.challenges.drawing import SMALLEST_FINE, fine_image
from monitor.challenges.parts import match_parts
from monitor.challenges.randomness import SeededStream
from monitor.core.types import Answer, Puzzle


@dataclass(frozen=True, slots=True)
class FinePrint:
    """Two codes at least 3 edits apart in one image, the large one first."""

    name: str = "fine-print"
    smallest: int = SMALLEST_FINE
    question: str = (
        "Reply with only the characters printed in the image, the large ones first, then a space, then the small ones. "
        "If no image was received, reply NOIMG."
    )

    def make(self, seed: bytes, size: int) -> Puzzle:
        """The print of that seed; `expected` is the large code, a space, the small code."""
        large, small = draw_two_codes(SeededStream(seed))
        return Puzzle(self.name, seed, (fine_image(large, small, size),), self.question, f"{large} {small}")

    def check(self, expected: str, text: str) -> Answer:
        """As of a pair. Where only the large one was read, `parts_seen` is 1 and `extracted` is the large code."""
        return match_parts(expected.split(), text)
