from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.claims import LONGEST_WORDS, LOOKED_AT, find_claim
from monitor.core.phrases import LEXICONS
from monitor.core.phrases.lexicon import Lexicon
from monitor.core.types import Claim, ClaimKind

QUESTION = "Reply with only the characters printed in the image. If no image was received, reply NOIMG."

# --- VERDICTS.md §5, to the letter ----------------------------------------------------------------------------------

SEEN = """
I don't see an image · I don't see any image · there is no image in your message · No image was uploaded · you didn't provide an image ·
is not an actual image, but rather a placeholder · I can't view images · I can't see the image · cannot view or analyze images · I'm unable to view images ·
does not support image input · I don't have the ability to view or process images · cannot access or view images · I am unable to see images or videos · not able to directly access or display the image ·
Image unavailable · Cannot provide description without visual data · image data was truncated · I can only see metadata · as a text-based AI, I am unable to see images ·
您似乎没有上传任何图片 · 请上传一张图片 · 无法识别图片内容，请上传图片 · Не могу посмотреть фотографию · доступ к изображениям сейчас отсутствует
"""

TYPICAL = """
no image is attached · no image came through · the image didn't load · I only see text · could you please upload the image · it looks like the image wasn't included · I'm a text-only model ·
the attachment seems to be missing · 我没有看到图片 · 我看不到图片 · 我无法查看图片 · 你没有提供图片 · 图片未能加载 · 没有收到图片 · 画像が添付されていません · 画像が見当たりません · 画像を確認できません · 画像をアップロードしてください ·
이미지가 첨부되지 않았습니다 · 이미지가 보이지 않습니다 · 이미지를 볼 수 없습니다 · no veo ninguna imagen · no puedo ver imágenes · no se ha adjuntado ninguna imagen · je ne vois pas d'image · aucune image n'a été jointe ·
ich sehe kein Bild · es wurde kein Bild angehängt · bitte lade das Bild hoch · não vejo nenhuma imagem · nenhuma imagem foi anexada · я не вижу изображения · изображение не прикреплено
"""

PLACEHOLDERS = """
[image omitted] · (image omitted: model does not support images) · [Image 1]: (unavailable) · image content omitted because you do not support image input ·
[image data truncated or corrupt; skipped] · [image: <sha8>] · [img-0] · [Image failed to load: …]
"""

INNOCENT = """
There is no image of a cat, only the code K7Q2 · The image shows no text · I can't see any people in the image, the code is 4821 · I don't see any image defects; K7Q2 ·
I cannot see clearly, but it reads K7Q2 · The text in the image says "NO IMAGE" · The picture is blank · I see an image but no code in it · There is no second image; the first says K7Q2 ·
Unable to view fine detail; best guess K7Q2 · I can't identify people in images · The image is too small to read · The image appears corrupted · I only see text: K7Q2 · 图片中没有文字 · 图中没有人，代码是K7Q2 ·
画像に人物は写っていません。K7Q2 · 이미지에 사람이 없습니다. K7Q2 · No veo personas en la imagen; K7Q2 · Je ne vois pas de texte dans l'image · Ich sehe kein Bild eines Hundes, nur K7Q2 · Não vejo texto na imagem · На изображении нет текста
"""

# --- our own: one phrase a line, spread over the languages ----------------------------------------------------------

OWN = Path(__file__).parent / "phrases"
CLAIMS = (OWN / "claims.txt").read_text(encoding="utf-8").splitlines()
NEAR_MISSES = (OWN / "near_misses.txt").read_text(encoding="utf-8").splitlines()

PLACED = (
    "[image]",
    "[Image omitted due to size]",
    "The code is in [image: 3f9a1c2e].",
    "<image omitted>",
    "[image removed: unsupported content type]",
    "[photo unavailable]",
    "【图片已省略】",
    "[no image]",
    "I only got [img-12] instead of a picture",
    "[图片无法显示]",
    "[画像省略]",
)

DESCRIBED = (
    "[image] K7Q2N",
    "[Image 1]: K7Q2N [Image 2]: 39XCA",
    "[image: K7Q2N]",
    "[image: 482913]",
    "[Image: a missing-person poster]",
    "(image 1) K7Q2N (image 2) missing digit",
    "![image](K7Q2N)",
    '{"image": "K7Q2N", "error": null}',
    "<image>K7Q2N</image>",
)


