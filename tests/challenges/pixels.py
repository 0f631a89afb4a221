"""What a PNG shows, by another decoder than the sandbox's and another encoder than ours."""

from hashlib import sha256
from io import BytesIO

from PIL import Image as Pillow

from monitor.core.types import Image


def decoded(image: Image) -> Pillow.Image:
    with Pillow.open(BytesIO(image.data)) as opened:
        opened.load()
        return opened.copy()


def digest(image: Image) -> str:
    return sha256(decoded(image).tobytes()).hexdigest()
