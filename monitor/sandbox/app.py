"""The reference vision gateway: a strict server that decodes each image and answers from its pixels, in all dialects.

The model's name chooses the fault (`sandbox.faults`); `sees` has none. Nothing is fetched, kept or logged.
"""

from __future__ import annotations

import asyncio
import secrets
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from monitor.sandbox.faults import FAULTS, SOUND, Fault, Pace
from monitor.sandbox.generation import complete
from monitor.sandbox.messages import Problem, ProblemError, Prompt
from monitor.sandbox.minds import Draw
from monitor.sandbox.pictures import BadPictureError, Picture, open_picture
from monitor.sandbox.wires import WIRES, Wire

SLOW_S = 1.5
"""How late a slow reply is, in seconds: noticed by any latency chart, borne by any sensible deadline."""


def create_app(*, draw: Draw = secrets.randbelow, slow_s: float = SLOW_S) -> Starlette:
    """The gateway as an ASGI app.

    All chance (invented answers, ids, the intermittent fault) comes from `draw`, where `draw(n)` is a whole number
    from 0 to n - 1. `slow_s` is how late the fault `slow` answers, in seconds. The OpenAI dialects live under
    `/v1`, Anthropic and Gemini under the root. A hanging request ends with its client or when its task is cancelled,
    so serve with a bound on the graceful shutdown.
    """
    gateway = _Gateway(draw, slow_s)
    routes = [Route(wire.path, partial(gateway.serve, wire), methods=["POST"]) for wire in WIRES.values()]
    return Starlette(routes=[*routes, Route("/v1/models", _models)])


async def _models(_request: Request) -> Response:
    models = [
        {"id": fault.name, "object": "model", "created": 0, "owned_by": "sandbox", "description": fault.does}
        for fault in FAULTS.values()
    ]
    return JSONResponse({"object": "list", "data": models})


class _Gateway:
    """Serves requests; its one memory is the cache of the fault `replays`."""

    def __init__(self, draw: Draw, slow_s: float) -> None:
        self._draw = draw
        self._slow_s = slow_s
        self._cache: dict[tuple[str, str, str], dict[str, Any]] = {}

    async def serve(self, wire: Wire, request: Request) -> Response:
        """The reply to a request in the dialect of `wire`, or its error body."""
        try:
            _require_headers(wire, request)
            prompt = wire.read(await request.body(), request.path_params.get("model", ""))
            fault = _fault_of(prompt)
            pictures = await run_in_threadpool(_open_all, wire, prompt)
            return await self._act(fault if pictures else SOUND, wire, request, prompt, pictures)
        except ProblemError as error:
            return _refusal(wire, error.problem)

    async def _act(
        self, fault: Fault, wire: Wire, request: Request, prompt: Prompt, pictures: tuple[Picture, ...]
    ) -> Response:
        await self._wait(fault.pace, request)
        if fault.problem is not None:
            raise ProblemError(fault.problem)
        if fault.page is not None:
            return HTMLResponse(fault.page)
        key = (wire.name, prompt.model, prompt.text)
        if fault.cached and key in self._cache:
            return JSONResponse(self._cache[key])
        reply = wire.write(await run_in_threadpool(complete, fault, wire.family, prompt, pictures, self._draw))
        if fault.cached:
            self._cache[key] = reply
        return JSONResponse(reply)

    async def _wait(self, pace: Pace, request: Request) -> None:
        if pace is Pace.LATE:
            await asyncio.sleep(self._slow_s)
        if pace is Pace.NEVER:
            await request.receive()  # the body is read, so the next message is the client's departure


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
    return fault


def _open_all(wire: Wire, prompt: Prompt) -> tuple[Picture, ...]:
    try:
        return tuple(open_picture(attachment) for attachment in prompt.attachments)
    except BadPictureError as error:
        raise ProblemError(Problem(400, f"{wire.bad_image}: {error}", code=error.code)) from None


def _refusal(wire: Wire, problem: Problem) -> Response:
    headers = {} if problem.retry_after_s is None else {"retry-after": str(problem.retry_after_s)}
    status = problem.status_line or problem.status
    return JSONResponse(wire.write_problem(problem), status, headers)
