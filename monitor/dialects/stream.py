"""Server-sent events as the dialects use them: the bytes of a whole stream become JSON events, or the error in it.

The format is the HTML standard's (https://html.spec.whatwg.org/multipage/server-sent-events.html), with the makers'
habits on top of it: `[DONE]` ends a stream in any dialect, an error comes as an event or as bare JSON between events,
and the last event needs no blank line after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

from sseclient import Event as ServerSentEvent
from sseclient import SSEClient

from monitor.core.types import Exchange, ReplyError
from monitor.dialects.errors import declared_error, error_of
from monitor.dialects.reading import JsonObject, ShapeError, json_in, json_value, label, object_of

DONE = "[DONE]"

MOST_LINES = 1000
"""Lines of one event. The library's time grows with their square; an honest event has one, or a page of JSON."""

_BLANK = b"\xef\xbb\xbf \t\r\n"
_FIELD = re.compile(rb"(?:data|event|id|retry)?:")
_BARE_JSON = re.compile(r"^[{\[]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `kind` is the `type` in its data, or else its name: gateways leave out either."""

    kind: str
    data: JsonObject


@dataclass(frozen=True, slots=True)
class Stream:
    """All events up to `[DONE]`, which not every dialect has; with an `error`, only those before it."""

    events: tuple[Event, ...]
    done: bool = False
    error: ReplyError | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """A stream as the body that the same answer would have had in one piece; `missing` is the end that never came."""

    body: JsonObject
    missing: str | None


Fold = Callable[[Stream], Folded]


def is_stream(exchange: Exchange) -> bool:
    """Is the body a stream? One that answers a plain request, and a plain answer to a stream, both occur."""
    start = exchange.body.lstrip(_BLANK)
    if _FIELD.match(start):
        return True
    declared = exchange.headers.get("content-type", "").strip().lower().startswith("text/event-stream")
    return declared and not start.startswith(b"<") and not _is_json(exchange.body)


def stream_in(body: bytes) -> Stream:
    """The events of a stream. ShapeError for one whose data is no JSON object, unless it is cut off at the very end."""
    text = body.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    if any(block.count("\n") >= MOST_LINES for block in text.split("\n\n")):
        raise ShapeError(f"an event of more than {MOST_LINES} lines")
    stream = _read(list(_dispatched(text)), is_open=not text.endswith("\n\n"))
    return stream if stream.error else Stream(stream.events, stream.done, _bare_error(text))


def _is_json(body: bytes) -> bool:
    try:
        json_in(body)
    except ShapeError:
        return False
    return True


def _dispatched(text: str) -> Iterator[ServerSentEvent]:
    return (event for event in SSEClient(BytesIO(text.encode())).events() if event.data.strip())


def _read(dispatched: list[ServerSentEvent], *, is_open: bool) -> Stream:
    """Event by event; the last may be incomplete where the stream `is_open`, and then says nothing."""
    events: list[Event] = []
    for number, event in enumerate(dispatched, start=1):
        if event.data.strip() == DONE:
            return Stream(tuple(events), done=True)
        try:
            read = _event(event)
        except ShapeError as fault:
            if is_open and number == len(dispatched):
                break
            raise ShapeError(f"event {number}: {fault}") from None
        if isinstance(read, ReplyError):
            return Stream(tuple(events), error=read)
        events.append(read)
    return Stream(tuple(events))


def _event(event: ServerSentEvent) -> Event | ReplyError:
    is_error = event.event == "error"
    try:
        value = json_value(event.data)
    except ShapeError:
        if is_error:
            return error_of(event.data)
        raise
    error = declared_error(value) or (error_of(value) if is_error else None)
    if error is not None:
        return error
    data = object_of(value)
    return Event(label(data.get("type")) or event.event, data)


def _bare_error(text: str) -> ReplyError | None:
    """The error that stands as JSON of its own among the events (Gemini), on one line or several."""
    start = _BARE_JSON.search(text)
    if start is None:
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start.start())
    except (ValueError, RecursionError):
        return None
    return declared_error(value)
