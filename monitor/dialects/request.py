"""How every dialect writes a request down: compact JSON, byte for byte the same each time, and never a secret."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from monitor.core.types import Image, WireRequest


def post(
    path: str, body: Mapping[str, Any], extra: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()
) -> WireRequest:
    """A POST of `body` with the target's `extra` merged over it, to `path` below the target's base URL."""
    text = json.dumps(merged(body, extra), separators=(",", ":"), default=dict)
    return WireRequest("POST", path, (("content-type", "application/json"), *headers), text.encode())


def merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra` over `base`: mappings merge at any depth, everything else (lists too) replaces."""
    return {**base, **{key: _over(base.get(key), value) for key, value in extra.items()}}


def base64_text(image: Image) -> str:
    """The image's bytes in base64, on one line."""
    return b64encode(image.data).decode("ascii")


def image_url(image: Image) -> str:
    """Where the image is: its own URL, or else a `data:` URL (RFC 2397) that holds it."""
    return image.url or f"data:{image.media_type};base64,{base64_text(image)}"


def _over(old: Any, new: Any) -> Any:
    return merged(old, new) if isinstance(old, Mapping) and isinstance(new, Mapping) else new
