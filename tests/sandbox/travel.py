"""Asks in every form in which an image may travel, written and read by the monitor's own dialects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from types import MappingProxyType

import httpx
from PIL import Image as Pillow
from starlette.types import ASGIApp

from monitor.challenges.drawing import text_image
from monitor.core.types import Ask, Exchange, Image, Placement, Reply
from monitor.dialects import REGISTRY
from monitor.sandbox import create_app
from monitor.sandbox.fetching import Fetched, FetchError
from tests.runner.rig import BASES, KEY_HEADERS
from tests.sandbox.dialogue import QUESTIONS, chance, send

CODE, ANOTHER = text_image("K7R9M", 448), text_image("W4XYC", 448)
HOST = "http://127.0.0.1:8099"
INLINE = Ask("sees", QUESTIONS["code"], (CODE,), cap=64, cap_parameter="auto")


def encoded(image: Image, kind: str, **options: int) -> Image:
    """`image` in another format."""
    out = BytesIO()
    with Pillow.open(BytesIO(image.data)) as pixels:
        pixels.save(out, kind, **options)
    return replace(image, data=out.getvalue(), media_type=f"image/{kind.lower()}")


@cache
def large() -> Image:
    """The code in a PNG of a megabyte and a half."""
    return encoded(text_image("K7R9M", 704), "PNG", compress_level=0)


def by_url(image: Image) -> Image:
    return replace(image, url=f"{HOST}/{image.media_type.partition('/')[2]}")


ASKS: Mapping[str, Callable[[], Ask]] = MappingProxyType(
    {
        "inline": lambda: INLINE,
        "inline-stream": lambda: replace(INLINE, stream=True),
        "url": lambda: replace(INLINE, images=(by_url(CODE),)),
        "tool-result": lambda: replace(INLINE, placement=Placement.TOOL_RESULT),
        "with-tools": lambda: replace(INLINE, with_tools=True),
        "pair": lambda: replace(INLINE, images=(CODE, ANOTHER)),
        "jpeg": lambda: replace(INLINE, images=(encoded(CODE, "JPEG"),)),
        "webp": lambda: replace(INLINE, images=(encoded(CODE, "WEBP"),)),
        "gif": lambda: replace(INLINE, images=(encoded(CODE, "GIF"),)),
        "large": lambda: replace(INLINE, images=(large(),)),
    }
)
"""A check of the contract -> what it asks."""

RIGHT = {check: "K7R9M W4XYC" if check == "pair" else "K7R9M" for check in ASKS}
TRAVELS = [
    (dialect, check) for dialect in REGISTRY for check in ASKS if (dialect, check) != ("openai-chat", "tool-result")
]
"""Chat has no images in tool results."""


@dataclass
class Host:
    """Serves what it holds, and remembers what it was asked for."""

    holds: Mapping[str, Fetched]
    asked: list[str]

    async def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if url not in self.holds:
            raise FetchError("Timeout")
        return self.holds[url]


def host(*images: Image) -> Host:
    return Host({by_url(image).url or "": Fetched(image.media_type, image.data) for image in images}, [])


def gateway(fetch: Host | None = None) -> ASGIApp:
    return create_app(draw=chance(), slow_s=0, fetch=fetch or host(CODE))


def response(app: ASGIApp, dialect: str, ask: Ask) -> httpx.Response:
    wire = REGISTRY[dialect].build(ask)
    headers = dict([*wire.headers, KEY_HEADERS[dialect]])
    request = httpx.Request(wire.method, BASES[dialect] + wire.path, headers=headers, content=wire.body)
    return asyncio.run(send(app, request))


def parsed(dialect: str, answer: httpx.Response) -> Reply:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return REGISTRY[dialect].parse(Exchange(answer.status_code, headers, answer.content, None, 0.0, 0.0))


def reply(dialect: str, ask: Ask, app: ASGIApp | None = None) -> Reply:
    return parsed(dialect, response(app or gateway(), dialect, ask))
