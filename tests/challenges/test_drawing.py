"""The stitched PNGs against the layout that they promise, drawn again with Pillow."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from monitor.challenges.drawing import (
    DEFAULT_SIZE,
    PALETTE,
    SMALLEST_FINE,
    cells_image,
    fine_image,
    fine_layout,
    glyph_scale,
    grid_layout,
    receipt_image,
    receipt_layout,
    text_image,
    text_layout,
)
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS, GLYPH_HEIGHT, GLYPH_WIDTH, GLYPHS, INK
from monitor.challenges.mosaic import Box
from monitor.challenges.receipt import WORD
from monitor.challenges.receipt_glyphs import RECEIPT_GLYPHS, RECEIPT_HEIGHT
from monitor.challenges.small_glyphs import SMALL_GLYPHS, SMALL_WIDTH
from tests.challenges.pixels import decoded

FINE_SIZES = [224, 225, 256, 419, 420, 448, 896, 1000, 2048]
SIZES = [64, 65, 97, 120, 224, 255, 256, 336, 448, 449, 1000, 2048]


def glyph(character: str, box: Box, glyphs: Mapping[str, Sequence[str]] = GLYPHS) -> Pillow.Image:
    rows = glyphs[character]
    art = Pillow.new("RGB", (len(rows[0]), len(rows)), "white")
    for y, row in enumerate(rows):
        for x, pixel in enumerate(row):
            if pixel == INK:
                art.putpixel((x, y), (0, 0, 0))
    return art.resize((box.width, box.height), Pillow.Resampling.NEAREST)


def drawn_text(text: str, size: int) -> Pillow.Image:
    canvas = Pillow.new("RGB", (size, size), "white")
    for character, box in zip(text, text_layout(len(text), size), strict=True):
        canvas.paste(glyph(character, box), (box.left, box.top))
    return canvas


def drawn_fine_print(large: str, small: str, size: int) -> Pillow.Image:
    canvas = Pillow.new("RGB", (size, size), "white")
    for place, (character, box) in enumerate(zip(large + small, fine_layout(size), strict=True)):
        canvas.paste(glyph(character, box, SMALL_GLYPHS if place >= len(large) else GLYPHS), (box.left, box.top))
    return canvas


def drawn_receipt(text: str, size: int) -> Pillow.Image:
    canvas = Pillow.new("RGB", (size, size), "white")
    for character, box in zip(text.replace(" ", ""), receipt_layout(size), strict=True):
        canvas.paste(glyph(character, box, RECEIPT_GLYPHS), (box.left, box.top))
    return canvas


def drawn_cells(colours: list[str], size: int) -> Pillow.Image:
    canvas = Pillow.new("RGB", (size, size), "white")
    for colour, box in zip(colours, grid_layout(size), strict=True):
        canvas.paste(PALETTE[colour], (box.left, box.top, box.left + box.width, box.top + box.height))
    return canvas


def on_the_canvas_without_touching(boxes: Sequence[Box], size: int) -> bool:
    inside = all(box.left >= 0 and box.top >= 0 for box in boxes)
    inside &= all(box.left + box.width <= size and box.top + box.height <= size for box in boxes)
    beside = (
        (one.top == following.top and one.left + one.width < following.left) or one.top + one.height < following.top
        for one, following in pairwise(boxes)
    )
    return inside and all(beside)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["AC3W9", "JKMN7", "DEFHP", "RTUVX", "Y4444", "012345", "678900"])
def test_text_decodes_to_the_pixels_that_the_layout_says(text: str, size: int) -> None:
    assert decoded(text_image(text, size)).tobytes() == drawn_text(text, size).tobytes()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colours", [["red", "yellow", "green", "cyan"], ["blue", "magenta", "blue", "blue"]])
def test_cells_decode_to_the_pixels_that_the_layout_says(colours: list[str], size: int) -> None:
    assert decoded(cells_image(colours, size)).tobytes() == drawn_cells(colours, size).tobytes()


@pytest.mark.parametrize("size", FINE_SIZES)
@pytest.mark.parametrize(("large", "small"), [("AC3W9", "JKMN7"), ("DEFHP", "RTUVX"), ("Y4444", "AC3W9")])
def test_fine_print_decodes_to_the_pixels_that_the_layout_says(large: str, small: str, size: int) -> None:
    assert decoded(fine_image(large, small, size)).tobytes() == drawn_fine_print(large, small, size).tobytes()


@pytest.mark.parametrize("size", FINE_SIZES)
@pytest.mark.parametrize(
    "text", ["Dubem Fateh 12.30 2027-03-19", "Jamtb Nhdeu 45.67 19.03.2028", "Pabet Rebem 89.99 2000-00-00"]
)
def test_a_receipt_decodes_to_the_pixels_that_the_layout_says(text: str, size: int) -> None:
    assert decoded(receipt_image(text, size)).tobytes() == drawn_receipt(text, size).tobytes()


def test_every_character_of_a_challenge_has_a_glyph() -> None:
    assert set(SMALL_GLYPHS) == set(CODE_ALPHABET)
    assert set(RECEIPT_GLYPHS) == set(DIGITS) | set(".-").union(*WORD)
    assert set(GLYPHS) == set(CODE_ALPHABET) | set(DIGITS)


@pytest.mark.parametrize("character", sorted(GLYPHS))
def test_a_glyph_fills_a_cell_and_leaves_its_sides_free(character: str) -> None:
    rows = GLYPHS[character]
    assert [len(row) for row in rows] == [GLYPH_WIDTH] * GLYPH_HEIGHT
    assert set("".join(rows)) == {INK, "."}


@pytest.mark.parametrize("rows", SMALL_GLYPHS.values(), ids=SMALL_GLYPHS)
def test_a_small_glyph_is_14_pixels_high_and_leaves_a_side_free(rows: tuple[str, ...]) -> None:
    assert [len(row) for row in rows] == [SMALL_WIDTH] * 14
    assert INK in rows[0]
    assert INK in rows[-1]
    assert all(row.endswith(".") for row in rows)


@pytest.mark.parametrize("rows", RECEIPT_GLYPHS.values(), ids=RECEIPT_GLYPHS)
def test_a_receipts_glyph_fills_a_cell(rows: tuple[str, ...]) -> None:
    assert [len(row) for row in rows] == [GLYPH_WIDTH] * RECEIPT_HEIGHT
    assert set("".join(rows)) == {INK, "."}


@pytest.mark.parametrize("glyphs", [GLYPHS, SMALL_GLYPHS, RECEIPT_GLYPHS])
def test_no_two_glyphs_look_alike(glyphs: Mapping[str, Sequence[str]]) -> None:
    assert len(set(glyphs.values())) == len(glyphs)


@given(st.integers(SMALLEST_FINE, 2048))
def test_fine_print_is_a_large_line_over_a_small_one(size: int) -> None:
    boxes = fine_layout(size)
    large, small = boxes[:5], boxes[5:]
    assert on_the_canvas_without_touching(boxes, size)
    assert {box.height for box in large} == {92 if size >= 420 else 69 if size >= 315 else 46}
    assert {(box.width, box.height) for box in small} == {(12, 14)}
    assert {box.top - large[0].top - large[0].height for box in small} == {large[0].height // 2}


@given(st.integers(SMALLEST_FINE, 2048))
def test_a_receipt_has_three_lines_on_the_canvas(size: int) -> None:
    boxes = receipt_layout(size)
    lines = [[box.left for box in boxes if box.top == top] for top in sorted({box.top for box in boxes})]
    assert [len(line) for line in lines] == [10, 5, 10]
    assert len({line[0] for line in lines}) == 1
    assert all(box.left >= 0 and box.left + box.width <= size for box in boxes)
    assert all(box.top >= 0 and box.top + box.height <= size for box in boxes)


def test_a_receipts_columns_are_as_close_as_type_and_its_words_a_column_apart() -> None:
    lefts = [box.left for box in receipt_layout(448)[:10]]
    assert [right - left for left, right in pairwise(lefts)] == [20, 20, 20, 20, 40, 20, 20, 20, 20]


@given(st.integers(1, 6), st.integers(64, 2048))
def test_text_cells_lie_on_the_canvas_in_reading_order_without_touching(count: int, size: int) -> None:
    assert on_the_canvas_without_touching(text_layout(count, size), size)


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
