"""Pixels and answers are promised for ever: stored seeds are replayed years later. Never change a golden; add one."""

import json
from pathlib import Path

import pytest

from monitor.challenges import REGISTRY
from tests.challenges.pixels import digest

GOLDENS = json.loads((Path(__file__).parent / "goldens.json").read_text())
CASES = [(name, seed, size) for name, golden in GOLDENS.items() for seed in golden["seeds"] for size in golden["sizes"]]


def test_every_challenge_has_a_golden() -> None:
    assert set(GOLDENS) == set(REGISTRY)


@pytest.mark.parametrize("name", REGISTRY)
def test_a_golden_covers_several_seeds_and_sizes(name: str) -> None:
    assert len(GOLDENS[name]["seeds"]) >= 3
    assert {REGISTRY[name].smallest, 256, 448} <= set(map(int, GOLDENS[name]["sizes"]))


@pytest.mark.parametrize("name", REGISTRY)
def test_the_registry_calls_a_challenge_by_its_name(name: str) -> None:
    assert REGISTRY[name].name == name


@pytest.mark.parametrize("name", REGISTRY)
def test_the_question_is_the_golden_one(name: str) -> None:
    assert REGISTRY[name].question == GOLDENS[name]["question"]


@pytest.mark.parametrize(("name", "seed", "size"), CASES)
def test_a_seed_gives_the_same_answer_and_the_same_pixels_for_ever(name: str, seed: str, size: str) -> None:
    puzzle = REGISTRY[name].make(bytes.fromhex(seed), int(size))
    assert puzzle.expected == GOLDENS[name]["seeds"][seed]
    assert [digest(image) for image in puzzle.images] == GOLDENS[name]["sizes"][size][seed]