def phrases(block: str) -> list[str]:
    return [phrase.strip() for phrase in block.replace("\n", " ").split(" · ")]


@pytest.mark.parametrize("text", [*phrases(SEEN), *phrases(TYPICAL), *phrases(PLACEHOLDERS)])
def test_a_claim_from_the_field_counts(text: str) -> None:
    assert find_claim(text, QUESTION) is not None


@pytest.mark.parametrize("text", phrases(INNOCENT))
def test_a_near_miss_from_the_field_does_not_count(text: str) -> None:
    assert find_claim(text, QUESTION) is None


@pytest.mark.parametrize("text", CLAIMS)
def test_a_paraphrase_of_a_claim_counts(text: str) -> None:
    assert find_claim(text, QUESTION) is not None


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_a_paraphrase_of_a_near_miss_does_not_count(text: str) -> None:
    assert find_claim(text, QUESTION) is None


@pytest.mark.parametrize("text", PLACED)
def test_a_placeholder_counts_as_one(text: str) -> None:
    claim = find_claim(text, QUESTION)
    assert claim is not None
    assert claim.kind is ClaimKind.PLACEHOLDER


@pytest.mark.parametrize("text", DESCRIBED)
def test_a_description_in_brackets_is_no_placeholder(text: str) -> None:
    assert find_claim(text, QUESTION) is None


# --- the sentinel and the echo --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "NOIMG",
        "noimg.",
        "**NOIMG**",
        "NO_IMG",
        "NOIMAGE",
        "我没有收到图片：NOIMG",
        '{"answer": "NOIMG"}',
        "<think>Nothing.</think>NOIMG",
    ],
)
def test_the_sentinel_counts(text: str) -> None:
    claim = find_claim(text, QUESTION)
    assert claim is not None
    assert claim.kind is ClaimKind.SENTINEL


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        QUESTION.upper(),
        f"{QUESTION} K7Q2M",
        f"> {QUESTION}\n\nThe code is K7Q2M.",
        "if no image was received, reply noimg",
        "I was told: if no image was received – reply `NOIMG`. I read K7Q2M.",
        "I should reply NOIMG only if there is no picture; it shows K7Q2M.",
        "如果没有收到图片，请回复 NOIMG",
        "<think>If there is no image I must say NOIMG. I see no image.</think>K7Q2M",
    ],
)
def test_the_prompt_told_again_does_not_count(text: str) -> None:
    assert find_claim(text, QUESTION) is None


def test_a_sentinel_after_the_echoed_prompt_counts() -> None:
    assert find_claim(f"{QUESTION}\n\nNOIMG", QUESTION) == Claim(ClaimKind.SENTINEL, "NOIMG")


def test_an_echo_does_not_count_even_without_a_condition_in_it() -> None:
    question = "Read the code. With no image attached answer NOIMG."
    assert find_claim("with *no image* attached, answer NOIMG: 482913", question) is None


def test_a_few_words_that_the_question_holds_too_are_no_echo() -> None:
    assert find_claim("No image", "Do you see it? No image: NOIMG.") is not None


def test_the_sentence_of_the_question_without_its_condition_is_no_echo() -> None:
    assert find_claim("No image was received.", QUESTION) is not None


@pytest.mark.parametrize("text", ["NOIMGX", "ANOIMG", "N0IMG", "NOI MG"])
def test_a_word_that_holds_the_sentinel_does_not_count(text: str) -> None:
    assert find_claim(text, QUESTION) is None


# --- the words that are quoted --------------------------------------------------------------------------------------


def test_the_words_that_fired_are_quoted_as_they_were_written() -> None:
    text = "Sorry! **I’m unable** to view\nímages."
    assert find_claim(text, QUESTION) == Claim(ClaimKind.ABSENCE, "unable to view ímages")


def test_long_words_are_cut() -> None:
    claim = find_claim(f"(image omitted: {'model does not support images, ' * 3})", QUESTION)
    assert claim is not None
    assert len(claim.words) == LONGEST_WORDS


def test_of_several_claims_the_first_is_quoted() -> None:
    text = "Ich sehe kein Bild. I can't see the image."
    assert find_claim(text, QUESTION) == Claim(ClaimKind.ABSENCE, "kein Bild")


