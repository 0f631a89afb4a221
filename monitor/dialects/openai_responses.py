"""OpenAI Responses, `POST {base}/responses`: an answer is a list of items, of which only messages are said to us."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.types import Ask, Exchange, Finish, Image, Reply, ReplyError, Usage, WireRequest
from monitor.dialects.finish import finish_of
from monitor.dialects.reading import JsonObject, count, details, label, objects_in, said, text_in, texts_in
from monitor.dialects.reply import HIDDEN, billed_usd, read
from monitor.dialects.request import data_url, post


@dataclass(frozen=True, slots=True)
class OpenAiResponses:
    """The Responses dialect."""

    name: str = "openai-responses"
    auth_scheme: str = "bearer"

    def build(self, ask: Ask) -> WireRequest:
        """One user message, images first. `store` is false, for its default keeps every probe at the provider's."""
        body = {
            "model": ask.model,
            "input": [{"role": "user", "content": [*map(_image, ask.images), _text(ask.question)]}],
            "max_output_tokens": ask.cap,
            "store": False,
            "stream": False,
        }
        return post("/responses", body, ask.extra_body)

    def parse(self, exchange: Exchange) -> Reply:
        """All messages of the output joined. A response that `failed` is an error of the reply."""
        return read(exchange, _answer)


def _image(image: Image) -> JsonObject:
    return {"type": "input_image", "image_url": data_url(image), "detail": "auto"}


def _text(question: str) -> JsonObject:
    return {"type": "input_text", "text": question}


def _answer(body: JsonObject) -> Reply:
    if body.get("status") == "failed":
        return Reply(error=ReplyError("the response failed without saying why"))
    items = objects_in(body, "output")
    parts = [part for item in items if item.get("type") == "message" for part in objects_in(item, "content")]
    return Reply(
        text=said(text_in(part, "text") for part in parts if part.get("type") == "output_text"),
        finish=_finish(body, items),
        refusal=said(text_in(part, "refusal") for part in parts if part.get("type") == "refusal"),
        reasoning=said(text for item in items if item.get("type") == "reasoning" for text in _thoughts(item)),
        usage=_usage(details(body, "usage")),
        model=label(body.get("model")),
        response_id=label(body.get("id")),
    )


def _finish(body: JsonObject, items: list[JsonObject]) -> Finish | None:
    """`status` says whether, `incomplete_details` why; a completed response may consist of calls only."""
    if body.get("status") == "incomplete":
        return finish_of(details(body, "incomplete_details").get("reason")) or Finish.OTHER
    kinds = {item.get("type") for item in items if isinstance(item.get("type"), str)}
    if body.get("status") == "completed" and "function_call" in kinds and "message" not in kinds:
        return Finish.TOOL_CALLS
    return finish_of(body.get("status"))


def _thoughts(item: JsonObject) -> list[str]:
    return [*texts_in(item, "summary"), *texts_in(item, "content")] or [HIDDEN]


def _usage(usage: JsonObject) -> Usage:
    """This dialect has no field for image tokens."""
    return Usage(
        input_total=count(usage.get("input_tokens")),
        output=count(usage.get("output_tokens")),
        cached=count(details(usage, "input_tokens_details").get("cached_tokens")),
        reasoning=count(details(usage, "output_tokens_details").get("reasoning_tokens")),
        billed_usd=billed_usd(usage),
    )
