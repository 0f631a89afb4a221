"""How a key travels, by scheme: the header and what stands before the key. A key never goes into a URL."""

from __future__ import annotations

AUTH_SCHEMES: dict[str, tuple[str, str] | None] = {
    "bearer": ("authorization", "Bearer "),
    "x-api-key": ("x-api-key", ""),
    "api-key": ("api-key", ""),
    "x-goog-api-key": ("x-goog-api-key", ""),
    "none": None,
}
