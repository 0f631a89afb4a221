"""What a completion costs: text by a plain count of word pieces, images by the formula of the wire's family."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.core.families import expected_image_tokens
from monitor.sandbox.pictures import Picture

_TOKEN = re.compile(r"\S{1,3}")
"""A piece of a word of up to three characters. base64 costs a token per three characters, as it does in the field."""


def text_tokens(text: str) -> int:
    """Tokens of `text`: deterministic, and nothing like a real tokenizer."""
    return sum(1 for _ in _TOKEN.finditer(text))


def image_tokens(family: str, pictures: Sequence[Picture]) -> int | None:
    """Tokens that a model called `family` bills for all `pictures`; None for no picture or an unknown family."""
    each = [expected_image_tokens(family, picture.width, picture.height) for picture in pictures]
    known = [tokens for tokens in each if tokens is not None]
    return sum(known) if known else None


def capped(text: str, cap: int | None) -> str:
    """The beginning of `text` that `cap` tokens can hold."""
    ends = [token.end() for token in _TOKEN.finditer(text)]
    return text if cap is None or len(ends) <= cap else text[: ends[cap - 1]]
