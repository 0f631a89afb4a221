"""The usage arithmetic, rule by rule."""

from __future__ import annotations

import pytest

from monitor.core.memory import Control, Proven
from monitor.core.tokens import expected_delta, is_text_like, is_textified, tolerance, weigh
from monitor.core.types import TokenEvidence, Usage
from tests.core.builders import control, tokens


def test_the_delta_is_the_total_minus_the_median_control() -> None:
    controls = [control(33), control(31), control(90)]
    weighed = weigh(Usage(input_total=269, image=236, output=6), None, controls, 236)
    assert (weighed.control, weighed.delta, weighed.expected) == (33, 236, 236)
    assert (weighed.input, weighed.image_reported, weighed.output) == (269, 236, 6)


def test_one_control_is_enough() -> None:
    assert weigh(Usage(input_total=40), None, [control(31)], None).delta == 9


def test_a_delta_may_be_negative() -> None:
    assert weigh(Usage(input_total=20), None, [control(31)], None).delta == -11


@pytest.mark.parametrize("controls", [(), (control(None),), (control(31, echo="other"),)])
def test_without_a_comparable_control_the_delta_is_unknown(controls: tuple[Control, ...]) -> None:
    weighed = weigh(Usage(input_total=31), "nano", controls, 236)
    assert (weighed.control, weighed.delta) == (None, None)


def test_an_unreported_input_makes_the_delta_unknown() -> None:
    weighed = weigh(Usage(), "nano", [control(31)], 236)
    assert (weighed.input, weighed.delta, weighed.image_reported, weighed.output) == (None, None, None, None)


def test_a_control_with_another_model_echo_is_discarded() -> None:
    assert weigh(Usage(input_total=50), "nano", [control(90, "mini"), control(31, "nano")], None).delta == 19


@pytest.mark.parametrize(("of_control", "of_probe"), [(None, "nano"), ("nano", None), (None, None), ("nano", "nano")])
def test_an_unknown_echo_is_compared(of_control: str | None, of_probe: str | None) -> None:
    assert weigh(Usage(input_total=50), of_probe, [control(31, of_control)], None).delta == 19


@pytest.mark.parametrize(
    ("expected", "controls", "tolerated"),
    [
        (None, [], 4),
        (0, [31], 4),
        (80, [31], 4),
        (81, [31], 5),
        (236, [31], 12),
        (8500, [31], 425),
        (100, [30, 31, 32], 5),
        (100, [29, 31, 33], 6),
        (100, [21, 31, 41, 51, 61], 30),
        (None, [31, 31, 31, 31, 90], 4),
    ],
)
def test_the_tolerance_is_the_largest_of_four_tokens_five_percent_and_three_mad(
    expected: int | None, controls: list[int], tolerated: int
) -> None:
    assert tolerance(expected, controls) == tolerated


def test_the_configs_expectation_beats_what_was_learned() -> None:
    assert expected_delta(300, [Proven(236, "code", 448, None)], 255, "code", 448) == 300


def test_a_configured_zero_is_an_expectation() -> None:
    assert expected_delta(0, [Proven(236, "code", 448, None)], 255, "code", 448) == 0


def test_what_was_learned_beats_the_familys_formula() -> None:
    assert expected_delta(None, [Proven(d, "code", 448, None) for d in (240, 236, 900)], 255, "code", 448) == 240


def test_only_probes_of_that_size_with_a_known_delta_teach() -> None:
    assert (
        expected_delta(None, [Proven(77, "code", 256, None), Proven(None, "code", 448, None)], 255, "code", 448) == 255
    )


def test_with_neither_word_nor_lesson_nor_formula_the_expectation_is_unknown() -> None:
    assert expected_delta(None, [], None, "code", 448) is None


@pytest.mark.parametrize(
    ("delta", "text_like"),
    [(None, False), (-500, True), (-1, True), (0, True), (12, True), (13, False), (236, False)],
)
def test_a_delta_within_tolerance_of_zero_or_below_is_that_of_text(delta: int | None, *, text_like: bool) -> None:
    assert is_text_like(tokens(delta)) is text_like


@pytest.mark.parametrize(("delta", "text_like"), [(4, True), (5, False)])
def test_without_a_known_tolerance_the_least_one_holds(delta: int, *, text_like: bool) -> None:
    assert is_text_like(TokenEvidence(delta=delta)) is text_like


@pytest.mark.parametrize(
    ("delta", "expected", "textified"),
    [
        (1000, 236, True),  # base64 ÷ 4
        (2000, 236, True),  # base64 ÷ 2
        (3600, 236, True),  # base64 ÷ 1.1, as new-api #7407 billed it
        (943, 236, False),  # less than 4 × expected
        (944, 236, True),
        (799, 100, False),  # fewer than base64 ÷ 5
        (4001, 236, False),  # more tokens than characters
        (2000, 8500, False),
        (1199, None, False),  # an unknown family is taken for a typical one
        (1200, None, True),
        (None, 236, False),
    ],
)
def test_a_delta_of_the_order_of_base64_and_four_times_the_expected_is_textified(
    delta: int | None, expected: int | None, *, textified: bool
) -> None:
    assert is_textified(tokens(delta, expected=expected), base64_length=4000) is textified


def test_another_challenge_has_a_delta_of_its_own() -> None:
    assert expected_delta(None, [Proven(472, "pair", 448, None)], 255, "code", 448) == 255
