"""Two weak OCR engines read our images. Seeds, pixels and engines are fixed, so the outcome is always the same;
`make legibility` counts over more seeds.
"""

from __future__ import annotations

import pytest

from tests.legibility import ALPHABETS, ENGINES, FLOORS, SIZES, Reader, misreadings

SEEDS = 40

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> tuple[str, Reader]:
    return request.param, ENGINES[request.param]()


@pytest.mark.parametrize("challenge", ALPHABETS)
@pytest.mark.parametrize("size", SIZES)
def test_an_engine_reads_nearly_all_images(engine: tuple[str, Reader], challenge: str, size: int) -> None:
    name, read = engine
    wrong = misreadings(read, challenge, size, range(SEEDS))
    assert 1 - len(wrong) / SEEDS >= FLOORS[name], wrong


def test_an_answer_read_in_another_image_is_a_misreading() -> None:
    assert len(misreadings(lambda image, alphabet: alphabet[:5], "code", 448, range(3))) == 3
