"""A config's own checks: what they become, where they run and at which pace."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from textwrap import indent

import pytest
from PIL import Image as Pillow

from monitor.config.load import load_text
from monitor.config.own_checks import FORMATS, LARGEST_IMAGE, decoded
from monitor.config.problems import ConfigError, UnfitError
from monitor.config.settings import Config
from monitor.core.checks import own_check
from monitor.core.types import Image, Mode, TargetCheck

IMAGES = Path(__file__).parent / "bad" / "images"
CODE = (IMAGES / "code.png").read_bytes()
PROVIDERS = """
providers:
  acme:
    base_url: https://api.example.com/v1
    dialect: openai-chat
    api_key: k
    models:
      nano:
        model: gpt-nano
        input_modalities: [text, image]
"""
RECEIPT = """
checks:
  receipt:
    image: code.png
    question: Reply with only the merchant name.
    answer: (?i)learn ?opencv
    gate: quality
"""


def loaded(lines: str = "", before: str = "", own: str = "", folder: Path = IMAGES) -> Config:
    text = before + RECEIPT + indent(own, " " * 4) + PROVIDERS + indent(lines, " " * 8)
    return load_text(text, "f", {"SHOP": "opencv"}, folder)


def receipt(config: Config) -> TargetCheck:
    (target,) = config.targets
    return target.check("receipt")


def encoded(kind: str, width: int = 40, height: int = 30) -> bytes:
    file = BytesIO()
    Pillow.new("RGB", (width, height), "white").save(file, kind)
    return file.getvalue()


def test_a_check_runs_where_it_is_listed_with_all_that_it_needs() -> None:
    image = Image(CODE, "image/png", 256, 256)
    assert receipt(loaded("checks: {receipt: optional}")) == TargetCheck(
        "receipt",
        Mode.OPTIONAL,
        timedelta(seconds=60),
        timedelta(seconds=30),
        timedelta(seconds=330),
        own_check("receipt", image, "Reply with only the merchant name.", "(?i)learn ?opencv"),
    )


def test_a_check_that_is_only_defined_runs_nowhere_and_is_noted() -> None:
    config = loaded()
    assert [[check.name for check in target.checks] for target in config.targets] == [["inline"]]
    assert [(note.path, note.line) for note in config.notes] == [("checks.receipt", 3)]
    assert config.own_checks["receipt"].mode is Mode.OPTIONAL


def test_the_defaults_can_list_it_and_a_model_can_take_it_out() -> None:
    before = "defaults: {checks: {inline: required, receipt: optional}}"
    assert receipt(loaded(before=before)).own is not None
    (target,) = loaded("checks: {receipt: off}", before).targets
    assert [check.name for check in target.checks] == ["inline"]


@pytest.mark.parametrize(
    ("own", "lines", "seconds"),
    [
        ("", "every: 2m\nchecks: {receipt: optional}", 120),
        ("every: 1h", "every: 2m\nchecks: {receipt: optional}", 3600),
        ("every: 1h", "every: 2m\nchecks: {receipt: {mode: optional, every: 6h}}", 21600),
    ],
)
def test_its_own_pace_comes_before_the_targets_and_what_the_target_says_of_it_before_both(
    own: str, lines: str, seconds: int
) -> None:
    check = receipt(loaded(lines, own=own))
    assert check.every == timedelta(seconds=seconds)
    assert check.proof_ttl == max(3 * check.every, timedelta(minutes=5)) + check.timeout


def test_its_own_timeout_is_taken_likewise() -> None:
    assert receipt(loaded("checks: {receipt: optional}", own="timeout: 9s")).timeout == timedelta(seconds=9)


def test_all_targets_share_one_image() -> None:
    other = "checks: {receipt: optional}\n"
    config = loaded(other + "labels: {a: b}")
    (target,) = config.targets
    assert target.check("receipt").own is config.own_checks["receipt"].own


def test_it_may_be_required_beside_a_check_that_proves_the_path() -> None:
    (target,) = loaded("checks: {receipt: required}").targets
    assert [check.name for check in target.required] == ["inline", "receipt"]


def test_references_are_expanded_in_its_texts() -> None:
    check = receipt(load_text(
        (RECEIPT + PROVIDERS).replace("learn ?opencv", "learn ?${SHOP}") + "        checks: {receipt: optional}",
        "f", {"SHOP": "opencv"}, IMAGES,
    ))  # fmt: skip
    assert check.own
    assert check.own.pattern == "(?i)learn ?opencv"


@pytest.mark.parametrize(("kind", "media_type"), FORMATS.items())
def test_the_bytes_tell_the_format(kind: str, media_type: str) -> None:
    image = decoded(encoded(kind))
    assert (image.media_type, image.width, image.height) == (media_type, 40, 30)


@pytest.mark.parametrize("content", [encoded("BMP"), encoded("TIFF"), b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>"])
def test_what_is_no_image_that_all_makers_take_is_refused(content: bytes) -> None:
    with pytest.raises(UnfitError, match="no whole PNG, JPEG, WebP or GIF"):
        decoded(content)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_torn_file_is_refused(kind: str) -> None:
    file = BytesIO()
    Pillow.effect_noise((200, 200), 90).convert("RGB").save(file, kind)
    with pytest.raises(UnfitError):
        decoded(file.getvalue()[: len(file.getvalue()) // 2])


@pytest.mark.parametrize(("width", "height", "taken"), [(11, 11, True), (10, 200, False), (200, 5001, False)])
def test_sides_are_bounded(width: int, height: int, taken: bool) -> None:
    content = encoded("PNG", width, height)
    if taken:
        assert decoded(content).width == width
    else:
        with pytest.raises(UnfitError, match=f"{width}×{height} px"):
            decoded(content)


def test_a_file_of_absurd_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "code.png").write_bytes(CODE + b"\0" * LARGEST_IMAGE)
    with pytest.raises(ConfigError, match="the file is larger than 5000000 bytes"):
        loaded(folder=tmp_path)


@pytest.mark.parametrize(("key", "longest"), [("question", 2000), ("answer", 1000)])
def test_texts_are_bounded(key: str, longest: int) -> None:
    text = RECEIPT.replace("code.png", "code.png\n    " + f"{key}: {'k' * (longest + 1)}")
    lines = [line for n, line in enumerate(text.splitlines()) if not (line.strip().startswith(key) and n > 4)]
    with pytest.raises(ConfigError, match=f"checks.receipt.{key}: must be at most {longest} characters"):
        load_text("\n".join(lines) + PROVIDERS, "f", {}, IMAGES)
