"""The catalogue of checks: one row each, how the image travels and what is asked. A new check is one row."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.types import Check, Gate

CATALOGUE: Mapping[str, Check] = {
    check.name: check for check in (Check("inline", Gate.PATH, challenges=("code", "digits"), corroborating=("grid",)),)
}
