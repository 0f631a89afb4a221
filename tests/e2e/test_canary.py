"""The canary host of a running daemon: beside the page, apart from it, and only where the config has a public URL."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.processes import free_port, serving, until

pytestmark = pytest.mark.integration


@contextmanager
def daemon(folder: Path, page: int, canary: str) -> Iterator[str]:
    """A daemon whose target is never there; yields the page's URL."""
    (folder / "monitor.yaml").write_text(
        f"""
database: sqlite:///{folder / "visionpath.db"}
server: {{listen: "127.0.0.1:{page}"}}
canary: {{{canary}}}
providers:
  box:
    base_url: http://127.0.0.1:{free_port()}/v1
    dialect: openai-chat
    auth_scheme: none
    models: {{one: {{model: one, input_modalities: [text, image]}}}}
"""
    )
    url = f"http://127.0.0.1:{page}"
    command = [sys.executable, "-m", "monitor", "run", "-c", str(folder / "monitor.yaml")]
    with serving(command, f"{url}/-/ready", folder / "daemon.log", {}):
        yield url


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=10)


def metrics(url: str) -> list[str]:
    return [line for line in get(f"{url}/metrics").text.splitlines() if line.startswith("visionpath_canary")]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of the page and of the canary host."""
    port = free_port()
    canary = f"http://127.0.0.1:{port}"
    with daemon(tmp_path, free_port(), f"listen: '127.0.0.1:{port}', public_url: '{canary}'") as page:
        yield page, canary


def test_the_host_finds_itself_and_counts_guesses(running: tuple[str, str]) -> None:
    page, canary = running
    until(lambda: True if "visionpath_canary_public_url_ok 1.0" in metrics(page) else None, 30, lambda: metrics(page))
    for guess in ("/", "/metrics", "/guess.png"):
        assert (get(canary + guess).status_code, get(canary + guess).content) == (404, b"")
    assert "visionpath_canary_rejected_total 6.0" in metrics(page)


def test_nothing_of_the_page_is_served_to_the_world(running: tuple[str, str]) -> None:
    _, canary = running
    paths = ["/", "/metrics", "/-/healthy", "/api/v1/health", "/openapi.json", "/static/style.css"]
    assert {get(canary + path).status_code for path in paths} == {404}


def test_without_a_public_url_nobody_listens(tmp_path: Path) -> None:
    port = free_port()
    with daemon(tmp_path, free_port(), f"listen: '127.0.0.1:{port}'") as page:
        assert metrics(page) == []
        with pytest.raises(httpx.ConnectError):
            get(f"http://127.0.0.1:{port}/")
