"""Facts about the real LiteLLM proxy that Visionpath rests on, without Visionpath: which routes carry an image, which
lose it with HTTP 200, and that the proxy's own health check cannot tell the two apart.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.e2e.litellm_proxy import ROUTES, Proxy, alias, deployment

pytestmark = pytest.mark.integration

CODE = "K7H4M"
QUESTION = "Reply with only the 5 characters in the image."
DIALECTS = ("openai-chat", "openai-responses", "anthropic-messages")
LOSING = {("deepseek", "openai-chat"), ("deepseek", "openai-responses")}
"""The messages dialect reaches deepseek by its own Anthropic endpoint, which forwards the image untouched."""

ALL = [(route, dialect) for route in ROUTES for dialect in DIALECTS]
CARRYING = [pair for pair in ALL if pair not in LOSING]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a client asks about one PNG, and where it finds answer and input tokens."""

    path: str
    body: Callable[[str, str], dict[str, Any]]
    answer: Callable[[dict[str, Any]], str]
    input_tokens: str


def chat(model: str, png: str) -> dict[str, Any]:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png}"}}
    content = [image, {"type": "text", "text": QUESTION}]
    return {"model": model, "messages": [{"role": "user", "content": content}], "max_completion_tokens": 64}


def responses(model: str, png: str) -> dict[str, Any]:
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{png}", "detail": "auto"}
    content = [image, {"type": "input_text", "text": QUESTION}]
    return {"model": model, "input": [{"role": "user", "content": content}], "max_output_tokens": 64, "store": False}


def messages(model: str, png: str) -> dict[str, Any]:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}}
    content = [image, {"type": "text", "text": QUESTION}]
    return {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": 64}


SPOKEN = {
    "openai-chat": Dialect(
        "/v1/chat/completions", chat, lambda reply: str(reply["choices"][0]["message"]["content"]), "prompt_tokens"
    ),
    "openai-responses": Dialect(
        "/v1/responses", responses, lambda reply: str(reply["output"][0]["content"][0]["text"]), "input_tokens"
    ),
    "anthropic-messages": Dialect(
        "/v1/messages", messages, lambda reply: str(reply["content"][0]["text"]), "input_tokens"
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the client got, and how many images its request still had when it reached the upstream."""

    status: int
    model: str
    answer: str
    input_tokens: int
    images_arrived: int


def ask(proxy: Proxy, upstream: str, route: str, dialect: str) -> Outcome:
    """Show CODE to the upstream by way of the proxy."""
    spoken = SPOKEN[dialect]
    reply = proxy.post(spoken.path, spoken.body(alias(route), drawn(CODE)))
    body = reply.json()
    arrived = httpx.get(f"{upstream}/received", trust_env=False).json()[-1]
    return Outcome(
        reply.status_code, body["model"], spoken.answer(body), body["usage"][spoken.input_tokens], arrived["images"]
    )


def drawn(code: str) -> str:
    """A base64 PNG with the code in large black letters on white."""
    image = Image.new("RGB", (448, 448), "white")
    font = ImageFont.load_default(size=75)
    ImageDraw.Draw(image).text((224, 224), " ".join(code), fill="black", font=font, anchor="mm")
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize(("route", "dialect"), CARRYING)
def test_a_route_that_carries_the_image_gets_it_read(unsaid: Proxy, upstream: str, route: str, dialect: str) -> None:
    outcome = ask(unsaid, upstream, route, dialect)

    assert (outcome.status, outcome.images_arrived, outcome.answer.replace(" ", "")) == (200, 1, CODE)
    assert outcome.input_tokens > 255


@pytest.mark.parametrize(("route", "dialect"), sorted(LOSING))
def test_an_undeclared_deepseek_model_loses_the_image_with_http_200(
    unsaid: Proxy, upstream: str, route: str, dialect: str
) -> None:
    outcome = ask(unsaid, upstream, route, dialect)

    assert (outcome.status, outcome.images_arrived) == (200, 0)
    assert outcome.answer.replace(" ", "") != CODE
    assert outcome.input_tokens < 255


@pytest.mark.parametrize(("route", "dialect"), sorted(LOSING))
def test_declaring_supports_vision_brings_the_image_back(
    seeing: Proxy, upstream: str, route: str, dialect: str
) -> None:
    outcome = ask(seeing, upstream, route, dialect)

    assert (outcome.status, outcome.images_arrived, outcome.answer.replace(" ", "")) == (200, 1, CODE)


@pytest.mark.parametrize(("route", "dialect"), ALL)
def test_the_reply_names_the_model_that_was_asked_for(unsaid: Proxy, upstream: str, route: str, dialect: str) -> None:
    assert ask(unsaid, upstream, route, dialect).model == alias(route)


@pytest.mark.parametrize("fixture", ["seeing", "unsaid"])
def test_litellm_calls_every_deployment_healthy_either_way(request: pytest.FixtureRequest, fixture: str) -> None:
    proxy: Proxy = request.getfixturevalue(fixture)

    health = proxy.health()

    assert health.healthy == {deployment(route) for route in ROUTES}
    assert health.unhealthy == frozenset()
