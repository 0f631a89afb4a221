"""Reload of a running daemon: by signal, by API and by itself; a bad config changes nothing and is visible."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.processes import free_port, serving, until

pytestmark = pytest.mark.integration

TOKEN = "reload-token-of-the-test"
WITHIN_S = 30


def config(gateway: str, models: str, port: int, store: Path) -> str:
    return f"""
database: sqlite:///{store}
server: {{listen: "127.0.0.1:{port}", token: {TOKEN}}}
defaults:
  every: 1s
  timeout: 5s
  policy: {{fast_every: 1s, down_every: 1s}}
  budget: {{probes_per_day: 1000000, tokens_per_day: 1000000000}}
providers:
  box:
    base_url: {gateway}/v1
    dialect: openai-chat
    api_key: key-of-the-test
    models: {{{models}}}
"""


def model(name: str, of: str) -> str:
    return f"{name}: {{model: {of}, input_modalities: [text, image]}}"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[str]:
    """The sandbox in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "monitor.sandbox:create_app", "--port", str(port)]
    with serving(command, f"http://127.0.0.1:{port}/v1/models", tmp_path / "gateway.log", {}):
        yield f"http://127.0.0.1:{port}"


@dataclass
class Running:
    """A daemon whose config file a test rewrites."""

    url: str
    pid: int
    folder: Path
    gateway: str
    port: int
    log: Path

    @property
    def file(self) -> Path:
        return self.folder / "monitor.yaml"

    def write(self, *models: str, text: str | None = None) -> None:
        """Replace the config as editors and ConfigMaps do: a new file, renamed over the old one."""
        fresh = self.folder / "fresh.yaml"
        store = self.folder / "visionpath.db"
        fresh.write_text(text or config(self.gateway, ", ".join(models), self.port, store))
        fresh.replace(self.file)

    def rows(self) -> dict[str, dict[str, Any]]:
        answer = httpx.get(f"{self.url}/api/v1/health", trust_env=False, timeout=10)
        return {row["target_id"]: row for row in answer.json()["targets"]}

    def reason(self, target: str) -> str | None:
        row = self.rows().get(target)
        return row["reason"] if row else None

    def until_reason(self, target: str, *reasons: str) -> str:
        def reached() -> str | None:
            reason = self.reason(target)
            return reason if reason in reasons else None

        return until(reached, WITHIN_S, lambda: (self.rows().get(target), self.log.read_text()[-2000:]))

    def metrics(self) -> str:
        return httpx.get(f"{self.url}/metrics", trust_env=False, timeout=10).text

    def page(self) -> str:
        return httpx.get(f"{self.url}/", trust_env=False, timeout=10).text


@pytest.fixture
def running(gateway: str, tmp_path: Path) -> Iterator[Running]:
    port, folder = free_port(), tmp_path
    url = f"http://127.0.0.1:{port}"
    (folder / "monitor.yaml").write_text(config(gateway, model("one", "sees"), port, folder / "visionpath.db"))
    command = [sys.executable, "-m", "monitor", "run", "-c", str(folder / "monitor.yaml")]
    with serving(command, f"{url}/-/ready", folder / "daemon.log", {}) as process:
        yield Running(url, process.pid, folder, gateway, port, folder / "daemon.log")


def test_a_new_target_is_probed_and_a_removed_one_leaves_routers_and_metrics(running: Running) -> None:
    running.until_reason("box/one", "seen")
    running.write(model("two", "strips"))
    running.until_reason("box/two", "blind")
    assert running.until_reason("box/one", "removed") == "removed"
    assert running.rows()["box/one"]["standing"] == "catalog-only"
    assert 'target="box/one"' not in running.metrics()
    assert "box/one" not in running.page()


def test_a_target_whose_model_changed_starts_unproven(running: Running) -> None:
    running.until_reason("box/one", "seen")
    running.write(model("one", "hangs"))
    running.until_reason("box/one", "never_proven")
    assert running.rows()["box/one"]["last_proof_at"] is None


def test_an_unchanged_target_keeps_its_proof_and_its_slots(running: Running) -> None:
    running.until_reason("box/one", "seen")
    since = running.rows()["box/one"]["since"]
    running.write(model("one", "sees"), model("two", "unmetered"))
    running.until_reason("box/two", "seen_unmetered")
    assert running.rows()["box/one"]["since"] == since
    transitions = httpx.get(f"{running.url}/api/v1/targets/box/one/transitions", trust_env=False).json()
    assert len(transitions["transitions"]) == 1


def test_a_bad_file_changes_nothing_and_is_seen_in_log_metric_and_page(running: Running) -> None:
    running.until_reason("box/one", "seen")
    running.write(text="providers: {box: {dialect: telepathy}}\n")

    def refused() -> bool | None:
        return True if "visionpath_config_last_reload_successful 0.0" in running.metrics() else None

    until(refused, WITHIN_S, running.metrics)
    assert running.reason("box/one") == "seen"
    assert "telepathy" not in running.page()
    assert "The config on disk is not in force" in running.page()
    assert "config not reloaded" in running.log.read_text()

    running.write(model("one", "sees"))
    until(lambda: None if refused() else True, WITHIN_S, running.metrics)
    assert "The config on disk is not in force" not in running.page()


def test_sighup_reloads(running: Running) -> None:
    running.until_reason("box/one", "seen")
    running.write(model("one", "sees"), model("two", "unmetered"))
    os.kill(running.pid, signal.SIGHUP)
    running.until_reason("box/two", "seen_unmetered")


def test_the_api_reloads_at_once_and_reports_what_is_wrong(running: Running) -> None:
    running.until_reason("box/one", "seen")
    bearer = {"authorization": f"Bearer {TOKEN}"}
    running.write(text="providers: {box: {dialect: telepathy}}\n")
    answer = httpx.post(f"{running.url}/-/reload", headers=bearer, trust_env=False, timeout=10)
    assert answer.status_code == 400
    assert "dialect" in answer.text
    running.write(model("two", "unmetered"))
    answer = httpx.post(f"{running.url}/-/reload", headers=bearer, trust_env=False, timeout=10)
    assert answer.status_code == 200
    assert running.reason("box/one") == "removed"


def test_a_configmap_that_swaps_its_symlink_is_noticed(gateway: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for version, models in (("v1", model("one", "sees")), ("v2", model("two", "sees"))):
        (tmp_path / version).mkdir()
        (tmp_path / version / "monitor.yaml").write_text(config(gateway, models, port, tmp_path / "visionpath.db"))
    (tmp_path / "..data").symlink_to("v1")
    (tmp_path / "monitor.yaml").symlink_to("..data/monitor.yaml")
    command = [sys.executable, "-m", "monitor", "run", "-c", str(tmp_path / "monitor.yaml")]
    with serving(command, f"{url}/-/ready", tmp_path / "daemon.log", {}) as process:
        watched = Running(url, process.pid, tmp_path, gateway, port, tmp_path / "daemon.log")
        watched.until_reason("box/one", "seen")
        (tmp_path / "..fresh").symlink_to("v2")
        (tmp_path / "..fresh").replace(tmp_path / "..data")
        watched.until_reason("box/two", "seen")
        watched.until_reason("box/one", "removed")
