"""Test images and how to judge what was read in them: one file and one line here each. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from monitor.challenges.code import Code
from monitor.challenges.digits import Digits
from monitor.challenges.fine_print import FinePrint
from monitor.challenges.grid import Grid
from monitor.challenges.pair import Pair
from monitor.challenges.receipt import Receipt
from monitor.core.ports import Challenge

REGISTRY: Final[Mapping[str, Challenge]] = MappingProxyType(
    {
        "code": Code(),
        "digits": Digits(),
        "grid": Grid(),
        "pair": Pair(),
        "fine-print": FinePrint(),
        "receipt": Receipt(),
    }
)
"""Every challenge by its name, as the catalogue of checks spells it."""
