"""Rules that every challenge keeps, walked over the registry."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.challenges import REGISTRY
from monitor.challenges.code import is_code
from monitor.challenges.drawing import MAX_SIZE, MIN_SIZE
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS
from monitor.challenges.grid import COLOURS
from monitor.core.types import Answer, Match
from tests.challenges.pixels import decoded

names = st.sampled_from(sorted(REGISTRY))
seeds = st.binary(min_size=32, max_size=32)


@given(names, seeds, st.integers(64, 500))
def test_the_expected_answer_is_exact_and_bare(name: str, seed: bytes, size: int) -> None:
    puzzle = REGISTRY[name].make(seed, size)
    answer = REGISTRY[name].check(puzzle.expected, puzzle.expected)
    assert answer == Answer(Match.EXACT, parts_seen=1, parts_total=1, extracted=puzzle.expected, bare=True)


@given(names, seeds, seeds)
def test_the_answer_to_another_puzzle_is_never_exact(name: str, seed: bytes, other: bytes) -> None:
    challenge = REGISTRY[name]
    expected, said = challenge.make(seed, 64).expected, challenge.make(other, 64).expected
    assert (challenge.check(expected, said).match is Match.EXACT) == (expected == said)


@given(names, st.text(), st.text())
def test_any_text_is_a_legal_answer(name: str, before: str, after: str) -> None:
    expected = REGISTRY[name].make(b"\0" * 32, 64).expected
    REGISTRY[name].check(expected, f"{before}{expected}{after}")


@given(names, seeds, st.integers(64, 300))
@settings(max_examples=30)
def test_an_image_is_a_square_opaque_png_with_nothing_but_pixels_in_it(name: str, seed: bytes, size: int) -> None:
    image = REGISTRY[name].make(seed, size).images[0]
    shown = decoded(image)
    assert (shown.format, shown.mode, shown.info, shown.size) == (None, "RGB", {}, (size, size))
    assert (image.media_type, image.width, image.height) == ("image/png", size, size)


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("size", [0, MIN_SIZE - 1, MAX_SIZE + 1, -448])
def test_a_size_out_of_range_is_refused(name: str, size: int) -> None:
    with pytest.raises(ValueError, match="out of range: 64 to 2048"):
        REGISTRY[name].make(b"\0" * 32, size)


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
    assert puzzle.expected not in puzzle.question
    assert puzzle.expected.encode() not in puzzle.images[0].data


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


@pytest.mark.parametrize("word", ["CAT47", "7CAT4", "47CAT", "TRY34", "XKEM4", "4AXKT", "9NEXT"])
def test_a_run_of_three_letters_with_a_vowel_is_a_word(word: str) -> None:
    assert not is_code(word)


@pytest.mark.parametrize("code", ["XKT4M", "A7X9T", "WE4RK", "HRJ9J", "44444", "MX3NT"])
def test_what_spells_nothing_may_be_shown(code: str) -> None:
    assert is_code(code)


def test_a_code_without_a_digit_is_not_shown() -> None:
    assert not is_code("XKTMR")
