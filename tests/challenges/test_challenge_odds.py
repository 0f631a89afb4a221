"""How unguessable the answers are: counted from the alphabets, and seen in 100,000 seeds."""

from collections import Counter
from itertools import groupby, product
from math import comb, prod, sqrt

import pytest
from rapidfuzz.distance import Levenshtein

from monitor.challenges import REGISTRY
from monitor.challenges.code import APART, is_code
from monitor.challenges.code import LENGTH as CODE_LENGTH
from monitor.challenges.digits import LENGTH as DIGITS_LENGTH
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS
from monitor.challenges.grid import CELLS, COLOURS
from monitor.challenges.receipt import WORD

SEEDS = 100_000


def codes() -> int:
    """The codes that may be shown, by the rule in words: digit places are free, letter runs of three have no vowel."""
    letters = sum(character.isalpha() for character in CODE_ALPHABET)
    consonants = letters - sum(character in "AEUY" for character in CODE_ALPHABET)
    total = 0
    for places in product((True, False), repeat=CODE_LENGTH):
        ways = 0 if all(places) else 1
        for is_letter, run in groupby(places):
            length = len(list(run))
            options = len(CODE_ALPHABET) - letters if not is_letter else consonants if length >= 3 else letters
            ways *= options**length
        total += ways
    return total


def test_a_blind_guess_at_a_code_is_right_once_in_two_million() -> None:
    assert codes() == 2_138_688
    assert 1 / codes() == pytest.approx(4.7e-7, rel=0.01)


def test_the_rule_in_words_is_the_rule_in_the_code() -> None:
    shown = sum(is_code("".join(characters)) for characters in product("AK7", repeat=CODE_LENGTH))
    by_hand = sum(
        "7" in characters and not any("A" in run for run in "".join(characters).split("7") if len(run) >= 3)
        for characters in product("AK7", repeat=CODE_LENGTH)
    )
    assert shown == by_hand


def test_a_blind_guess_at_digits_is_right_once_in_a_million() -> None:
    assert len(DIGITS) ** DIGITS_LENGTH == 1_000_000


def test_a_blind_guess_at_a_grid_is_right_once_in_1296() -> None:
    assert len(COLOURS) ** CELLS == 1_296


def test_a_code_has_few_neighbours() -> None:
    """At most two edits that keep the length: two characters changed, or one taken out and one put in."""
    changed = sum(comb(CODE_LENGTH, edits) * (len(CODE_ALPHABET) - 1) ** edits for edits in range(3))
    moved = CODE_LENGTH * CODE_LENGTH * len(CODE_ALPHABET)
    assert codes() * (codes() - changed - moved) > 4.5e12


def test_two_codes_are_as_unlikely_as_their_neighbours_allow() -> None:
    code = "K7R4M"
    near = {code}
    for _ in range(2):
        near |= {edited for known in near for edited in edits(known)}
    apart = codes() - sum(len(one) == CODE_LENGTH and is_code(one) for one in near)
    assert 1 / (codes() * apart) == pytest.approx(2.2e-13, rel=0.01)
    assert all(Levenshtein.distance(code, one) < APART for one in near)


def edits(text: str) -> set[str]:
    cuts = [(text[:place], text[place:]) for place in range(len(text) + 1)]
    fewer = {head + tail[1:] for head, tail in cuts}
    more = {head + one + tail for head, tail in cuts for one in CODE_ALPHABET}
    return fewer | more | {head + one + tail[1:] for head, tail in cuts if tail for one in CODE_ALPHABET}


def test_a_blind_guess_at_a_receipt_is_right_once_in_29_trillion() -> None:
    words = prod(map(len, WORD))
    prices, days, notations = 90 * 100, 30 * 12 * 28, 2
    assert (words, prices, days) == (405, 9_000, 10_080)
    receipts = words * words * prices * days * notations
    assert receipts == 29_760_696_000_000
    assert 1 / receipts == pytest.approx(3.4e-14, rel=0.02)


@pytest.mark.parametrize("place", range(5))
def test_every_letter_comes_in_its_place_of_a_receipts_words(place: int) -> None:
    make, smallest = REGISTRY["receipt"].make, REGISTRY["receipt"].smallest
    receipts = [make(number.to_bytes(32, "big"), smallest).expected.split() for number in range(500)]
    assert {word[place] for receipt in receipts for word in receipt[:2]} == set(WORD[place])


@pytest.fixture(scope="module", params=["code", "digits", "grid"])
def drawn(request: pytest.FixtureRequest) -> tuple[str, list[str]]:
    challenge = REGISTRY[request.param]
    return challenge.name, [challenge.make(number.to_bytes(32, "big"), 64).expected for number in range(SEEDS)]


def test_answers_collide_as_often_as_chance_has_it(drawn: tuple[str, list[str]]) -> None:
    name, answers = drawn
    pairs = SEEDS * (SEEDS - 1) / 2
    possible = {"code": codes(), "digits": 1_000_000, "grid": 1_296}[name]
    colliding = sum(count * (count - 1) // 2 for count in Counter(answers).values())
    assert colliding == pytest.approx(pairs / possible, abs=5 * sqrt(pairs / possible))


def test_every_symbol_comes_in_every_place(drawn: tuple[str, list[str]]) -> None:
    name, answers = drawn
    symbols = {"code": CODE_ALPHABET, "digits": DIGITS, "grid": COLOURS}[name]
    for place in zip(*(answer.split() if name == "grid" else answer for answer in answers), strict=True):
        assert set(place) == set(symbols)


def test_digits_are_equally_likely_in_every_place() -> None:
    answers = [REGISTRY["digits"].make(number.to_bytes(32, "big"), 64).expected for number in range(20_000)]
    for place in zip(*answers, strict=True):
        assert all(count == pytest.approx(2_000, abs=5 * sqrt(2_000)) for count in Counter(place).values())


def test_codes_with_one_digit_are_as_common_as_their_number_among_all_codes() -> None:
    answers = [REGISTRY["code"].make(number.to_bytes(32, "big"), 64).expected for number in range(20_000)]
    with_one_digit = 4 * (2 * 14**4 + 2 * 18 * 14**3 + 18**4)
    share = with_one_digit / codes()
    seen = sum(sum(map(str.isdigit, answer)) == 1 for answer in answers)
    assert seen == pytest.approx(20_000 * share, abs=5 * sqrt(20_000 * share * (1 - share)))
