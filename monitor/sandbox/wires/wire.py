"""What every dialect of the sandbox offers, and the strict reading of a request body that they share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.sandbox.messages import Attachment, Completion, Problem, ProblemError, Prompt

Json = dict[str, Any]

_DATA_URL = re.compile(r"data:(?P<media_type>[a-z]+/[a-z0-9.+-]+);base64,(?P<base64>.*)", re.DOTALL)
_CODES = {"missing": "missing_required_parameter", "extra_forbidden": "unknown_parameter"}


@dataclass(frozen=True, slots=True)
class Wire:
    """One dialect, served. `family` names the model whose image price it bills, `bad_image` how it says that an image
    is illegal. A key is welcome under any of `keys`, each a header and what stands before the key.
    """

    name: str
    path: str
    family: str
    bad_image: str
    keys: tuple[tuple[str, str], ...]
    read: Callable[[bytes, str], Prompt]
    write: Callable[[Completion], Json]
    write_problem: Callable[[Problem], Json]
    required_headers: tuple[str, ...] = ()


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


def inlined(url: str) -> Attachment:
    """The image inside a data URL. Raises ProblemError (400) for any other URL: the sandbox fetches nothing."""
    match = _DATA_URL.fullmatch(url)
    if match is None:
        raise ProblemError(
            Problem(400, "image_url must be a base64 data URL: this gateway downloads nothing", "invalid_image_url")
        )
    return Attachment(match["media_type"], match["base64"])
