"""Where everything stands on a test image, and the image: white paper, black letters or coloured cells, as RGB PNG.

The layout is public so that a reader can find the cells. A change here or in `glyphs` changes pixels that are promised
for ever: the goldens in tests/challenges fail then.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from monitor.challenges.glyphs import GLYPH_HEIGHT, GLYPH_WIDTH, GLYPHS, INK
from monitor.challenges.mosaic import Box, Mosaic, Tile
from monitor.core.types import Image

DEFAULT_SIZE: Final = 448
"""Side in pixels: divisible by the 28 and the 32 px patches of the common encoders."""

MIN_SIZE: Final = 64
MAX_SIZE: Final = 2048

PITCH: Final = 24
"""Art pixels from one glyph's left edge to the next one's; wider spacing is read worse."""

TIGHT_PITCH: Final = 21
"""The same where the canvas is too narrow for PITCH."""

LINE_PITCH: Final = 30
"""Art pixels from the top of one line to the next, on canvases too narrow for one line."""

_ART_WIDTH: Final = 224
"""Art pixels across a canvas that makes them two pixels wide at 448: k = 2 there, and 1 at 256."""

PALETTE: Final = MappingProxyType(
    {
        "red": (255, 0, 0),
        "yellow": (255, 255, 0),
        "green": (0, 255, 0),
        "cyan": (0, 255, 255),
        "blue": (0, 0, 255),
        "magenta": (255, 0, 255),
    }
)
"""The colours of a grid's cells, as far apart as six saturated ones can be (60 degrees of hue)."""

GRID_SIDE: Final = 2


def glyph_scale(size: int) -> int:
    """k: the pixels an art pixel is wide and high on a canvas of `size`."""
    return max(1, size // _ART_WIDTH)


def text_layout(count: int, size: int) -> tuple[Box, ...]:
    """The cells of `count` glyphs in reading order: one line in the middle, or more where one would not fit.

    Each box holds a glyph cell, art pixels being `glyph_scale(size)` wide. ValueError if the canvas cannot hold them.
    """
    k = glyph_scale(_checked(size))
    per_line = min(count, size // (TIGHT_PITCH * k))
    lines = -(-count // per_line)
    across = min(PITCH * k, size // per_line)
    left = (size - across * (per_line - 1) - GLYPH_WIDTH * k) // 2
    top = (size - (LINE_PITCH * (lines - 1) + GLYPH_HEIGHT) * k) // 2
    if top < 0:
        raise ValueError(f"{count} glyphs do not fit on {size} px: ask for a larger canvas")
    places = ((left + i % per_line * across, top + i // per_line * LINE_PITCH * k) for i in range(count))
    return tuple(Box(x, y, GLYPH_WIDTH * k, GLYPH_HEIGHT * k) for x, y in places)


def grid_layout(size: int) -> tuple[Box, ...]:
    """The four cells of a grid, row by row, parted and framed by white."""
    gap = _checked(size) // 32
    side = (size - (GRID_SIDE + 1) * gap) // GRID_SIDE
    first = (size - GRID_SIDE * side - gap) // 2
    edges = [first + index * (side + gap) for index in range(GRID_SIDE)]
    return tuple(Box(left, top, side, side) for top in edges for left in edges)


def text_image(text: str, size: int = DEFAULT_SIZE) -> Image:
    """`text` in black on white. KeyError for a character without a glyph, ValueError for a size out of range."""
    return _image(_text_mosaic(len(text), size).png(text), size)


def cells_image(colours: Sequence[str], size: int = DEFAULT_SIZE) -> Image:
    """Four cells in the named colours of `PALETTE`, row by row. ValueError for a size out of range."""
    return _image(_grid_mosaic(size).png(colours), size)


def _image(data: bytes, size: int) -> Image:
    return Image(data=data, media_type="image/png", width=size, height=size)


def _checked(size: int) -> int:
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"an image of {size} px is out of range: {MIN_SIZE} to {MAX_SIZE}")
    return size


@lru_cache(maxsize=16)
def _text_mosaic(count: int, size: int) -> Mosaic:
    k = glyph_scale(size)
    return Mosaic(size, text_layout(count, size), {name: _glyph_tile(rows, k) for name, rows in GLYPHS.items()})


@lru_cache(maxsize=16)
def _grid_mosaic(size: int) -> Mosaic:
    boxes = grid_layout(size)
    return Mosaic(size, boxes, {name: (bytes(rgb) * boxes[0].width,) for name, rgb in PALETTE.items()})


def _glyph_tile(rows: Sequence[str], k: int) -> Tile:
    return tuple(b"".join((b"\x00" if pixel == INK else b"\xff") * 3 * k for pixel in row) for row in rows)
