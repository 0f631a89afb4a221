from __future__ import annotations

import json

import pytest

from monitor.config.keys import key_problems, removable
from monitor.config.problems import Path, closest, did_you_mean, spelt_key, spelt_path

SHARED = [
    '{"providers": {"a": {"KEY": "x"}}}',
    '{"providers": {"a": {"models": {"m": {"KEY": "x"}}}}}',
    '{"models": {"g": {"KEY": "x"}}}',
    '{"models": {"g": {"targets": [{"KEY": "x"}]}}}',
]
STRANGERS = [
    "tier", "pricing_notes", "tool_support", "honors_max_tokens", "strategy", "output_modalities", "context_window",
    "supports_vision", "max_tokens", "mode", "rpm", "tpm", "region", "description", "enabled", "fallbacks", "priority",
    "cached_input_price_per_million_usd", "type", "name", "id", "family", "organization", "capabilities",
]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("api_kye", "api_key"),
        ("apiKey", "api_key"),
        ("API-KEY", "api_key"),
        ("base_ulr", "base_url"),
        ("lables", "labels"),
        ("evry", "every"),
        ("image_input_price_per_milion_tokens_usd", "image_input_price_per_million_tokens_usd"),
        ("tls", None),
        ("colour", None),
        ("", None),
    ],
)
def test_a_slip_of_the_pen_has_a_closest_word(word: str, meant: str | None) -> None:
    known = ["api_key", "base_url", "labels", "every", "image_input_price_per_million_tokens_usd", "ttl"]
    assert closest(word, known) == meant


def test_nothing_is_close_to_nothing() -> None:
    assert closest("word", []) is None


def test_without_a_close_word_all_are_listed() -> None:
    assert did_you_mean("zebra", ["b", "a"]) == "known: a, b"


@pytest.mark.parametrize("holder", SHARED)
@pytest.mark.parametrize("key", STRANGERS)
def test_a_key_of_routers_is_not_taken_for_a_misspelling(holder: str, key: str) -> None:
    data = json.loads(holder.replace("KEY", key))
    assert list(key_problems(data)) == []


def test_keys_are_found_wherever_the_model_has_sections() -> None:
    data = {
        "srver": {},
        "defaults": {"checks": {"inline": {"evry": "5m"}}},
        "models": {"fast": {"targets": [{"provder": "a"}]}},
    }
    assert [problem.path for problem in key_problems(data)] == [
        ("srver",),
        ("defaults", "checks", "inline", "evry"),
        ("models", "fast", "targets", 0, "provder"),
    ]


@pytest.mark.parametrize("data", [None, 1, [], "text", {"providers": []}, {"providers": {"a": 1}}, {"server": "x"}])
def test_data_of_another_shape_has_no_keys_to_speak_of(data: object) -> None:
    assert list(key_problems(data)) == []


REMOVABLE: list[tuple[Path, Path]] = [
    ((), ()),
    (("providers",), ()),
    (("unknown",), ("unknown",)),
    (("server", "listen"), ("server", "listen")),
    (("providers", "a", "base_url"), ("providers", "a")),
    (("providers", "a", "api_key"), ("providers", "a", "api_key")),
    (("providers", "a", "headers", "x"), ("providers", "a", "headers", "x")),
    (("providers", "a", "models", "m", "model"), ("providers", "a", "models", "m")),
    (("providers", "a", "models", "m", "checks", "inline", "every"),) * 2,
    (("providers", "a", "models", "m", "input_modalities", 0), ("providers", "a", "models", "m", "input_modalities")),
    (("models", "g", "targets", 0, "weight"),) * 2,
    (("models", "g", "targets", 0, "model_ref"), ("models", "g")),
    (("models", "g", "targets", 0), ("models", "g")),
]


@pytest.mark.parametrize(("path", "least"), REMOVABLE)
def test_the_least_part_is_left_out(path: Path, least: Path) -> None:
    assert removable(path) == least


def test_a_path_is_spelt_with_its_indices() -> None:
    assert spelt_path(("models", "fast", "targets", 0, "provider")) == "models.fast.targets[0].provider"


def test_a_long_key_is_cut() -> None:
    assert spelt_key("k" * 500) == "k" * 80 + "…"


def test_a_key_that_is_no_plain_word_is_quoted() -> None:
    assert [spelt_key(key) for key in ("a b", "", "a\nb")] == ['"a b"', '""', '"a\\nb"']
