"""The values of a config's own checks: a name that is free, an image that every provider takes, a pattern that is safe.

The image is read here, once a load: what is probed is what was checked.
"""

from __future__ import annotations

import re
import struct
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

from PIL import Image as Pillow
from pydantic import AfterValidator, PlainValidator, ValidationInfo

from monitor.challenges.own import PatternError, compiled
from monitor.config.fields import Text, references
from monitor.config.problems import UnfitError
from monitor.core.checks import RESERVED
from monitor.core.types import Image

LARGEST_IMAGE = 5_000_000
"""Bytes of an image file; base64 makes a third more of them."""
LEAST_SIDE, MOST_SIDE = 11, 5000
"""Pixels. DashScope takes no side of 10 or less; far below MOST_SIDE every provider scales down."""
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
"""What each of the four dialects' makers takes."""
LONGEST_QUESTION = 2000
LONGEST_PATTERN = 1000
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, Pillow.DecompressionBombError)
"""What Pillow raises for files that are torn or no images at all."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _own_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UnfitError("must be a name of 1 to 64 letters, digits and . _ -, a letter or digit first")
    if name in RESERVED:
        raise UnfitError("is the name of a built-in check, of this version or a later one; choose another")
    return name


def _question(text: str) -> str:
    if len(text) > LONGEST_QUESTION:
        raise UnfitError(f"must be at most {LONGEST_QUESTION} characters")
    return text


def _pattern(text: str) -> str:
    if len(text) > LONGEST_PATTERN:
        raise UnfitError(f"must be at most {LONGEST_PATTERN} characters")
    try:
        pattern = compiled(text)
    except PatternError as error:
        raise UnfitError(f"not a regular expression for RE2 (no lookaround, no back-references): {error}") from None
    if pattern.search(""):
        raise UnfitError("matches an empty answer, and so any answer")
    return text


def _gate(name: str) -> str:
    if name != "quality":
        raise UnfitError("must be `quality`: an answer that is always the same does not prove that images arrive")
    return name


# --- images -------------------------------------------------------------------------------------------------------


def _image(value: Any, info: ValidationInfo) -> Image:
    if not isinstance(value, str):
        raise UnfitError("must be the path of an image file")
    given = references(info)
    return decoded(_read(given.folder / given.expand(value)))


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnfitError("no such file (a relative path starts at the configuration's folder)")
        with path.open("rb") as file:
            content = file.read(LARGEST_IMAGE + 1)
    except OSError as error:
        raise UnfitError(f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_IMAGE:
        raise UnfitError(f"the file is larger than {LARGEST_IMAGE} bytes")
    return content


def decoded(content: bytes) -> Image:
    """The image in `content`, whose bytes tell its format and decode to the last pixel. UnfitError for what is none."""
    try:
        with Pillow.open(BytesIO(content), formats=tuple(FORMATS)) as image:
            _require_sides(*image.size)
            image.load()
            return Image(content, FORMATS[str(image.format)], *image.size)
    except UnfitError:
        raise
    except _BROKEN:
        raise UnfitError("the file is no whole PNG, JPEG, WebP or GIF image") from None


def _require_sides(width: int, height: int) -> None:
    """Before a pixel is decoded: a file of a few bytes may claim to be gigabytes of them."""
    if min(width, height) < LEAST_SIDE or max(width, height) > MOST_SIDE:
        raise UnfitError(f"the image is {width}×{height} px; its sides must be {LEAST_SIDE} to {MOST_SIDE} px")


OwnName = Annotated[str, AfterValidator(_own_name)]
Question = Annotated[Text, AfterValidator(_question)]
PatternText = Annotated[Text, AfterValidator(_pattern)]
GateName = Annotated[Text, AfterValidator(_gate)]
ImageFile = Annotated[Image, PlainValidator(_image)]
