"""What `check-config` prints of money: a golden table."""

from __future__ import annotations

from pathlib import Path

from tests.cli.console import Ended, Visionpath

CONFIG = """\
budget: {tokens_per_day: 1000000}
defaults: {every: 1m}
providers:
  acme:
    base_url: https://api.example.com/v1
    dialect: openai-chat
    auth_scheme: none
    models:
      nano:
        model: gpt-5.4-nano
        input_modalities: [text, image]
        input_price_per_million_usd: 0.20
        output_price_per_million_usd: 1.25
      local-vlm:
        model: mystery
        input_modalities: [text, image]
        every: 1h
      sonnet:
        model: claude-sonnet-4-5
        input_modalities: [text, image]
        input_price_per_million_usd: 3
        output_price_per_million_usd: 15
        checks: {inline: {every: 5s}}
"""
PRINTED = """\
check.yaml: ok, 3 targets, 3 checks
TARGET          PROBES A DAY  TOKENS A DAY  USD A DAY
acme/nano              1,464       405,720       0.10
acme/local-vlm            48         9,360          -
acme/sonnet           17,304     5,202,360      17.68
in all                18,816     5,617,440      17.78
Expected of targets that see, at the configured pace, text-only controls included: 35 tokens of text and 10 of answer \
a probe, image tokens as configured, by the model's family or 300; more for models that reason. USD only for targets \
with prices.
"""
NOTED = """\
note: check.yaml:18:7: providers.acme.models.sonnet: is expected to take 17.68 USD a day of 2.00 and 17,304 probes a \
day of 3,000 and 5,202,360 tokens a day of 3,000,000: intervals and proof lifetimes will stretch 9.0 times
note: check.yaml:1:1: budget: is expected to take 5,617,440 tokens a day of 1,000,000: intervals and proof lifetimes \
will stretch 5.7 times
"""


def test_the_expected_spending_is_printed_by_target_and_in_all(visionpath: Visionpath) -> None:
    Path("check.yaml").write_text(CONFIG, encoding="utf-8")
    assert visionpath("check-config", "check.yaml") == Ended(0, PRINTED, NOTED)
