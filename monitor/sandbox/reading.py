"""A reader of its own: from pixels to the characters or colours that a person would name. It is told nothing else.

Dark ink is cut into lines and runs, each run compared with the bundled glyphs at their own resolution, and each line
read in the alphabet that fits it best; coloured cells are named by the nearest of the palette. Positions and sizes come
from the image, never from a challenge's layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import ne
from statistics import median

from PIL import Image

from monitor.challenges.drawing import PALETTE
from monitor.challenges.glyphs import DIGITS, GLYPHS, INK
from monitor.challenges.receipt_glyphs import LETTERS, PUNCTUATION, RECEIPT_GLYPHS
from monitor.challenges.small_glyphs import SMALL_GLYPHS

_DARK = 128
"""Ink is darker than this, of 255."""
_SATURATED = 100
"""Colour is more saturated than this, of 255."""
_COLOURED_SHARE = 0.05
"""A picture is one of colours if at least this share of it is saturated."""
_SPACE = 1.6
"""A gap stands for a space if it is this many times as wide, from middle to middle, as the gaps of its line are."""


def read(pixels: Image.Image) -> str:
    """What an RGB image says: colour words row by row, or its characters line by line; "" where it is blank."""
    colour = _above(pixels.convert("HSV").getchannel("S"), _SATURATED)
    if _share(colour) >= _COLOURED_SHARE:
        return " ".join(_colours(pixels, colour))
    ink = pixels.convert("L").point(lambda light: 255 if light < _DARK else 0)
    return " ".join(map(_text, _lines(ink)))


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


def _text(line: Image.Image) -> str:
    """The characters of a line, from left to right, with the spaces between its words."""
    places = list(_runs(line.transpose(Image.Transpose.TRANSPOSE)))
    names = _named([line.crop((left, 0, right, line.height)) for left, right in places])
    middles = [(left + right) / 2 for left, right in places]
    gaps = [after - before for before, after in pairwise(middles)]
    usual = median(gaps) if gaps else 0.0
    spaces = [" " if gap > usual * _SPACE else "" for gap in gaps]
    return "".join(space + name for space, name in zip(["", *spaces], names, strict=True))


def _runs(mask: Image.Image) -> Iterator[tuple[int, int]]:
    """The (start, end) of every stretch of rows that hold ink."""
    data, width = mask.tobytes(), mask.width
    inked = [255 in data[y * width : (y + 1) * width] for y in range(mask.height)]
    for has_ink, stretch in groupby(range(mask.height), inked.__getitem__):
        rows = list(stretch)
        if has_ink:
            yield rows[0], rows[-1] + 1


Alphabet = Mapping[str, Image.Image]
"""Masks of glyphs by name, a pixel for each art pixel: as wide as their ink, and all as high as the highest of them."""


def _alphabet(glyphs: Mapping[str, Sequence[str]], names: Iterable[str]) -> Alphabet:
    masks = {name: _mask(glyphs[name]) for name in names}
    boxes = {name: mask.getbbox() or (0, 0, *mask.size) for name, mask in masks.items()}
    top, bottom = min(box[1] for box in boxes.values()), max(box[3] for box in boxes.values())
    return {name: masks[name].crop((left, top, right, bottom)) for name, (left, _, right, _) in boxes.items()}


def _mask(rows: Sequence[str]) -> Image.Image:
    ink = bytes(255 if art == INK else 0 for row in rows for art in row)
    return Image.frombytes("L", (len(rows[0]), len(rows)), ink)


_ALPHABETS = (
    _alphabet(GLYPHS, GLYPHS),
    _alphabet(SMALL_GLYPHS, SMALL_GLYPHS),
    _alphabet(RECEIPT_GLYPHS, LETTERS),
    _alphabet(RECEIPT_GLYPHS, DIGITS + PUNCTUATION),
)
"""A line is of one of these, so its highest character is as high as the alphabet."""


def _named(characters: Sequence[Image.Image]) -> list[str]:
    """The glyphs that the characters of a line look most like, all of one alphabet."""
    readings = ([_best(character, alphabet) for character in characters] for alphabet in _ALPHABETS)
    best = min(readings, key=lambda reading: sum(unlikeness for unlikeness, _ in reading))
    return [name for _, name in best]


def _best(character: Image.Image, alphabet: Alphabet) -> tuple[float, str]:
    return min((_unlikeness(character, template), name) for name, template in alphabet.items())


def _unlikeness(character: Image.Image, template: Image.Image) -> float:
    """Share of the template's pixels that differ, once the character is brought to its size."""
    sampled = character.resize(template.size, Image.Resampling.NEAREST).tobytes()
    differing: int = sum(map(ne, sampled, template.tobytes()))
    return differing / len(sampled)
