"""From base64 to pixels, refusing what a strict provider refuses: a wrong media type, a torn file, a tiny image."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile

from monitor.sandbox.messages import Attachment

LEAST_SIDE = 11
"""Pixels. DashScope's rule: both sides must be larger than 10."""
MOST_PIXELS = 40_000_000
"""A bound on what one request may make the sandbox decode."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image in RGB."""

    pixels: Image.Image

    @property
    def width(self) -> int:
        """In pixels."""
        return self.pixels.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.pixels.height


class BadPictureError(Exception):
    """The client's image is illegal. `code` is OpenAI's word for how."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def open_picture(attachment: Attachment) -> Picture:
    """The pixels of `attachment`. Raises BadPictureError."""
    try:
        data = base64.b64decode(attachment.base64 or "", validate=True)
    except ValueError:
        raise BadPictureError("invalid_base64_image", "the data is not base64") from None
    try:
        return Picture(_decode(data, attachment.media_type))
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadPictureError("image_parse_error", f"the bytes are no image: {error}") from None


def _decode(data: bytes, media_type: str) -> Image.Image:
    with Image.open(BytesIO(data)) as image:
        _inspect(image, media_type)
        return image.convert("RGB")


def _inspect(image: ImageFile.ImageFile, media_type: str) -> None:
    """Look at the header alone, before any pixel is decoded."""
    actual = image.get_format_mimetype()
    if actual != media_type:
        raise BadPictureError("invalid_image_format", f"it was sent as {media_type} but is {actual}")
    if min(image.size) < LEAST_SIDE:
        width, height = image.size
        raise BadPictureError("image_too_small", f"{width}x{height} px, both sides must be larger than 10 px")
    if image.width * image.height > MOST_PIXELS:
        raise _too_large()


def _too_large() -> BadPictureError:
    return BadPictureError("image_too_large", f"more than {MOST_PIXELS} pixels")
