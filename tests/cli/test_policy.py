"""`visionpath policy`: a table for a person, JSON for a program, one line for a wrong value."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from monitor.cli import policy as command
from monitor.cli.main import cli
from monitor.core.flips import Estimate, Flip, Lasting
from monitor.core.hitting import Spread
from monitor.core.types import Policy
from tests.cli.console import Visionpath

WIDTH = 80


def _ran(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["policy", *arguments])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture(scope="module")
def table() -> list[str]:
    """The words of each line, for the defaults."""
    return [" ".join(line.split()) for line in _ran().splitlines()]


@pytest.fixture(scope="module")
def figures() -> Any:
    """The same as JSON, for another policy."""
    return json.loads(_ran("--json", "--fall", "5", "--tolerate", "0.1", "--every", "30s", "--fast-every", "2s"))


# --- the table ----------------------------------------------------------------------------------------------------


def test_the_setting_comes_first(table: list[str]) -> None:
    assert table[0] == "fall 4, rise 3, tolerate 0.05, every 1m, fast_every 5s, down_every 2m"


@pytest.mark.parametrize(
    "row",
    [
        "100 % 4 4 4",
        "100 % 45 seconds 45 seconds 72 seconds",
        "50 % 129 seconds 103 seconds 5.1 minutes",
        "20 % 6.4 minutes 5.1 minutes 16 minutes",
        "10 % 17 minutes 13 minutes 43 minutes",
        "1 % 1.2 years",
        "0.5 % 50 years",
        "0.01 % over 1 million years",
        "100 %, the first ever 70 seconds 70 seconds 124 seconds",
        "10 %, for 1 to 2 days 10 minutes 10 minutes 15 minutes simulated",
    ],
)
def test_the_table_has_the_figures_of_the_design(table: list[str], row: str) -> None:
    assert row in table


def test_what_is_simulated_says_so_and_how_sure_it_is(table: list[str]) -> None:
    start = table.index("Share of time still active while a fault lasts (simulated, ± standard error)")
    heading, *rows = table[start + 1 : start + 6]
    assert heading == "DROPPED FIRST DAY DAYS 2 TO 10"
    assert [row.split(" %")[0] for row in rows] == ["50", "20", "10", "5"]
    assert all(row.count("±") == 2 for row in rows)


def _spread(value: float) -> Spread:
    return Spread(value, value, value, approximate=True)


@pytest.mark.parametrize("value", [5.55, 4444.4, 444_444.0, 1e30, float("inf")])
def test_no_figure_is_too_long_for_80_columns(value: float) -> None:
    """Recoveries are bounded: the longest run of FOR at the slowest pace."""
    recovery = _spread(min(value, 1e6) * 60)
    figures = command.Figures(
        [Flip(0.05, _spread(value), _spread(value * 60))],
        [(0.01, value * 60)],
        [Lasting(0.05, 10, Estimate(0.99999, 0.0000012), Estimate(0.012, None), recovery)],
        recovery,
    )
    page = StringIO()
    command._show(Policy(), timedelta(days=25, milliseconds=250), figures, Console(file=page, width=WIDTH))
    assert "…" not in page.getvalue()
    assert max(len(line) for line in page.getvalue().splitlines()) <= WIDTH


def test_a_check_that_was_never_out_has_nothing_to_recover_from() -> None:
    borne = Lasting(0.05, 10, Estimate(1.0, 0.0), Estimate(1.0, 0.0), None)
    assert command._recovery(borne) == ("5 %, for 1 to 2 days", "never out", "-", "-", "simulated")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.346, "0.35 seconds"),
        (45, "45 seconds"),
        (129.4, "129 seconds"),
        (180, "3 minutes"),
        (383, "6.4 minutes"),
        (3 * 3600, "3 hours"),
        (9.2 * 86_400, "9.2 days"),
        (1.222 * command.YEAR_S, "1.2 years"),
        (182_752 * command.YEAR_S, "183,000 years"),
        (1.1e6 * command.YEAR_S, "over 1 million years"),
        (float("inf"), "over 1 million years"),
    ],
)
def test_a_duration_is_spelt_in_the_unit_that_suits_it(seconds: float, words: str) -> None:
    assert command.duration(seconds) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (0.0001, "0.01 %"), (0.02456, "2.5 %"), (0.5, "50 %"), (0.99984, "99.984 %"), (1, "100 %")],
)
def test_a_share_keeps_two_digits_of_what_is_near_0_or_100(share: float, words: str) -> None:
    assert command.percent(share) == words


# --- JSON ---------------------------------------------------------------------------------------------------------


def test_json_has_the_setting_in_seconds(figures: Any) -> None:
    assert figures["policy"] == {
        "fall": 5,
        "rise": 3,
        "tolerate": 0.1,
        "every_s": 30.0,
        "fast_every_s": 2.0,
        "down_every_s": 120.0,
    }


def test_json_follows_the_flags(figures: Any) -> None:
    """A total drop: five probes, the first within 30 s, the others 2 s apart."""
    total = figures["flips"][0]
    assert (total["dropped"], total["probes"]["p95"]) == (1.0, 5)
    assert [total["seconds"][name] for name in ("mean", "p50", "p95")] == pytest.approx([23, 23, 36.5])
    assert total["seconds"]["approximate"] is False


def test_json_has_every_share_and_marks_what_is_simulated(figures: Any) -> None:
    assert [row["dropped"] for row in figures["flips"]] == [1.0, 0.5, 0.2, 0.1, 0.05]
    assert [row["noise"] for row in figures["false_flips"]] == [0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02]
    assert [(row["dropped"], row["simulated"]) for row in figures["lasting"]] == [
        (share, True) for share in (0.5, 0.2, 0.1, 0.05)
    ]
    assert figures["first_outage"]["recovery_seconds"]["mean"] == 64.0


def test_json_knows_no_infinity() -> None:
    assert command._spread(_spread(float("inf"))) == {"mean": None, "p50": None, "p95": None, "approximate": True}


# --- wrong values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("--fall", "0", "greater than or equal to 1"),
        ("--fall", "many", "'many' is not a valid integer"),
        ("--rise", "101", "less than or equal to 100"),
        ("--tolerate", "0.6", "less than or equal to 0.5"),
        ("--tolerate", "nan", "less than or equal to 0.5"),
        ("--every", "60", "a whole number and one unit, as in 60s"),
        ("--every", "31d", "must be between 100ms and 30d"),
        ("--fast-every", "1ms", "must be between 100ms and 30d"),
        ("--down-every", "${HOME}", "environment variable HOME is not set"),
    ],
)
def test_a_wrong_value_is_one_line(visionpath: Visionpath, flag: str, value: str, words: str) -> None:
    ended = visionpath("policy", flag, value)
    assert (ended.code, ended.out) == (2, "")
    assert ended.line.startswith(f"visionpath: Invalid value for '{flag}': ")
    assert words in ended.line


def test_a_policy_too_large_to_compute_is_one_line(visionpath: Visionpath) -> None:
    ended = visionpath("policy", "--tolerate", "0.001")
    assert (ended.code, ended.out) == (2, "")
    assert ended.line == (
        "visionpath: fall 4 at tolerate 0.001 fills a bucket of 3996 by 999 for each AGAINST; at most 2000 is computed: "
        "lower fall or raise tolerate (see `visionpath policy --help`)"
    )
