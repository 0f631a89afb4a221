"""What counts as a reading: the rows of "Exact" in the design, what models really say, and any text at all."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.challenges.grid import COLOURS
from monitor.challenges.matching import LONGEST, match_characters, match_words
from monitor.core.types import Answer, Match

GRID = ("red", "blue", "green", "red")

BARE = [
    "K7Q2M",
    " K7Q2M\n",
    "k7q2m",
    "K7Q2M.",
    "K7Q2M。",
    "K7Q2M．",
    "**K7Q2M**",
    "*K7Q2M*.",
    "__K7Q2M__",
    "`K7Q2M`",
    "```\nK7Q2M\n```",
    "```text\nK7Q2M\n```",
    "# K7Q2M",
    "> K7Q2M",
    "- K7Q2M",
    '"K7Q2M"',
    "'K7Q2M'.",
    "“K7Q2M”",
    "„K7Q2M“",
    "«K7Q2M»",
    "「K7Q2M」",
    "(K7Q2M)",
    "[K7Q2M]",
    "<K7Q2M>",
    "<b>K7</b>Q2M",
    "<p>K7Q2M</p>",
    "<answer>K7Q2M</answer>",
    "<|begin_of_box|>K7Q2M<|end_of_box|>",
    "$\\boxed{\\text{K7Q2M}}$",
    "K 7 Q 2 M",
    "K-7-Q-2-M",
    "K – 7 – Q – 2 – M",
    "K7Q 2M",
    "K\n7\nQ\n2\nM",
    "K\u00a07Q2M",
    "K7\u200bQ2M",
    "Ｋ７Ｑ２Ｍ",
    "K⁷Q²M",
    "K7\ufe0f\u20e3Q2\ufe0f\u20e3M",
    "𝐊𝟕𝐐𝟐𝐌",
]

SAID_IN_PASSING = [
    "The code is K7Q2M.",
    "The image reads: **K7Q2M**",
    "K7Q2M or K7Q2N",
    "代码是K7Q2M。",
    "代码是K7Q2M吗",
    "К7Q2M is wrong, it is K7Q2M",
    '{"code": "K7Q2M"}',
    "| code |\n|---|\n| K7Q2M |",
    "K, 7, Q, 2, M",
    "K7Q2M\n\nLet me know if you need anything else!",
    "Unable to view fine detail; best guess K7Q2M",
]


@pytest.mark.parametrize("text", BARE)
def test_the_code_with_only_dress_around_it_is_exact_and_bare(text: str) -> None:
    assert match_characters("K7Q2M", text) == Answer(Match.EXACT, 1, 1, "K7Q2M", bare=True)


@pytest.mark.parametrize("text", SAID_IN_PASSING)
def test_the_code_in_a_sentence_is_exact_but_not_bare(text: str) -> None:
    assert match_characters("K7Q2M", text) == Answer(Match.EXACT, 1, 1, "K7Q2M", bare=False)


@pytest.mark.parametrize(
    "text",
    [
        "<think>It says X9.</think>K7Q2M",
        "<thinking>It says X9.</thinking>\n\nK7Q2M",
        "<THINK>\nX9\n</THINK>K7Q2M",
        "<reasoning>X9</reasoning> K7Q2M",
        "<think></think>\n\nK7Q2M",
        "It says X9, no.</think>K7Q2M",
        "<think>a</think><think>b</think>K7Q2M",
        "<think>a <think>b</think> c</think>K7Q2M",
        '<thought depth="2">X9</thought>K7Q2M',
        "[THINK]X9[/THINK]K7Q2M",
        "◁think▷X9◁/think▷K7Q2M",
        "<|channel|>analysis<|message|>X9<|end|><|start|>assistant<|channel|>final<|message|>K7Q2M",
        "<think>a</think>K7Q2M<think>and then",
    ],
)
def test_reasoning_is_cut_but_makes_the_answer_not_bare(text: str) -> None:
    assert match_characters("K7Q2M", text) == Answer(Match.EXACT, 1, 1, "K7Q2M", bare=False)


@pytest.mark.parametrize(
    "text", ["", " \n", "**", "``````", "<think>It is K7Q2M", "<think>K7Q2M</think>", "K7Q2M</think>\n", "\u200b"]
)
def test_no_answer_text_is_none(text: str) -> None:
    assert match_characters("K7Q2M", text) == Answer(Match.NONE, 0, 1, None, bare=False)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("25", "125"),
        ("25", "250"),
        ("25", "A25"),
        ("25", "25b"),
        ("25", "1**25**"),
        ("25", "1<b>25</b>"),
        ("K7Q2M", "XXK7Q2M"),
        ("K7Q2M", "K7Q2MK7Q2M"),
        ("K7Q2M", "MK 7 Q 2 M and more"),
        ("K7Q2M", "M2Q7K"),
        ("K7Q2M", "K7 is the first part, Q2M the second"),
    ],
)
def test_characters_that_belong_to_something_longer_are_not_exact(expected: str, text: str) -> None:
    assert match_characters(expected, text).match is not Match.EXACT


@pytest.mark.parametrize("text", ["25", "the 25.", "是25个", "(25)", "2 5", "1-2: 25", "1.25 or 25"])
def test_a_short_number_on_its_own_is_exact(text: str) -> None:
    assert match_characters("25", text).match is Match.EXACT


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("K7Q2N", "K7Q2N"),
        ("K7Q2", "K7Q2"),
        ("K7Q2MM", "K7Q2MM"),
        ("7Q2M.", "7Q2M"),
        ("**K7O2M**", "K7O2M"),
        ("K 7 Q 2 N", "K7Q2N"),
        ("The code is K7-Q2N, I think", "K7Q2N"),
        ("代码是K7Q2N吗", "K7Q2N"),
        ("К7Q2M", "К7Q2M"),
        ("I cannot see clearly, but it reads K7Q2", "K7Q2"),
    ],
)
def test_one_edit_away_is_near(text: str, nearest: str) -> None:
    assert match_characters("K7Q2M", text) == Answer(Match.NEAR, 1, 1, nearest, bare=False)


@pytest.mark.parametrize(
    "text", ["Red", "K7Q", "7KQ2M", "NOIMG", "I don't see any image.", "...", "图片中没有文字", "K7QXX"]
)
def test_anything_else_is_far_and_quoted(text: str) -> None:
    assert match_characters("K7Q2M", text) == Answer(Match.FAR, 0, 1, text, bare=False)


def test_a_long_wrong_answer_is_quoted_in_part() -> None:
    assert match_characters("K7Q2M", "word " * 99).extracted == ("word " * 99)[:63] + "…"


codes = st.text("ACDEFHJKMNPRTUVWXY3479", min_size=5, max_size=5).filter(lambda code: not code.isalpha())
wrappings = st.sampled_from(
    [
        ("**", "**"),
        ("`", "`"),
        ('"', '"'),
        ("<i>", "</i>"),
        ("（", "）"),
        ("\n> ", "\n"),
        ("答案：", "。"),
        ("It is ", "."),
    ]
)
gaps = st.lists(st.sampled_from(["", " ", "-", " - ", "\u2011", "\n"]), min_size=4, max_size=4)


@given(codes, wrappings, gaps)
def test_a_code_spelled_out_and_wrapped_is_exact(code: str, wrapping: tuple[str, str], gaps: list[str]) -> None:
    spelled = "".join(map("".join, zip(code, [*gaps, ""], strict=True)))
    assert match_characters(code, wrapping[0] + spelled + wrapping[1]).match is Match.EXACT


@given(codes, codes, wrappings, gaps)
def test_another_code_is_never_exact(code: str, other: str, wrapping: tuple[str, str], gaps: list[str]) -> None:
    spelled = "".join(map("".join, zip(other, [*gaps, ""], strict=True)))
    answer = match_characters(code, wrapping[0] + spelled + wrapping[1])
    assert (answer.match is Match.EXACT) == (code == other)


@given(codes, st.integers(0, 4), st.sampled_from("BGILOQSZ"))
def test_one_character_misread_is_near(code: str, place: int, other: str) -> None:
    assert match_characters(code, code[:place] + other + code[place + 1 :]).match is Match.NEAR


@given(st.text())
def test_bare_is_said_of_exact_answers_only(text: str) -> None:
    answer = match_characters("47", text)
    assert answer.match is Match.EXACT or not answer.bare


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "K",
        "K ",
        "K7Q2",
        "<",
        "<think",
        "<think>",
        "</think>",
        "<b",
        "`",
        "\n",
        "- ",
        "7-",
        "\ufdfa",
        "[",
        "◁",
        "<|a",
        "\\text",
    ],
)
def test_a_megabyte_takes_no_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = process_time()
    match_characters("K7Q2M", text)
    match_words(GRID, COLOURS, text)
    assert process_time() - start < 1


def test_the_end_of_a_long_answer_counts() -> None:
    assert match_characters("K7Q2M", "hm. " * LONGEST + "K7Q2M").match is Match.EXACT


def test_the_beginning_of_a_long_answer_counts() -> None:
    assert match_characters("K7Q2M", "K7Q2M" + " hm." * LONGEST).match is Match.EXACT


def test_the_middle_of_an_endless_list_of_guesses_does_not_count() -> None:
    assert match_characters("K7Q2M", "X9X9X " * LONGEST + "K7Q2M" + " X9X9X" * LONGEST).match is Match.FAR


# --- colours --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "red blue green red",
        "Red, Blue, Green, Red.",
        "RED\nBLUE\nGREEN\nRED",
        "red, blue; green, red",
        "red | blue\ngreen | red",
        "| red | blue |\n|---|---|\n| green | red |",
        '["red", "blue", "green", "red"]',
        "[['red', 'blue'], ['green', 'red']]",
        "- **red**\n- **blue**\n- **green**\n- **red**",
        "red-blue-green-red",
    ],
)
def test_nothing_but_the_colours_is_exact_and_bare(text: str) -> None:
    assert match_words(GRID, COLOURS, text) == Answer(Match.EXACT, 1, 1, "red blue green red", bare=True)


@pytest.mark.parametrize(
    "text",
    [
        "1. red\n2. blue\n3. green\n4. red",
        '{"top_left": "red", "top_right": "blue", "bottom_left": "green", "bottom_right": "red"}',
        "Top row: red and blue; bottom row: green and red.",
        "Of red, yellow, green, cyan, blue, magenta I see: red, blue, green, red",
        "red, blue, green, red (of red, yellow, green, cyan, blue, magenta)",
        "I see red, blue and green. Row by row: red blue green red",
        "上面red，blue，下面green，red。",
        "<think>red red red red</think>red blue green red",
    ],
)
def test_the_colours_among_other_words_are_exact_but_not_bare(text: str) -> None:
    assert match_words(GRID, COLOURS, text) == Answer(Match.EXACT, 1, 1, "red blue green red", bare=False)


@pytest.mark.parametrize(
    "text", ["red blue green blue", "Red, blue, cyan, red", "I see red and green: yellow, blue, green, red"]
)
def test_one_wrong_cell_is_near(text: str) -> None:
    assert match_words(GRID, COLOURS, text).match is Match.NEAR


@pytest.mark.parametrize(
    "text",
    [
        "red blue green",
        "red green blue red",
        "blue red red green",
        "red, yellow, green, cyan, blue, magenta",
        "Reddish, bluest, greenery, redeemed",
        "red blue green redder",
        "rot blau grün rot",
        "NOIMG",
        "I don't see any image.",
    ],
)
def test_other_colours_are_far(text: str) -> None:
    assert match_words(GRID, COLOURS, text) == Answer(Match.FAR, 0, 1, text, bare=False)


@pytest.mark.parametrize("text", ["", "\n", "<think>red blue green red"])
def test_no_colours_at_all_are_none(text: str) -> None:
    assert match_words(GRID, COLOURS, text).match is Match.NONE


@pytest.mark.parametrize("expected", [("red", "yellow", "green", "cyan"), ("green", "cyan", "blue", "magenta")])
def test_the_echoed_list_is_no_answer_even_where_it_holds_the_answer(expected: tuple[str, ...]) -> None:
    assert match_words(expected, COLOURS, "Use red, yellow, green, cyan, blue, magenta.").match is Match.FAR
