"""A person's words."""

from __future__ import annotations

import pytest

from monitor.core.types import Verdict
from monitor.web.words import REASONS, age, meaning
from tests.web.samples import NOW, ago


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (0.9, "just now"),
        (-30, "just now"),
        (1, "1 s ago"),
        (59.9, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400 * 400, "400 d ago"),
    ],
)
def test_an_age_is_in_whole_units(seconds: float, words: str) -> None:
    assert age(ago(seconds), NOW) == words


def test_what_never_was_has_no_age() -> None:
    assert age(None, NOW) == "never"


def test_every_verdict_has_words() -> None:
    assert set(Verdict) <= set(REASONS)


def test_a_reason_from_a_later_version_stands_for_itself() -> None:
    assert meaning("unheard_of") == "unheard_of"
