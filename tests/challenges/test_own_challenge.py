"""A config's own challenge: what counts as found, what is cut first, and that no pattern can hang the daemon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.challenges.own import PatternError, compiled, match_pattern, puzzle
from monitor.core.checks import own_check
from monitor.core.types import Image, Match

SHOP = "(?i)learn ?opencv"
RIGHT = [
    ("LearnOpenCV", True),
    ("learn opencv", True),
    ("  LEARN\nOPENCV  ", True),
    ("**LearnOpenCV**.", True),
    ("“LearnOpenCV”", True),
    ("ＬｅａｒｎＯｐｅｎＣＶ", True),
    ("Learn**Open**CV", True),
    ("The merchant is LearnOpenCV.", False),
    ("<think>a receipt …</think>LearnOpenCV", False),
]
WRONG = [
    "Learn Open CV",
    "LearnOpen",
    "NOIMG",
    "I see a receipt.",
    "<think>LearnOpenCV?</think>Corner Bakery",
    "\ud800",
]


@pytest.mark.parametrize(("text", "bare"), RIGHT)
def test_a_right_answer_is_found_with_or_without_markup(text: str, bare: bool) -> None:
    answer = match_pattern(SHOP, text)
    assert (answer.match, answer.bare) == (Match.EXACT, bare)


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_answer_is_far_and_shown(text: str) -> None:
    answer = match_pattern(SHOP, text)
    assert (answer.match, answer.bare, answer.extracted is None) == (Match.FAR, False, False)


@pytest.mark.parametrize("text", ["", " \n", "<think>LearnOpenCV</think>"])
def test_no_words_are_no_answer(text: str) -> None:
    assert match_pattern(SHOP, text).match is Match.NONE


def test_signs_that_markup_would_take_can_be_asked_for() -> None:
    assert match_pattern(r"\$12\.50", "TOTAL $12.50").match is Match.EXACT


def test_case_counts_unless_the_pattern_says_otherwise() -> None:
    assert match_pattern("OpenCV", "opencv").match is Match.FAR


def test_what_follows_much_text_is_found() -> None:
    assert match_pattern(SHOP, "x " * 50_000 + "LearnOpenCV").match is Match.EXACT


def test_a_pattern_that_would_hang_a_backtracker_answers() -> None:
    assert match_pattern("(a|aa)+$", "a" * 8000 + "!").match is Match.FAR


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_any_text_is_judged(text: str) -> None:
    assert match_pattern(SHOP, text).match in Match


@pytest.mark.parametrize("pattern", ["(", "[", r"(a)\1", "(?=a)", "(?<!a)b", "(?:a{900}){900}", "*", "\ud800"])
def test_what_re2_does_not_take_is_refused_without_repeating_it(pattern: str) -> None:
    with pytest.raises(PatternError) as caught:
        compiled(pattern)
    assert str(caught.value)
    assert ":" not in str(caught.value)


def test_a_probe_shows_the_image_of_the_config_and_is_found_again_by_its_digest() -> None:
    image = Image(b"\x89PNG", "image/png", 640, 480)
    own = own_check("receipt", image, "Which merchant?", SHOP)
    shown = puzzle(own)
    assert (shown.images, shown.question, shown.expected, shown.seed) == ((image,), "Which merchant?", SHOP, own.digest)
