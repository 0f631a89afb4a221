"""The reference vision gateway: a strict server that decodes each image and answers from its pixels, in all dialects.

The model's name chooses the fault (`sandbox.faults`); `sees` has none. Nothing is kept or logged, and nothing fetched
but images by URL from loopback.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from monitor.sandbox.faults import FAULTS, SOUND, Ending, Fault, Pace
from monitor.sandbox.fetching import Fetch, FetchError, fetch_over_loopback
from monitor.sandbox.generation import Pictures, complete
from monitor.sandbox.messages import Attachment, Completion, Problem, ProblemError, Prompt
from monitor.sandbox.minds import Draw
from monitor.sandbox.pictures import BadPictureError, open_picture
from monitor.sandbox.wires import WIRES, Address, Event, Wire

SLOW_S = 1.5
"""How late a slow reply is, in seconds: noticed by any latency chart, borne by any sensible deadline."""

_BROKE_OFF = Problem(500, "The server had an error while processing your request.")


def create_app(
    *, draw: Draw = secrets.randbelow, slow_s: float = SLOW_S, fetch: Fetch = fetch_over_loopback
) -> Starlette:
    """The gateway as an ASGI app.

    All chance (invented answers, ids, the intermittent fault) comes from `draw`, where `draw(n)` is a whole number
    from 0 to n - 1. `slow_s` is how late the fault `slow` answers, in seconds; `fetch` gets the images that come by
    URL. The OpenAI dialects live under `/v1`, Anthropic and Gemini under the root. A hanging request ends with its
    client or when its task is cancelled, so serve with a bound on the graceful shutdown.
    """
    gateway = _Gateway(draw, slow_s, fetch)
    routes = [
        Route(path, partial(gateway.serve, wire, streams=path in wire.stream_paths), methods=["POST"])
        for wire in WIRES.values()
        for path in (*wire.paths, *wire.stream_paths)
    ]
    return Starlette(routes=[*routes, Route("/v1/models", _models)])


async def _models(_request: Request) -> Response:
    models = [
        {"id": fault.name, "object": "model", "created": 0, "owned_by": "sandbox", "description": fault.does}
        for fault in FAULTS.values()
    ]
    return JSONResponse({"object": "list", "data": models})


class _Gateway:
    """Serves requests; its one memory is the cache of the fault `replays`."""

    def __init__(self, draw: Draw, slow_s: float, fetch: Fetch) -> None:
        self._draw = draw
        self._slow_s = slow_s
        self._fetch = fetch
        self._cache: dict[tuple[str, str, str], Completion] = {}

    async def serve(self, wire: Wire, request: Request, *, streams: bool) -> Response:
        """The reply to a request in the dialect of `wire`, or its error body."""
        try:
            _require_headers(wire, request)
            prompt = wire.read(await request.body(), _address(request, streams=streams))
            fault = _fault_of(prompt)
            prompt = await self._fetched(wire, prompt) if fault.fetches else prompt
            pictures = await run_in_threadpool(_open_all, wire, prompt)
            return await self._act(fault, wire, request, prompt, pictures)
        except ProblemError as error:
            return _refusal(wire, error.problem)

    async def _fetched(self, wire: Wire, prompt: Prompt) -> Prompt:
        """The prompt with the images that came by URL at hand."""
        return replace(prompt, attachments=tuple([await self._at_hand(wire, image) for image in prompt.attachments]))

    async def _at_hand(self, wire: Wire, image: Attachment) -> Attachment:
        if image.url is None:
            return image
        try:
            fetched = await self._fetch(image.url)
        except FetchError as error:
            message = wire.unfetched.format(why=error, url=image.url)
            raise ProblemError(Problem(400, message, code="invalid_image_url")) from None
        media_type = image.media_type or fetched.media_type
        return replace(image, media_type=media_type, base64=b64encode(fetched.data).decode())

    async def _act(self, fault: Fault, wire: Wire, request: Request, prompt: Prompt, pictures: Pictures) -> Response:
        await self._wait(fault.pace, request)
        if fault.problem is not None:
            raise ProblemError(fault.problem)
        if fault.page is not None:
            return HTMLResponse(fault.page)
        completion = await run_in_threadpool(complete, fault, wire.family, prompt, pictures, self._draw)
        if fault.cached:
            completion = self._cache.setdefault((wire.name, prompt.model, prompt.text), completion)
        if not prompt.streams:
            return JSONResponse(wire.write(completion))
        return StreamingResponse(_sent(_events(fault, wire, prompt, completion)), media_type="text/event-stream")

    async def _wait(self, pace: Pace, request: Request) -> None:
        if pace is Pace.LATE:
            await asyncio.sleep(self._slow_s)
        if pace is Pace.NEVER:
            await request.receive()  # the body is read, so the next message is the client's departure


def _events(fault: Fault, wire: Wire, prompt: Prompt, completion: Completion) -> Sequence[Event]:
    stream = wire.write_stream(completion, prompt)
    match fault.ending:
        case Ending.WHOLE:
            return (*stream.opening, *stream.closing)
        case Ending.CUT:
            return stream.opening
        case Ending.ERROR:
            return (*stream.opening, wire.write_trouble(_BROKE_OFF, len(stream.opening)))


async def _sent(events: Sequence[Event]) -> AsyncIterator[bytes]:
    for event in events:
        yield event.encoded


def _address(request: Request, *, streams: bool) -> Address:
    return Address(request.path_params.get("model", ""), streams, request.query_params.get("alt"))


def _require_headers(wire: Wire, request: Request) -> None:
    if not any(_key(request, *place) for place in wire.keys):
        names = " or ".join(header for header, _ in wire.keys)
        raise ProblemError(Problem(401, f"You didn't provide an API key: send it in the header {names}."))
    for header in wire.required_headers:
        if header not in request.headers:
            raise ProblemError(Problem(400, f"{header}: header is required"))


def _key(request: Request, header: str, prefix: str) -> str:
    value = request.headers.get(header, "")
    return value.removeprefix(prefix).strip() if value.startswith(prefix) else ""


def _fault_of(prompt: Prompt) -> Fault:
    fault = FAULTS.get(prompt.model)
    if fault is None:
        raise ProblemError(Problem(404, f"The model `{prompt.model}` does not exist.", param="model"))
    return fault if prompt.attachments else SOUND


def _open_all(wire: Wire, prompt: Prompt) -> Pictures:
    try:
        return tuple(None if image.base64 is None else open_picture(image) for image in prompt.attachments)
    except BadPictureError as error:
        raise ProblemError(Problem(400, f"{wire.bad_image}: {error}", code=error.code)) from None


def _refusal(wire: Wire, problem: Problem) -> Response:
    headers = {} if problem.retry_after_s is None else {"retry-after": str(problem.retry_after_s)}
    status = problem.status_line or problem.status
    return JSONResponse(wire.write_problem(problem), status, headers)
