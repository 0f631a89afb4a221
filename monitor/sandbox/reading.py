"""A reader of its own: from pixels to the characters or colours that a person would name. It is told nothing else.

Dark ink is cut into lines and runs, each run compared with every bundled glyph at the glyph's own resolution; coloured
cells are named by the nearest of the palette. Positions and sizes come from the image, never from a challenge's layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import ne
from types import MappingProxyType

from PIL import Image

from monitor.challenges.drawing import PALETTE
from monitor.challenges.glyphs import GLYPHS, INK

_DARK = 128
"""Ink is darker than this, of 255."""
_SATURATED = 100
"""Colour is more saturated than this, of 255."""
_COLOURED_SHARE = 0.05
"""A picture is one of colours if at least this share of it is saturated."""


def read(pixels: Image.Image) -> str:
    """What an RGB image says: colour words row by row, or its characters line by line; "" where it is blank."""
    colour = _above(pixels.convert("HSV").getchannel("S"), _SATURATED)
    if _share(colour) >= _COLOURED_SHARE:
        return " ".join(_colours(pixels, colour))
    ink = pixels.convert("L").point(lambda light: 255 if light < _DARK else 0)
    return " ".join("".join(map(_named, _upright(line))) for line in _lines(ink))


def _above(channel: Image.Image, floor: int) -> Image.Image:
    return channel.point(lambda level: 255 if level > floor else 0)


def _share(mask: Image.Image) -> float:
    return mask.histogram()[255] / (mask.width * mask.height)


# --- colours ------------------------------------------------------------------------------------------------------


def _colours(pixels: Image.Image, colour: Image.Image) -> Iterator[str]:
    """The names of four cells, row by row, each sampled in the middle of its quarter of the coloured area."""
    left, top, right, bottom = colour.getbbox() or (0, 0, *colour.size)
    for y in (1, 3):
        for x in (1, 3):
            yield _colour_at(pixels, left + (right - left) * x // 4, top + (bottom - top) * y // 4)


def _colour_at(pixels: Image.Image, x: int, y: int) -> str:
    """The name of the palette's colour nearest to that pixel's."""
    here = pixels.crop((x, y, x + 1, y + 1)).tobytes()
    return min(PALETTE, key=lambda name: sum((a - b) ** 2 for a, b in zip(here, PALETTE[name], strict=True)))


# --- characters ---------------------------------------------------------------------------------------------------


def _lines(mask: Image.Image) -> Iterator[Image.Image]:
    """The mask cut into bands of ink, from the top down."""
    for top, bottom in _runs(mask):
        yield mask.crop((0, top, mask.width, bottom))


def _upright(line: Image.Image) -> Iterator[Image.Image]:
    """A line cut into its characters, from left to right, each trimmed to its ink."""
    for left, right in _runs(line.transpose(Image.Transpose.TRANSPOSE)):
        yield _trimmed(line.crop((left, 0, right, line.height)))


def _runs(mask: Image.Image) -> Iterator[tuple[int, int]]:
    """The (start, end) of every stretch of rows that hold ink."""
    data, width = mask.tobytes(), mask.width
    inked = [255 in data[y * width : (y + 1) * width] for y in range(mask.height)]
    for has_ink, stretch in groupby(range(mask.height), inked.__getitem__):
        rows = list(stretch)
        if has_ink:
            yield rows[0], rows[-1] + 1


def _trimmed(mask: Image.Image) -> Image.Image:
    return mask.crop(mask.getbbox())


def _template(rows: tuple[str, ...]) -> Image.Image:
    """A bundled glyph as a mask, a pixel for each of its art pixels."""
    ink = bytes(255 if art == INK else 0 for row in rows for art in row)
    return _trimmed(Image.frombytes("L", (len(rows[0]), len(rows)), ink))


_TEMPLATES: Mapping[str, Image.Image] = MappingProxyType({name: _template(rows) for name, rows in GLYPHS.items()})


def _named(character: Image.Image) -> str:
    """The glyph that the character looks most like."""
    return min(_TEMPLATES, key=lambda name: _unlikeness(character, _TEMPLATES[name]))


def _unlikeness(character: Image.Image, template: Image.Image) -> float:
    """Share of the template's pixels that differ, once the character is brought to its size."""
    sampled = character.resize(template.size, Image.Resampling.NEAREST).tobytes()
    differing: int = sum(map(ne, sampled, template.tobytes()))
    return differing / len(sampled)
