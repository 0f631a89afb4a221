"""Whatever is wrong with what the caller gave: one line that says what and where, exit code 2, and no traceback."""

from __future__ import annotations

import re
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.cli.console import Ended, Visionpath, config, process, spelt, without_roots_privilege

NOWHERE = "http://127.0.0.1:1"
CONFIG = config(NOWHERE, {"openai-chat": "sees"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "m.yaml"
    file.write_text(CONFIG)
    return file


# --- the config ---------------------------------------------------------------------------------------------------

READERS = [("run",), ("probe",), ("status",), ("check-config",), ("db", "upgrade"), ("db", "check"), ("db", "prune")]


@pytest.mark.parametrize("command", READERS, ids=spelt)
def test_a_missing_file_is_named_by_every_command(visionpath: Visionpath, command: tuple[str, ...]) -> None:
    ended = visionpath(*command, "-c", "missing.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.line == "missing.yaml: cannot be read: No such file or directory"


@pytest.mark.parametrize("command", READERS, ids=spelt)
def test_without_any_config_every_command_says_where_it_looked(
    visionpath: Visionpath, command: tuple[str, ...]
) -> None:
    ended = visionpath(*command)
    assert ended.code == 2
    assert ended.line == (
        "visionpath: no config: give -c FILE, or set $VISIONPATH_CONFIG; neither config/monitor.yaml nor "
        f"/etc/visionpath/monitor.yaml is there (see `visionpath {' '.join(command)} --help`)"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "m.yaml: cannot be read: Is a directory"),
        (b"", "m.yaml:1:1: providers: is missing: "),
        (b"\xff\xfe", "m.yaml: is not UTF-8 text (byte 0)"),
        (
            b"a: [1",
            "m.yaml:1:6: not YAML: a `,` or the closing bracket is missing; inside brackets put ${NAME} in quotes",
        ),
        (b"hello", "m.yaml:1:1: "),
    ],
    ids=["a folder", "empty", "no text", "no YAML", "no mapping"],
)
def test_what_is_no_config_is_told(visionpath: Visionpath, tmp_path: Path, text: bytes | None, line: str) -> None:
    if text is None:
        (tmp_path / "m.yaml").mkdir()
    else:
        (tmp_path / "m.yaml").write_bytes(text)
    ended = visionpath("status", "-c", "m.yaml")
    assert ended.code == 2
    assert ended.line.startswith(line)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("server:", "sevrer:", "m.yaml:2:1: sevrer: unknown key; did you mean `server`?"),
        ("key-of-the-test", "${NO_SUCH_KEY}", "environment variable NO_SUCH_KEY is not set"),
        ("key-of-the-test", "file:no-such-key", "no such file: file:no-such-key"),
    ],
    ids=["an unknown key", "a missing variable", "a missing secret file"],
)
def test_a_slip_in_the_config_is_told_with_its_place(
    visionpath: Visionpath, file: Path, old: str, new: str, line: str
) -> None:
    file.write_text(CONFIG.replace(old, new))
    ended = visionpath("probe", "-c", "m.yaml")
    assert ended.code == 2
    assert re.match(r"m\.yaml:\d+:\d+: ", ended.line)
    assert line in ended.line


def test_two_config_files_are_one_too_many(visionpath: Visionpath, file: Path) -> None:
    ended = visionpath("check-config", file, "-c", "other.yaml")
    assert ended.code == 2
    assert "two config files" in ended.line


# --- words on the command line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("porbe",), "No such command 'porbe'"),
        (("probe", "openai-chat/see"), "unknown target 'openai-chat/see': did you mean `openai-chat/sees`?"),
        (("probe", "elsewhere"), "unknown target 'elsewhere': known: openai-chat/sees"),
        (("probe", "--check", "inlin"), "unknown check 'inlin': did you mean `inline`?"),
        (("probe", "--check"), "Option '--check' requires an argument"),
        (("probe", "--repeat", "0"), "Invalid value for '--repeat': 0 is not in the range 1<=x<=10000"),
        (("probe", "--repeat", "often"), "Invalid value for '--repeat': 'often' is not a valid integer range"),
        (("probe", "--jsn"), "No such option '--jsn'"),
        (("status", "extra"), "Got unexpected extra argument (extra)"),
        (("demo", "--port", "65536"), "Invalid value for '--port': 65536 is not in the range 0<=x<=65535"),
        (("demo", "--dir", "m.yaml"), "Invalid value for '--dir': Directory 'm.yaml' is a file"),
        (("db", "downgrade"), "Missing argument 'REVISION'"),
        (("db", "vacuum"), "No such command 'vacuum'"),
    ],
    ids=spelt,
)
def test_a_slip_on_the_command_line_is_told(
    visionpath: Visionpath, file: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], line: str
) -> None:
    monkeypatch.setenv("VISIONPATH_CONFIG", "m.yaml")
    ended = visionpath(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.line.startswith(f"visionpath: {line}")


def test_a_slip_on_the_command_line_is_told_with_where_help_is(visionpath: Visionpath) -> None:
    assert visionpath("probe", "-z").line == "visionpath: No such option '-z' (see `visionpath probe --help`)"


# --- the database -------------------------------------------------------------------------------------------------

DATABASE_COMMANDS = [("run",), ("db", "upgrade"), ("db", "check"), ("db", "prune"), ("status",), ("probe",)]


def foreign(tmp_path: Path) -> Path:
    (tmp_path / "notes.txt").write_text("not a database, and nobody ever said that it was one; " * 20)
    return tmp_path / "notes.txt"


def newer(visionpath: Visionpath, file: Path) -> None:
    visionpath("db", "upgrade", "-c", file)
    connection = sqlite3.connect(file.with_name("visionpath.db"))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()


@pytest.mark.integration
@pytest.mark.parametrize("command", DATABASE_COMMANDS, ids=spelt)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "m.yaml").write_text(config(NOWHERE, {"gemini": "sees"}, store=foreign(tmp_path)))
    ended = process(*command, "-c", "m.yaml", cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.line.endswith("notes.txt: file is not a database; `database` must name a file of its own")


@pytest.mark.integration
@pytest.mark.parametrize("command", [("run",), ("db", "upgrade")], ids=spelt)
def test_a_folder_that_is_not_there_is_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "m.yaml").write_text(config(NOWHERE, {"gemini": "sees"}, store=tmp_path / "no" / "v.db"))
    ended = process(*command, "-c", "m.yaml", cwd=tmp_path)
    assert ended.code == 2
    assert "no/v.db: unable to open database file; does its folder exist" in ended.line


