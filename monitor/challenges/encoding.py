"""The same picture in another file: as JPEG, WebP or GIF, or as a PNG of about 1.8 MB.

Pillow's work takes 1 to 15 ms of a core for another format, some 250 ms for an enlarging: keep it off an event loop.
Files carry no metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import shake_256
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final

from PIL import Image as Pillow
from PIL import ImageChops

from monitor.challenges.drawing import MAX_SIZE
from monitor.challenges.mosaic import CHANNELS
from monitor.core.types import Image

_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "image/jpeg": {"format": "JPEG", "quality": 90, "subsampling": 0},
        "image/webp": {"format": "WEBP", "quality": 90, "method": 4},
        "image/gif": {"format": "GIF"},
    }
)
"""What Pillow is told. JPEG and WebP are lossy, as they mostly come."""

MEDIA_TYPES: Final = tuple(_PARAMETERS)

LARGE: Final = 1_800_000
"""Bytes of an enlarged image, more than the 1 to 1.5 MB at which some gateways cut."""

SIDES: Final = (1344, 1568, 1792, MAX_SIZE)
"""Of the square that an enlarged image stands on; but for the last one whole numbers of 28 and 32 px patches."""

_TEXTURE: Final = bytes(255 - level % 8 for level in range(256))
"""A random byte -> the light of one channel, on eight levels from 248 up, which nobody tells from white."""

_COMPRESSED: Final = 0.47
"""Bytes in the file for a byte of texture: nearly its 3 bits of content, once PNG's filters have spread them."""

_RUN_LENGTHS: Final = {"format": "PNG", "compress_level": 1, "compress_type": 3}
"""zlib's Z_RLE: texture has no repeats to look for, and paper needs nothing more."""

_MARGINS: Final = 64
"""The margins kept free of texture, above the print and below, are a 64th of the side."""


def encoded(image: Image, media_type: str) -> Image:
    """`image` as one of `MEDIA_TYPES`. KeyError for another type. GIF loses nothing of up to 256 colours."""
    parameters = _PARAMETERS[media_type]
    return Image(_file(_pixels(image), parameters), media_type, image.width, image.height)


def enlarged(image: Image, seed: bytes, target_bytes: int = LARGE) -> Image:
    """`image` magnified on a square PNG of `target_bytes` within 5 %: a near-white texture, the seed's, fills it up.

    The texture cannot be compressed and stays in the rows above and below the print. ValueError where no canvas of
    `SIDES` has room for the print and that much texture.
    """
    pixels = _pixels(image)
    plan = _plan(pixels, target_bytes)
    canvas = Pillow.new("RGB", (plan.side, plan.side), "white")
    large = pixels.resize((pixels.width * plan.factor, pixels.height * plan.factor), Pillow.Resampling.NEAREST)
    canvas.paste(large, plan.corner(pixels))
    texture = shake_256(b"texture" + seed).digest(plan.side * CHANNELS * plan.rows).translate(_TEXTURE)
    strip = Pillow.frombytes("RGB", (plan.side, plan.rows), texture)
    canvas.paste(strip.crop((0, 0, plan.side, plan.above)), (0, 0))
    canvas.paste(strip.crop((0, plan.above, *strip.size)), (0, plan.side - plan.rows + plan.above))
    return Image(_file(canvas, _RUN_LENGTHS), "image/png", plan.side, plan.side)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A canvas of `side` px, what the picture is magnified by, the rows of texture, and how many of them are above."""

    side: int
    factor: int
    rows: int
    above: int

    def corner(self, pixels: Pillow.Image) -> tuple[int, int]:
        """Where the magnified picture's top left corner is; its middle is the canvas's."""
        return (self.side - pixels.width * self.factor) // 2, (self.side - pixels.height * self.factor) // 2


def _plan(pixels: Pillow.Image, target_bytes: int) -> _Plan:
    """The smallest canvas, and there the greatest magnification, that leave room for the texture.

    A magnified picture takes half of the side at most: OCR engines read the very largest print worse.
    """
    _, top, _, bottom = ImageChops.invert(pixels).getbbox() or (0, 0, 0, 0)
    for side in SIDES:
        rows = round(target_bytes / (side * CHANNELS * _COMPRESSED))
        most = side // max(pixels.size)
        for factor in range(most // 2 or most, 0, -1):
            edge = (side - pixels.height * factor) // 2
            above = edge + top * factor - side // _MARGINS
            below = side - edge - bottom * factor - side // _MARGINS
            if min(above, below) >= 0 and above + below >= rows:
                return _Plan(side, factor, rows, rows * above // (above + below))
    raise ValueError(f"no room for {target_bytes} bytes around the print, up to {max(SIDES)} px")


def _pixels(image: Image) -> Pillow.Image:
    with Pillow.open(BytesIO(image.data)) as opened:
        return opened.convert("RGB")


def _file(pixels: Pillow.Image, parameters: Mapping[str, Any]) -> bytes:
    file = BytesIO()
    pixels.save(file, **parameters)
    return file.getvalue()
