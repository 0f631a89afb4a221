"""The stitched PNGs against the layout that they promise, drawn again with Pillow."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from monitor.challenges.drawing import (
    DEFAULT_SIZE,
    PALETTE,
    cells_image,
    glyph_scale,
    grid_layout,
    text_image,
    text_layout,
)
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS, GLYPH_HEIGHT, GLYPH_WIDTH, GLYPHS, INK
from monitor.challenges.mosaic import Box
from tests.challenges.pixels import decoded

SIZES = [64, 65, 97, 120, 224, 255, 256, 336, 448, 449, 1000, 2048]


def glyph(character: str, box: Box) -> Pillow.Image:
    art = Pillow.new("RGB", (GLYPH_WIDTH, GLYPH_HEIGHT), "white")
    for y, row in enumerate(GLYPHS[character]):
        for x, pixel in enumerate(row):
            if pixel == INK:
                art.putpixel((x, y), (0, 0, 0))
    return art.resize((box.width, box.height), Pillow.Resampling.NEAREST)


def drawn_text(text: str, size: int) -> Pillow.Image:
    canvas = Pillow.new("RGB", (size, size), "white")
    for character, box in zip(text, text_layout(len(text), size), strict=True):
        canvas.paste(glyph(character, box), (box.left, box.top))
    return canvas


def drawn_cells(colours: list[str], size: int) -> Pillow.Image:
    canvas = Pillow.new("RGB", (size, size), "white")
    for colour, box in zip(colours, grid_layout(size), strict=True):
        canvas.paste(PALETTE[colour], (box.left, box.top, box.left + box.width, box.top + box.height))
    return canvas


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["AC3W9", "JKMN7", "DEFHP", "RTUVX", "Y4444", "012345", "678900"])
def test_text_decodes_to_the_pixels_that_the_layout_says(text: str, size: int) -> None:
    assert decoded(text_image(text, size)).tobytes() == drawn_text(text, size).tobytes()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colours", [["red", "yellow", "green", "cyan"], ["blue", "magenta", "blue", "blue"]])
def test_cells_decode_to_the_pixels_that_the_layout_says(colours: list[str], size: int) -> None:
    assert decoded(cells_image(colours, size)).tobytes() == drawn_cells(colours, size).tobytes()


def test_every_character_of_a_challenge_has_a_glyph() -> None:
    assert set(GLYPHS) == set(CODE_ALPHABET) | set(DIGITS)


@pytest.mark.parametrize("character", sorted(GLYPHS))
def test_a_glyph_fills_a_cell_and_leaves_its_sides_free(character: str) -> None:
    rows = GLYPHS[character]
    assert [len(row) for row in rows] == [GLYPH_WIDTH] * GLYPH_HEIGHT
    assert set("".join(rows)) == {INK, "."}


def test_no_two_glyphs_look_alike() -> None:
    assert len(set(GLYPHS.values())) == len(GLYPHS)


@given(st.integers(1, 6), st.integers(64, 2048))
def test_text_cells_lie_on_the_canvas_in_reading_order_without_touching(count: int, size: int) -> None:
    boxes = text_layout(count, size)
    assert all(box.left >= 0 and box.top >= 0 for box in boxes)
    assert all(box.left + box.width <= size and box.top + box.height <= size for box in boxes)
    for one, following in pairwise(boxes):
        beside = one.top == following.top and one.left + one.width < following.left
        assert beside or one.top + one.height < following.top


@given(st.integers(64, 2048))
def test_grid_cells_are_squares_in_the_middle_parted_by_white(size: int) -> None:
    boxes = grid_layout(size)
    first, right, below, last = boxes
    assert len({(box.width, box.height) for box in boxes}) == 1
    assert first.left + first.width < right.left == last.left
    assert first.top + first.height < below.top == last.top
    assert 0 < first.left <= size - last.left - last.width <= first.left + 1


@pytest.mark.parametrize(("size", "scale"), [(64, 1), (256, 1), (447, 1), (448, 2), (512, 2), (1024, 4), (2048, 9)])
def test_the_scale_follows_the_size(size: int, scale: int) -> None:
    assert glyph_scale(size) == scale


def test_the_scale_and_the_line_are_as_measured_for_legibility() -> None:
    boxes = text_layout(5, DEFAULT_SIZE)
    assert [box.left for box in boxes] == [108, 156, 204, 252, 300]
    assert {(box.top, box.width, box.height) for box in boxes} == {(201, 40, 46)}


def test_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="7 glyphs do not fit on 64 px"):
        text_layout(7, 64)


def test_an_image_weighs_a_few_kilobytes() -> None:
    assert len(text_image("AC3W9").data) < 8_000
    assert len(cells_image(["red", "blue", "green", "red"]).data) < 8_000
