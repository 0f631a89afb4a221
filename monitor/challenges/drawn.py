"""The puzzle of a check as it is sent: drawn, then put into the file that the check is about.

Pillow's work on another file takes up to a quarter of a second (`encoding`): keep it off an event loop.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from monitor.challenges import REGISTRY
from monitor.challenges.encoding import encoded, enlarged
from monitor.core.families import DEFAULT_CANVAS
from monitor.core.types import Check, Puzzle

LARGE_CANVAS: Final = DEFAULT_CANVAS
"""Canvas in pixels of what is then enlarged: one for all targets, so that the row of a probe is enough to redraw it."""


def drawn(check: Check, challenge: str, seed: bytes, size: int) -> Puzzle:
    """The puzzle of that seed for `check`, on `size` pixels or the least that the challenge can draw on.

    KeyError for a challenge that this version does not draw.
    """
    kind = REGISTRY[challenge]
    puzzle = kind.make(seed, LARGE_CANVAS if check.large else max(size, kind.smallest))
    if check.large:
        return replace(puzzle, images=tuple(enlarged(image, seed) for image in puzzle.images))
    if check.media_type is not None:
        return replace(puzzle, images=tuple(encoded(image, check.media_type) for image in puzzle.images))
    return puzzle
