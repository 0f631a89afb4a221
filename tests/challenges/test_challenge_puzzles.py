"""Rules that every challenge keeps, walked over the registry."""

from datetime import date as day
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from monitor.challenges import REGISTRY
from monitor.challenges.code import APART, is_code
from monitor.challenges.drawing import MAX_SIZE, MIN_SIZE, text_image
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS
from monitor.challenges.grid import COLOURS
from monitor.challenges.receipt import WORD
from monitor.core.types import Answer, Match, Puzzle
from tests.challenges.pixels import decoded

names = st.sampled_from(sorted(REGISTRY))
seeds = st.binary(min_size=32, max_size=32)

PARTS = {"pair": 2, "fine-print": 2}


def smallest(name: str, seed: bytes) -> Puzzle:
    return REGISTRY[name].make(seed, REGISTRY[name].smallest)


@given(names, seeds)
def test_the_expected_answer_is_exact_and_bare(name: str, seed: bytes) -> None:
    puzzle = smallest(name, seed)
    answer = REGISTRY[name].check(puzzle.expected, puzzle.expected)
    parts = PARTS.get(name, 1)
    assert answer == Answer(Match.EXACT, parts, parts, puzzle.expected, bare=True)


@given(names, seeds, seeds)
def test_the_answer_to_another_puzzle_is_never_exact(name: str, seed: bytes, other: bytes) -> None:
    challenge = REGISTRY[name]
    expected, said = smallest(name, seed).expected, smallest(name, other).expected
    assert (challenge.check(expected, said).match is Match.EXACT) == (expected == said)


@given(names, st.text(), st.text())
def test_any_text_is_a_legal_answer(name: str, before: str, after: str) -> None:
    expected = smallest(name, b"\0" * 32).expected
    REGISTRY[name].check(expected, f"{before}{expected}{after}")


@given(names, seeds, st.integers(0, 300))
@settings(max_examples=30)
def test_an_image_is_a_square_opaque_png_with_nothing_but_pixels_in_it(name: str, seed: bytes, larger: int) -> None:
    size = REGISTRY[name].smallest + larger
    for image in REGISTRY[name].make(seed, size).images:
        shown = decoded(image)
        assert (shown.format, shown.mode, shown.info, shown.size) == (None, "RGB", {}, (size, size))
        assert (image.media_type, image.width, image.height) == ("image/png", size, size)


@pytest.mark.parametrize("name", REGISTRY)
def test_the_smallest_canvas_is_one_that_the_config_may_ask_for(name: str) -> None:
    assert MIN_SIZE <= REGISTRY[name].smallest <= 256


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("size", ["0", "one too small", "one too large", "negative"])
def test_a_size_out_of_range_is_refused(name: str, size: str) -> None:
    least = REGISTRY[name].smallest
    pixels = {"0": 0, "one too small": least - 1, "one too large": MAX_SIZE + 1, "negative": -448}[size]
    with pytest.raises(ValueError, match=f"out of range: {least} to 2048"):
        REGISTRY[name].make(b"\0" * 32, pixels)


@pytest.mark.parametrize("name", REGISTRY)
def test_the_question_says_what_to_reply_without_an_image(name: str) -> None:
    assert "If no image was received, reply NOIMG." in REGISTRY[name].question


@pytest.mark.parametrize("word", ["captcha", "verif", "password", "security", "secret", "human"])
@pytest.mark.parametrize("name", REGISTRY)
def test_the_question_has_no_word_that_providers_refuse(name: str, word: str) -> None:
    assert word not in REGISTRY[name].question.lower()


@pytest.mark.parametrize("name", REGISTRY)
def test_the_answer_is_neither_in_the_question_nor_in_the_file(name: str) -> None:
    puzzle = REGISTRY[name].make(b"\x07" * 32, 448)
    for word in puzzle.expected.split():
        assert word not in puzzle.question or name == "grid"
        assert all(word.encode() not in image.data for image in puzzle.images)


def test_the_grid_question_names_its_colours() -> None:
    assert all(colour in REGISTRY["grid"].question for colour in COLOURS)


@given(seeds)
def test_a_code_is_five_characters_with_a_digit_and_without_a_word(seed: bytes) -> None:
    expected = REGISTRY["code"].make(seed, 64).expected
    assert len(expected) == 5
    assert set(expected) <= set(CODE_ALPHABET)
    assert is_code(expected)


@given(seeds)
def test_digits_are_six_digits(seed: bytes) -> None:
    expected = REGISTRY["digits"].make(seed, 64).expected
    assert len(expected) == 6
    assert set(expected) <= set(DIGITS)


@given(seeds)
def test_a_grid_is_four_colours_row_by_row(seed: bytes) -> None:
    colours = REGISTRY["grid"].make(seed, 64).expected.split()
    assert len(colours) == 4
    assert set(colours) <= set(COLOURS)


@pytest.mark.parametrize("name", ["pair", "fine-print"])
@given(seeds)
def test_two_codes_shown_together_are_far_apart(name: str, seed: bytes) -> None:
    one, other = smallest(name, seed).expected.split()
    assert is_code(one)
    assert is_code(other)
    assert Levenshtein.distance(one, other) >= APART


@given(seeds)
def test_a_pair_has_an_image_for_each_code(seed: bytes) -> None:
    puzzle = REGISTRY["pair"].make(seed, 448)
    assert puzzle.images == tuple(text_image(code, 448) for code in puzzle.expected.split())


@given(seeds)
def test_a_receipt_is_two_words_a_price_and_a_date(seed: bytes) -> None:
    one, other, price, date = smallest("receipt", seed).expected.split()
    assert all(character in place for word in (one, other) for character, place in zip(word, WORD, strict=True))
    assert 10 <= Decimal(price) < 100
    assert len(price) == 5
    year, month, date_ = date.split("-") if "-" in date else reversed(date.split("."))
    assert 2010 <= day(int(year), int(month), int(date_)).year < 2040


def test_receipts_come_with_either_notation_of_the_date() -> None:
    dates = [smallest("receipt", bytes([number]) * 32).expected.split()[-1] for number in range(20)]
    assert {"-" in date for date in dates} == {True, False}


@pytest.mark.parametrize("word", ["CAT47", "7CAT4", "47CAT", "TRY34", "XKEM4", "4AXKT", "9NEXT"])
def test_a_run_of_three_letters_with_a_vowel_is_a_word(word: str) -> None:
    assert not is_code(word)


@pytest.mark.parametrize("code", ["XKT4M", "A7X9T", "WE4RK", "HRJ9J", "44444", "MX3NT"])
def test_what_spells_nothing_may_be_shown(code: str) -> None:
    assert is_code(code)


def test_a_code_without_a_digit_is_not_shown() -> None:
    assert not is_code("XKTMR")
