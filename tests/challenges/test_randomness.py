from collections import Counter
from hashlib import sha256
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.challenges.randomness import SeededStream


def test_the_stream_is_sha256_of_seed_and_counter() -> None:
    every_byte = [chr(number) for number in range(256)]
    blocks = sha256(b"seed" + bytes(8)).digest() + sha256(b"seed" + bytes(7) + b"\x01").digest()
    assert "".join(SeededStream(b"seed").choices(every_byte, 64)) == blocks.decode("latin-1")


@given(st.binary(), st.integers(1, 256))
def test_the_same_seed_gives_the_same_choices(seed: bytes, number: int) -> None:
    options = [str(option) for option in range(number)]
    assert SeededStream(seed).choices(options, 9) == SeededStream(seed).choices(options, 9)


@pytest.mark.parametrize("options", ["ab", "abcdef", "0123456789", [str(number) for number in range(200)]])
def test_no_option_is_favoured(options: str | list[str]) -> None:
    counts = Counter(SeededStream(b"bias").choices(options, 60_000))
    mean = 60_000 / len(options)
    assert all(counts[option] == pytest.approx(mean, abs=5 * sqrt(mean)) for option in options)
