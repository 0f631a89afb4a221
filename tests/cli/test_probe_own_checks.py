"""`probe --check NAME` with a check of the config's own."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from monitor.challenges.drawing import text_image
from monitor.cli.probing import order
from monitor.config.load import load_text
from monitor.config.settings import Config

TEXT = """
checks:
  receipt: {image: code.png, question: Read the code., answer: K7A3M}
providers:
  acme:
    base_url: http://127.0.0.1:1
    dialect: openai-chat
    auth_scheme: none
    models:
      lists: {model: a, input_modalities: [image], checks: {receipt: {mode: optional, timeout: 9s}}}
      lacks: {model: b, input_modalities: [image]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "code.png").write_bytes(text_image("K7A3M").data)
    return load_text(TEXT, "f", {}, tmp_path)


def test_it_runs_where_it_is_not_listed_too_and_as_listed_where_it_is(config: Config) -> None:
    ordered = order(config, (), ("receipt", "receipt"), 1)
    timeouts = {target.model_ref: target.check("receipt").timeout.total_seconds() for target in ordered.targets}
    assert timeouts == {"lists": 9, "lacks": 30}
    assert [len(target.checks) for target in ordered.targets] == [2, 2]


def test_without_being_asked_for_it_runs_where_it_is_listed(config: Config) -> None:
    assert order(config, (), (), 1).targets == config.targets


def test_a_misspelt_one_is_named(config: Config) -> None:
    with pytest.raises(click.UsageError, match="did you mean `receipt`"):
        order(config, (), ("reciept",), 1)


def test_a_check_whose_form_the_dialect_lacks_is_refused(config: Config) -> None:
    with pytest.raises(click.UsageError, match="acme/lacks: the dialect openai-chat has no request for 'tool-result'"):
        order(config, ("acme/lacks",), ("tool-result",), 1)
