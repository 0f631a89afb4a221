"""`visionpath probe` over the sandbox: what it prints, what it exits with, and that it writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.dialects import REGISTRY
from tests.cli.console import Ended, Visionpath, config

CONTRACT = [
    *("probe_id", "target", "check", "challenge", "seed", "scheduled_at", "verdict", "signal", "reason"),
    *("http_status", "latency_s", "first_byte_s", "input_tokens", "control_tokens", "token_delta", "expected_tokens"),
    *("image_tokens", "output_tokens", "cached_tokens", "response_model", "response_id", "answer", "expected"),
    *("fetches", "cost_usd", "billed_usd"),
]
"""The keys of an object, in the order that INTERFACES promises."""


@pytest.fixture
def sandboxed(tmp_path: Path, gateway: str) -> Callable[..., None]:
    """Writes a config with a target a model, by its dialect."""

    def write(models: dict[str, str]) -> None:
        (tmp_path / "m.yaml").write_text(config(gateway, models))

    return write


@pytest.fixture
def file(tmp_path: Path, sandboxed: Callable[..., None]) -> Path:
    """A config with a target that sees."""
    sandboxed({"openai-chat": "sees"})
    return tmp_path / "m.yaml"


def objects(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.out.splitlines()]


def probes(ended: Ended) -> list[dict[str, Any]]:
    return [found for found in objects(ended) if found["check"] != "control"]


def test_a_target_that_sees_is_a_row_of_a_table_and_exit_code_0(visionpath: Visionpath, file: Path) -> None:
    ended = visionpath("probe", "-c", file)
    head, row = ended.out.splitlines()[:2]
    assert head.split() == ["TARGET", "CHECK", "VERDICT", "SECONDS", "REASON"]
    assert row.split()[:3] == ["openai-chat/sees", "inline", "seen"]
    assert (ended.code, ended.err) == (0, "")


def test_every_object_has_the_keys_of_the_contract_in_their_order(visionpath: Visionpath, file: Path) -> None:
    found = objects(visionpath("probe", "-c", file, "--json"))
    assert [list(one) for one in found] == [CONTRACT, CONTRACT]


def test_a_fresh_target_is_probed_with_its_text_only_twin(visionpath: Visionpath, file: Path) -> None:
    control, probe = objects(visionpath("probe", "-c", file, "--json"))
    assert (control["check"], control["verdict"], control["signal"]) == ("control", None, None)
    assert (probe["check"], probe["verdict"], probe["signal"]) == ("inline", "seen", "for")


def test_repeated_probes_share_one_text_only_twin(visionpath: Visionpath, file: Path) -> None:
    ended = visionpath("probe", "-c", file, "--json", "--repeat", 3)
    assert [found["check"] for found in objects(ended)] == ["control", "inline", "inline", "inline"]
    assert len({found["probe_id"] for found in objects(ended)}) == 4


def test_the_targets_named_are_the_only_ones_probed(visionpath: Visionpath, sandboxed: Callable[..., None]) -> None:
    sandboxed({"openai-chat": "sees", "gemini": "strips"})
    ended = visionpath("probe", "gemini/strips", "-c", "m.yaml", "--json", "gemini/strips")
    assert [found["target"] for found in probes(ended)] == ["gemini/strips"]


def test_a_check_is_chosen_by_name(visionpath: Visionpath, file: Path) -> None:
    ended = visionpath("probe", "-c", file, "--json", "--check", "inline")
    assert [found["check"] for found in probes(ended)] == ["inline"]


@pytest.mark.parametrize("dialect", REGISTRY)
@pytest.mark.parametrize(
    ("model", "told"), [("sees", (0, "seen")), ("strips", (1, "blind")), ("throttled", (3, "throttled"))]
)
def test_the_exit_code_tells_what_the_verdict_says_of_vision(
    visionpath: Visionpath, sandboxed: Callable[..., None], dialect: str, model: str, told: tuple[int, str]
) -> None:
    sandboxed({dialect: model})
    ended = visionpath("probe", "-c", "m.yaml", "--json")
    assert ended.err == ""
    assert {(ended.code, found["verdict"]) for found in probes(ended)} == {told}


@pytest.mark.parametrize(
    ("models", "code"),
    [
        ({"openai-chat": "sees", "gemini": "throttled"}, 3),
        ({"openai-chat": "throttled", "gemini": "invents"}, 1),
        ({"openai-chat": "sees", "openai-responses": "throttled", "gemini": "refuses"}, 3),
    ],
)
def test_against_weighs_more_than_silence_and_silence_more_than_for(
    visionpath: Visionpath, sandboxed: Callable[..., None], models: dict[str, str], code: int
) -> None:
    sandboxed(models)
    assert visionpath("probe", "-c", "m.yaml").code == code


def test_a_first_unsure_is_followed_at_once_as_the_daemon_does(
    visionpath: Visionpath, sandboxed: Callable[..., None]
) -> None:
    sandboxed({"openai-chat": "flat-usage"})
    ended = visionpath("probe", "-c", "m.yaml", "--json")
    assert ([found["verdict"] for found in probes(ended)], ended.code) == (["unsure", "dropped"], 1)


def test_debug_shows_request_reply_witnesses_and_rule(visionpath: Visionpath, file: Path) -> None:
    shown = visionpath("probe", "-c", file, "--debug").out
    for part in (
        "> POST http://127.0.0.1:",
        "> authorization: ***",
        "< HTTP 200 in",
        '< {"id":"chatcmpl-',
        "puzzle: ",
        "tokens: TokenEvidence(",
        "rule: ",
        "verdict: seen (for): ",
    ):
        assert part in shown


def test_debug_beside_json_leaves_stdout_to_the_objects(visionpath: Visionpath, file: Path) -> None:
    ended = visionpath("probe", "-c", file, "--json", "--debug")
    assert [found["check"] for found in objects(ended)] == ["control", "inline"]
    assert "verdict: seen (for): " in ended.err


def test_a_probe_writes_nothing(visionpath: Visionpath, file: Path) -> None:
    visionpath("probe", "-c", file)
    assert list(file.parent.iterdir()) == [file]


def test_a_probe_reads_a_ledger_and_leaves_it_as_it_was(visionpath: Visionpath, file: Path) -> None:
    visionpath("db", "upgrade", "-c", file)
    store = file.with_name("visionpath.db")
    before = store.read_bytes()
    assert visionpath("probe", "-c", file).code == 0
    assert store.read_bytes() == before
