"""The dialects that the sandbox speaks, one file each: how it reads a request and writes a reply or an error."""

from __future__ import annotations

from monitor.sandbox.wires.anthropic import ANTHROPIC
from monitor.sandbox.wires.chat import CHAT
from monitor.sandbox.wires.events import Event
from monitor.sandbox.wires.gemini import GEMINI
from monitor.sandbox.wires.responses import RESPONSES
from monitor.sandbox.wires.wire import Address, Wire

WIRES: dict[str, Wire] = {wire.name: wire for wire in (CHAT, RESPONSES, ANTHROPIC, GEMINI)}

__all__ = ["WIRES", "Address", "Event", "Wire"]
