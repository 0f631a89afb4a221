"""The challenges that a config brings along: always the same image and question, judged by a pattern.

The pattern is the operator's, the text a stranger's, so patterns are RE2's, which take time in proportion to the text
whatever they are; `re` would let one bad pair of them stop the daemon.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final, Protocol

import re2

from monitor.challenges.matching import answer_proper, exact, nothing, shown, without_markup, wrong
from monitor.core.types import Answer, OwnCheck, Puzzle

MEMORY: Final = 1_000_000
"""Bytes that a compiled pattern may take; a larger one is refused."""


class PatternError(ValueError):
    """The pattern is none that RE2 takes. The words name the fault and repeat nothing of the pattern."""


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str) -> object | None:
        """The first match anywhere."""

    def fullmatch(self, text: str) -> object | None:
        """The match of all of `text`."""


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Pattern:
    """The pattern, ready to search. Raises PatternError."""
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    try:
        ready: Pattern = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise PatternError(_fault(error)) from None
    return ready


def _fault(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else "invalid UTF-8"
    return words.partition(":")[0]


def puzzle(own: OwnCheck) -> Puzzle:
    """What a probe of that check shows. Its seed is the image's digest, by which the image is found again."""
    return Puzzle(own.challenge, own.digest, (own.image,), own.question, own.pattern)


def match_pattern(pattern: str, text: str) -> Answer:
    """How `text` compares with what `pattern` expects: EXACT where it is found, with or without markup, else FAR.

    What a model thought aloud is cut first, white space is collapsed, and half a surrogate pair, which RE2 cannot read,
    becomes `?`. Nothing is NEAR: a pattern says yes or no.
    """
    said, reasoned = answer_proper(text.encode("utf-8", "replace").decode())
    collapsed = " ".join(unicodedata.normalize("NFKC", said).split())
    forms = [form for form in (collapsed, without_markup(said)) if form]
    if not forms:
        return nothing()
    ready = compiled(pattern)
    if not any(ready.search(form) for form in forms):
        return wrong(said)
    whole = any(ready.fullmatch(form) or ready.fullmatch(form.rstrip(".。")) for form in forms)
    return exact(shown(said), bare=whole and not reasoned)