@pytest.mark.parametrize("command", [("db", "check"), ("db", "prune"), ("db", "downgrade", "base")], ids=spelt)
def test_what_only_looks_or_takes_away_creates_no_database(
    visionpath: Visionpath, file: Path, command: tuple[str, ...]
) -> None:
    ended = visionpath(*command, "-c", file)
    assert ended.code == 2
    assert "there is no database yet" in ended.line
    assert not file.with_name("visionpath.db").exists()


@pytest.mark.parametrize("command", [("db", "check"), ("db", "prune")], ids=spelt)
def test_an_outdated_schema_is_told_with_its_cure(visionpath: Visionpath, file: Path, command: tuple[str, ...]) -> None:
    visionpath("db", "upgrade", "-c", file)
    visionpath("db", "downgrade", "base", "-c", file)
    ended = visionpath(*command, "-c", file)
    assert ended.code == 2
    assert "the database is at schema none" in ended.line
    assert ended.line.endswith("run `visionpath db upgrade`")


@pytest.mark.integration
@pytest.mark.parametrize("command", [*DATABASE_COMMANDS, ("db", "downgrade", "base")], ids=spelt)
def test_a_newer_schema_is_refused(visionpath: Visionpath, file: Path, command: tuple[str, ...]) -> None:
    newer(visionpath, file)
    ended = process(*command, "-c", "m.yaml", cwd=file.parent)
    assert (ended.code, ended.out) == (2, "")
    assert ended.line == (
        "visionpath: the database is at schema 9999, which is newer than this version: upgrade Visionpath"
    )


def test_a_schema_that_never_was_cannot_be_gone_back_to(visionpath: Visionpath, file: Path) -> None:
    visionpath("db", "upgrade", "-c", file)
    ended = visionpath("db", "downgrade", "9999", "-c", file)
    assert ended.code == 2
    assert ended.line.startswith("visionpath: cannot go back to schema '9999'")


def forbidden(ended: Ended) -> bool:
    return (ended.code, ended.out) == (2, "") and ended.line.endswith("let this user write the file and its folder")


@pytest.mark.integration
@pytest.mark.parametrize("command", [("run",), ("db", "prune"), ("db", "downgrade", "base")], ids=spelt)
def test_a_database_that_may_not_be_written_is_refused(
    visionpath: Visionpath, file: Path, command: tuple[str, ...]
) -> None:
    visionpath("db", "upgrade", "-c", file)
    file.with_name("visionpath.db").chmod(0o444)
    assert forbidden(process(*command, "-c", "m.yaml", cwd=file.parent, wrapped=without_roots_privilege()))


@pytest.mark.integration
@pytest.mark.parametrize("command", [("run",), ("db", "upgrade")], ids=spelt)
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path, command: tuple[str, ...]) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    (tmp_path / "m.yaml").write_text(config(NOWHERE, {"gemini": "sees"}, store=locked / "v.db"))
    ended = process(*command, "-c", "m.yaml", cwd=tmp_path, wrapped=without_roots_privilege())
    assert ended.code == 2
    assert "unable to open database file; does its folder exist, and may this user write there?" in ended.line


@pytest.mark.integration
@pytest.mark.parametrize("command", [("status",), ("probe",)], ids=spelt)
def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    (tmp_path / "m.yaml").write_text(config(NOWHERE, {"gemini": "sees"}, store=locked / "v.db"))
    ended = process(*command, "-c", "m.yaml", cwd=tmp_path, wrapped=without_roots_privilege())
    assert ended.code == 2
    assert "unable to open database file" in ended.line


# --- the address --------------------------------------------------------------------------------------------------


@pytest.mark.integration
@pytest.mark.parametrize("command", ["run", "demo"])
def test_a_port_in_use_is_told_with_its_cure(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "m.yaml").write_text(CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        options = ("-c", "m.yaml") if command == "run" else ("--port", port)
        ended = process(command, *options, cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.line.startswith(f"visionpath: cannot listen on 127.0.0.1:{port}: Address already in use; stop what")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("listen", "words"), [("192.0.2.1:80", "Cannot assign requested address"), ("nowhere.invalid:80", "")]
)
def test_an_address_that_is_not_ours_is_told(tmp_path: Path, listen: str, words: str) -> None:
    (tmp_path / "m.yaml").write_text(CONFIG.replace("127.0.0.1:0", listen))
    ended = process("run", "-c", "m.yaml", cwd=tmp_path)
    assert ended.code == 2
    assert ended.line.startswith(f"visionpath: cannot listen on {listen}: {words}")
