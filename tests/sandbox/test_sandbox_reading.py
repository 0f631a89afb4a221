"""The sandbox's reader finds what is drawn, from pixels alone."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from monitor.challenges import REGISTRY as CHALLENGES
from monitor.challenges.drawing import PALETTE, cells_image, text_image
from monitor.challenges.glyphs import GLYPHS
from monitor.core.types import Image
from monitor.sandbox.reading import read
from tests.sandbox.travel import encoded

SIZES = pytest.mark.parametrize("size", [448, 256])


def reading_of(image: Image) -> str:
    with Pillow.open(BytesIO(image.data)) as pixels:
        return read(pixels.convert("RGB"))


@SIZES
@pytest.mark.parametrize("name", CHALLENGES)
def test_every_challenge_is_solved_for_fifty_seeds(name: str, size: int) -> None:
    puzzles = [CHALLENGES[name].make(bytes([number]) * 32, size) for number in range(50)]
    read_back = [" ".join(map(reading_of, puzzle.images)) for puzzle in puzzles]
    assert read_back == [puzzle.expected for puzzle in puzzles]


LOSSY: tuple[tuple[str, dict[str, int]], ...] = (
    ("JPEG", {"quality": 50}),
    ("JPEG", {"quality": 75}),
    ("WEBP", {"quality": 50}),
    ("WEBP", {"lossless": True}),
    ("GIF", {}),
)


@SIZES
@pytest.mark.parametrize(("kind", "options"), LOSSY)
@pytest.mark.parametrize("name", ["code", "digits", "grid", "pair"])
def test_lossy_encodings_are_read_too(name: str, kind: str, options: dict[str, int], size: int) -> None:
    puzzles = [CHALLENGES[name].make(bytes([number]) * 32, size) for number in range(20)]
    read_back = [" ".join(reading_of(encoded(image, kind, **options)) for image in puzzle.images) for puzzle in puzzles]
    assert read_back == [puzzle.expected for puzzle in puzzles]


@SIZES
@pytest.mark.parametrize("glyph", GLYPHS)
def test_every_glyph_is_known(glyph: str, size: int) -> None:
    assert reading_of(text_image(glyph, size)) == glyph


@SIZES
@settings(max_examples=50, deadline=None)
@given(text=st.text(sorted(GLYPHS), min_size=1, max_size=6))
def test_any_text_is_read_in_order(text: str, size: int) -> None:
    assert reading_of(text_image(text, size)) == text


@SIZES
@settings(max_examples=50, deadline=None)
@given(colours=st.lists(st.sampled_from(sorted(PALETTE)), min_size=4, max_size=4))
def test_colours_are_named_row_by_row(colours: list[str], size: int) -> None:
    assert reading_of(cells_image(colours, size)) == " ".join(colours)


def test_a_text_on_two_lines_is_read_line_by_line() -> None:
    assert reading_of(text_image("K7R9M", 64)) == "K7R 9M"


@pytest.mark.parametrize("colour", ["white", "lightgrey"])
def test_blank_paper_says_nothing(colour: str) -> None:
    assert read(Pillow.new("RGB", (448, 448), colour)) == ""


def test_a_jpeg_of_half_the_size_is_still_legible() -> None:
    with Pillow.open(BytesIO(text_image("W4XYC", 448).data)) as pixels:
        small = pixels.convert("RGB").resize((224, 224))
    out = BytesIO()
    small.save(out, "JPEG", quality=60)
    assert read(Pillow.open(out).convert("RGB")) == "W4XYC"
