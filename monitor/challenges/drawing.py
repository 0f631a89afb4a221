"""Where everything stands on a test image, and the image: white paper, black letters or coloured cells, as RGB PNG.

The layout is public so that a reader can find the cells. A change here or in `glyphs` changes pixels that are promised
for ever: the goldens in tests/challenges fail then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from monitor.challenges.glyphs import DIGITS, GLYPH_HEIGHT, GLYPH_WIDTH, GLYPHS, INK
from monitor.challenges.mosaic import Box, Mosaic, Tile
from monitor.challenges.receipt_glyphs import LETTERS, PUNCTUATION, RECEIPT_GLYPHS, RECEIPT_HEIGHT
from monitor.challenges.small_glyphs import SMALL_GLYPHS, SMALL_HEIGHT, SMALL_WIDTH
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

SMALLEST_FINE: Final = 224
"""Side in pixels of the smallest canvas that holds fine print, and of the smallest that holds a receipt."""

LARGEST_FINE_SCALE: Final = 4
"""The greatest k of the large glyphs of fine print: they are 92 px high where the canvas is wide enough."""

SMALL_PITCH: Final = 14
"""Pixels from one small glyph's left edge to the next one's: as widely spaced as the others."""

RECEIPT_LINES: Final = ((0, 1, 2, 3, 4, 6, 7, 8, 9, 10), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
"""The columns that are printed on, line by line: a name of two words, a price, a date."""

RECEIPT_PITCH: Final = 20
"""Art pixels from column to column: the type is set as closely as a printer would."""

RECEIPT_LINE_PITCH: Final = 40

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


def fine_layout(size: int) -> tuple[Box, ...]:
    """The cells of five large glyphs, 46, 69 or 92 px high, and below them of five that are 14 px high."""
    k = min(LARGEST_FINE_SCALE, _checked(size, SMALLEST_FINE) // (TIGHT_PITCH * 5))
    large = Box(0, 0, GLYPH_WIDTH * k, GLYPH_HEIGHT * k)
    top = (size - large.height * 3 // 2 - SMALL_HEIGHT) // 2
    return (
        *_line(5, TIGHT_PITCH * k, large, size, top),
        *_line(5, SMALL_PITCH, Box(0, 0, SMALL_WIDTH, SMALL_HEIGHT), size, top + large.height * 3 // 2),
    )


def receipt_layout(size: int) -> tuple[Box, ...]:
    """The cells of a receipt's glyphs in reading order, spaces left out: three lines, all from the same left edge."""
    k = max(1, _checked(size, SMALLEST_FINE) // DEFAULT_SIZE)
    columns = max(map(max, RECEIPT_LINES)) + 1
    left = (size - columns * RECEIPT_PITCH * k) // 2
    top = (size - (RECEIPT_LINE_PITCH * (len(RECEIPT_LINES) - 1) + RECEIPT_HEIGHT) * k) // 2
    return tuple(
        Box(left + column * RECEIPT_PITCH * k, top + row * RECEIPT_LINE_PITCH * k, GLYPH_WIDTH * k, RECEIPT_HEIGHT * k)
        for row, line in enumerate(RECEIPT_LINES)
        for column in line
    )


def text_image(text: str, size: int = DEFAULT_SIZE) -> Image:
    """`text` in black on white. KeyError for a character without a glyph, ValueError for a size out of range."""
    return _image(_text_mosaic(len(text), size).png(text), size)


def cells_image(colours: Sequence[str], size: int = DEFAULT_SIZE) -> Image:
    """Four cells in the named colours of `PALETTE`, row by row. ValueError for a size out of range."""
    return _image(_grid_mosaic(size).png(colours), size)


def fine_image(large: str, small: str, size: int = DEFAULT_SIZE) -> Image:
    """Five large characters over five small ones. KeyError and ValueError as `text_image`."""
    return _image(_fine_mosaic(size).png(large + small), size)


def receipt_image(text: str, size: int = DEFAULT_SIZE) -> Image:
    """A receipt; the spaces of `text` count for nothing. KeyError and ValueError as `text_image`."""
    return _image(_receipt_mosaic(size).png(text.replace(" ", "")), size)


def _line(count: int, pitch: int, cell: Box, size: int, top: int) -> Iterator[Box]:
    """`count` cells like `cell` in the middle of the canvas."""
    left = (size - pitch * (count - 1) - cell.width) // 2
    return (Box(left + index * pitch, top, cell.width, cell.height) for index in range(count))


def _image(data: bytes, size: int) -> Image:
    return Image(data=data, media_type="image/png", width=size, height=size)


def _checked(size: int, smallest: int = MIN_SIZE) -> int:
    if not smallest <= size <= MAX_SIZE:
        raise ValueError(f"an image of {size} px is out of range: {smallest} to {MAX_SIZE}")
    return size


@lru_cache(maxsize=16)
def _text_mosaic(count: int, size: int) -> Mosaic:
    boxes = text_layout(count, size)
    return Mosaic(size, boxes, (_glyph_tiles(GLYPHS, GLYPHS, boxes[0]),) * count)


@lru_cache(maxsize=16)
def _grid_mosaic(size: int) -> Mosaic:
    boxes = grid_layout(size)
    tiles = {name: (bytes(rgb) * boxes[0].width,) for name, rgb in PALETTE.items()}
    return Mosaic(size, boxes, (tiles,) * len(boxes))


@lru_cache(maxsize=16)
def _fine_mosaic(size: int) -> Mosaic:
    boxes = fine_layout(size)
    large = _glyph_tiles(GLYPHS, GLYPHS, boxes[0])
    small = _glyph_tiles(SMALL_GLYPHS, SMALL_GLYPHS, boxes[-1])
    return Mosaic(size, boxes, (large,) * 5 + (small,) * 5)


@lru_cache(maxsize=16)
def _receipt_mosaic(size: int) -> Mosaic:
    name, *figures = RECEIPT_LINES
    boxes = receipt_layout(size)
    letters = _glyph_tiles(RECEIPT_GLYPHS, LETTERS, boxes[0])
    numerals = _glyph_tiles(RECEIPT_GLYPHS, DIGITS + PUNCTUATION, boxes[0])
    return Mosaic(size, boxes, (letters,) * len(name) + (numerals,) * sum(map(len, figures)))


def _glyph_tiles(glyphs: Mapping[str, Sequence[str]], names: Iterable[str], box: Box) -> dict[str, Tile]:
    """The named glyphs as tiles of boxes like `box`."""
    return {name: _glyph_tile(glyphs[name], box.width // len(glyphs[name][0])) for name in names}


def _glyph_tile(rows: Sequence[str], k: int) -> Tile:
    return tuple(b"".join((b"\x00" if pixel == INK else b"\xff") * 3 * k for pixel in row) for row in rows)
