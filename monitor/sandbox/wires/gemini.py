"""Gemini generateContent, as a server speaks it: the model is in the path, usage is itemised by modality."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from monitor.core.types import Finish
from monitor.sandbox.messages import Attachment, Bill, Completion, Problem, Prompt
from monitor.sandbox.wires.wire import Json, Lenient, Strict, Wire, strictly

_FINISH = {Finish.STOP: "STOP", Finish.LENGTH: "MAX_TOKENS", Finish.REFUSAL: "SAFETY"}
_STATUS = {401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 502: "INTERNAL"}


class _Blob(Strict):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    mime_type: str
    data: str


class _Part(Strict):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    text: str | None = None
    inline_data: _Blob | None = None

    @model_validator(mode="after")
    def _is_a_oneof(self) -> Self:
        if (self.text is None) == (self.inline_data is None):
            raise ValueError("a part needs exactly one of text and inlineData")
        return self


class _Content(Strict):
    role: str = "user"
    parts: Annotated[list[_Part], Field(min_length=1)]


class _Settings(Lenient):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None


class _Body(Lenient):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    contents: Annotated[list[_Content], Field(min_length=1)]
    generation_config: _Settings = _Settings()


def _read(body: bytes, path_model: str) -> Prompt:
    request = strictly(_Body, body)
    parts = [part for content in request.contents for part in content.parts]
    blobs = [part.inline_data for part in parts if part.inline_data is not None]
    return Prompt(
        model=path_model,
        text="\n".join(part.text for part in parts if part.text is not None),
        attachments=tuple(Attachment(blob.mime_type, blob.data) for blob in blobs),
        cap=request.generation_config.max_output_tokens,
    )


def _write(completion: Completion) -> Json:
    return {
        **_candidates(completion),
        "usageMetadata": _usage(completion.bill),
        "modelVersion": completion.model,
        "responseId": completion.id,
    }


def _candidates(completion: Completion) -> Json:
    if completion.finish is Finish.FILTER:
        return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
    content = {"role": "model", "parts": [{"text": completion.text}]}
    candidate = {"index": 0, "finishReason": _FINISH[completion.finish]}
    return {"candidates": [candidate if completion.finish is Finish.REFUSAL else {"content": content, **candidate}]}


def _usage(bill: Bill) -> Json:
    details = [{"modality": "TEXT", "tokenCount": bill.text}]
    if bill.image is not None:
        details.append({"modality": "IMAGE", "tokenCount": bill.image})
    return {
        "promptTokenCount": bill.input,
        "candidatesTokenCount": bill.output,
        "totalTokenCount": bill.input + bill.output,
        "promptTokensDetails": details,
    }


def _write_problem(problem: Problem) -> Json:
    """`{"error": {code, message, status, details}}`; the delay after a 429 stands in the details."""
    status = _STATUS.get(problem.status, "INVALID_ARGUMENT")
    error: Json = {"code": problem.status, "message": problem.message, "status": status}
    if problem.retry_after_s is not None:
        kind = "type.googleapis.com/google.rpc.RetryInfo"
        error["details"] = [{"@type": kind, "retryDelay": f"{problem.retry_after_s}s"}]
    return {"error": error}


GEMINI = Wire(
    name="gemini",
    path="/v1beta/models/{model}:generateContent",
    family="gemini-2.5-flash",
    bad_image="Unable to process input image",
    keys=(("x-goog-api-key", ""), ("authorization", "Bearer ")),
    read=_read,
    write=_write,
    write_problem=_write_problem,
)
