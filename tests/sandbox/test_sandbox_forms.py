"""What is made up has the form that the question asks for, and a misreading differs in exactly one symbol."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.challenges import REGISTRY as CHALLENGES
from monitor.sandbox.forms import invented, one_symbol_wrong
from tests.sandbox.dialogue import QUESTIONS, chance


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("digits", "012345", "112345"),
        ("code", "AK7R9", "CK7R9"),
        ("grid", "red red blue cyan", "yellow red blue cyan"),
    ],
)
def test_the_wrong_symbol_is_another_one_that_could_stand_there(name: str, right: str, wrong: str) -> None:
    assert one_symbol_wrong(QUESTIONS[name], right, lambda _below: 0) == wrong


@pytest.mark.parametrize("name", CHALLENGES)
@given(seed=st.integers(0, 10_000))
def test_an_invented_answer_could_be_right(name: str, seed: int) -> None:
    text = invented(QUESTIONS[name], chance(seed))
    assert CHALLENGES[name].check(text, text).bare


@pytest.mark.parametrize("name", CHALLENGES)
@given(seed=st.integers(0, 10_000))
def test_a_misreading_is_near(name: str, seed: int) -> None:
    draw = chance(seed)
    right = invented(QUESTIONS[name], draw)
    answer = CHALLENGES[name].check(right, one_symbol_wrong(QUESTIONS[name], right, draw))
    assert answer.match == "near"
