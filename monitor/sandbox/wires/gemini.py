"""Gemini generateContent, as a server speaks it: the model is in the path, usage is itemised by modality.

Google's own client asks under `/v1` and sends URL-safe base64; `/v1beta` and the standard alphabet are as legal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from monitor.core.types import Finish
from monitor.sandbox.messages import Attachment, Bill, Completion, Problem, ProblemError, Prompt
from monitor.sandbox.wires.events import Event, EventStream, pieces
from monitor.sandbox.wires.wire import Address, Json, Lenient, Strict, Wire, billed, lines, strictly

_FINISH = {Finish.STOP: "STOP", Finish.LENGTH: "MAX_TOKENS", Finish.REFUSAL: "SAFETY"}
_STANDARD_BASE64 = str.maketrans("-_", "+/")
_STATUS = {401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 502: "INTERNAL"}


class _Blob(Strict):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    mime_type: str
    data: str


class _File(Strict):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    file_uri: str
    mime_type: str = ""


class _Media(Strict):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    inline_data: _Blob | None = None
    file_data: _File | None = None

    @property
    def attachments(self) -> list[Attachment]:
        if self.inline_data is not None:
            return [Attachment(self.inline_data.mime_type, self.inline_data.data.translate(_STANDARD_BASE64))]
        return [] if self.file_data is None else [Attachment(self.file_data.mime_type, None, self.file_data.file_uri)]


class _FunctionResponse(Strict):
    id: str | None = None
    name: str
    response: Json
    parts: tuple[_Media, ...] = ()

    @property
    def attachments(self) -> list[Attachment]:
        return [replace(image, in_tool_result=True) for part in self.parts for image in part.attachments]


class _Part(_Media):
    text: str | None = None
    function_call: Json | None = None
    function_response: _FunctionResponse | None = None
    thought_signature: str | None = None

    @model_validator(mode="after")
    def _is_a_oneof(self) -> Self:
        one_of = (self.text, self.inline_data, self.file_data, self.function_call, self.function_response)
        if sum(field is not None for field in one_of) != 1:
            raise ValueError("a part needs exactly one of text, inlineData, fileData, functionCall, functionResponse")
        return self

    @property
    def shown(self) -> list[Attachment]:
        """Its images, those of a tool's result among them."""
        return self.attachments if self.function_response is None else self.function_response.attachments

    @property
    def called(self) -> str:
        """The words of a call or of its result."""
        if self.function_response is not None:
            return billed([self.function_response.response])
        return "" if self.function_call is None else billed([self.function_call])


class _Content(Strict):
    role: str = "user"
    parts: Annotated[list[_Part], Field(min_length=1)]


class _Settings(Lenient):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None


class _Body(Lenient):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)
    contents: Annotated[list[_Content], Field(min_length=1)]
    system_instruction: _Content | None = None
    tools: list[Json] | None = None
    generation_config: _Settings = _Settings()


def _read(body: bytes, address: Address) -> Prompt:
    if address.streams and address.alt != "sse":
        raise ProblemError(Problem(400, "alt: this gateway streams server-sent events only, ask for alt=sse"))
    request = strictly(_Body, body)
    parts = [part for content in request.contents for part in content.parts]
    said = [part.text for content in request.contents if content.role == "user" for part in content.parts]
    return Prompt(
        model=address.model,
        text=lines(*said),
        attachments=tuple(attachment for part in parts for attachment in part.shown),
        cap=request.generation_config.max_output_tokens,
        setting=_setting(request),
        gives_tools=bool(request.tools),
        streams=address.streams,
    )


def _setting(request: _Body) -> str:
    system = [] if request.system_instruction is None else request.system_instruction.parts
    answers = [part.text for content in request.contents if content.role != "user" for part in content.parts]
    called = [part.called for content in request.contents for part in content.parts]
    return lines(*(part.text for part in system), billed(request.tools), *answers, *called)


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
    candidate = {"index": 0, "finishReason": _FINISH[completion.finish]}
    refused = completion.finish is Finish.REFUSAL
    return {"candidates": [candidate if refused else {"content": _said(completion.text), **candidate}]}


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


def _write_stream(completion: Completion, _prompt: Prompt) -> EventStream:
    """Responses of their own, with a piece of the answer each; the last says why the model stopped."""
    whole = _write(completion)
    if completion.finish in (Finish.FILTER, Finish.REFUSAL):
        return EventStream((), (Event(whole),))
    *before, last = pieces(completion.text)
    usage = {key: value for key, value in whole["usageMetadata"].items() if key != "candidatesTokenCount"}
    begun = {**whole, "usageMetadata": {**usage, "totalTokenCount": completion.bill.input}}
    opening = [Event({**begun, "candidates": [{"content": _said(piece), "index": 0}]}) for piece in before]
    (candidate,) = whole["candidates"]
    return EventStream(tuple(opening), (Event({**whole, "candidates": [{**candidate, "content": _said(last)}]}),))


def _said(text: str) -> Json:
    return {"role": "model", "parts": [{"text": text}]}


def _write_trouble(problem: Problem, _before: int) -> Event:
    return Event(_write_problem(problem))


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
    paths=("/v1beta/models/{model}:generateContent", "/v1/models/{model}:generateContent"),
    family="gemini-2.5-flash",
    bad_image="Unable to process input image",
    unfetched="Cannot fetch content from the provided URL.",
    keys=(("x-goog-api-key", ""), ("authorization", "Bearer ")),
    read=_read,
    write=_write,
    write_stream=_write_stream,
    write_problem=_write_problem,
    write_trouble=_write_trouble,
    stream_paths=("/v1beta/models/{model}:streamGenerateContent", "/v1/models/{model}:streamGenerateContent"),
)
