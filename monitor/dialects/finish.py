"""Why a model stopped: one table for all dialects, because gateways let the words of one dialect leak into another.

Sources: the enums of the official SDKs (openai 3.52, anthropic 2.11, google-genai 3.4) and WIRE.md.
"""

from __future__ import annotations

from typing import Any

from monitor.core.types import Finish
from monitor.dialects.reading import words

FINISHES: dict[str, Finish] = {
    # OpenAI Chat, and `status` and `incomplete_details.reason` of Responses
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "content_filter": Finish.FILTER,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "completed": Finish.STOP,
    "max_output_tokens": Finish.LENGTH,
    # Anthropic. A spent context window is not LENGTH: a larger output cap would not help there.
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "tool_use": Finish.TOOL_CALLS,
    "refusal": Finish.REFUSAL,
    "pause_turn": Finish.OTHER,
    "model_context_window_exceeded": Finish.OTHER,
    # Gemini (STOP and MAX_TOKENS are above)
    "continuation": Finish.LENGTH,
    "safety": Finish.FILTER,
    "recitation": Finish.FILTER,
    "blocklist": Finish.FILTER,
    "prohibited_content": Finish.FILTER,
    "spii": Finish.FILTER,
    "image_safety": Finish.FILTER,
    "image_prohibited_content": Finish.FILTER,
    "image_recitation": Finish.FILTER,
    "model_armor": Finish.FILTER,
    "escalation": Finish.FILTER,
    "malformed_function_call": Finish.TOOL_CALLS,
    "unexpected_tool_call": Finish.TOOL_CALLS,
    "too_many_tool_calls": Finish.TOOL_CALLS,
}


def finish_of(word: Any) -> Finish | None:
    """The meaning of a stop reason in any case of letters: OTHER for one we do not know, None for none."""
    known = words(word)
    return None if known is None else FINISHES.get(known.lower(), Finish.OTHER)
