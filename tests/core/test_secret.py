"""A secret shows itself to nobody who does not ask for it by `reveal`."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass

import pytest

from monitor.core.types import Secret

PLANTED = "sk-planted-0123456789"
SECRET = Secret(PLANTED)


@dataclass(frozen=True)
class Holder:
    key: Secret


WRITERS: dict[str, Callable[[Secret], str]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "format": "{}".format,
    "format with a conversion": "{!r:>5}".format,
    "f-string": lambda secret: f"{secret}",
    "percent s": lambda secret: "%s" % secret,  # noqa: UP031 the very thing tested
    "percent r": lambda secret: "%r" % secret,  # noqa: UP031
    "in a list": lambda secret: str([secret]),
    "in a dataclass": lambda secret: str(Holder(secret)),
    "in an exception": lambda secret: repr(ValueError(secret)),
    "asdict": lambda secret: str(asdict(Holder(secret))),
    "astuple": lambda secret: str(astuple(Holder(secret))),
    "json with str": lambda secret: json.dumps({"key": secret}, default=str),
    "pickle": lambda secret: repr(pickle.dumps(Holder(secret))),
    "unpickled": lambda secret: pickle.loads(pickle.dumps(secret)).reveal(),  # noqa: S301 our own
    "log": lambda secret: logging.LogRecord("n", 20, "f", 1, "key %s", (secret,), None).getMessage(),
}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=list(WRITERS))
def test_a_secret_is_written_as_three_stars(writer: Callable[[Secret], str]) -> None:
    written = writer(SECRET)
    assert PLANTED not in written
    assert "***" in written


def test_json_refuses_a_secret() -> None:
    with pytest.raises(TypeError, match="Secret is not JSON serializable"):
        json.dumps({"key": SECRET})


def test_a_secret_takes_no_width_or_precision() -> None:
    with pytest.raises(TypeError):
        f"{SECRET:>9}"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_a_copy_is_the_secret_itself(copied: Callable[[Secret], Secret]) -> None:
    assert copied(SECRET) is SECRET
    assert copied(SECRET).reveal() == PLANTED


def test_a_copied_holder_keeps_its_secret() -> None:
    assert copy.deepcopy(Holder(SECRET)).key.reveal() == PLANTED


@pytest.mark.parametrize(
    ("other", "equal"),
    [(Secret(PLANTED), True), (Secret(PLANTED + "0"), False), (Secret(""), False), (PLANTED, False), (None, False)],
    ids=["the same", "a longer one", "an empty one", "its text", "nothing"],
)
def test_a_secret_equals_the_same_secret_only(other: object, *, equal: bool) -> None:
    assert (other == SECRET) is equal


def test_equal_secrets_are_one_key_of_a_mapping() -> None:
    assert {SECRET: 1, Secret(PLANTED): 2} == {SECRET: 2}


@pytest.mark.parametrize("text", ["schlüssel", "\udcff", "鍵"], ids=ascii)
def test_any_text_can_be_a_secret(text: str) -> None:
    assert Secret(text) == Secret(text)
    assert Secret(text).reveal() == text


def test_a_secret_is_constant() -> None:
    with pytest.raises(AttributeError, match="a secret is constant"):
        SECRET._value = "another"
    with pytest.raises(AttributeError, match="a secret is constant"):
        del SECRET._value
    assert SECRET.reveal() == PLANTED


def test_a_secret_has_no_dictionary_to_look_into() -> None:
    assert not hasattr(SECRET, "__dict__")
