"""The configurations that ship: they load, and `example.yaml` leaves nothing out."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.load import load
from monitor.config.model import CanarySection, DefaultsSection, File, RetentionSection, ServerSection, Strict
from monitor.config.references import References
from monitor.config.wording import MISSING
from monitor.config.yaml_source import parse

FOLDER = Path(__file__).parents[2] / "config"
ENVIRON = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "VISIONPATH_TOKEN": "t"}
EXAMPLE = (FOLDER / "example.yaml").read_text(encoding="utf-8")


def sections(kind: type[Strict] = Strict) -> list[type[Strict]]:
    return [kind, *(section for child in kind.__subclasses__() for section in sections(child))]


@pytest.mark.parametrize("name", ["monitor", "example", "strict"])
def test_a_shipped_configuration_loads_without_a_note(name: str) -> None:
    config = load(FOLDER / f"{name}.yaml", ENVIRON)
    assert config.targets
    assert config.notes == ()


def test_the_start_needs_one_variable() -> None:
    assert load(FOLDER / "monitor.yaml", {"OPENAI_API_KEY": "k"}).targets


@pytest.mark.parametrize("section", sections())
def test_the_example_shows_every_key(section: type[Strict]) -> None:
    assert [key for key in section.model_fields if f"{key}:" not in EXAMPLE] == []


@pytest.mark.parametrize(
    ("key", "section"),
    [
        ("server", ServerSection),
        ("canary", CanarySection),
        ("defaults", DefaultsSection),
        ("retention", RetentionSection),
    ],
)
def test_the_example_says_the_defaults(key: str, section: type[Strict]) -> None:
    said = section.model_validate(parse(EXAMPLE, "f").data[key], context=References({}, FOLDER))
    assert said.model_dump() == section().model_dump()


def test_every_required_key_has_a_word_on_what_it_is_for() -> None:
    required = {key for section in sections() for key, field in section.model_fields.items() if field.is_required()}
    assert required == MISSING.keys()


def test_no_key_is_both_known_and_of_a_later_version() -> None:
    assert [section for section in sections() if section.LATER & section.model_fields.keys()] == []


def test_the_whole_file_is_the_root_of_all_sections() -> None:
    assert File in sections()
