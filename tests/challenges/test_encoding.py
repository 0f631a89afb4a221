"""The same picture in another file: what it decodes to, what it weighs, and that nothing but pixels is in it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageChops

from monitor.challenges import REGISTRY
from monitor.challenges.encoding import LARGE, MEDIA_TYPES, SIDES, encoded, enlarged
from monitor.core.types import Image
from tests.challenges.pixels import decoded, digest

SEED = b"\x07" * 32
LOSSY = {"image/jpeg": 40, "image/webp": 40}
"""How far a channel of black on white may be off, of 255: the glyphs' edges ring."""

GOLDENS = json.loads((Path(__file__).parent / "enlarged.json").read_text())

names = st.sampled_from(sorted(REGISTRY))
seeds = st.binary(min_size=32, max_size=32)


def drawn(name: str = "code", size: int = 448, seed: bytes = SEED) -> Image:
    return REGISTRY[name].make(seed, size).images[0]


def greatest_difference(one: Image, other: Image) -> int:
    return max(ImageChops.difference(decoded(one).convert("RGB"), decoded(other).convert("RGB")).tobytes())


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_the_file_is_of_the_type_and_size_that_it_says(media_type: str) -> None:
    image = encoded(drawn(), media_type)
    assert (image.media_type, image.width, image.height) == (media_type, 448, 448)
    assert Pillow.MIME[kind(image)] == media_type
    assert decoded(image).size == (448, 448)


def kind(image: Image) -> str:
    magic = {b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP", b"GIF8": "GIF", b"\x89PNG": "PNG"}
    return next(name for start, name in magic.items() if image.data.startswith(start))


@pytest.mark.parametrize("media_type", LOSSY)
@given(st.sampled_from(["code", "digits", "pair", "fine-print", "receipt"]), seeds)
@settings(max_examples=10, deadline=None)
def test_a_lossy_file_is_nearly_the_picture(media_type: str, name: str, seed: bytes) -> None:
    image = drawn(name, seed=seed)
    assert greatest_difference(image, encoded(image, media_type)) <= LOSSY[media_type]


@given(names, seeds, st.integers(224, 500))
@settings(max_examples=20, deadline=None)
def test_a_gif_is_the_picture(name: str, seed: bytes, size: int) -> None:
    image = drawn(name, size, seed)
    assert greatest_difference(image, encoded(image, "image/gif")) == 0


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_file_has_no_metadata(media_type: str) -> None:
    image = encoded(drawn(), media_type)
    technical = {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "version",
        "background",
        "loop",
        "duration",
        "timestamp",
    }
    assert set(decoded(image).info) <= technical
    assert all(marker not in image.data for marker in (b"Exif", b"http", b"Pillow", b"ICC_PROFILE", b"XMP"))


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_encoding_again_gives_the_same_file(media_type: str) -> None:
    assert encoded(drawn(), media_type) == encoded(drawn(), media_type)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(KeyError):
        encoded(drawn(), "image/tiff")


@pytest.mark.parametrize("size", [64, 224, 256, 448, 500, 1100, 2048])
@pytest.mark.parametrize("name", ["code", "digits", "pair"])
def test_an_enlarged_image_weighs_what_was_asked_on_any_canvas(name: str, size: int) -> None:
    image = enlarged(drawn(name, size), SEED)
    assert len(image.data) == pytest.approx(LARGE, rel=0.05)
    assert image.width == image.height <= 2048


@pytest.mark.parametrize("target", [300_000, 1_000_000, 3_000_000])
def test_any_weight_may_be_asked_for(target: int) -> None:
    assert len(enlarged(drawn(), SEED, target).data) == pytest.approx(target, rel=0.05)


def test_a_weight_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room for 9000000 bytes around the print, up to 2048 px"):
        enlarged(drawn(), SEED, 9_000_000)


def test_an_enlarged_image_is_a_square_png_without_metadata() -> None:
    image = enlarged(drawn(), SEED)
    shown = decoded(image)
    assert (kind(image), shown.mode, shown.info) == ("PNG", "RGB", {})
    assert shown.size == (image.width, image.height) == (SIDES[0], SIDES[0])


def test_the_print_is_untouched_and_all_else_nearly_white() -> None:
    shown = decoded(enlarged(drawn(size=256), SEED)).convert("RGB")
    picture = decoded(drawn(size=256)).resize((512, 512), Pillow.Resampling.NEAREST)
    whiter = shown.point(lambda light: 255 if light >= 248 else light)
    expected = Pillow.new("RGB", shown.size, "white")
    expected.paste(picture, ((shown.width - 512) // 2, (shown.height - 512) // 2))
    assert whiter.tobytes() == expected.tobytes()


def test_the_rows_near_the_print_are_plain() -> None:
    shown = decoded(enlarged(drawn(), SEED)).convert("L")
    _, top, _, bottom = shown.point(lambda light: 255 if light < 128 else 0).getbbox() or (0, 0, 0, 0)
    margin = shown.width // 64
    assert set(shown.crop((0, top - margin, shown.width, bottom + margin)).tobytes()) == {0, 255}


def test_the_texture_is_the_seeds() -> None:
    assert enlarged(drawn(), SEED).data != enlarged(drawn(), b"\x08" * 32).data


@pytest.mark.parametrize("size", GOLDENS)
def test_an_enlarged_image_has_the_same_pixels_for_ever(size: str) -> None:
    assert digest(enlarged(drawn(size=int(size)), SEED)) == GOLDENS[size]
