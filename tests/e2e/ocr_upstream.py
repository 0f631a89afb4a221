"""A model provider that really reads images, behind the gateway under test: `python -m tests.e2e.ocr_upstream --port N`.

It speaks OpenAI Chat and Responses, Anthropic Messages and Gemini; LiteLLM asks for no stream when its client asks for
none. A request whose image went missing on the way gets an invented answer and a text-only bill, HTTP 200.
`GET /received` tells what arrived.
"""

from __future__ import annotations

import argparse
import base64
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.e2e.reading import Reader, invent

IMAGE_TOKENS = 255
"""What one 448 px image costs in the gpt-4o family."""

TEXT_KEYS = frozenset({"text", "content", "input"})
URL_KEYS = frozenset({"url", "image_url"})

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """What one request brought, whatever its dialect."""

    path: str
    model: str
    images: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, before a dialect words it. Tokens; `image_tokens` is 0 when no image came."""

    model: str
    text: str
    text_tokens: int
    image_tokens: int

    @property
    def input_tokens(self) -> int:
        return self.text_tokens + self.image_tokens

    @property
    def output_tokens(self) -> int:
        return max(1, len(self.text) // 3)


# --- reading a request --------------------------------------------------------------------------------------------


def leaves(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string below `node` with the key it stands under, in document order."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, list):
        for item in node:
            yield from leaves(item, key)
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, name)


def images(body: Json) -> list[bytes]:
    """The inline images: data URLs (OpenAI) and `data` beside a media type (Anthropic, Gemini)."""
    encoded = [
        text.partition(",")[2] for key, text in leaves(body) if key in URL_KEYS and text.startswith("data:image/")
    ]
    encoded += [text for key, text in leaves(body) if key == "data"]
    return [base64.b64decode(text) for text in encoded]


def words(body: Json) -> str:
    """All text of the conversation."""
    conversation = [body.get(name) for name in ("messages", "input", "contents")]
    return "\n".join(text for key, text in leaves(conversation, "input") if key in TEXT_KEYS)


# --- wording an answer --------------------------------------------------------------------------------------------


def chat(answer: Answer) -> Json:
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": 0,
        "model": answer.model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": answer.text}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": answer.input_tokens,
            "completion_tokens": answer.output_tokens,
            "total_tokens": answer.input_tokens + answer.output_tokens,
        },
    }


def responses(answer: Answer) -> Json:
    content = [{"type": "output_text", "text": answer.text, "annotations": []}]
    return {
        "id": f"resp_{uuid4().hex}",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "model": answer.model,
        "output": [
            {
                "id": f"msg_{uuid4().hex}",
                "type": "message",
                "status": "completed",
                "role": "assistant",
                "content": content,
            }
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": answer.input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.input_tokens + answer.output_tokens,
        },
    }


def messages(answer: Answer) -> Json:
    return {
        "id": f"msg_{uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [{"type": "text", "text": answer.text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens},
    }


def gemini(answer: Answer) -> Json:
    modalities = {"TEXT": answer.text_tokens, "IMAGE": answer.image_tokens}
    return {
        "candidates": [
            {"index": 0, "content": {"role": "model", "parts": [{"text": answer.text}]}, "finishReason": "STOP"}
        ],
        "usageMetadata": {
            "promptTokenCount": answer.input_tokens,
            "candidatesTokenCount": answer.output_tokens,
            "totalTokenCount": answer.input_tokens + answer.output_tokens,
            "promptTokensDetails": [
                {"modality": name, "tokenCount": count} for name, count in modalities.items() if count
            ],
        },
        "modelVersion": answer.model,
        "responseId": uuid4().hex,
    }


# --- serving ------------------------------------------------------------------------------------------------------


class Upstream:
    """The routes over one reader and a record of the last requests."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._received: deque[Received] = deque(maxlen=1000)

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/received", self._report),
                Route("/v1/chat/completions", self._speak(chat), methods=["POST"]),
                Route("/v1/responses", self._speak(responses), methods=["POST"]),
                Route("/v1/messages", self._speak(messages), methods=["POST"]),
                Route("/anthropic/v1/messages", self._speak(messages), methods=["POST"]),
                Route("/v1beta/models/{model}:generateContent", self._speak(gemini), methods=["POST"]),
                Route("/{rest:path}", self._unknown, methods=["GET", "POST"]),
            ]
        )

    async def _report(self, request: Request) -> JSONResponse:
        return JSONResponse([asdict(received) for received in self._received])

    async def _unknown(self, request: Request) -> JSONResponse:
        """Also answers LiteLLM's look at `/v1/models`; the gateway's client is told which path missed."""
        message = f"no route {request.url.path}"
        return JSONResponse({"error": {"message": message, "type": "not_found", "code": "404"}}, 404)

    def _speak(self, wording: Callable[[Answer], Json]) -> Callable[[Request], Any]:
        async def serve(request: Request) -> JSONResponse:
            body = await request.json()
            model = request.path_params.get("model") or body["model"]
            return JSONResponse(wording(await run_in_threadpool(self._answer, request.url.path, model, body)))

        return serve

    def _answer(self, path: str, model: str, body: Json) -> Answer:
        pictures, text = images(body), words(body)
        self._received.append(Received(path, model, len(pictures)))
        answer = " ".join(self._reader.read(picture, text) for picture in pictures) or invent(text)
        return Answer(model, answer, max(1, len(text) // 4), IMAGE_TOKENS * len(pictures))


def main() -> None:
    """Serve on loopback until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(Upstream(Reader()).app(), host="127.0.0.1", port=parser.parse_args().port, log_level="warning")


if __name__ == "__main__":
    main()
