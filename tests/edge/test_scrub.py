"""No spelling of a key that a target may repeat by accident passes the scrubber, and nothing else is touched."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.types import Secret
from monitor.edge.scrub import BLOCK, LONG, MOST, SHORTEST, Scrubber

KEY = "sk-planted-0123456789abcdef"
ODD = "a/b+c&d<e>f\"g\\h=i%j k'l;m"
"""Every character that some notation escapes."""

Spelling = Callable[[str], str]

SPELLINGS: dict[str, Spelling] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in JSON": lambda key: json.dumps(json.dumps(key)),
    "JSON, wrapped three times": lambda key: json.dumps(json.dumps(json.dumps(json.dumps(key)))),
    "JSON of PHP": lambda key: json.dumps(key).replace("/", "\\/"),
    "JSON of Go": lambda key: json.dumps(key).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
    "JSON of .NET": lambda key: json.dumps(key).replace("+", "\\u002B").replace("'", "\\u0027").replace("<", "\\u003C"),
    "a URL": lambda key: quote(key, safe=""),
    "a path": quote,
    "a form": quote_plus,
    "a URL with small hex": lambda key: quote(key, safe="").replace("%2F", "%2f").replace("%3C", "%3c"),
    "a URL in a URL": lambda key: quote(quote(key, safe=""), safe=""),
    "HTML": html.escape,
    "HTML with quotes as they are": lambda key: html.escape(key, quote=False),
    "HTML in decimals": lambda key: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in key),
    "HTML in JSON": lambda key: json.dumps(html.escape(key)),
    "JSON in HTML": lambda key: html.escape(json.dumps(key)),
    "repr": repr,
}
ENCODINGS: dict[str, Spelling] = {
    "base64": lambda key: b64encode(key.encode()).decode(),
    "base64 for URLs": lambda key: urlsafe_b64encode(key.encode()).decode(),
    "base64 of a longer text": lambda key: b64encode(f"Bearer {key}, sent".encode()).decode(),
    "base64 of a text longer by one": lambda key: b64encode(f"x{key}".encode()).decode(),
    "base64 of a text longer by two": lambda key: b64encode(f"xy{key}".encode()).decode(),
}


def scrubber(*values: str) -> Scrubber:
    return Scrubber(tuple(("authorization", Secret(value)) for value in values))


def pieces(key: str, length: int) -> list[str]:
    return [key[at : at + length] for at in range(len(key) - length + 1)]


def scrubbed(text: str, *values: str) -> str:
    return scrubber(*values).scrubbed_text(text)


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=list(SPELLINGS))
@pytest.mark.parametrize("key", [KEY, ODD, "short/&", '"quoted"'])
def test_a_key_is_found_in_every_spelling(key: str, spell: Spelling) -> None:
    clean = scrubbed(f"the key [{spell(key)}] is wrong", f"Bearer {key}")
    assert clean.replace('"', "").replace("\\", "").replace("'", "").replace("&quot;", "") == "the key [***] is wrong"


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=list(ENCODINGS))
@pytest.mark.parametrize("key", [KEY, "Pl+an/ted~key?with=specials>>>"])
def test_a_long_key_is_found_in_base64(key: str, encode: Spelling) -> None:
    clean = scrubbed(encode(key), key)
    assert "***" in clean
    assert len(clean) < len(encode(key)) - len(key)


@pytest.mark.parametrize("length", [15, 16, 20, len(KEY)])
def test_every_piece_of_15_characters_is_found(length: int) -> None:
    assert [scrubbed(f"<{piece}>", KEY) for piece in pieces(KEY, length)] == ["<***>"] * (len(KEY) - length + 1)


@pytest.mark.parametrize("piece", [KEY[:BLOCK], KEY[-BLOCK:], KEY[: BLOCK + 3], KEY[-BLOCK - 3 :]])
def test_the_ends_that_masks_show_are_found(piece: str) -> None:
    assert scrubbed(f"key {piece}… is wrong", KEY) == "key ***… is wrong"


def test_what_a_body_was_cut_in_is_found() -> None:
    assert scrubbed(f'{{"error": "bad key {KEY[:12]}', KEY) == '{"error": "bad key ***'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f"Bearer {KEY}", f"no such key: {KEY}"),
        (f"Bearer {KEY}", f"no such header: Bearer {KEY}"),
        ("Bearer my key with spaces", "no such key: my key with spaces"),
        ("my key with spaces", "no such key: my key with spaces"),
    ],
)
def test_a_key_is_found_with_and_without_its_scheme(value: str, said: str) -> None:
    clean = scrubbed(said, value)
    assert "***" in clean
    assert clean.endswith(": ***")


def test_every_header_s_value_is_looked_for() -> None:
    assert scrubbed("one-secret another-secret", "one-secret", "another-secret") == "*** ***"


@pytest.mark.parametrize("key", ["x" * (SHORTEST - 1), "", "demo"])
def test_a_key_as_short_as_a_word_is_left_alone(key: str) -> None:
    assert scrubbed(f"a {key} in a text", f"Bearer {key}") == f"a {key} in a text"


def test_ordinary_words_that_look_like_pieces_of_a_phrase_are_left_alone() -> None:
    said = "There is no image attached to the monitoring request"
    assert scrubbed(said, "Visionpath image monitoring probes", "Bearer demo") == said


def test_what_the_config_says_in_the_open_is_no_secret() -> None:
    assert scrubber("qwen3-vl-8b").scrubbed(b"qwen3-vl-8b", public="qwen3-vl-8b") == b"qwen3-vl-8b"


def test_a_number_in_json_stays_a_number() -> None:
    body = b'{"account": 1234567, "created": 1761234567890}'
    assert json.loads(scrubber("1234567").scrubbed(body)) == {"account": 0, "created": 1760890}


def test_what_repeats_a_key_without_end_is_hidden_whole() -> None:
    assert scrubber(KEY).scrubbed(KEY.encode() * MOST) == b"***"


def test_headers_are_cleaned_each() -> None:
    headers = {"x-echo": f"Bearer {KEY}", "date": "today"}
    assert scrubber(f"Bearer {KEY}").scrubbed_headers(headers) == {"x-echo": "***", "date": "today"}


@given(body=st.binary())
def test_without_keys_nothing_is_touched(body: bytes) -> None:
    assert Scrubber(()).scrubbed(body) == body


KEYS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"'), min_size=SHORTEST, max_size=60
)


@given(key=KEYS, before=st.text(), after=st.text(), ascii_only=st.booleans())
def test_json_that_repeats_a_key_stays_json_without_it(key: str, before: str, after: str, *, ascii_only: bool) -> None:
    body = json.dumps({"said": f"{before}{key}{after}"}, ensure_ascii=ascii_only)
    said = json.loads(scrubbed(body, key))["said"]
    assert key not in said or key in "said***0"


@given(key=KEYS.filter(lambda key: len(key) >= LONG), start=st.integers(0, 60), end=st.integers(0, 60))
def test_json_that_repeats_a_piece_of_a_key_stays_json(key: str, start: int, end: int) -> None:
    piece = key[start:end]
    body = json.dumps({"1": piece, "2": f'"\\{piece}\n'})
    assert set(json.loads(scrubbed(body, key))) == {"1", "2"}


@given(key=KEYS, words=st.lists(st.text("abcdefgh ", max_size=12)))
def test_what_does_not_repeat_a_key_is_not_touched(key: str, words: list[str]) -> None:
    body = json.dumps(words)
    if not any(key[at : at + SHORTEST] in body for at in range(len(key))):
        assert scrubbed(body, key) == body
