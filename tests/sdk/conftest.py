"""The SDKs read keys, base URLs, proxies and telemetry settings from the environment: here they find none."""

from __future__ import annotations

import os

import pytest

READ_BY_SDKS = ("OPENAI_", "AZURE_", "ANTHROPIC_", "CLAUDE_", "GOOGLE_", "GEMINI_", "OTEL_")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(READ_BY_SDKS) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
