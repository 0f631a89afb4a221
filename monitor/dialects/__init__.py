"""The wire protocols. A new dialect is one file, one line here, and its goldens in `tests/dialects/goldens/`."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.ports import Dialect
from monitor.dialects.anthropic_messages import AnthropicMessages
from monitor.dialects.gemini import Gemini
from monitor.dialects.openai_chat import OpenAiChat
from monitor.dialects.openai_responses import OpenAiResponses

REGISTRY: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        OpenAiChat(),
        OpenAiResponses(),
        AnthropicMessages(),
        Gemini(),
    )
}
"""Every dialect by the name that the config uses."""
