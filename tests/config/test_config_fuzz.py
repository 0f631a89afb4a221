"""Whatever is written, the answer is a configuration or a ConfigError, and no secret is repeated."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.config.load import load_text
from monitor.config.problems import ConfigError

EXAMPLE = (Path(__file__).parents[2] / "config" / "example.yaml").read_text(encoding="utf-8")
LINES = [line.partition("#")[0].rstrip() for line in EXAMPLE.splitlines() if line.partition("#")[0].strip()]
ENVIRON = {"OPENAI_API_KEY": "sk-planted-1", "ANTHROPIC_API_KEY": "sk-planted-2"}
FRAGMENTS = st.sampled_from([
    "off", "null", "${", "${X}", "file:x", "5", "1.5", "-1", "&a", "*a", "!!int", "<<:", "inline", "openai-chat", "true",
    ".nan", ":", "[", "]", "{", "}", "|", "?", '"', "'", "\\", "é", "", " ", "  ", "- ", "\t", "\x00", "\u2028",
])  # fmt: skip


def refused(text: str) -> ConfigError | None:
    try:
        load_text(text, "f", ENVIRON, Path("nowhere"))
    except ConfigError as error:
        return error
    return None


def answer(text: str) -> str:
    """What a person is shown: a line a problem, or nothing."""
    error = refused(text)
    assert error is None or len(str(error).split("\n")) == len(error.problems) > 0
    return str(error or "")


@settings(deadline=None, max_examples=200)
@example("")
@example('database: "\\UFFFFFFFF"')
@example("%YAML 1.99999999999999999999999")
@example("[" * 5000)
@example("a: &a [*a, *a]")
@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    assert all(line.isprintable() for line in answer(text).split("\n"))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, 40), FRAGMENTS, st.integers(0, 12)), max_size=5)
)
def test_any_change_of_a_good_file_is_answered_without_a_secret(edits: list[tuple[int, int, str, int]]) -> None:
    lines = list(LINES)
    for line, column, fragment, dropped in edits:
        lines[line] = lines[line][:column] + fragment + lines[line][column + dropped :]
    assert "planted" not in answer("\n".join(lines))


@pytest.mark.parametrize("line", range(len(LINES)))
def test_a_secret_in_the_place_of_any_value_is_not_repeated(line: int) -> None:
    key, colon, _ = LINES[line].partition(": ")
    lines = [*LINES[:line], f"{key}{colon}sk-planted-3" if colon else LINES[line], *LINES[line + 1 :]]
    assert "planted" not in answer("\n".join(lines))


def test_a_secret_written_into_the_file_is_not_pickled() -> None:
    config = load_text("\n".join(LINES).replace("${OPENAI_API_KEY}", "sk-planted-4"), "f", ENVIRON)
    assert b"planted" not in pickle.dumps(config)
