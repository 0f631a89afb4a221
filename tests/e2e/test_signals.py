"""How daemon and demo end: in order on SIGTERM and SIGINT whatever hangs, and without loss when they are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.daemon.run import DRAIN_WITHIN
from monitor.daemon.serving import GRACE_S
from monitor.daemon.store import STALE_AFTER
from monitor.sandbox.app import create_app
from tests.cli.console import config, process, served
from tests.e2e.processes import free_port, serving, until

pytestmark = pytest.mark.integration

DRAIN_S = DRAIN_WITHIN.total_seconds()
SLACK_S = 10
"""What a busy machine may add to a deadline."""
SOON_S = 60

SEEING = "openai-chat/proven"

Process = subprocess.Popen[bytes]


class Watched:
    """The sandbox, and how many requests hang in it."""

    def __init__(self) -> None:
        self._app: ASGIApp = create_app()
        self.hanging = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.hanging += "hangs" in scope["path"]
        try:
            await self._app(scope, receive, send)
        finally:
            self.hanging -= "hangs" in scope["path"]


@dataclass(frozen=True)
class Gateway:
    """A served sandbox."""

    app: Watched
    url: str

    def holds_one(self) -> bool | None:
        """True once a request hangs here."""
        return self.app.hanging > 0 or None


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    app = Watched()
    with served(app) as url:
        yield Gateway(app, url)


@dataclass(frozen=True)
class Daemon:
    """A running daemon."""

    process: Process
    url: str
    log: Path

    def checks(self, target: str) -> dict[str, Any]:
        """What is believed of the target's inline check."""
        answer = httpx.get(f"{self.url}/api/v1/targets/{target}/checks", trust_env=False, timeout=10)
        return dict(answer.json()["checks"].get("inline", {})) if answer.status_code == 200 else {}

    def is_ready(self) -> bool:
        """What a load balancer is told."""
        return httpx.get(f"{self.url}/-/ready", trust_env=False, timeout=10).status_code == 200

    def is_active(self, target: str) -> bool | None:
        return self.checks(target).get("standing") == "active" or None

    @property
    def words(self) -> str:
        return self.log.read_text()


@pytest.fixture
def folder(tmp_path: Path, gateway: Gateway) -> Path:
    """Where a config says: one target that sees, probed hardly ever once it is proven, and one that hangs.

    Their names hash to slots in the first seconds after a start.
    """
    text = config(gateway.url, {"openai-chat": "sees", "gemini": "hangs"}, store=tmp_path / "v.db", every="30d")
    text = text.replace("timeout: 10s", "timeout: 5m, policy: {fast_every: 1s}").replace("{sees:", "{proven:")
    (tmp_path / "m.yaml").write_text(text)
    return tmp_path


@contextmanager
def running(folder: Path, log: str = "daemon.log") -> Iterator[Daemon]:
    port = free_port()
    (folder / "m.yaml").write_text(_listening_on(port, (folder / "m.yaml").read_text()))
    command = [sys.executable, "-m", "monitor", "run", "-c", str(folder / "m.yaml")]
    url = f"http://127.0.0.1:{port}"
    with serving(command, f"{url}/-/ready", folder / log, {}) as process:
        yield Daemon(process, url, folder / log)


def _listening_on(port: int, text: str) -> str:
    before, _, after = text.partition("listen: 127.0.0.1:")
    return f"{before}listen: 127.0.0.1:{port}}}{after.partition('}')[2]}"


def ended_within(process: Process, seconds: float) -> tuple[int, bool]:
    """Its exit code, and whether it came in time."""
    start = time.monotonic()
    code = process.wait(seconds + SOON_S)
    return code, time.monotonic() - start <= seconds


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_the_daemon_in_order_while_a_probe_hangs(
    folder: Path, gateway: Gateway, number: signal.Signals
) -> None:
    with running(folder) as daemon:
        until(gateway.holds_one, SOON_S, lambda: daemon.words)
        os.kill(daemon.process.pid, number)
        assert ended_within(daemon.process, DRAIN_S + GRACE_S + SLACK_S) == (0, True)
        assert '"message": "drained", "cancelled": 1' in daemon.words
        assert "Traceback" not in daemon.words


