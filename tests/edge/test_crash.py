"""A daemon that is killed, or whose disk is full, has lost nothing that it said it kept, and has nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from monitor.core.memory import EARLIER_KEPT
from monitor.edge.database import writing_engine
from monitor.edge.migrate import check
from tests.edge.databases import migrated
from tests.edge.ledger_records import TARGET, with_ledger

pytestmark = pytest.mark.integration
HEARD = 100


def killed_after(url: str, heard: int) -> list[int]:
    """What a committer said it kept, killed without warning once it had said so many."""
    command = [sys.executable, "-m", "tests.edge.committer", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(heard)]
        process.kill()
        return said + [int(line) for line in process.stdout.read().split("\n")[:-1]]


def column(url: str, statement: str) -> list[int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [int(value) for value in connection.execute(text(statement)).scalars()]
    engine.dispose()
    return found


def drift(url: str) -> list[str]:
    engine = writing_engine(url)
    try:
        return check(engine)
    finally:
        engine.dispose()


@pytest.fixture
def said(url: str) -> list[int]:
    """What committers said they kept, over three lives that each ended by kill -9."""
    return [number for _ in range(3) for number in killed_after(url, HEARD)]


def test_kill_dash_nine_loses_nothing_and_doubles_nothing(url: str, said: list[int]) -> None:
    versions = column(url, "SELECT version FROM check_health")
    probes = column(url, "SELECT count(*) FROM probes UNION ALL SELECT count(DISTINCT id) FROM probes")
    transitions = column(url, "SELECT count(*) FROM transitions")
    assert len(said) >= 3 * HEARD
    assert (probes, transitions) == ([versions[0]] * 2, versions)
    assert max(said) <= versions[0]


def test_kill_dash_nine_leaves_a_sound_database(url: str, said: list[int]) -> None:
    assert drift(url) == []
    memory = with_ledger(url, lambda ledger: ledger.memory(TARGET))
    newest = memory.state("inline").version
    assert [earlier.expected for earlier in memory.earlier] == [f"K{newest - n}" for n in range(EARLIER_KEPT)]


def test_a_full_disk_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    url = migrated(f"sqlite:///{tmp_path / 'visionpath.db'}")
    command = [sys.executable, "-m", "tests.edge.committer", url, "2000000"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    *said, last = ran.stdout.splitlines()
    assert last.startswith(f"unavailable: database {url}: ")
    assert column(url, "SELECT max(version) FROM check_health") == [max(map(int, said))]
