"""The table "Image tokens by family" of WIRE.md, figure by figure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.families import default_canvas, expected_image_tokens

WIRE_TABLE = (
    ("gpt-4o", 255, 255, 255),
    ("gpt-4.1", 255, 255, 255),
    ("gpt-4.5", 255, 255, 255),
    ("gpt-4o-mini", 8500, 8500, 8500),
    ("gpt-5", 210, 210, 210),
    ("gpt-5.1", 210, 210, 210),
    ("gpt-5-mini", 77, 236, 308),
    ("gpt-5.2", 77, 236, 308),
    ("gpt-5.4", 77, 236, 308),
    ("gpt-5.4-mini", 77, 236, 308),
    ("gpt-5.4-nano", 77, 236, 308),
    ("gpt-5.5", 77, 236, 308),
    ("gpt-5.6", 77, 236, 308),
    ("gpt-5-nano", 96, 294, 384),
    ("gpt-4.1-mini", 104, 318, 415),
    ("o4-mini", 111, 338, 441),
    ("gpt-4.1-nano", 158, 483, 630),
    ("claude-sonnet-4-5", 100, 256, 361),
    ("gemini-2.5-flash", 258, 1032, 1032),
    ("gemini-2.0-flash", 258, 1032, 1032),
    ("gemini-3-pro-preview", 1089, 1089, 1089),
    ("gemini-3.1-flash", 1089, 1089, 1089),
    ("qwen3-vl-235b-a22b-instruct", 66, 198, 258),
    ("qwen2.5-vl-72b-instruct", 83, 258, 326),
    ("pixtral-12b-2409", 272, 812, 1056),
    ("mistral-small-2506", 110, 272, 380),
    ("gemma-3-27b-it", 256, 256, 256),
    ("gemma-4-31b-it", 256, 256, 256),
)


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [(model, size, tokens) for model, *row in WIRE_TABLE for size, tokens in zip((256, 448, 512), row, strict=True)],
)
def test_a_square_costs_what_the_table_says(model: str, size: int, tokens: int) -> None:
    assert expected_image_tokens(model, size, size) == tokens


@pytest.mark.parametrize(
    ("model", "plain"),
    [
        ("openai/gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("openai/gpt-4o-2024-11-20", "gpt-4o"),
        ("openai/chatgpt-4o-latest", "gpt-4o"),
        ("gpt-5-mini-2025-08-07", "gpt-5-mini"),
        ("azure/gpt-5-2025-08-07", "gpt-5"),
        ("openai/gpt-5-pro", "gpt-5"),
        ("gpt-4.1-nano-2025-04-14", "gpt-4.1-nano"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("google/gemini-2.5-pro-preview:thinking", "gemini-2.5-flash"),
        ("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-sonnet-4-5"),
        ("claude-haiku-4-5@20251001", "claude-sonnet-4-5"),
        ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl"),
        ("qwen2.5vl:7b", "qwen2.5-vl"),
        ("mistral.pixtral-large-2502-v1:0", "pixtral-12b"),
        ("mistralai/pixtral-12b", "pixtral-12b"),
        ("gemma3:4b", "gemma-3-27b-it"),
    ],
)
def test_prefixes_suffixes_and_variants_do_not_change_the_family(model: str, plain: str) -> None:
    assert expected_image_tokens(model, 448, 448) == expected_image_tokens(plain, 448, 448) is not None


@pytest.mark.parametrize(
    "model", ["", "sees", "gpt-5.3", "gpt-51", "llama-4-scout", "gemini-4-pro", "notclaude2", "o3"]
)
def test_an_unknown_family_has_no_prior(model: str) -> None:
    assert expected_image_tokens(model, 448, 448) is None


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        ("gpt-4o", 512, 513, 85 + 2 * 170),
        ("gpt-4o", 2048, 4096, 85 + 6 * 170),  # OpenAI's own example: 1105
        ("gpt-5-mini", 33, 32, 3),
        ("claude-sonnet-4-5", 29, 28, 2),
        ("gemini-2.5-flash", 384, 384, 258),
        ("gemini-2.5-flash", 960, 540, 6 * 258),  # Google's own example: six crops
        ("qwen3-vl-plus", 32, 32, 6),
        ("pixtral-12b", 32, 16, 3),
    ],
)
def test_other_shapes_follow_the_rule_of_the_family(model: str, width: int, height: int, tokens: int) -> None:
    assert expected_image_tokens(model, width, height) == tokens


@pytest.mark.parametrize(
    ("model", "canvas"),
    [
        ("models/gemini-2.5-flash", 256),
        ("gemini-1.5-pro", 256),
        ("gemini-3-pro-preview", 448),
        ("openai/gpt-4o", 448),
        ("an-unknown-model", 448),
    ],
)
def test_the_canvas_is_small_only_where_a_larger_one_costs_a_multiple(model: str, canvas: int) -> None:
    assert default_canvas(model) == canvas


@given(
    model=st.sampled_from([model for model, *_ in WIRE_TABLE]),
    width=st.integers(1, 4096),
    height=st.integers(1, 4096),
)
def test_any_real_image_costs_something(model: str, width: int, height: int) -> None:
    tokens = expected_image_tokens(model, width, height)
    assert tokens is not None
    assert tokens > 0


@given(model=st.text())
def test_any_name_is_legal(model: str) -> None:
    assert default_canvas(model) in {256, 448}
