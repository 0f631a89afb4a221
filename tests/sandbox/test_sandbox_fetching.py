"""The default way to an image by URL: loopback only, whole images only, no detours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from monitor.sandbox.fetching import Fetched, FetchError, fetch_over_loopback


class Shelf(BaseHTTPRequestHandler):
    """`/image` holds three bytes; `/elsewhere` sends one there."""

    def do_GET(self) -> None:
        status = {"/image": 200, "/elsewhere": 302}.get(self.path, 404)
        self.send_response(status)
        self.send_header("content-type", "image/png; charset=binary")
        self.send_header("content-length", "3")
        self.send_header("location", "/image")
        self.end_headers()
        self.wfile.write(b"png")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@pytest.fixture(scope="module")
def shelf() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def fetched(url: str) -> Fetched:
    return asyncio.run(fetch_over_loopback(url))


def test_an_image_comes_with_its_type(shelf: str) -> None:
    assert fetched(f"{shelf}/image") == Fetched("image/png", b"png")


@pytest.mark.parametrize("path", ["/elsewhere", "/nowhere"])
def test_a_redirect_is_no_image_and_neither_is_an_error(shelf: str, path: str) -> None:
    with pytest.raises(FetchError, match="Error"):
        fetched(shelf + path)


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(FetchError, match="Error"):
        fetched("http://127.0.0.1:1/image")


def test_an_address_that_only_leads_to_loopback_is_not_tried(shelf: str) -> None:
    with pytest.raises(FetchError, match="Error"):
        fetched(f"{shelf.replace('127.0.0.1', '0.0.0.0')}/image")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.png",
        "http://192.0.2.1/a.png",
        "http://169.254.1.1/a.png",
        "http://localhost.example/a.png",
        "http://127.0.0.1@192.0.2.1/a.png",
        "file:///etc/hostname",
        "http://[::1/a.png",
        "http://",
        "",
    ],
)
def test_nothing_but_http_to_loopback_is_tried(url: str) -> None:
    with pytest.raises(FetchError, match="Error"):
        fetched(url)
