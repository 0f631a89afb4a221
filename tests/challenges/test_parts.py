"""What counts as having read two codes, or a line to the letter: all of it, some of it, in which order."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from monitor.challenges.code import APART
from monitor.challenges.glyphs import CODE_ALPHABET
from monitor.challenges.parts import match_line, match_parts
from monitor.core.types import Answer, Match

PAIR = ("K7Q2M", "3HDWP")
BOTH = "K7Q2M 3HDWP"
LINE = "Tamub Redeh 47.35 2027-03-19"


@pytest.mark.parametrize(
    "text",
    [
        BOTH,
        "k7q2m 3hdwp",
        "K7Q2M, 3HDWP.",
        "K7Q2M\n3HDWP",
        "K7Q2M-3HDWP",
        "K7Q2M / 3HDWP",
        "K7Q2M3HDWP",
        "**K7Q2M**\n\n**3HDWP**",
        "- K7Q2M\n- 3HDWP",
        '["K7Q2M", "3HDWP"]',
        "K 7 Q 2 M   3 H D W P",
        "K7Q2M；3HDWP。",
    ],
)
def test_both_codes_and_nothing_else_are_exact_and_bare(text: str) -> None:
    assert match_parts(PAIR, text) == Answer(Match.EXACT, 2, 2, BOTH, bare=True)


@pytest.mark.parametrize(
    "text",
    [
        "1. K7Q2M\n2. 3HDWP",
        "Image 1: K7Q2M\nImage 2: 3HDWP",
        "The first image says K7Q2M and the second 3HDWP.",
        '{"first": "K7Q2M", "second": "3HDWP"}',
        "The characters are K7Q2M3HDWP.",
        "第一张K7Q2M，第二张3HDWP。",
        "<think>3HDWP K7Q2M</think>K7Q2M 3HDWP",
        "3HDWP is in the second; so K7Q2M 3HDWP",
        "I can't see people in the images, they say K7Q2M and 3HDWP",
    ],
)
def test_both_codes_among_other_words_are_exact_but_not_bare(text: str) -> None:
    assert match_parts(PAIR, text) == Answer(Match.EXACT, 2, 2, BOTH, bare=False)


@pytest.mark.parametrize(
    "text",
    ["3HDWP K7Q2M", "1. 3HDWP\n2. K7Q2M", "The first says 3HDWP, the second K7Q2M", "3HDWP and K7Q2N"],
)
def test_both_codes_the_other_way_round_are_reordered(text: str) -> None:
    answer = match_parts(PAIR, text)
    assert (answer.match, answer.parts_seen, answer.reordered) == (Match.FAR, 2, True)


def test_what_was_read_is_told_in_the_order_of_the_answer() -> None:
    answer = match_parts(PAIR, "It is 3HDWP, then K7Q2N.")
    assert (answer.extracted, answer.places) == ("3HDWP K7Q2N", (1, 0))


@pytest.mark.parametrize(
    ("text", "read", "place"),
    [
        ("K7Q2M", "K7Q2M", 0),
        ("3HDWP", "3HDWP", 1),
        ("K7Q2M K7Q2M", "K7Q2M", 0),
        ("K7Q2M NOIMG", "K7Q2M", 0),
        ("There is no second image; the first says K7Q2M", "K7Q2M", 0),
        ("K7Q2M and a dog", "K7Q2M", 0),
        ("K7Q2M XXXXX", "K7Q2M", 0),
        ("the second says 3-H-D-W-P", "3HDWP", 1),
        ("only K7Q2N", "K7Q2N", 0),
    ],
)
def test_one_of_two_is_far_with_one_part_seen(text: str, read: str, place: int) -> None:
    assert match_parts(PAIR, text) == Answer(Match.FAR, 1, 2, read, bare=False, places=(place,))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("K7Q2N 3HDWP", "K7Q2N 3HDWP"),
        ("K7Q2M, 3HDW", "K7Q2M 3HDW"),
        ("K7Q2N 3HDWX", "K7Q2N 3HDWX"),
        ("The first is K7Q2M and the second 3-H-D-W-X", "K7Q2M 3HDWX"),
        ("K7Q2M3HDWX", "K7Q2M 3HDWX"),
        ("K 7 Q 2 M 3 H D W", "K7Q2M 3HDW"),
        ("7Q2M 3HDWP", "7Q2M 3HDWP"),
    ],
)
def test_all_of_them_nearly_is_near(text: str, read: str) -> None:
    answer = match_parts(PAIR, text)
    assert (answer.match, answer.parts_seen, answer.reordered) == (Match.NEAR, 2, False)
    assert (answer.extracted or "").replace(" ", "") == read.replace(" ", "")


@pytest.mark.parametrize("text", ["Red", "NOIMG", "XK7Q2M 3HDWPX", "K7Q2MK7Q2M", "I see two images.", "K7Q 3HD"])
def test_none_of_them_is_far_and_quoted(text: str) -> None:
    assert match_parts(("K9R2X", "4WMJT"), text) == Answer(Match.FAR, 0, 2, text, bare=False)


@pytest.mark.parametrize("text", ["", " \n", "<think>K7Q2M 3HDWP"])
def test_no_answer_text_is_none_of_two(text: str) -> None:
    assert match_parts(PAIR, text) == Answer(Match.NONE, 0, 2, None, bare=False)


codes = st.text(CODE_ALPHABET, min_size=5, max_size=5).filter(lambda code: not code.isalpha())
pairs = st.tuples(codes, codes).filter(lambda pair: Levenshtein.distance(*pair) >= APART)
between = st.sampled_from([" ", "\n", ", ", " / ", "-", "", " und ", "; zweitens: ", "**, **"])
dress = st.sampled_from([("", ""), ("**", "**"), ("1. ", ""), ("Es sind ", "."), ("（", "）"), ("<b>", "</b>")])


@given(pairs, between, dress)
def test_both_in_order_are_exact_whatever_is_around_them(
    pair: tuple[str, str], between: str, dress: tuple[str, str]
) -> None:
    answer = match_parts(pair, between.join(pair).join(dress))
    assert (answer.match, answer.parts_seen) == (Match.EXACT, 2)


@given(pairs, between, dress)
def test_both_the_other_way_round_are_never_exact_nor_near(
    pair: tuple[str, str], between: str, dress: tuple[str, str]
) -> None:
    answer = match_parts(pair, between.join(pair[::-1]).join(dress))
    assert answer.match is Match.FAR
    assert answer.reordered or not between


@given(pairs, st.integers(0, 1), dress)
def test_one_alone_is_one_part(pair: tuple[str, str], which: int, dress: tuple[str, str]) -> None:
    answer = match_parts(pair, pair[which].join(dress))
    assert (answer.match, answer.parts_seen, answer.extracted) == (Match.FAR, 1, pair[which])


@given(pairs, st.integers(0, 4), st.integers(0, 4), st.sampled_from("BGILOQSZ"), st.sampled_from("BGILOQSZ"))
def test_a_character_misread_in_each_is_near(pair: tuple[str, str], one: int, other: int, a: str, b: str) -> None:
    said = (pair[0][:one] + a + pair[0][one + 1 :], pair[1][:other] + b + pair[1][other + 1 :])
    answer = match_parts(pair, " ".join(said))
    assert (answer.match, answer.parts_seen, answer.extracted) == (Match.NEAR, 2, " ".join(said))


@given(pairs, pairs, between)
def test_another_pair_is_never_exact(pair: tuple[str, str], other: tuple[str, str], between: str) -> None:
    assert (match_parts(pair, between.join(other)).match is Match.EXACT) == (pair == other)


@given(st.text())
def test_seen_parts_never_exceed_the_whole_and_agree_with_the_match(text: str) -> None:
    answer = match_parts(("47", "K9"), text)
    assert 0 <= answer.parts_seen <= answer.parts_total == 2
    assert (answer.parts_seen == 2) == (answer.match in {Match.EXACT, Match.NEAR} or answer.reordered)


# --- a line -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        "Tamub Redeh\n47.35\n2027-03-19",
        "  Tamub   Redeh 47.35\t2027-03-19.",
        "```\nTamub Redeh\n47.35\n2027-03-19\n```",
        "**Tamub Redeh**\n47.35\n2027-03-19",
        "| Tamub Redeh | 47.35 | 2027-03-19 |",
        "Tamub Redeh $47.35 2027‑03‑19",
        "Ｔamub Redeh ４７.35 2027–03–19",
    ],
)
def test_the_line_alone_is_exact_and_bare(text: str) -> None:
    assert match_line(LINE, text) == Answer(Match.EXACT, 1, 1, LINE, bare=True)


@pytest.mark.parametrize(
    "text",
    [
        "Merchant: Tamub Redeh\nPrice: 47.35\nDate: 2027-03-19",
        "The image says: Tamub Redeh, 47.35, 2027-03-19.",
        "<think>Tamub</think>Tamub Redeh 47.35 2027-03-19",
        '{"name": "Tamub Redeh", "price": 47.35, "date": "2027-03-19"}',
        "商店Tamub Redeh，价格47.35，日期2027-03-19",
    ],
)
def test_the_line_among_other_words_is_exact_but_not_bare(text: str) -> None:
    assert match_line(LINE, text) == Answer(Match.EXACT, 1, 1, LINE, bare=False)


@pytest.mark.parametrize(
    "text",
    [
        "tamub redeh 47.35 2027-03-19",
        "TAMUB REDEH 47.35 2027-03-19",
        "TaMub Redeh 47.35 2027-03-19",
        "Merchant: TAMUB REDEH. Price: 47.35. Date: 2027-03-19.",
        "Tamub Redeh 47,35 2027-03-19",
        "Tamub Redeh 47.36 2027-03-19",
        "Tamub Redeh 47.35 2027-03-18",
        "Tamub Reden 47.35 2027-03-19",
        "TamubRedeh 47.35 2027-03-19",
        "Tanub Reden 47.38 2027-03-10",
        "Merchant: Tamub Reden, price: 47.35, date: 2027-03-19.",
    ],
)
def test_wrong_case_or_a_character_of_a_word_is_near(text: str) -> None:
    answer = match_line(LINE, text)
    assert (answer.match, answer.parts_seen, answer.bare) == (Match.NEAR, 1, False)


@pytest.mark.parametrize(
    "text",
    [
        "Tamub Redeh 47.35",
        "47.35 2027-03-19",
        "2027-03-19 47.35 Tamub Redeh",
        "Tamub Redeh 1147.35 2027-03-19 and more",
        "Tamub Redeh 47.35 19 March 2027",
        "Target 12.99 2024-01-15",
        "NOIMG",
    ],
)
def test_another_line_is_far_and_quoted(text: str) -> None:
    assert match_line(LINE, text) == Answer(Match.FAR, 0, 1, text, bare=False)


@pytest.mark.parametrize("text", ["", "\n", "<think>Tamub Redeh 47.35 2027-03-19"])
def test_no_line_at_all_is_none(text: str) -> None:
    assert match_line(LINE, text) == Answer(Match.NONE, 0, 1, None, bare=False)


words = st.text("Tamubdeh", min_size=4, max_size=6).filter(lambda word: word.lower() != word.upper())
lines = st.tuples(words, words).map(lambda pair: f"{pair[0]} {pair[1]} 47.35 2027-03-19")


@given(lines, st.sampled_from([" ", "\n", "  ", " | ", "\n- "]))
def test_white_space_and_markup_between_words_are_nothing(line: str, between: str) -> None:
    assert match_line(line, line.replace(" ", between)).match is Match.EXACT


@given(lines)
def test_every_other_case_is_near(line: str) -> None:
    assert match_line(line, line.swapcase()).match is Match.NEAR


@given(lines, lines)
def test_another_line_is_never_exact(line: str, other: str) -> None:
    assert (match_line(line, other).match is Match.EXACT) == (line == other)


@pytest.mark.parametrize(
    "piece",
    ["a", "K", "K ", "K7Q2M", "K7Q2M ", "3HDWP K7Q2N ", "K-", "7-", "Tamub ", "4", "47.", "\ufdfa", "2027-03-19 "],
)
def test_a_megabyte_takes_no_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = process_time()
    match_parts(PAIR, text)
    match_line(LINE, text)
    assert process_time() - start < 1
