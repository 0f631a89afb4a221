"""Every dialect of the registry against its goldens, byte for byte on the way out and field for field on the way in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.core.types import Form
from monitor.dialects import REGISTRY
from tests.dialects.golden_files import ROOT, as_written, ask_of, exchange_of, golden_files, load

REQUESTS = [(name, file) for name in REGISTRY for file in golden_files(name, "requests")]
REPLIES = [(name, file) for name in REGISTRY for file in golden_files(name, "replies")]


def _ids(cases: list[tuple[str, Path]]) -> list[str]:
    return [f"{name}-{file.stem}" for name, file in cases]


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("request_name", ["image", "two-images", "control", "extra-body"])
def test_every_dialect_has_a_golden_request(name: str, request_name: str) -> None:
    assert (ROOT / name / "requests" / f"{request_name}.json").is_file()


@pytest.mark.parametrize(("name", "form"), [(name, form) for name in REGISTRY for form in REGISTRY[name].forms])
@pytest.mark.parametrize("arm", ["", "-control"])
def test_every_form_of_a_dialect_has_a_golden_request(name: str, form: Form, arm: str) -> None:
    stem = form.value.replace("_", "-") + ("" if form is Form.URL else arm)
    assert (ROOT / name / "requests" / f"{stem}.json").is_file()


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("outcome", ["text", "refusal", "error", "malformed", "truncated"])
def test_every_dialect_has_a_golden_reply_of_each_outcome(name: str, outcome: str) -> None:
    assert any(outcome in load(file)["reply"] for file in golden_files(name, "replies"))


def test_every_golden_belongs_to_a_registered_dialect() -> None:
    assert {folder.name for folder in ROOT.iterdir()} == set(REGISTRY)


@pytest.mark.parametrize("name", REGISTRY)
def test_a_dialect_is_registered_under_its_own_name(name: str) -> None:
    assert REGISTRY[name].name == name


@pytest.mark.parametrize(("name", "file"), REQUESTS, ids=_ids(REQUESTS))
def test_a_request_is_its_golden(name: str, file: Path) -> None:
    golden = load(file)
    request = REGISTRY[name].build(ask_of(golden["ask"]))
    assert (request.method, request.path) == ("POST", golden["path"])
    assert [list(header) for header in request.headers] == golden["headers"]
    assert request.body == json.dumps(golden["body"], separators=(",", ":")).encode()


@pytest.mark.parametrize(("name", "file"), REPLIES, ids=_ids(REPLIES))
def test_a_reply_is_its_golden(name: str, file: Path) -> None:
    golden = load(file)
    assert as_written(REGISTRY[name].parse(exchange_of(golden["exchange"]))) == golden["reply"]
