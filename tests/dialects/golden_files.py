"""Reads the goldens: one file a request or reply, pairing what goes in with what must come out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.core.types import Ask, Exchange, Failure, FailureKind, Image, Placement, Reply

ROOT = Path(__file__).parent / "goldens"


def golden_files(dialect: str, kind: str) -> list[Path]:
    return sorted((ROOT / dialect / kind).glob("*.json"))


def load(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def ask_of(written: Mapping[str, Any]) -> Ask:
    images = tuple(map(_image, written["images"], range(1, len(written["images"]) + 1)))
    placement = Placement(written.get("placement", Placement.USER))
    return Ask(**{**written, "images": images, "placement": placement})


def _image(written: Any, number: int) -> Image:
    """A media type, or that and the URL under which the image travels."""
    fields = written if isinstance(written, dict) else {"media_type": written}
    return Image(f"fake image {number}".encode(), width=448, height=448, **fields)


def exchange_of(written: Mapping[str, Any]) -> Exchange:
    """The body is JSON (`body`), text as it is (`text`), or the lines of a stream with LF after each (`stream`)."""
    failure = Failure(FailureKind(written["failure"]), "as it happens") if "failure" in written else None
    return replace(answered(_body(written), written["status"], written["headers"]), failure=failure)


def _body(written: Mapping[str, Any]) -> bytes:
    if "stream" in written:
        return "".join(f"{line}\n" for line in written["stream"]).encode()
    return (written["text"] if "text" in written else json.dumps(written["body"], ensure_ascii=False)).encode()


def answered(body: bytes, status: int | None = 200, headers: Mapping[str, str] | None = None) -> Exchange:
    return Exchange(status, headers or {}, body, failure=None, elapsed_s=1.0, first_byte_s=0.5)


def as_written(reply: Reply) -> dict[str, Any]:
    """The reply as goldens spell it: what is None is left out, durations are seconds."""
    written: dict[str, Any] = _written(asdict(reply))
    return written


def _written(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, dict):
        return value
    fields = {key: _written(field) for key, field in value.items()}
    return {key: field for key, field in fields.items() if field not in (None, {})}
