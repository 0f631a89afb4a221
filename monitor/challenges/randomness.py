"""Randomness that can be replayed: a SHA-256 counter stream over the seed, and choices from it without bias."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import count

_BYTE = 256


class SeededStream:
    """An endless stream of choices, the same for the same seed on every platform and for ever.

    Block n is SHA-256(seed + n as 8 bytes, big endian). Seeds are HMAC digests, all of one length, so that no two
    streams share a block.
    """

    def __init__(self, seed: bytes) -> None:
        self._bytes = _stream(seed)

    def choice(self, options: Sequence[str]) -> str:
        """One of at most 256 options, all equally likely: bytes past the last whole multiple are thrown away."""
        limit = _BYTE - _BYTE % len(options)
        return options[next(byte for byte in self._bytes if byte < limit) % len(options)]

    def choices(self, options: Sequence[str], number: int) -> tuple[str, ...]:
        """`number` independent choices."""
        return tuple(self.choice(options) for _ in range(number))


def _stream(seed: bytes) -> Iterator[int]:
    for number in count():
        yield from sha256(seed + number.to_bytes(8, "big")).digest()
