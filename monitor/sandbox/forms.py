"""What form of answer a question asks for, and how to make up an answer of that form or to get one symbol wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from monitor.challenges.drawing import PALETTE
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS

_LETTERS_AND_DIGITS = tuple(CODE_ALPHABET)
_CODE_DIGITS = tuple(symbol for symbol in CODE_ALPHABET if symbol in DIGITS)


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of answer: the symbols that may stand at each place, and what stands between them."""

    asked_by: re.Pattern[str]
    places: tuple[tuple[str, ...], ...]
    between: str = ""


_COLOURS = Form(re.compile(r"\bcolou?rs?\b", re.IGNORECASE), (tuple(PALETTE),) * 4, between=" ")
_DIGITS = Form(re.compile(r"\bdigits?\b", re.IGNORECASE), (tuple(DIGITS),) * 6)
_CODE = Form(re.compile(""), (_LETTERS_AND_DIGITS,) * 4 + (_CODE_DIGITS,))


def form_of(question: str) -> Form:
    """The form that `question` asks for; a code where it names neither colours nor digits."""
    return next(form for form in (_COLOURS, _DIGITS, _CODE) if form.asked_by.search(question))


def invented(question: str, draw: Callable[[int], int]) -> str:
    """An answer of the right form out of thin air."""
    form = form_of(question)
    return form.between.join(symbols[draw(len(symbols))] for symbols in form.places)


def one_symbol_wrong(question: str, answer: str, draw: Callable[[int], int]) -> str:
    """`answer` with one of its symbols replaced by another that could stand in its place."""
    form = form_of(question)
    symbols = answer.split() if form.between else list(answer)
    place = draw(min(len(symbols), len(form.places)))
    others = [symbol for symbol in form.places[place] if symbol != symbols[place]]
    symbols[place] = others[draw(len(others))]
    return form.between.join(symbols)
