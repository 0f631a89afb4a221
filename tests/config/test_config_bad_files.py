"""The corpus of faulty configurations: each file with the exact words that it must be answered with.

A new case is a `.yaml` in `bad/` and, beside it, a `.txt` with the expected lines.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.load import load_text
from monitor.config.problems import ConfigError

BAD = Path(__file__).parent / "bad"
CASES = sorted(BAD.glob("*.yaml"))
ENVIRON = {"OPENAI_API_KEY": "sk-planted-in-environment", "EMPTY": ""}


def complaint(case: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(case.read_text(encoding="utf-8"), case.name, ENVIRON, BAD)
    return str(caught.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_bad_file_is_answered_with_its_exact_words(case: Path) -> None:
    assert complaint(case) + "\n" == case.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_answer_has_its_file() -> None:
    assert {case.stem for case in CASES} == {answer.stem for answer in BAD.glob("*.txt")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_no_planted_secret_is_repeated(case: Path) -> None:
    assert "planted" not in complaint(case)
