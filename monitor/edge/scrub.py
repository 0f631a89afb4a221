"""Takes keys out of what targets say: they repeat them in errors, escaped, encoded, cut or half masked.

Found is a whole key in every spelling that JSON, URLs and HTML have for it (also one inside the other), and a long
key's base64 and pieces of it. What is shorter than a block, or enciphered, is not: a target that wants to give the key
away has it already.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.entities import codepoint2name
from itertools import islice, takewhile

from monitor.core.types import Secret

MASK = b"***"
SHORTEST = 6
"""A key shorter than this (a demo's `x`) would tear holes into ordinary words."""
LONG = 12
"""From here on pieces of a key are looked for too: shorter ones are too much like words."""
BLOCK = 8
"""A piece is found by the block in it: the first or last 8 characters, or any 15."""
MOST = 1000
"""What repeats keys more often than this is hidden whole: looking at each would hold everybody up."""

BACKSLASHES = 16
"""Before a character: so many has a backslash of JSON that three gateways have wrapped in JSON of their own."""
_BACKSLASH = ord("\\")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    text: str
    whole: re.Pattern[bytes]
    spellings: tuple[bytes, ...]

    @classmethod
    def of(cls, text: str) -> _Key:
        pattern = "".join(map(_spelt, text)).encode()
        is_phrase = " " in text
        return cls(
            text, re.compile(pattern), () if is_phrase or len(text) < LONG else tuple(dict.fromkeys(_spellings(text)))
        )

    def spans(self, body: bytes) -> Iterator[Span]:
        """Where `body` has the key or a piece of it."""
        yield from (match.span() for match in self.whole.finditer(body))
        for spelling in self.spellings:
            yield from _pieces(body, spelling)


class Scrubber:
    """Hides the values of these headers; of `Bearer KEY` also the key alone."""

    def __init__(self, headers: Iterable[tuple[str, Secret]]) -> None:
        found = (key for _, value in headers for key in _keys(value.reveal()))
        self._keys = tuple(map(_Key.of, dict.fromkeys(found)))

    def scrubbed(self, body: bytes, public: str = "") -> bytes:
        """`body` with MASK for every key that is not a part of `public`, and 0 where it stood as a number."""
        found = (span for key in self._keys if key.text not in public for span in key.spans(body))
        spans = [_with_escape(body, span) for span in islice(found, MOST)]
        if len(spans) == MOST:
            return MASK
        parts, end = [], 0
        for start, stop in _merged(spans):
            parts += [body[end:start], b"0" if body[start:stop].isdigit() else MASK]
            end = stop
        return b"".join((*parts, body[end:]))

    def scrubbed_text(self, text: str, public: str = "") -> str:
        """As `scrubbed`."""
        return self.scrubbed(text.encode(errors="surrogatepass"), public).decode(errors="surrogatepass")

    def scrubbed_headers(self, headers: Mapping[str, str], public: str = "") -> dict[str, str]:
        """As `scrubbed`, each value. They are looked through together first, for they hardly ever hold a key."""
        together = "\n".join(headers.values())
        if self.scrubbed_text(together, public) == together:
            return dict(headers)
        return {name: self.scrubbed_text(value, public) for name, value in headers.items()}


def _keys(value: str) -> Iterator[str]:
    """What is secret in a header's value: all of it, and what follows an auth scheme."""
    candidates = (value, value.partition(" ")[2])
    return (key for key in candidates if len(key) >= SHORTEST)


def _spelt(char: str) -> str:
    """A pattern for every spelling of a character. Letters and digits are never escaped."""
    code = ord(char)
    if char.isalnum():
        return char
    ways = [
        rf"u00(?i:{code:02x})",
        rf"%(?:25){{0,2}}(?i:{code:02x})",
        rf"&(?:amp;)?#0{{0,2}}(?:{code}|(?i:x{code:x}));",
    ]
    ways += [f"&(?:amp;)?{codepoint2name[code]};"] if code in codepoint2name else []
    ways += [r"\+"] if char == " " else []
    return rf"\\{{0,{BACKSLASHES}}}(?:{'|'.join([*ways, re.escape(char)])})"


def _spellings(key: str) -> Iterator[bytes]:
    """The key as it is, and in base64 wherever in a longer text it may begin."""
    raw = key.encode()
    if not {'"', "\\"} & set(key):  # pieces of such a key would take quotes away that JSON needs
        yield raw
    for before in range(3):
        encoded = b64encode(b"\0" * before + raw)
        inner = encoded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def _pieces(body: bytes, spelling: bytes) -> Iterator[Span]:
    """Where `body` has a block of `spelling`, with what agrees up to the next block on both sides."""
    last = len(spelling) - BLOCK
    for at in (*range(0, last, BLOCK), last):
        end = at + BLOCK
        found = body.find(spelling[at:end])
        while found >= 0:
            stop = found + BLOCK
            left = _agreeing(body[max(found - BLOCK, 0) : found][::-1], spelling[max(at - BLOCK, 0) : at][::-1])
            right = _agreeing(body[stop : stop + BLOCK], spelling[end : end + BLOCK])
            yield found - left, stop + right
            found = body.find(spelling[at:end], stop)


def _agreeing(one: bytes, other: bytes) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _with_escape(body: bytes, span: Span) -> Span:
    """The span with the backslashes before it: half of an escape would break the JSON around it."""
    start, stop = span
    while start and body[start - 1] == _BACKSLASH:
        start -= 1
    return start, stop


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
