"""What the environment says of proxies and passwords is none of the monitor's business: a proxy would be handed the
keys, and a password of .netrc would go to whoever the config names.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.dialects import REGISTRY
from monitor.sandbox.app import create_app
from tests.cli.console import config, process, served

pytestmark = pytest.mark.integration

VARIABLES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


class Listening(socketserver.ThreadingTCPServer):
    """A proxy that only counts who comes to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hangup)
        self.callers = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Hangup(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Listening)
        self.server.callers += 1


class Recording:
    """An app that keeps the headers of every request and passes them on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.headers: list[dict[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await self._app(scope, receive, send)


@contextmanager
def listening() -> Iterator[Listening]:
    with Listening() as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def proxied(proxy: str) -> dict[str, str]:
    return dict.fromkeys(VARIABLES, proxy) | {"NO_PROXY": "", "no_proxy": ""}


def test_the_proxy_of_this_test_is_one_that_others_would_use(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as proxy:
        for name, value in proxied(proxy.url).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(httpx.TransportError):
            httpx.get("http://127.0.0.1:1/", trust_env=True)
        assert proxy.callers == 1


def test_a_proxy_that_the_environment_names_is_never_asked(tmp_path: Path) -> None:
    with listening() as proxy, served(create_app()) as gateway:
        (tmp_path / "m.yaml").write_text(config(gateway, dict.fromkeys(REGISTRY, "sees")))
        ended = process("probe", "-c", "m.yaml", cwd=tmp_path, env=proxied(proxy.url))
        assert (ended.code, proxy.callers) == (0, 0)


def test_a_password_of_netrc_is_never_sent(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password planted-in-netrc\n")
    (tmp_path / ".netrc").chmod(0o600)
    recording = Recording(create_app())
    with served(recording) as gateway:
        text = config(gateway, {"openai-chat": "sees"}).replace("api_key: key-of-the-test", "auth_scheme: none")
        (tmp_path / "m.yaml").write_text(text)
        env = {"HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc")}
        assert process("probe", "-c", "m.yaml", cwd=tmp_path, env=env).code == 3
    assert recording.headers
    assert not any("authorization" in headers for headers in recording.headers)
