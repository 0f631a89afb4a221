"""The count of collisions that `python -m tests.uniqueness` prints, on cases that can be counted by hand."""

from __future__ import annotations

from math import sqrt

import pytest

from tests.uniqueness import PUZZLES, SIGMAS, Collisions, answers, collisions


def test_every_pair_of_equal_answers_collides() -> None:
    assert collisions("aaab", possible=2).observed == 3


def test_by_chance_one_pair_in_so_many_collides() -> None:
    assert collisions("abcd", possible=4) == Collisions(observed=0, expected=1.5, sigmas=-1.5 / sqrt(1.5 * 0.75))


@pytest.mark.parametrize("challenge", PUZZLES)
def test_seeds_that_repeat_are_noticed(challenge: str) -> None:
    once = list(answers(challenge, 2_000))
    assert collisions(once + once, PUZZLES[challenge]).sigmas > SIGMAS
