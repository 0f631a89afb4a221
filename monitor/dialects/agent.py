"""What an agent's request has around the question: a system prompt, tools, and a call of one with its result.

The words are the same in every dialect and probe and none speaks of images, so that a text-only control lacks the image
and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.types import Ask, Placement
from monitor.dialects.reading import JsonObject

SYSTEM = "You are a careful assistant. Answer directly, and use a tool only when the answer needs one."


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that takes one string."""

    name: str
    purpose: str
    argument: str
    meaning: str

    def schema(self, an_object: str = "object", a_string: str = "string") -> JsonObject:
        """Its parameters as JSON Schema, in which dialects spell the names of types differently."""
        argument = {"type": a_string, "description": self.meaning}
        return {"type": an_object, "properties": {self.argument: argument}, "required": [self.argument]}


TOOLS = (
    Tool("read_file", "Read a file of the workspace.", "path", "Path of the file."),
    Tool("find_files", "List the files of the workspace whose names contain a text.", "text", "The text to look for."),
)

CALLED = TOOLS[0]
CALL_ID = "call_1"
ARGUMENTS: Mapping[str, str] = {CALLED.argument: "attachment-1"}
RESULT = "1 file read."


def declares_tools(ask: Ask) -> bool:
    """Must the request declare the tools? A history with a call of one is not legal everywhere without."""
    return ask.with_tools or ask.placement is Placement.TOOL_RESULT
