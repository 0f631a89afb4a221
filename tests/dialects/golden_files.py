"""Reads the goldens: one file a request or reply, pairing what goes in with what must come out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.core.types import Ask, Exchange, Image, Reply

ROOT = Path(__file__).parent / "goldens"


def golden_files(dialect: str, kind: str) -> list[Path]:
    return sorted((ROOT / dialect / kind).glob("*.json"))


def load(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def ask_of(written: Mapping[str, Any]) -> Ask:
    images = tuple(
        Image(f"fake image {number}".encode(), media_type, 448, 448)
        for number, media_type in enumerate(written["images"], start=1)
    )
    return Ask(**{**written, "images": images})


def exchange_of(written: Mapping[str, Any]) -> Exchange:
    body = written["text"] if "text" in written else json.dumps(written["body"], ensure_ascii=False)
    return answered(body.encode(), written["status"], written["headers"])


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
