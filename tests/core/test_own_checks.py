"""What is peculiar to checks whose image is always the same: their names, what they do not teach, what speaks against."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.checks import CATALOGUE, RESERVED, check_of, is_own, own_check
from monitor.core.health import step
from monitor.core.memory import CONTROL, TargetMemory, remember
from monitor.core.pacing import follows_at_once
from monitor.core.signals import SIGNAL, signal_of
from monitor.core.types import CheckState, Gate, Image, Policy, Probed, Signal, TargetCheck, Verdict
from tests.core.builders import NOON, check, result, target

IMAGE = Image(b"pixels", "image/png", 640, 480)
OWN = own_check("receipt", IMAGE, "Which merchant?", "OpenCV")
RECEIPT = replace(check("receipt"), own=OWN)
WHOM = target(check(), RECEIPT)
AGAINST_QUALITY = {
    "textified", "rejected", "replayed", "blind", "partial", "substituted", "degraded", "misread", "garbled",
    "dropped", "unsure",
}  # fmt: skip


def test_no_own_check_can_take_the_name_of_another() -> None:
    assert {*CATALOGUE, CONTROL} <= RESERVED


def test_an_own_check_is_one_of_quality() -> None:
    row = check_of(WHOM, "receipt")
    assert (row.gate, row.challenges, row.corroborating) == (Gate.QUALITY, (OWN.challenge,), ())


def test_a_check_that_the_target_does_not_list_is_the_catalogues() -> None:
    assert check_of(target(RECEIPT), "inline") == CATALOGUE["inline"]


def test_a_check_that_nobody_knows_has_no_row() -> None:
    with pytest.raises(KeyError):
        check_of(target(), "receipt")


def test_another_question_is_another_wording_and_another_image_is_not() -> None:
    asked = own_check("receipt", IMAGE, "Which shop?", "OpenCV")
    shown = own_check("receipt", replace(IMAGE, data=b"others"), "Which merchant?", "OpenCV")
    assert asked.challenge != OWN.challenge == shown.challenge
    assert asked.digest == OWN.digest != shown.digest


def test_only_own_challenges_are_taken_for_own() -> None:
    assert [is_own(name) for name in (OWN.challenge, "code", "", "own")] == [True, False, False, False]


def test_an_image_is_not_printed() -> None:
    assert "pixels" not in repr(WHOM)


def test_an_answer_that_is_always_the_same_is_no_earlier_puzzle() -> None:
    memory = remember(TargetMemory(), result(challenge=OWN.challenge, body_digest=b"d"))
    assert memory.earlier == ()


def test_what_an_own_image_costs_teaches_nothing_of_ours_but_who_answered() -> None:
    (proven,) = remember(TargetMemory(), result(challenge=OWN.challenge, response_model="nano")).proven
    assert (proven.delta, proven.echo) == (None, "nano")


@pytest.mark.parametrize("verdict", Verdict)
def test_the_signal_of_a_quality_check_is_that_of_the_design(verdict: Verdict) -> None:
    path = signal_of(verdict, Gate.PATH)
    expected = Signal.AGAINST if verdict in AGAINST_QUALITY else path
    assert signal_of(verdict, Gate.QUALITY) is expected
    assert expected is path or verdict in (Verdict.DEGRADED, Verdict.MISREAD, Verdict.UNSURE)


def test_every_verdict_has_a_signal_for_every_gate_that_a_check_can_have() -> None:
    gates = {check_of(WHOM, name).gate for name in (*CATALOGUE, "receipt")}
    assert {(gate, verdict) for gate in gates for verdict in Verdict} <= SIGNAL.keys()


def _after_unsure(signal: Signal) -> CheckState:
    return step(CheckState(), Probed(NOON, Verdict.UNSURE, signal, OWN.challenge), Policy())


def test_an_unsure_answer_that_counts_needs_no_second_witness() -> None:
    assert _after_unsure(Signal.SILENT).unsure_run == 1
    assert _after_unsure(Signal.AGAINST).unsure_run == 0


def test_an_unsure_answer_that_counts_is_not_asked_again_at_once() -> None:
    unsure = result(name="receipt", verdict=Verdict.UNSURE, signal=Signal.AGAINST, challenge=OWN.challenge)
    memory = TargetMemory(states={"receipt": _after_unsure(Signal.AGAINST)})
    assert not follows_at_once(WHOM, memory, unsure)


def test_a_check_of_the_catalogue_brings_nothing() -> None:
    assert TargetCheck("inline", RECEIPT.mode, RECEIPT.every, timedelta(1), timedelta(1)).own is None
