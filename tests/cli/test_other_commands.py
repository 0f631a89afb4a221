"""`status`, `check-config`, `db` and help: the way that goes well."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from monitor import __version__
from monitor.cli.main import cli
from monitor.config.load import load
from monitor.core.records import reassessed
from monitor.core.types import Committed, Target
from monitor.edge.ledger import SqlLedger
from tests.cli.console import Visionpath, config, spelt
from tests.runner.rig import HandClock

CONFIG = config("http://127.0.0.1:1", {"openai-chat": "sees"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "m.yaml"
    file.write_text(CONFIG)
    return file


@pytest.fixture
def stored(file: Path, visionpath: Visionpath) -> Path:
    """A config whose database knows its target."""
    visionpath("db", "upgrade", "-c", file)
    asyncio.run(_reassess(load(file, {}).targets[0], f"sqlite:///{file.with_name('visionpath.db')}"))
    return file


async def _reassess(target: Target, url: str) -> None:
    async with SqlLedger(url) as ledger:
        record = reassessed(target, await ledger.memory(target), HandClock()())
        assert await ledger.commit(record) is Committed.KEPT


# --- status -------------------------------------------------------------------------------------------------------


def test_status_without_a_database_says_what_to_do(visionpath: Visionpath, file: Path) -> None:
    ended = visionpath("status", "-c", file)
    assert (ended.code, ended.out) == (0, "no target has been probed yet: start `visionpath run`\n")
    assert not file.with_name("visionpath.db").exists()


def test_status_is_a_row_a_target(visionpath: Visionpath, stored: Path) -> None:
    head, row = visionpath("status", "-c", stored).out.splitlines()
    assert head.split() == ["TARGET", "STANDING", "REASON", "SINCE", "PROOF", "CHECKS"]
    assert row.split()[:3] == ["openai-chat/sees", "catalog-only", "never_proven"]


def test_status_as_json_has_the_rows_that_routers_read(visionpath: Visionpath, stored: Path) -> None:
    ended = visionpath("status", "-c", stored, "--json")
    (row,) = json.loads(ended.out)["targets"]
    assert (row["target_id"], row["standing"], row["valid_until"]) == ("openai-chat/sees", "catalog-only", None)


def test_status_as_json_without_a_database_has_no_rows(visionpath: Visionpath, file: Path) -> None:
    assert json.loads(visionpath("status", "-c", file, "--json").out) == {"targets": []}


# --- check-config -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("m.yaml",), ("-c", "m.yaml")])
def test_a_good_config_is_counted(visionpath: Visionpath, file: Path, arguments: tuple[str, ...]) -> None:
    ended = visionpath("check-config", *arguments)
    assert ended.out.startswith("m.yaml: ok, 1 target, 1 check\n")
    assert (ended.code, ended.err) == (0, "")


def test_each_problem_of_a_bad_config_is_a_line_with_its_place(visionpath: Visionpath, file: Path) -> None:
    file.write_text(CONFIG.replace("every: 60s", "every: 60").replace("server:", "sevrer:"))
    ended = visionpath("check-config", file)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        f"{file}:2:1: sevrer: unknown key; did you mean `server`?",
        f"{file}:3:19: defaults.every: a number without a unit: write it as in 60s, 5m, 6h, 14d or 250ms",
    ]


# --- where the config comes from ----------------------------------------------------------------------------------


def test_the_environment_names_the_config(visionpath: Visionpath, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIONPATH_CONFIG", "m.yaml")
    assert visionpath("check-config").out.startswith("m.yaml: ok")


def test_the_config_folder_is_looked_into(visionpath: Visionpath, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "monitor.yaml").write_text(CONFIG)
    assert visionpath("check-config").out.startswith("config/monitor.yaml: ok")


def test_the_option_comes_before_the_environment(
    visionpath: Visionpath, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISIONPATH_CONFIG", "elsewhere.yaml")
    assert visionpath("check-config", "-c", "m.yaml").code == 0


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("status",), 0),
        (("check-config",), 0),
        (("probe",), 3),
        (("db", "upgrade"), 0),
        (("db", "check"), 0),
        (("db", "prune"), 0),
        (("db", "downgrade", "base"), 0),
    ],
    ids=spelt,
)
def test_the_option_works_after_every_command(
    visionpath: Visionpath, stored: Path, command: tuple[str, ...], code: int
) -> None:
    assert visionpath(*command, "--config", stored).code == code


# --- db -----------------------------------------------------------------------------------------------------------


def test_upgrade_tells_from_where_to_where(visionpath: Visionpath, file: Path) -> None:
    first, again = (visionpath("db", "upgrade", "-c", file).out.split() for _ in range(2))
    head = first[1]
    assert (first, again) == (["schema", head, "(was", "empty)"], ["schema", head, "(was", f"{head})"])


def test_an_upgraded_database_has_no_drift(visionpath: Visionpath, stored: Path) -> None:
    assert visionpath("db", "check", "-c", stored).out == "no drift\n"


def test_drift_is_told_and_is_exit_code_1(visionpath: Visionpath, stored: Path) -> None:
    with sqlite3.connect(stored.with_name("visionpath.db")) as connection:
        connection.execute("ALTER TABLE probes ADD COLUMN stray TEXT")
    connection.close()
    ended = visionpath("db", "check", "-c", stored)
    assert ended.code == 1
    assert "stray" in ended.out


def test_downgrade_to_base_empties_the_database(visionpath: Visionpath, stored: Path) -> None:
    assert visionpath("db", "downgrade", "base", "-c", stored).out == "schema empty\n"
    assert visionpath("status", "-c", stored).out.startswith("no target")


def test_prune_counts_what_it_deleted(visionpath: Visionpath, stored: Path) -> None:
    assert visionpath("db", "prune", "-c", stored).out == "deleted 0 successes and 0 others\n"


# --- help ---------------------------------------------------------------------------------------------------------

COMMANDS = [*((name,) for name in cli.commands if name != "db"), *(("db", n) for n in ("upgrade", "check", "prune"))]


@pytest.mark.parametrize("command", COMMANDS, ids=spelt)
def test_help_says_what_a_command_does_and_explains_every_option(
    visionpath: Visionpath, command: tuple[str, ...]
) -> None:
    ended = visionpath(*command, "--help")
    usage, purpose, options = ended.out.split("\n\n", 2)
    assert usage.startswith(f"Usage: visionpath {' '.join(command)} [OPTIONS]")
    assert len(purpose.strip()) > 20
    assert "--help" in options
    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize("command", [(), ("db",)], ids=["visionpath", "db"])
def test_a_command_that_needs_another_shows_its_help(visionpath: Visionpath, command: tuple[str, ...]) -> None:
    ended = visionpath(*command)
    assert (ended.code, ended.out) == (2, "")
    assert "\nCommands:\n" in ended.err


def test_version_is_that_of_the_package(visionpath: Visionpath) -> None:
    assert visionpath("--version").out == f"visionpath, version {__version__}\n"
