"""Which two model names are one model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.echo import same_model

SAME = (
    ("gpt-4o", "gpt-4o"),
    ("gpt-4o", "gpt-4o-2024-08-06"),
    ("openai/gpt-4o", "gpt-4o-2024-11-20"),
    ("GPT-4o", " gpt-4o "),
    ("gpt-4", "gpt-4-0613"),
    ("chatgpt-4o", "chatgpt-4o-latest"),
    ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-4.5", "claude-sonnet-4-5-20250929"),
    ("anthropic/claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"),
    ("claude-3-5-sonnet", "claude-3-5-sonnet@20240620"),
    ("anthropic.claude-3-5-sonnet", "anthropic.claude-3-5-sonnet-20240620-v1:0"),
    ("models/gemini-2.5-pro", "gemini-2.5-pro-preview-05-06"),
    ("gemini-2.5-flash", "gemini-2.5-flash-preview-09-2025"),
    ("gemini-2.0-flash", "gemini-2.0-flash-exp"),
    ("gemini-1.5-pro", "gemini-1.5-pro-002"),
    ("mistral-large", "mistral-large-2411"),
    ("accounts/acme/models/llava", "llava:latest"),
    ("doubao-seed-1-6", "doubao-seed-1-6-250615"),
    ("Qwen/Qwen2.5-VL-72B-Instruct", "qwen2.5-vl-72b-instruct"),
)
ANOTHER = (
    ("gpt-4o", "gpt-4o-mini"),
    ("gpt-4o", "gpt-4o-mini-2024-07-18"),
    ("gpt-4o", "gpt-4"),
    ("gpt-5", "gpt-5.1"),
    ("gpt-5.4-mini", "gpt-5.4-nano"),
    ("gpt-4", "gpt-4-32k-0613"),
    ("claude-opus-4-20250514", "claude-opus-4-1-20250805"),
    ("claude-sonnet-4-5", "claude-sonnet-4"),
    ("claude-3-5-sonnet", "claude-3-5-haiku"),
    ("gemini-2.5-pro", "gemini-2.5-flash"),
    ("gemini-2.5-flash", "gemini-2.5-flash-lite-preview-06-17"),
    ("gemini-2.5-pro", "gemini-3-pro-preview"),
    ("grok-4", "grok-4-fast"),
    ("llava", "llava:13b"),
    ("model-x", "model-x1000"),
    ("mini-latest", "latest"),
)


@pytest.mark.parametrize(("asked", "echoed"), SAME)
def test_aliases_prefixes_and_dated_suffixes_are_the_same_model(asked: str, echoed: str) -> None:
    assert same_model(asked, echoed)


@pytest.mark.parametrize(("asked", "echoed"), ANOTHER)
def test_another_variant_is_another_model(asked: str, echoed: str) -> None:
    assert not same_model(asked, echoed)


@given(st.text(max_size=40), st.text(max_size=40))
def test_sameness_is_symmetric_and_total(one: str, other: str) -> None:
    assert same_model(one, one)
    assert same_model(one, other) == same_model(other, one)
