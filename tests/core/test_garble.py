from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.garble import LOOKED_AT, is_garbled

LOOPS = (
    "!!!!!!!!",
    "the the the the",
    "The THE the The",
    "the, the, the, the",
    "aaaaaaaaaaaaaaaa",
    "0000000000000000",
    "? ? ? ? ? ? ? ? ? ?",
    "@@@@@@@@@@",
    "abababababababababab",
    "的的的的的的的的的的",
    "图片图片图片图片图片图片图片图片图片图片",
    "그리고 그리고 그리고 그리고",
    "そしてそしてそしてそしてそしてそしてそしてそしてそして",
    "I am I am I am I am I am",
    "I can see the image. I can see the image. I can see the image. I can see the image.",
    "no no no no no no no no",
    "The code is K7 " + "and so on " * 30,
    "The answer: " + "!" * 200,
    "red " * 40,
    "K7Q2M K7Q2M K7Q2M K7Q2M K7Q2M",
    "<|im_end|><|im_end|><|im_end|><|im_end|>",
    "\n".join(["step: look at it again"] * 6),
    "." * 500,
    "A normal sentence comes first, and it is not short at all. " + "\\n" * 60,
)

MOJIBAKE = (
    "ÃÃÃ",
    "ÃÃÃÃÃÃÃÃ",
    "Ã©",
    "rÃ©sumÃ© dÃ©jÃ  vu",
    "lâ€™image",
    "ÐŸÑ€Ð¸Ð²ÐµÑ‚",
    "æ—¥æœ¬èªž",
    "\ufffd\ufffd\ufffd\ufffd",
    "K\ufffd\ufffd\ufffdM",
    "\x00\x01\x02\x03abc",
    "\x1b\x07\x07\x07\x07",
    "\ue000\ue001\ue002\ue003",
)

SANE = (
    "",
    " ",
    "\n\n\n\n\n\n\n\n\n\n\n\n",
    "K7Q2M",
    "K 7 Q 2 M",
    "AAAA7",
    "A A A A 7",
    "777777",
    "7 7 7 7 7 7",
    "7, 7, 7, 7, 7, 7",
    "7-7-7-7-7-7",
    "000000",
    "121212",
    "12 12 12",
    "red red red red",
    "Red, red, red, red",
    "RED\nRED\nRED\nRED",
    "red, green, red, green, red, green",
    "| red | red |\n| red | red |",
    "1. red\n2. red\n3. red\n4. red",
    "🟥🟥🟥🟥",
    "red blue green yellow",
    "...",
    "Let me see... the code is K7Q2M...",
    "……………",
    "....................",
    "----------------------------------------",
    "========================================",
    "________",
    "**K7Q2M**",
    "```\nK7Q2M\n```",
    "| Cell | Colour |\n|---|---|\n| 1 | red |\n| 2 | red |\n| 3 | red |\n| 4 | red |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|\n| a | b | c | d | e | f | g | h | i | j | k | l |",
    "|      |      |      |      |      |      |\n|:----:|:----:|:----:|:----:|:----:|:----:|",
    "The image shows the characters K7Q2M, printed in black on white.",
    "Ha ha ha! It reads K7Q2M.",
    "It is very, very, very, very clear that the image shows the code K7Q2M.",
    "Wow!!!",
    "I don't see any image attached to your message. Could you please upload it?",
    "图片中显示的代码是 K7Q2M。",
    "哈哈哈哈，代码是 K7Q2M",
    "画像に表示されている文字は K7Q2M です。",
    "ははは、コードは K7Q2M です",
    "이미지에 표시된 코드는 K7Q2M입니다.",
    "ㅋㅋㅋㅋ 코드는 K7Q2M입니다",
    "La imagen muestra el código K7Q2M, ¿verdad? ¡Sí! El año pasado también.",
    "L’image affiche « K7Q2M » ; où l’on voit ça, là-bas : déjà vu, à côté…",
    "Das Bild zeigt „K7Q2M“. Größe: groß. Ähnlich, Öl, Übung.",
    "A imagem não mostra nada além de K7Q2M. AMANHÃ É SÃO JOÃO. IRMÃ, MAÇÃ",
    "На изображении показан код K7Q2M. Ещё раз: ёлка.",
    "Émile, Âge, ÀÉÈ, Ñandú, Ærø, Ångström, Île",
    "K7Q\ufffdM",
    '{"code": "K7Q2M", "confidence": 0.99}',
    "TOTAL 11.11 EUR 2011-11-11",
    "\ufeffK7Q2M",
    "K7Q2M\tK7Q2M\r\n",
    "<think>Let me read it from left to right.</think>\nIn the image I can read: K7Q2M.",
)


@pytest.mark.parametrize("text", LOOPS)
def test_a_loop_is_garbled(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize("text", MOJIBAKE)
def test_mojibake_is_garbled(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize("text", SANE)
def test_a_legal_or_ordinary_answer_is_not_garbled(text: str) -> None:
    assert not is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "图片中显示的代码是 K7Q2M。",
        "画像に表示されている文字は K7Q2M です。",
        "이미지에 표시된 코드는 K7Q2M입니다.",
        "На изображении показан код K7Q2M.",
        "déjà vu, à côté",
        "größer",
    ],
)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_utf_8_read_in_a_western_encoding_is_garbled(text: str, encoding: str) -> None:
    assert is_garbled(text.encode().decode(encoding, errors="replace"))


def test_a_loop_at_the_end_of_a_long_answer_is_garbled() -> None:
    assert is_garbled("".join(f"{number} is a number. " for number in range(LOOKED_AT)) + "and so on " * 200)


@given(st.text("ACDEFHJKMNPRTUVWXY3479", min_size=5, max_size=5))
def test_no_code_is_garbled(code: str) -> None:
    assert not is_garbled(code)
    assert not is_garbled(" ".join(code))


@given(st.text("0123456789", min_size=6, max_size=6))
def test_no_six_digits_are_garbled(digits: str) -> None:
    assert not is_garbled(digits)
    assert not is_garbled(", ".join(digits))


@given(
    st.lists(
        st.sampled_from(["red", "green", "blue", "yellow", "black", "white", "cyan", "magenta"]), min_size=4, max_size=4
    ),
    st.sampled_from([" ", ", ", "\n", " | ", " - ", ""]),
)
def test_no_four_colours_are_garbled(colours: list[str], separator: str) -> None:
    assert not is_garbled(separator.join(colours))
    assert not is_garbled(separator.join(colours).upper())


@given(st.text("abcdefghijkl", min_size=2, max_size=8), st.integers(9, 100))
def test_a_word_without_end_is_garbled(word: str, times: int) -> None:
    assert is_garbled(" ".join([word] * times))
    assert is_garbled(word * times)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_judged(text: str) -> None:
    assert is_garbled(text) in {True, False}


@pytest.mark.parametrize(
    "unit", ["a", "ab ", "the cat sat ", "Ã©", "\ufffd", "-", "|---", "\n", "abcdefghijklmnopq ", "图"]
)
def test_a_megabyte_is_judged_well_under_a_second(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begun = process_time()
    is_garbled(text)
    assert process_time() - begun < 1
