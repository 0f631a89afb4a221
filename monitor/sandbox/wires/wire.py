"""What every dialect of the sandbox offers, and the strict reading of a request body that they share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.sandbox.messages import Attachment, Completion, Problem, ProblemError, Prompt
from monitor.sandbox.wires.events import Event, EventStream

Json = dict[str, Any]

_DATA_URL = re.compile(r"data:(?P<media_type>[a-z]+/[a-z0-9.+-]+);base64,(?P<base64>.*)", re.DOTALL)
_CODES = {"missing": "missing_required_parameter", "extra_forbidden": "unknown_parameter"}


@dataclass(frozen=True, slots=True)
class Address:
    """What a dialect may say outside of the body: the model, that it wants a stream, and in which format (`alt`)."""

    model: str = ""
    streams: bool = False
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """One dialect, served under all of `paths`. `family` names the model whose image price it bills, `bad_image` how it
    says that an image is illegal, `unfetched` that it could not be had: a template with `why` and `url`.

    A key is welcome under any of `keys`, each a header and what stands before the key. Where a stream has paths of its
    own, they are `stream_paths`. `write_trouble` is the error event of a stream, after that many others.
    """

    name: str
    paths: tuple[str, ...]
    family: str
    bad_image: str
    unfetched: str
    keys: tuple[tuple[str, str], ...]
    read: Callable[[bytes, Address], Prompt]
    write: Callable[[Completion], Json]
    write_stream: Callable[[Completion, Prompt], EventStream]
    write_problem: Callable[[Problem], Json]
    write_trouble: Callable[[Problem, int], Event]
    required_headers: tuple[str, ...] = ()
    stream_paths: tuple[str, ...] = ()


class Strict(BaseModel):
    """A part of a request that may hold nothing but what the dialect knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Lenient(BaseModel):
    """A part of a request where every provider has parameters of its own: others pass unread."""

    model_config = ConfigDict(extra="ignore", frozen=True)


Body = TypeVar("Body", bound=BaseModel)


def strictly(shape: type[Body], body: bytes) -> Body:
    """`body` as `shape`. Raises ProblemError (400) with the deepest complaint, which names the actual culprit."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise ProblemError(_complaint(error)) from None


def _complaint(error: ValidationError) -> Problem:
    worst = max(error.errors(include_url=False, include_input=False), key=lambda details: len(details["loc"]))
    place = ".".join(str(step) for step in worst["loc"]) or "body"
    return Problem(400, f"{place}: {worst['msg']}", code=_CODES.get(worst["type"], "invalid_value"), param=place)


def pictured(url: str) -> Attachment:
    """The image inside a data URL, or the one that is to be fetched from any other."""
    match = _DATA_URL.fullmatch(url)
    return Attachment("", None, url) if match is None else Attachment(match["media_type"], match["base64"])


def lines(*texts: str | None) -> str:
    """The texts that there are, a line each."""
    return "\n".join(text for text in texts if text)


def billed(values: Iterable[Json] | None) -> str:
    """Tools or calls as the words that they cost: their JSON."""
    return lines(*(json.dumps(value) for value in values or ()))
