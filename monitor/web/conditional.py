"""Conditional requests: a strong ETag over the very bytes, so that it moves with the version and every valid_until."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

ETAG_DIGITS = 32


def json_bytes(content: Any) -> bytes:
    """`content` as compact JSON; the same content is the same bytes."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def conditional(request: Request, body: bytes, media_type: str = "application/json") -> Response:
    """`body` with its ETag, or 304 if the client has it already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:ETAG_DIGITS]}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if _has(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _has(request: Request, etag: str) -> bool:
    """RFC 9110 §13.1.2: a list of tags, compared without their W/, or `*`."""
    told = ",".join(request.headers.getlist("if-none-match"))
    tags = {tag.strip().removeprefix("W/") for tag in told.split(",")}
    return etag in tags or "*" in tags