def test_a_new_line_begins_a_new_sentence() -> None:
    assert find_claim("I can't see the image\nPlease describe it", QUESTION) == Claim(
        ClaimKind.ABSENCE, "can't see the image"
    )


def test_the_sentinel_is_quoted_before_any_phrase() -> None:
    assert find_claim("I see no image, so: NOIMG", QUESTION) == Claim(ClaimKind.SENTINEL, "NOIMG")


# --- properties -----------------------------------------------------------------------------------------------------

CODE = st.text("ACDEFHJKMNPRTUVWXY3479", min_size=5, max_size=5)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
WRAPPERS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f"**{text}**",
    lambda text: f"_{text}_",
    lambda text: f"`{text}`",
    lambda text: f"```\n{text}\n```",
    lambda text: f"# {text}",
    lambda text: f"- {text}",
    lambda text: f"> {text}",
    lambda text: f"<p>{text}</p>",
    lambda text: f'"{text}"',
    lambda text: f"'{text}'",
    lambda text: f" \n\t{text}\r\n ",
    lambda text: f"\ufeff{text}\u200b",
    lambda text: text.replace(" ", "\u00a0"),
    lambda text: text.replace(" ", "  "),
    lambda text: text.replace("'", "’"),
    str.upper,
    str.lower,
)
DRESSED = st.sampled_from(WRAPPERS)


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_is_judged_and_at_most_a_line_of_it_quoted(text: str, question: str) -> None:
    claim = find_claim(text, question)
    assert claim is None or 0 < len(claim.words) <= LONGEST_WORDS


@given(st.lists(st.sampled_from([*CLAIMS, *NEAR_MISSES]), max_size=6).map(" ".join), st.integers(0, 400))
def test_a_cut_off_mixture_of_phrases_is_judged(text: str, length: int) -> None:
    claim = find_claim(text[:length], QUESTION)
    assert claim is None or 0 < len(claim.words) <= LONGEST_WORDS


@given(st.sampled_from(CLAIMS), DRESSED, DRESSED)
def test_a_claim_counts_in_any_dress(text: str, inner: Callable[[str], str], outer: Callable[[str], str]) -> None:
    assert find_claim(outer(inner(text)), QUESTION) is not None


@given(st.sampled_from(NEAR_MISSES), DRESSED, DRESSED)
def test_a_near_miss_counts_in_no_dress(text: str, inner: Callable[[str], str], outer: Callable[[str], str]) -> None:
    assert find_claim(outer(inner(text)), QUESTION) is None


@given(CODE, DRESSED, DRESSED)
def test_a_code_alone_never_counts(code: str, inner: Callable[[str], str], outer: Callable[[str], str]) -> None:
    assert find_claim(outer(inner(code)), QUESTION) is None


@given(st.sampled_from(CLAIMS), CODE)
def test_polite_words_after_a_claim_change_nothing(text: str, code: str) -> None:
    assert find_claim(f"{text}\n\nPlease let me know how else I can help you with {code}!", QUESTION) is not None


def test_a_claim_at_either_end_of_a_long_answer_counts() -> None:
    filler = "Lorem ipsum. " * LOOKED_AT
    assert find_claim(f"I can't see the image. {filler}", QUESTION) is not None
    assert find_claim(f"{filler} I can't see the image.", QUESTION) is not None


@pytest.mark.parametrize(
    "unit",
    [
        "image ",
        "no a an any ",
        "cannot be able to ",
        "[image ",
        "没有图片里",
        "이미지를 되되되",
        "画像を見ああああ",
        "no me te se lo ",
        "noimg if ",
        "\ufdfa",
        "</think>",
        "\n",
    ],
)
def test_a_megabyte_is_judged_well_under_a_second(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    begun = process_time()
    find_claim(text, QUESTION)
    assert process_time() - begun < 1


@pytest.mark.parametrize("lexicon", LEXICONS)
def test_a_lexicon_is_written_without_latin_accents(lexicon: Lexicon) -> None:
    tables = (lexicon.claim, lexicon.request, lexicon.taken_back, lexicon.seen)
    assert not [letter for table in tables for letter in table.pattern if "À" <= letter <= "ɏ"]
