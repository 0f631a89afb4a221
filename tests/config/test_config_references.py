from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.problems import UnfitError
from monitor.config.references import LARGEST_SECRET, References
from monitor.core.types import Secret

ENVIRON = {"A": "one", "B": "two", "EMPTY": "", "NESTED": "${A}", "FILE": "file:key"}


def references(folder: Path = Path()) -> References:
    return References(ENVIRON, folder)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("plain", "plain"),
        ("${A}", "one"),
        ("x-${A}-${B}-y", "x-one-two-y"),
        ("${EMPTY}", ""),
        ("$${A}", "${A}"),
        ("$A $ {A} $", "$A $ {A} $"),
        ("${NESTED}", "${A}"),
    ],
)
def test_a_variable_is_expanded_once(text: str, expanded: str) -> None:
    assert references().expand(text) == expanded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${NOPE}", "environment variable NOPE is not set"),
        ("${NOPE}${NADA}${NOPE}", "environment variable NOPE is not set; environment variable NADA is not set"),
        ("a${A", "`${` has no closing brace; write `$${` for a literal one"),
        ("${A} ${A", "`${` has no closing brace; write `$${` for a literal one"),
        ("${}", "`${…}` takes the name of an environment variable: letters, digits and _"),
        ("${sk-live}", "`${…}` takes the name of an environment variable: letters, digits and _"),
    ],
)
def test_a_variable_that_cannot_be_expanded_is_named(text: str, words: str) -> None:
    with pytest.raises(UnfitError) as caught:
        references().expand(text)
    assert str(caught.value) == words


def test_every_text_inside_data_is_expanded() -> None:
    assert references().expand_all({"k": ["${A}", 1, None, {"${A}": "${B}"}]}) == {
        "k": ["one", 1, None, {"${A}": "two"}],
    }


def test_a_secret_file_is_read_from_the_folder_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"sk-1\r\n")
    assert references(tmp_path).secret("file:key") == Secret("sk-1")


def test_the_path_of_a_secret_file_may_have_variables(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("sk-1", encoding="utf-8")
    assert references(tmp_path).secret("file:${A}") == Secret("sk-1")


def test_what_a_variable_holds_is_no_reference_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1", encoding="utf-8")
    assert references(tmp_path).secret("${FILE}") == Secret("file:key")


def test_a_secret_file_of_absurd_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * (LARGEST_SECRET + 1))
    with pytest.raises(UnfitError, match="file:key is larger than 65536 bytes"):
        references(tmp_path).secret("file:key")


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("\n", encoding="utf-8")
    with pytest.raises(UnfitError, match="the secret is empty"):
        references(tmp_path).secret("file:key")


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(UnfitError, match="cannot read file:nnn"):
        references().secret("file:" + "n" * 5000)


def test_the_message_shows_the_path_as_it_is_written_not_what_the_variable_holds() -> None:
    with pytest.raises(UnfitError) as caught:
        references().secret("file:${A}/${B}")
    assert str(caught.value).startswith("no such file: file:${A}/${B} (")
