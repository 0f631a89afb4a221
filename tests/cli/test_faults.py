"""From a fault to its line and exit code: our own are 70 and never 1, and a traceback is for `--debug` alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from monitor.cli.faults import report
from monitor.config.problems import ConfigError, Problem
from monitor.daemon import CannotStart
from monitor.edge.database import LedgerUnavailable
from monitor.edge.migrate import SchemaOutdated, SchemaTooNew
from monitor.edge.ownership import DatabaseOwned
from tests.cli.console import TIMEOUT_S, Ended, config, environment, process, spelt

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("kind", [LedgerUnavailable, SchemaTooNew, SchemaOutdated, DatabaseOwned, CannotStart])
def test_a_fault_of_the_surroundings_is_its_words_and_2(kind: type[Exception], capsys: Captured) -> None:
    assert report(kind("what is wrong,\n and the cure"), debug=False) == 2
    assert capsys.readouterr() == ("", "visionpath: what is wrong, and the cure\n")


def test_a_fault_of_ours_is_70_and_says_how_to_see_more(capsys: Captured) -> None:
    assert report(ZeroDivisionError("a\nb"), debug=False) == 70
    assert capsys.readouterr().err == (
        "visionpath: internal failure: ZeroDivisionError: a b (run with --debug for the traceback)\n"
    )


def test_debug_shows_the_traceback_before_the_line(capsys: Captured) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        divmod(1, 0)
    assert report(raised.value, debug=True) == 70
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert last.startswith("visionpath: internal failure: ")


def test_every_problem_of_a_config_is_a_line(capsys: Captured) -> None:
    problems = [Problem(2, 1, "b", "second"), Problem(1, 1, "a", "first")]
    assert report(ConfigError("m.yaml", problems), debug=False) == 2
    assert capsys.readouterr().err == "m.yaml:1:1: a: first\nm.yaml:2:1: b: second\n"


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_silent(fault: BaseException, capsys: Captured) -> None:
    assert report(fault, debug=False) == 130
    assert capsys.readouterr() == ("", "")


def test_a_command_s_own_exit_code_stands() -> None:
    assert report(click.exceptions.Exit(3), debug=False) == 3


# --- output that nobody takes -------------------------------------------------------------------------------------

OUTPUTS = [("probe", "--json"), ("probe",), ("check-config",), ("--help",)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.yaml").write_text(config("http://127.0.0.1:1", {"openai-chat": "sees"}))
    return tmp_path


@pytest.mark.integration
@pytest.mark.parametrize("command", OUTPUTS, ids=spelt)
def test_a_full_device_is_one_line_and_never_a_verdict(folder: Path, command: tuple[str, ...]) -> None:
    ended = process(
        *command, cwd=folder, env={"VISIONPATH_CONFIG": "m.yaml"}, wrapped=("sh", "-c", 'exec "$@" > /dev/full', "sh")
    )
    assert ended.code == 70
    assert "OSError: [Errno 28]" in ended.line


@pytest.mark.integration
@pytest.mark.parametrize("command", OUTPUTS, ids=spelt)
def test_a_reader_who_went_away_is_silent_and_never_a_verdict(folder: Path, command: tuple[str, ...]) -> None:
    assert unread(*command, cwd=folder) == Ended(141, "", "")


def unread(*arguments: str, cwd: Path) -> Ended:
    """How a command ends that writes into a pipe whose reader is gone from the start."""
    with subprocess.Popen(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=cwd,
        env=environment(VISIONPATH_CONFIG="m.yaml"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        err = running.stderr.read()
        return Ended(running.wait(TIMEOUT_S), "", err)
