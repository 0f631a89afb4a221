"""The Visionpath daemon as its users run it: `visionpath run -c FILE` in a process of its own, read over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.processes import free_port, serving

CONFIG = Path(__file__).with_name("litellm_monitor.yaml")


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running daemon."""

    url: str

    def row(self, target_id: str) -> dict[str, Any]:
        """The target's health: standing, reason and the rest of the row."""
        row: dict[str, Any] = self._get(f"/api/v1/health/{target_id}")
        return row

    def probes(self, target_id: str) -> list[dict[str, Any]]:
        """The target's latest probes, newest first."""
        page: dict[str, list[dict[str, Any]]] = self._get(f"/api/v1/targets/{target_id}/probes")
        return page["probes"]

    def _get(self, path: str) -> Any:
        answer = httpx.get(self.url + path, trust_env=False, timeout=10)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def visionpath(litellm_url: str, master_key: str, directory: Path) -> Iterator[Daemon]:
    """The daemon over a fresh database while it serves."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        "LITELLM_URL": litellm_url,
        "LITELLM_MASTER_KEY": master_key,
        "MONITOR_PORT": str(port),
        "MONITOR_DATABASE": str(directory / "visionpath.db"),
    }
    command = [sys.executable, "-m", "monitor", "run", "-c", str(CONFIG)]
    with serving(command, f"{url}/-/ready", directory / "visionpath.log", env):
        yield Daemon(url)
