"""How many input tokens a model family bills for one image: the table "Image tokens by family" of WIRE.md as data.

A prior only. What a target was seen to bill for a proven image outranks it, and so does the config. The figures hold
for canvases up to about 1,000 px a side; the providers' own upper limits on patches are not modelled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

DEFAULT_CANVAS = 448
"""Pixels a side: divisible by 28 and 32, so that no family bills a torn patch."""

_THRIFTY_CANVAS = 256
"""Pixels a side where 448 would cost four times as many tokens for no better reading."""

Rule = Callable[[int, int], int]
"""(width, height) in pixels -> input tokens."""


@dataclass(frozen=True, slots=True)
class Family:
    """Models that bill images alike. `pattern` is matched inside a lower-case model name, between word boundaries."""

    pattern: re.Pattern[str]
    tokens: Rule
    canvas: int = DEFAULT_CANVAS


def expected_image_tokens(model: str, width: int, height: int) -> int | None:
    """Input tokens for one image of `width` by `height` pixels; None for a family that the table does not know.

    `model` may carry a provider's prefix, a dated suffix or a variant (`openai/gpt-4o-mini-2024-07-18`).
    """
    family = _family(model)
    return None if family is None else family.tokens(width, height)


def default_canvas(model: str) -> int:
    """Pixels a side of the square to draw for `model` where the config does not say."""
    family = _family(model)
    return DEFAULT_CANVAS if family is None else family.canvas


def _family(model: str) -> Family | None:
    """The family with the longest match in the last segment of the name: `gpt-5-mini` is not `gpt-5`."""
    name = model.lower().rpartition("/")[2]
    matches = [(match, family) for family in FAMILIES if (match := family.pattern.search(name))]
    return max(matches, key=lambda pair: len(pair[0][0]), default=(None, None))[1]


def _tiles(base: int, each: int, width: int, height: int) -> int:
    """`base` plus `each` per 512 px tile, after a fit into 2048 px and then to a short side of 768; never enlarged."""
    fit = min(1.0, 2048 / max(width, height))
    fit = min(fit, 768 / min(width, height))
    return base + each * _ceil(round(width * fit), 512) * _ceil(round(height * fit), 512)


def _patches(hundredths: int, width: int, height: int) -> int:
    """32 px patches times a factor, given in hundredths so that the rounding up is exact."""
    return _ceil(hundredths * _ceil(width, 32) * _ceil(height, 32), 100)


def _cells(side: int, width: int, height: int) -> int:
    """Cells of `side` pixels, torn ones counted whole."""
    return _ceil(width, side) * _ceil(height, side)


def _merged_patches(side: int, width: int, height: int) -> int:
    """Qwen-VL: each side rounded to patches, at least four in all, plus a start and an end token."""
    return max(4, round(width / side) * round(height / side)) + 2


def _rows(side: int, width: int, height: int) -> int:
    """Mistral: a cell a token, and one more at the end of each row."""
    return (_ceil(width, side) + 1) * _ceil(height, side)


def _crops(width: int, height: int) -> int:
    """Gemini up to 2.5: 258 for a small image, otherwise 258 for each crop of two thirds of the shorter side."""
    if max(width, height) <= 384:
        return 258
    crop = max(1, min(width, height) * 2 // 3)
    return 258 * _ceil(width, crop) * _ceil(height, crop)


def _flat(tokens: int, _width: int, _height: int) -> int:
    """The same whatever the size."""
    return tokens


def _ceil(amount: int, unit: int) -> int:
    return -(-amount // unit)


def _named(pattern: str) -> re.Pattern[str]:
    """The pattern between word boundaries; a dot before a digit is no boundary, so `gpt-5` is not in `gpt-5.3`."""
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9]|\.\d)")


FAMILIES: tuple[Family, ...] = (
    Family(_named(r"(?:chat)?gpt-4o|gpt-4\.[15]"), partial(_tiles, 85, 170)),
    Family(_named(r"gpt-4o-mini"), partial(_tiles, 2833, 5667)),
    Family(_named(r"gpt-5(?:\.1)?"), partial(_tiles, 70, 140)),
    Family(_named(r"gpt-5-mini|gpt-5\.[2456](?:-mini|-nano)?"), partial(_patches, 120)),
    Family(_named(r"gpt-5-nano"), partial(_patches, 150)),
    Family(_named(r"gpt-4\.1-mini"), partial(_patches, 162)),
    Family(_named(r"o4-mini"), partial(_patches, 172)),
    Family(_named(r"gpt-4\.1-nano"), partial(_patches, 246)),
    Family(_named(r"claude"), partial(_cells, 28)),
    Family(_named(r"gemini-(?:1\.[05]|2\.[05])"), _crops, canvas=_THRIFTY_CANVAS),
    Family(_named(r"gemini-3(?:\.\d+)?"), partial(_flat, 1089)),
    Family(_named(r"qwen-?3-?vl"), partial(_merged_patches, 32)),
    Family(_named(r"qwen-?2\.5-?vl"), partial(_merged_patches, 28)),
    Family(_named(r"pixtral"), partial(_rows, 16)),
    Family(_named(r"mistral-(?:small|medium|large)|ministral"), partial(_rows, 28)),
    Family(_named(r"gemma-?[34]"), partial(_flat, 256)),
)
"""WIRE.md, "Image tokens by family". Gemini 3 is billed at its default media resolution, HIGH."""
