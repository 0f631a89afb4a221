"""PNGs that differ only in which tile stands in which box, stitched from compressed pieces instead of drawn.

Every stretch of a scan line is its own full-flush deflate segment, made once: segments join by concatenation (RFC
1951). The boxes never move, so each tile's share of the Adler-32 sum (RFC 1950) is known beforehand; only the CRC runs
per image. Drawing a 448 px image with Pillow takes some hundred times longer.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from struct import pack
from typing import Final

CHANNELS: Final = 3
"""Bytes a pixel: RGB, 8 bits each."""

_PAPER: Final = b"\xff"
_AS_IS, _UP = b"\x00", b"\x02"
"""PNG filter types. A repeated scan line is all zeros under Up, which is the difference to the line above."""

_ZLIB_HEADER: Final = b"\x78\x01"
_LAST_BLOCK: Final = b"\x03\x00"
"""An empty final deflate block (fixed Huffman codes, nothing but the end mark)."""

_ADLER: Final = 65521

Tile = tuple[bytes, ...]
"""The distinct rows of a tile, as wide as its box; each is repeated to fill the box's height."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the canvas in pixels, (0, 0) being the top left corner."""

    left: int
    top: int
    width: int
    height: int


_Place = tuple[Box, Mapping[str, Tile]]
"""A box, and the tiles that may go there."""


@dataclass(slots=True)
class _Share:
    """What some bytes add to the two halves of the Adler-32 sum, given how many bytes follow them."""

    low: int = 0
    high: int = 0

    def add(self, raw: bytes, after: int) -> None:
        """Count `raw`, which `after` bytes follow: those carry its sum along in the high half."""
        sums = zlib.adler32(raw, 0)
        low, high = sums & 0xFFFF, sums >> 16
        self.low += low
        self.high += high + after * low


@dataclass(frozen=True, slots=True)
class _Stitched:
    """A tile in one of the boxes: its segments, in the order of `_Slot.where`, and their share of the sum."""

    segments: tuple[bytes, ...]
    share: _Share


@dataclass(frozen=True, slots=True)
class _Slot:
    """A box of the template: which parts belong to it, and every tile that may go there."""

    where: slice
    tiles: Mapping[str, _Stitched]


class Mosaic:
    """Square canvases of `size` pixels, white but for `boxes`, each of which holds one of its named `tiles`.

    `boxes` are in reading order; those with the same top are a line and equally high, a multiple of their tiles' rows.
    Immutable once built, so it may be shared between threads.
    """

    def __init__(self, size: int, boxes: Sequence[Box], tiles: Sequence[Mapping[str, Tile]]) -> None:
        self._size = size
        self._width = size * CHANNELS
        self._after = size * (1 + self._width)
        self._parts = [_ZLIB_HEADER]
        self._share = _Share(low=1, high=self._after)
        self._slots: list[_Slot] = []
        self._deflated: dict[bytes, bytes] = {}
        self._head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
        self._lay(list(zip(boxes, tiles, strict=True)))

    def png(self, names: Sequence[str]) -> bytes:
        """The image with the named tiles in the boxes, in order. KeyError for a tile that its box does not know."""
        parts = self._parts.copy()
        low, high = self._share.low, self._share.high
        for slot, name in zip(self._slots, names, strict=True):
            tile = slot.tiles[name]
            parts[slot.where] = tile.segments
            low += tile.share.low
            high += tile.share.high
        parts.append(pack(">HH", high % _ADLER, low % _ADLER))
        return self._head + _chunk(b"IDAT", b"".join(parts)) + _chunk(b"IEND", b"")

    def _lay(self, places: Sequence[_Place]) -> None:
        """Build the template: bands of paper and lines of boxes, from the top down."""
        y = 0
        for top, group in groupby(places, lambda place: place[0].top):
            line = tuple(group)
            self._lay_paper(top - y)
            self._lay_line(line)
            y = top + line[0][0].height
        self._lay_paper(self._size - y)
        self._parts.append(_LAST_BLOCK)

    def _lay_paper(self, height: int) -> None:
        if height > 0:
            self._lay_constant(_AS_IS + _PAPER * self._width + self._repeats(height))

    def _lay_line(self, line: Sequence[_Place]) -> None:
        """A line of boxes: for each row of the tiles one scan line, cut at the boxes' edges, and its repeats."""
        last, tiles = line[-1]
        rows = len(next(iter(tiles.values())))
        per_row = 2 * len(line) + 1
        first = len(self._parts) + 1
        shares = [{name: _Share() for name in tiles} for _, tiles in line]
        for row in range(rows):
            self._lay_row(line, row, shares)
            self._lay_constant(_PAPER * self._right_margin(last) + self._repeats(last.height // rows))
        for index, ((_, tiles), share) in enumerate(zip(line, shares, strict=True)):
            start = first + 2 * index
            self._slots.append(_Slot(slice(start, start + per_row * rows, per_row), self._stitched(tiles, share)))

    def _lay_row(self, line: Sequence[_Place], row: int, shares: Sequence[Mapping[str, _Share]]) -> None:
        """One scan line up to the last box's right edge; the boxes' parts stay empty, their shares are counted."""
        x = 0
        for (box, tiles), share in zip(line, shares, strict=True):
            self._lay_constant((b"" if x else _AS_IS) + _PAPER * ((box.left - x) * CHANNELS))
            self._parts.append(b"")
            x = box.left + box.width
            self._after -= box.width * CHANNELS
            for name, tile in tiles.items():
                share[name].add(tile[row], self._after)

    def _lay_constant(self, raw: bytes) -> None:
        self._after -= len(raw)
        self._share.add(raw, self._after)
        self._parts.append(self._segment(raw))

    def _right_margin(self, last: Box) -> int:
        return (self._size - last.left - last.width) * CHANNELS

    def _repeats(self, height: int) -> bytes:
        """The scan lines that bring one scan line to `height` pixels."""
        return (_UP + bytes(self._width)) * (height - 1)

    def _stitched(self, tiles: Mapping[str, Tile], shares: Mapping[str, _Share]) -> dict[str, _Stitched]:
        return {name: _Stitched(tuple(map(self._segment, tile)), shares[name]) for name, tile in tiles.items()}

    def _segment(self, raw: bytes) -> bytes:
        """`raw` as deflate blocks that end on a byte and refer to nothing before them."""
        if raw not in self._deflated:
            deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
            self._deflated[raw] = deflate.compress(raw) + deflate.flush(zlib.Z_FULL_FLUSH) if raw else b""
        return self._deflated[raw]


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return pack(">I", len(data)) + body + pack(">I", zlib.crc32(body))
