"""The catalogue: what its rows need of a dialect, and which probes share a text-only control."""

from __future__ import annotations

import pytest

from monitor.core.checks import CATALOGUE, wording
from monitor.core.inquiry import ask
from monitor.core.memory import TargetMemory
from monitor.core.types import Form, Gate, Puzzle
from tests.core.builders import target

PUZZLE = Puzzle("code", b"", (), "Reply.", "K7Q2M")


def test_each_row_needs_the_forms_that_its_image_travels_in() -> None:
    needs = {name: row.forms for name, row in CATALOGUE.items() if row.forms}
    assert needs == {
        "inline-stream": {Form.STREAM},
        "tool-result": {Form.TOOL_RESULT},
        "with-tools": {Form.WITH_TOOLS},
    }


def test_an_error_about_the_file_is_the_subject_of_formats_and_sizes() -> None:
    assert [n for n, row in CATALOGUE.items() if row.tests_the_file] == ["jpeg", "webp", "gif", "large"]


def test_fine_print_and_letters_are_quality_and_all_else_is_path() -> None:
    assert [n for n, row in CATALOGUE.items() if row.gate is Gate.QUALITY] == ["fine-print", "ocr"]


@pytest.mark.parametrize("check", CATALOGUE)
def test_the_ask_of_a_check_has_its_forms(check: str) -> None:
    assert ask(target(), TargetMemory(), PUZZLE, CATALOGUE[check]).forms == CATALOGUE[check].forms


def test_controls_are_kept_apart_by_wording_and_form() -> None:
    wordings = {name: wording(row.challenges[0], row) for name, row in CATALOGUE.items()}
    assert wordings == {
        "inline": "code",
        "inline-stream": "code+stream",
        "tool-result": "code+tool_result",
        "with-tools": "code+with_tools",
        "pair": "pair",
        "jpeg": "code",
        "webp": "code",
        "gif": "code",
        "large": "code",
        "fine-print": "fine-print",
        "ocr": "receipt",
    }
