"""What a stored result teaches."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

import pytest

from monitor.core.memory import (
    CONTROLS_KEPT,
    EARLIER_KEPT,
    PROVEN_KEPT,
    REASONING_CAP,
    Proven,
    TargetMemory,
    remember,
)
from monitor.core.types import CheckState, ProbeResult, Verdict
from tests.core.builders import NOON, active, control_result, result


def _remembered(*results: ProbeResult) -> TargetMemory:
    return reduce(remember, results, TargetMemory())


def _series(count: int) -> list[ProbeResult]:
    return [result(NOON + timedelta(minutes=n), token_delta=n) for n in range(count)]


def test_a_check_never_probed_has_a_fresh_state() -> None:
    assert TargetMemory().state("inline") == CheckState()


def test_the_state_of_a_check_is_found_by_name() -> None:
    assert TargetMemory(states={"inline": active(19)}).state("inline").score == 19


def test_an_answered_probe_is_an_earlier_puzzle() -> None:
    earlier = _remembered(result(response_id="r1", body_digest=b"d")).earlier[0]
    assert (earlier.challenge, earlier.expected) == ("code", "K7Q2M")
    assert (earlier.response_id, earlier.body_digest) == ("r1", b"d")


@pytest.mark.parametrize("status", [None, 400, 500])
def test_a_probe_that_met_an_error_is_no_earlier_puzzle(status: int | None) -> None:
    assert _remembered(result(http_status=status)).earlier == ()


def test_earlier_puzzles_are_newest_first_and_bounded() -> None:
    series = _series(EARLIER_KEPT + 3)
    assert [e.probe_id for e in _remembered(*series).earlier] == [r.id for r in reversed(series[3:])]


@pytest.mark.parametrize(
    ("verdict", "delta"),
    [
        (Verdict.SEEN, 236),
        (Verdict.SEEN_UNMETERED, None),
        (Verdict.LEAKED, None),
        (Verdict.OVER_CAP, None),
    ],
)
def test_the_expected_delta_is_learned_from_seen_only(verdict: Verdict, delta: int | None) -> None:
    assert _remembered(result(verdict=verdict, response_model="nano")).proven == (Proven(delta, "code", 448, "nano"),)


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {"seen", "seen_unmetered", "leaked", "over_cap"}))
def test_what_was_not_seen_proves_nothing(verdict: Verdict) -> None:
    assert _remembered(result(verdict=verdict)).proven == ()


def test_proven_probes_are_newest_first_and_bounded() -> None:
    count = PROVEN_KEPT + 3
    assert [p.delta for p in _remembered(*_series(count)).proven] == list(range(count - 1, 2, -1))


def test_an_answer_out_of_budget_raises_the_cap() -> None:
    assert _remembered(result(verdict=Verdict.OUT_OF_BUDGET)).cap == REASONING_CAP


def test_the_raised_cap_is_kept() -> None:
    assert _remembered(result(verdict=Verdict.OUT_OF_BUDGET), result(output_cap=64)).cap == REASONING_CAP


def test_a_cap_that_sufficed_is_the_cap() -> None:
    assert _remembered(result(output_cap=256), result(output_cap=64)).cap == 256


def test_the_cap_parameter_is_learned_from_an_accepted_request() -> None:
    assert _remembered(result(cap_parameter="max_tokens")).cap_parameter == "max_tokens"


@pytest.mark.parametrize("status", [None, 400, 429, 500])
def test_a_refused_request_teaches_no_cap_parameter(status: int | None) -> None:
    accepted, refused = result(), result(http_status=status, cap_parameter="max_tokens")
    assert _remembered(accepted, refused).cap_parameter == "max_completion_tokens"
    assert _remembered(refused).cap_parameter is None


def test_a_control_is_remembered_with_its_echo_and_its_count() -> None:
    kept = _remembered(control_result(response_model="nano", answer_sane=True)).controls[0]
    assert (kept.wording, kept.input_tokens, kept.echo) == ("code", 31, "nano")
    assert (kept.sane, kept.passed, kept.at) == (True, True, NOON + timedelta(seconds=1))


@pytest.mark.parametrize("rule", ["client_error", "failed"])
def test_a_control_that_failed_did_not_pass(rule: str) -> None:
    assert not _remembered(control_result(rule=rule)).controls[0].passed


def test_a_control_is_no_puzzle_and_no_proof() -> None:
    memory = _remembered(control_result())
    assert (memory.earlier, memory.proven, memory.cap) == ((), (), None)


def test_controls_are_bounded_per_wording_and_newest_first() -> None:
    codes = [control_result(input_tokens=n) for n in range(CONTROLS_KEPT + 2)]
    kept = _remembered(control_result(challenge="grid", input_tokens=90), *codes).controls
    assert [c.input_tokens for c in kept if c.wording == "code"] == [6, 5, 4, 3, 2]
    assert [c.input_tokens for c in kept if c.wording == "grid"] == [90]
