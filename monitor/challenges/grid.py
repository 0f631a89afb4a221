"""The `grid` challenge: four coloured cells, for a reader that is no OCR.

A blind guess is right once in 1,296 (8e-4), so it never proves a target alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitor.challenges.drawing import GRID_SIDE, MIN_SIZE, PALETTE, cells_image
from monitor.challenges.matching import match_words
from monitor.challenges.randomness import SeededStream
from monitor.core.types import Answer, Puzzle

COLOURS: Final = tuple(PALETTE)
"""In the order in which the question lists them."""

CELLS: Final = GRID_SIDE * GRID_SIDE


@dataclass(frozen=True, slots=True)
class Grid:
    """A 2 by 2 grid of six saturated colours, read row by row; a colour may come twice."""

    name: str = "grid"
    smallest: int = MIN_SIZE
    question: str = (
        "The image shows four coloured squares in two rows of two. Reply with only their four colours, row by row "
        f"from the top left, using the words {', '.join(COLOURS)}. If no image was received, reply NOIMG."
    )

    def make(self, seed: bytes, size: int) -> Puzzle:
        """The grid of that seed; `expected` is its colours, parted by spaces."""
        colours = SeededStream(seed).choices(COLOURS, CELLS)
        return Puzzle(self.name, seed, (cells_image(colours, size),), self.question, " ".join(colours))

    def check(self, expected: str, text: str) -> Answer:
        """Exact when the last four colours that `text` names are the expected ones, in order; one wrong is NEAR."""
        return match_words(tuple(expected.split()), COLOURS, text)
