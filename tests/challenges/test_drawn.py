"""Puzzles as their checks send them."""

from __future__ import annotations

import pytest

from monitor.challenges import REGISTRY
from monitor.challenges.drawn import drawn
from monitor.core.checks import CATALOGUE

SEED = b"seed"


@pytest.mark.parametrize("check", ["inline", "pair", "ocr", "with-tools"])
def test_most_checks_send_the_picture_as_it_is_drawn(check: str) -> None:
    challenge = CATALOGUE[check].challenges[0]
    assert drawn(CATALOGUE[check], challenge, SEED, 448) == REGISTRY[challenge].make(SEED, 448)


@pytest.mark.parametrize("check", ["jpeg", "webp", "gif"])
def test_a_format_is_the_files_and_not_the_puzzles(check: str) -> None:
    puzzle = drawn(CATALOGUE[check], "code", SEED, 448)
    assert [(i.media_type, i.width) for i in puzzle.images] == [(f"image/{check}", 448)]
    assert puzzle.expected == REGISTRY["code"].make(SEED, 448).expected


@pytest.mark.parametrize("challenge", CATALOGUE["large"].challenges)
def test_a_large_image_is_redrawn_from_the_side_that_it_was_sent_with(challenge: str) -> None:
    sent = drawn(CATALOGUE["large"], challenge, SEED, 256)
    assert len(sent.images[0].data) > 1_500_000
    assert drawn(CATALOGUE["large"], challenge, SEED, sent.images[0].width) == sent


def test_a_canvas_too_small_for_the_challenge_is_made_large_enough() -> None:
    assert drawn(CATALOGUE["fine-print"], "fine-print", SEED, 64).images[0].width == REGISTRY["fine-print"].smallest