def test_a_second_signal_neither_hurries_nor_breaks_the_end(folder: Path, gateway: Gateway) -> None:
    with running(folder) as daemon:
        until(gateway.holds_one, SOON_S, lambda: daemon.words)
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
            os.kill(daemon.process.pid, number)
            until(lambda: not daemon.is_ready() or None, SOON_S, lambda: daemon.words)
        assert ended_within(daemon.process, DRAIN_S + GRACE_S + SLACK_S) == (0, True)
        assert "Traceback" not in daemon.words


def test_a_client_that_keeps_its_connection_open_does_not_hold_the_end_up(folder: Path) -> None:
    (folder / "m.yaml").write_text((folder / "m.yaml").read_text().replace("hangs", "slow"))
    with running(folder) as daemon, httpx.Client(base_url=daemon.url, trust_env=False) as client:
        assert client.get("/-/healthy").status_code == 200
        os.kill(daemon.process.pid, signal.SIGTERM)
        assert ended_within(daemon.process, DRAIN_S + GRACE_S + SLACK_S) == (0, True)
        assert "Traceback" not in daemon.words


def test_what_is_left_behind_is_a_database_in_one_piece(folder: Path) -> None:
    (folder / "m.yaml").write_text((folder / "m.yaml").read_text().replace("hangs", "strips"))
    with running(folder) as daemon:
        until(lambda: daemon.is_active(SEEING), SOON_S, lambda: daemon.words)
        os.kill(daemon.process.pid, signal.SIGTERM)
        assert daemon.process.wait(SOON_S) == 0
    assert sorted(file.name for file in folder.glob("v.db*")) == ["v.db"]
    assert process("db", "check", "-c", "m.yaml", cwd=folder).out == "no drift\n"


def test_the_demo_ends_in_order_and_leaves_nothing(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "monitor", "demo", "--port", str(port)]
    env = {"TMPDIR": str(tmp_path)}
    log = tmp_path / "demo.log"
    with serving(command, f"http://127.0.0.1:{port}/-/ready", log, env) as demo:
        assert list(tmp_path.glob("visionpath-demo-*"))
        os.kill(demo.pid, signal.SIGTERM)
        assert ended_within(demo, DRAIN_S + 2 * GRACE_S + SLACK_S) == (0, True)
    assert log.read_text().startswith(f"Open http://127.0.0.1:{port} ")
    assert "Traceback" not in log.read_text()
    assert not list(tmp_path.glob("visionpath-demo-*"))


def test_a_killed_daemon_is_followed_by_one_that_knows_what_it_knew(folder: Path, gateway: Gateway) -> None:
    with running(folder) as killed:
        until(lambda: killed.is_active(SEEING), SOON_S, lambda: killed.words)
        until(gateway.holds_one, SOON_S, lambda: killed.words)
        before = killed.checks(SEEING)
        os.kill(killed.process.pid, signal.SIGKILL)
        assert killed.process.wait(SOON_S) == -signal.SIGKILL
    start = time.monotonic()
    with running(folder, "heir.log") as heir:
        assert time.monotonic() - start < STALE_AFTER.total_seconds() / 2
        assert heir.checks(SEEING) == before
        assert "taking the database over from a daemon that died" in heir.words
        assert "Traceback" not in heir.words


def test_a_second_daemon_on_a_live_database_is_refused_and_the_first_goes_on(folder: Path) -> None:
    with running(folder) as first:
        (folder / "second.yaml").write_text(_listening_on(0, (folder / "m.yaml").read_text()))
        ended = process("run", "-c", "second.yaml", cwd=folder)
        assert (ended.code, ended.out) == (2, "")
        assert f":{first.process.pid}, alive " in ended.line
        assert ended.line.endswith("stop it first, or use another database")
        assert first.is_ready()


def test_a_live_database_is_not_downgraded(folder: Path) -> None:
    with running(folder) as daemon:
        ended = process("db", "downgrade", "base", "-c", "m.yaml", cwd=folder)
        assert ended.code == 2
        assert f":{daemon.process.pid}, alive " in ended.line
        until(lambda: daemon.is_active(SEEING), SOON_S, lambda: daemon.words)
