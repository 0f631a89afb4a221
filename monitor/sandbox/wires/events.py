"""A reply as server-sent events: what every dialect's stream has in common."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_PIECE = 3
"""Characters of an answer that travel in one event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: JSON data or bare words, under a name where the dialect gives it one."""

    data: dict[str, Any] | str
    name: str | None = None

    @property
    def encoded(self) -> bytes:
        """As it stands on the wire. Neither JSON nor our words have line ends, so one `data:` line holds them."""
        data = self.data if isinstance(self.data, str) else json.dumps(self.data, separators=(",", ":"))
        named = "" if self.name is None else f"event: {self.name}\n"
        return f"{named}data: {data}\n\n".encode()


@dataclass(frozen=True, slots=True)
class EventStream:
    """The events of a reply. `closing` has its last piece, why it ended, its usage and the terminal event."""

    opening: tuple[Event, ...]
    closing: tuple[Event, ...]


def pieces(text: str) -> list[str]:
    """`text` in the pieces that a stream brings; at least one."""
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]
