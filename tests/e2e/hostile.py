"""A gateway that gives away whatever it is given: it repeats every header in every notation, in every place of a reply
that has room for words. The model's name chooses the place.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

Given = list[str]
"""The values of the headers that are not of HTTP itself."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A dialect, as far as this gateway speaks it: where it is asked, and how it answers with words, or declines."""

    path: str
    answer: Callable[[str], dict[str, Any]]
    refusal: Callable[[str], dict[str, Any]]


def spellings(key: str) -> list[str]:
    """How a reply may spell a key without a thought. A long one that needs no escapes is also shown in part."""
    long = len(key) >= 20
    return [
        key,
        json.dumps(key)[1:-1],
        json.dumps(json.dumps(key)),
        quote(key, safe=""),
        html.escape(key),
        repr({"key": key}),
        *([b64encode(f"{before}{key}".encode()).decode() for before in ("", "x", "Bearer ")] if long else []),
        *([f"{key[:9]}…", f"…{key[-9:]}", key[5:], key[:-5]] if long and key == json.dumps(key)[1:-1] else []),
    ]


def _chat(said: str, *, key: str = "content") -> dict[str, Any]:
    message = {"role": "assistant", "content": None, key: said}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": said, "model": said, "choices": [choice], "usage": {"prompt_tokens": 275, "completion_tokens": 5}}


def _responses(said: str, *, kind: str = "output_text", key: str = "text") -> dict[str, Any]:
    output = {"type": "message", "role": "assistant", "content": [{"type": kind, key: said}]}
    return {"id": said, "model": said, "status": "completed", "output": [output], "usage": {"input_tokens": 275}}


def _messages(said: str, *, reason: str = "end_turn") -> dict[str, Any]:
    content = [{"type": "text", "text": said}]
    return {"id": said, "model": said, "content": content, "stop_reason": reason, "usage": {"input_tokens": 275}}


def _gemini(said: str, *, reason: str = "STOP") -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": [{"text": said}]}, "finishReason": reason}
    usage = {"promptTokenCount": 275}
    return {"responseId": said, "modelVersion": said, "candidates": [candidate], "usageMetadata": usage}


WIRES = (
    Wire("/v1/chat/completions", _chat, partial(_chat, key="refusal")),
    Wire("/v1/responses", _responses, partial(_responses, kind="refusal", key="refusal")),
    Wire("/v1/messages", _messages, partial(_messages, reason="refusal")),
    Wire("/v1beta/models/{model}:generateContent", _gemini, partial(_gemini, reason="SAFETY")),
)


def create_app() -> Starlette:
    """The gateway as an ASGI app."""
    return Starlette(routes=[Route(wire.path, partial(_serve, wire), methods=["POST"]) for wire in WIRES])


async def _serve(wire: Wire, request: Request) -> Response:
    """Echo in the place that the model names; every reply repeats the headers in its own as well."""
    model = request.path_params.get("model") or (await request.json())["model"]
    given = [value for name, value in request.headers.items() if name not in _ORDINARY]
    response = PLACES[model](wire, given)
    for number, value in enumerate(given):
        response.headers[f"x-you-sent-{number}"] = value
        response.headers[f"x-quoted-{number}"] = quote(value, safe="")
    return response


_ORDINARY = {"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}


def _words(given: Given) -> str:
    keys = [key for value in given for key in (value, value.rpartition(" ")[2])]
    return " | ".join(spelling for key in keys for spelling in spellings(key))


def _pieces(given: Given) -> str:
    return " ".join(given[-1][at : at + 15] for at in range(0, 40, 15))


def _fails(_wire: Wire, given: Given, *, status: int, line: int | None = None) -> Response:
    key = given[-1]
    error = {"message": _words(given), "type": key, "code": key, "param": key, "status": key}
    return JSONResponse({"type": "error", "error": error, "request_id": key}, line or status)


def _wraps(_wire: Wire, given: Given) -> Response:
    """An upstream's error inside the gateway's, as OpenRouter and LiteLLM pass them on."""
    inner = json.dumps({"error": {"message": _words(given), "type": given[-1]}})
    return JSONResponse({"error": {"message": inner, "code": 400, "metadata": {"raw": inner}}}, 400)


def _cuts(_wire: Wire, given: Given) -> Response:
    """A body that ends in the middle of a key."""

    async def body() -> AsyncIterator[bytes]:
        yield f'{{"error": "{given[-1][:-3]}'.encode()

    return StreamingResponse(body(), 400)


PLACES: dict[str, Callable[[Wire, Given], Response]] = {
    "answers": lambda wire, given: JSONResponse(wire.answer(_words(given))),
    "answers-in-pieces": lambda wire, given: JSONResponse(wire.answer(_pieces(given))),
    "refuses": lambda wire, given: JSONResponse(wire.refusal(_words(given))),
    "denies": partial(_fails, status=401),
    "rejects": partial(_fails, status=400),
    "throttles": partial(_fails, status=429),
    "breaks": partial(_fails, status=500),
    "errs-in-200": partial(_fails, status=502, line=200),
    "wraps": _wraps,
    "cuts": _cuts,
    "page": lambda _, given: HTMLResponse(f"<title>{html.escape(_words(given))}</title>", 200),
    "text": lambda _, given: PlainTextResponse(_words(given), 200),
    "error-page": lambda _, given: HTMLResponse(f"<title>{html.escape(_words(given))}</title>", 403),
    "error-text": lambda _, given: PlainTextResponse(_words(given), 503),
    "redirects": lambda _, given: RedirectResponse(f"http://127.0.0.1:1/?key={quote(given[-1], safe='')}", 307),
}
"""Where the headers are repeated, by the model's name."""
