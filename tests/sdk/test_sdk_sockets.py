"""The makers' own clients over their own transports, against the sandbox on a real socket."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import anthropic
import httpx2
import openai
import pytest
import uvicorn

from monitor.core.types import Ask
from monitor.sandbox import create_app
from tests.sdk.asks import CODE, PUZZLES
from tests.sdk.clients import ASKERS, clients
from tests.sdk.makers import MAKERS

pytestmark = pytest.mark.integration

every_dialect = pytest.mark.parametrize("dialect", ASKERS)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    """The URL of a sandbox. Its socket listens before it is served, so no client can come too early."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(), log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def text_of(sandbox: str, dialect: str, ask: Ask, timeout_s: float = 30) -> str | None:
    async def get() -> str | None:
        async with clients(sandbox, timeout_s=timeout_s) as makers:
            return MAKERS[dialect].read(await ASKERS[dialect](makers, ask)).text

    return asyncio.run(get())


@every_dialect
def test_our_image_is_read_over_a_socket(sandbox: str, dialect: str) -> None:
    assert text_of(sandbox, dialect, CODE) == PUZZLES["code"].expected


@pytest.mark.parametrize(
    ("dialect", "kind"),
    [
        ("openai-chat", openai.APITimeoutError),
        ("openai-responses", openai.APITimeoutError),
        ("anthropic-messages", anthropic.APITimeoutError),
        ("gemini", httpx2.TimeoutException),
    ],
)
def test_a_hanging_model_runs_into_the_clients_own_timeout(sandbox: str, dialect: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        text_of(sandbox, dialect, replace(CODE, model="hangs"), timeout_s=0.5)
