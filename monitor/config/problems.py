"""What is wrong with a configuration, where, and how to cure it.

No message repeats a value of the file, only its keys, its positions, the names that it refers to and our own words:
a secret that stands in the wrong place must not travel into a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

Path = tuple[str | int, ...]
"""The keys and list indices that lead to a value."""

LONGEST_KEY = 80
"""Characters of a key that a message shows."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend (or, among the notes, to know). Line and column count from 1; None concerns the whole file."""

    line: int | None
    column: int | None
    path: str
    message: str

    def line_for(self, file: str) -> str:
        """`FILE:LINE:COL: path: message`, as editors jump to it."""
        place = file if self.line is None else f"{file}:{self.line}:{self.column}"
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ConfigError(Exception):
    """The configuration cannot be used. Its text has one line a problem, in the order of the file."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=_order))
        super().__init__("\n".join(problem.line_for(file) for problem in self.problems))


class UnfitError(ValueError):
    """A value does not fit its key. The words are for the person who wrote it, and do not repeat it."""


def _order(problem: Problem) -> tuple[int, int, str, str]:
    return (problem.line or 0, problem.column or 0, problem.path, problem.message)


def spelt_path(path: Path) -> str:
    """`path` for people: `models.fast.targets[0].weight`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{spelt_key(step)}"
    return text.removeprefix(".")


def spelt_key(key: str) -> str:
    """`key` on one line and of bounded length, in quotes where it is not a plain word."""
    short = key if len(key) <= LONGEST_KEY else key[:LONGEST_KEY] + "…"
    return short if short.isprintable() and short and " " not in short else json.dumps(short)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` is most likely a misspelling of: one slip for 4 letters, two from 6 on."""
    folded = _folded(word)
    slips, best = min(((OSA.distance(folded, _folded(name)), name) for name in known), default=(0, None))
    return best if slips <= _slips_allowed(len(folded)) else None


def _folded(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "")


def _slips_allowed(length: int) -> int:
    return 2 if length >= 6 else int(length >= 4)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """What to try instead of `word`: the closest known word, else all of them."""
    near = closest(word, known)
    return f"did you mean `{near}`?" if near else f"known: {', '.join(sorted(known))}"
