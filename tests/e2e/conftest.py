"""The upstream and the two proxies that the end-to-end tests share; each process starts once a module."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.litellm_proxy import Proxy, litellm_proxy
from tests.e2e.processes import free_port, serving


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where configs and logs of the processes go."""
    return tmp_path_factory.mktemp("e2e")


@pytest.fixture(scope="module")
def upstream(directory: Path) -> Iterator[str]:
    """The URL of a running OCR upstream."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.e2e.ocr_upstream", "--port", str(port)]
    with serving(command, f"{url}/received", directory / "upstream.log", {}):
        yield url


@pytest.fixture(scope="module")
def master_key() -> str:
    """A random key; LiteLLM wants it to begin with `sk-`."""
    return f"sk-{secrets.token_hex(16)}"


@pytest.fixture(scope="module")
def seeing(upstream: str, master_key: str, directory: Path) -> Iterator[Proxy]:
    """LiteLLM told that its deepseek deployment sees."""
    with litellm_proxy(upstream, free_port(), master_key, directory, deepseek_sees=True) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def unsaid(upstream: str, master_key: str, directory: Path) -> Iterator[Proxy]:
    """LiteLLM told nothing about its deepseek deployment."""
    with litellm_proxy(upstream, free_port(), master_key, directory, deepseek_sees=False) as proxy:
        yield proxy
