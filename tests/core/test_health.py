"""From verdict to standing, sentence by sentence (VERDICTS.md §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.health import assess, capability, eligible_groups, expires_at, pace, passes, replay, runs_needed, step
from monitor.core.types import (
    CheckState,
    ConfigChanged,
    Event,
    Expired,
    Gate,
    GroupMembership,
    Mode,
    Policy,
    Probed,
    Signal,
    Standing,
    Verdict,
)
from tests.core.builders import NOON, active, check, fallen, probed, target

FOR, AGAINST, SILENT = Signal.FOR, Signal.AGAINST, Signal.SILENT
ACTIVE, CATALOG_ONLY = Standing.ACTIVE, Standing.CATALOG_ONLY
POLICY = Policy()
FULL = 76
"""fall 4 times weight 19, by the defaults."""
MINUTE = timedelta(minutes=1)


def _after(state: CheckState, *signals: Signal, policy: Policy = POLICY) -> CheckState:
    """The state after those signals, a minute apart, from noon on."""
    return replay([probed(signal, NOON + n * MINUTE) for n, signal in enumerate(signals)], policy, state)


# --- the score ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tolerate", "weight", "full"), [(0.05, 19, 76), (0.5, 1, 4), (0.01, 99, 396), (0.3, 2, 8)])
def test_the_weight_is_the_rounded_odds_of_what_is_tolerated(tolerate: float, weight: int, full: int) -> None:
    policy = Policy(tolerate=tolerate)
    assert (policy.weight, policy.full) == (weight, full)


@pytest.mark.parametrize("state", [active(20), fallen(20)])
def test_against_adds_the_weight(state: CheckState) -> None:
    assert _after(state, AGAINST).score == 39


@pytest.mark.parametrize("state", [active(20), fallen(20)])
def test_for_subtracts_one(state: CheckState) -> None:
    assert _after(state, FOR).score == 19


@pytest.mark.parametrize(("score", "signal", "kept"), [(0, FOR, 0), (FULL, AGAINST, FULL), (FULL - 1, AGAINST, FULL)])
def test_the_score_stays_within_its_bounds(score: int, signal: Signal, kept: int) -> None:
    assert _after(fallen(score), signal).score == kept


def test_a_score_beyond_a_narrowed_policy_is_brought_back() -> None:
    assert _after(fallen(FULL), FOR, policy=Policy(fall=1)).score == 18


@pytest.mark.parametrize("rounds", [1, 5, 50])
def test_five_percent_drifts_neither_way(rounds: int) -> None:
    state = _after(active(), *((AGAINST, *(FOR,) * 19) * rounds))
    assert (state.standing, state.score) == (ACTIVE, 0)


def test_a_little_more_than_five_percent_drifts_down_at_last() -> None:
    drifted = _after(active(), *((AGAINST, *(FOR,) * 18) * 57))
    assert (drifted.standing, _after(drifted, AGAINST).standing) == (ACTIVE, CATALOG_ONLY)


# --- falling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fall", range(1, 8))
@pytest.mark.parametrize("tolerate", [0.01, 0.03, 0.05, 0.07, 0.1, 0.3, 0.5])
def test_an_active_check_falls_after_exactly_fall_against(fall: int, tolerate: float) -> None:
    policy = Policy(fall=fall, tolerate=tolerate)
    assert _after(active(), *(AGAINST,) * (fall - 1), policy=policy).standing is ACTIVE
    assert _after(active(), *(AGAINST,) * fall, policy=policy).standing is CATALOG_ONLY


def test_a_fallen_check_names_the_verdict_that_decided() -> None:
    events = [probed(AGAINST, verdict=verdict) for verdict in (Verdict.BLIND, Verdict.REJECTED)]
    assert replay(events, POLICY, active(FULL // 2)).reason == "rejected"


def test_what_speaks_against_a_fallen_check_does_not_change_its_reason() -> None:
    assert replay([probed(AGAINST, verdict=Verdict.BLIND)], POLICY, fallen()).reason == "dropped"


def test_a_standing_counts_from_the_slot_that_changed_it() -> None:
    assert _after(active(FULL - 19), FOR, AGAINST, AGAINST, SILENT, FOR).since == NOON + 2 * MINUTE


# --- rising -------------------------------------------------------------------------------------------------------


def test_a_check_never_proven_is_promoted_by_its_first_for_with_score_zero() -> None:
    state = _after(CheckState(), FOR)
    assert (state.standing, state.score, state.reason) == (ACTIVE, 0, "seen")


def test_silence_before_the_first_for_does_not_matter() -> None:
    assert _after(CheckState(), SILENT, SILENT, FOR).standing is ACTIVE


def test_what_spoke_against_before_the_first_for_makes_it_need_rise_in_a_row() -> None:
    assert _after(CheckState(), AGAINST, FOR, FOR).standing is CATALOG_ONLY
    assert _after(CheckState(), AGAINST, FOR, FOR, FOR).standing is ACTIVE


@pytest.mark.parametrize("state", [CheckState(against_before_proof=True), fallen()])
def test_the_score_is_half_full_after_any_other_promotion(state: CheckState) -> None:
    assert _after(state, FOR, FOR, FOR).score == FULL // 2


@pytest.mark.parametrize("rise", [1, 2, 3, 5])
def test_a_fallen_check_needs_rise_in_a_row(rise: int) -> None:
    policy = Policy(rise=rise)
    assert _after(fallen(), *(FOR,) * (rise - 1), policy=policy).standing is CATALOG_ONLY
    assert _after(fallen(), *(FOR,) * rise, policy=policy).standing is ACTIVE


def test_against_breaks_the_run() -> None:
    broken = _after(fallen(), FOR, FOR, AGAINST, FOR, FOR)
    assert (broken.standing, broken.run) == (CATALOG_ONLY, 2)
    assert _after(broken, FOR).standing is ACTIVE


def test_silence_does_not_break_the_run() -> None:
    assert _after(fallen(), FOR, SILENT, FOR, SILENT, FOR).standing is ACTIVE


def test_a_promotion_names_the_verdict_that_proved_it() -> None:
    events = [probed(FOR, verdict=Verdict.SEEN_UNMETERED)] * 3
    assert replay(events, POLICY, fallen()).reason == "seen_unmetered"


@pytest.mark.parametrize(
    ("relapses", "needed"), [(0, 3), (1, 6), (2, 12), (3, 24), (4, 48), (5, 96), (6, 192), (7, 192), (60, 192)]
)
def test_each_relapse_doubles_the_run_up_to_64_times(relapses: int, needed: int) -> None:
    assert runs_needed(fallen(relapses=relapses), POLICY) == needed


def test_a_relapsed_check_needs_the_whole_longer_run() -> None:
    relapsed = fallen(relapses=1)
    assert _after(relapsed, *(FOR,) * 5).standing is CATALOG_ONLY
    assert _after(relapsed, *(FOR,) * 6).standing is ACTIVE


@pytest.mark.parametrize(
    ("after", "relapses"),
    [(timedelta(0), 3), (timedelta(hours=24), 3), (timedelta(hours=24, microseconds=1), 0), (timedelta(days=9), 0)],
)
def test_only_a_demotion_within_a_day_of_the_last_promotion_is_a_relapse(after: timedelta, relapses: int) -> None:
    fell = step(active(FULL - 1, relapses=2), probed(AGAINST, NOON + after), POLICY)
    assert (fell.standing, fell.relapses) == (CATALOG_ONLY, relapses)


def test_relapses_are_counted_no_further_than_they_matter() -> None:
    assert _after(active(FULL - 1, relapses=6), AGAINST).relapses == 6


def test_a_promotion_keeps_the_relapses_and_remembers_when() -> None:
    risen = _after(fallen(relapses=1), *(FOR,) * 6)
    assert (risen.relapses, risen.last_promoted_at) == (1, NOON + 5 * MINUTE)


# --- silence ------------------------------------------------------------------------------------------------------

STATES = (CheckState(), active(), active(40, run=7), active(40, expired=True), fallen(), fallen(run=2, relapses=3))
NOT_EVIDENCE = ("since", "last_signal", "last_verdict", "last_challenge", "timeouts_run", "unsure_run", "version")


@pytest.mark.parametrize("verdict", [Verdict.THROTTLED, Verdict.UNREACHABLE, Verdict.UNSURE, Verdict.MISREAD])
@pytest.mark.parametrize("state", STATES)
def test_silence_moves_nothing_and_renews_no_proof(state: CheckState, verdict: Verdict) -> None:
    later = step(state, probed(SILENT, NOON + MINUTE, verdict), POLICY)
    assert replace(later, **{name: getattr(state, name) for name in NOT_EVIDENCE}) == state


def test_a_proof_is_dated_by_its_slot() -> None:
    assert _after(active(), SILENT, FOR, SILENT).last_proof_at == NOON + MINUTE


# --- unsure, timeouts, follow-ups ---------------------------------------------------------------------------------


def test_unsure_answers_are_counted_until_a_for() -> None:
    unsure = probed(SILENT, verdict=Verdict.UNSURE)
    assert replay([unsure, unsure], POLICY, active()).unsure_run == 2
    assert replay([unsure, probed(AGAINST), probed(SILENT)], POLICY, active()).unsure_run == 1
    assert replay([unsure, probed(FOR)], POLICY, active()).unsure_run == 0


def test_the_streak_counts_against_since_the_last_for() -> None:
    assert _after(active(), AGAINST, SILENT, AGAINST).streak == 2
    assert _after(active(), AGAINST, AGAINST, FOR).streak == 0


TIMEOUT = probed(SILENT, verdict=Verdict.UNREACHABLE, timed_out=True)
REFUSED = probed(SILENT, verdict=Verdict.UNREACHABLE)
MISSED = probed(SILENT, verdict=Verdict.MISSED)


@pytest.mark.parametrize("state", [active(), active(19), fallen()])
def test_one_timeout_does_not_slow_down(state: CheckState) -> None:
    once = step(state, TIMEOUT, POLICY)
    assert pace(once, check(), POLICY) == (MINUTE if state.standing is ACTIVE else 2 * MINUTE)


@pytest.mark.parametrize(
    "events", [(TIMEOUT, TIMEOUT), (TIMEOUT, TIMEOUT, REFUSED), (TIMEOUT, TIMEOUT, MISSED), (TIMEOUT,) * 5]
)
def test_two_timeouts_slow_down_until_an_answer_comes(events: Sequence[Event]) -> None:
    assert pace(replay(events, POLICY, active(19)), check(), POLICY) == 2 * MINUTE


@pytest.mark.parametrize(
    ("answer", "next_pace"),
    [(probed(SILENT), MINUTE), (probed(FOR), timedelta(seconds=5)), (probed(AGAINST), timedelta(seconds=5))],
)
def test_any_answer_ends_the_slow_pace(answer: Probed, next_pace: timedelta) -> None:
    assert pace(replay([TIMEOUT, TIMEOUT, answer], POLICY, active(19)), check(), POLICY) == next_pace


def test_timeouts_never_speed_a_rare_check_up() -> None:
    hourly = check(every=timedelta(hours=1))
    assert pace(replay([TIMEOUT, TIMEOUT], POLICY, active()), hourly, POLICY) == timedelta(hours=1)


# --- pace ---------------------------------------------------------------------------------------------------------

SECOND = timedelta(seconds=1)
PACES = (
    ("active, clean", 60, active(), 60),
    ("active, under suspicion after AGAINST", 60, active(19, last_signal=AGAINST), 5),
    ("active, under suspicion after FOR", 60, active(1, last_signal=FOR), 5),
    ("active, under suspicion after SILENT", 60, active(19, last_signal=SILENT), 60),
    ("active, more often than fast", 2, active(19), 2),
    ("fallen, after FOR", 60, fallen(last_signal=FOR), 5),
    ("fallen, after AGAINST", 60, fallen(), 120),
    ("fallen, after SILENT", 60, fallen(last_signal=SILENT), 120),
    ("fallen, rare check, after AGAINST", 3600, fallen(), 300),
    ("fallen, rare check, after SILENT", 3600, fallen(last_signal=SILENT), 300),
    ("one relapse, after AGAINST", 60, fallen(relapses=1), 240),
    ("two relapses, after AGAINST", 60, fallen(relapses=2), 480),
    ("six relapses, after AGAINST", 60, fallen(relapses=6), 480),
    ("two relapses, rare check, after AGAINST", 3600, fallen(relapses=2), 1200),
    ("two relapses, after SILENT", 60, fallen(relapses=2, last_signal=SILENT), 120),
    ("two relapses, after FOR", 60, fallen(relapses=2, last_signal=FOR), 5),
    ("never proven, after AGAINST", 60, CheckState(last_signal=AGAINST), 120),
    ("never proven, after SILENT", 60, CheckState(last_signal=SILENT), 120),
    ("never probed", 60, CheckState(), 120),
)


@pytest.mark.parametrize(("every", "state", "seconds"), [row[1:] for row in PACES], ids=[row[0] for row in PACES])
def test_the_pace_follows_the_state(every: int, state: CheckState, seconds: int) -> None:
    assert pace(state, check(every=every * SECOND), POLICY) == seconds * SECOND


# --- expiry and change of config ----------------------------------------------------------------------------------


def test_expiry_is_no_demotion() -> None:
    before = active(40, run=3, relapses=2)
    assert step(before, Expired(NOON + MINUTE), POLICY) == replace(before, expired=True, version=1)


def test_the_next_for_restores_an_expired_check_at_once() -> None:
    restored = replay([Expired(NOON), probed(FOR, NOON + MINUTE)], POLICY, active(40, relapses=2))
    assert (restored.standing, restored.expired, restored.score, restored.relapses) == (ACTIVE, False, 39, 2)


def test_restoring_is_no_promotion() -> None:
    assert replay([Expired(NOON), probed(FOR, NOON + MINUTE)], POLICY, active()).last_promoted_at == NOON


@pytest.mark.parametrize("signal", [SILENT, AGAINST])
def test_nothing_but_a_for_restores_an_expired_check(signal: Signal) -> None:
    assert _after(active(expired=True), signal).expired


def test_an_expired_check_falls_like_any_other() -> None:
    fell = _after(active(expired=True), *(AGAINST,) * 4)
    assert (fell.standing, fell.reason, fell.expired) == (CATALOG_ONLY, "dropped", False)


def test_a_fallen_check_does_not_expire() -> None:
    assert not step(fallen(), Expired(NOON), POLICY).expired


def test_a_proof_expires_its_ttl_after_its_slot() -> None:
    assert expires_at(active(), check()) == NOON + timedelta(minutes=5)


@pytest.mark.parametrize("state", [fallen(), CheckState()])
def test_where_nothing_is_active_nothing_expires(state: CheckState) -> None:
    assert expires_at(state, check()) is None


@pytest.mark.parametrize("state", STATES)
def test_another_endpoint_model_or_dialect_was_never_proven(state: CheckState) -> None:
    fresh = CheckState(since=NOON + MINUTE, version=state.version + 1)
    assert step(state, ConfigChanged(NOON + MINUTE), POLICY) == fresh


# --- the target ---------------------------------------------------------------------------------------------------

INLINE, URL, LARGE = check("inline"), check("url"), check("large", Mode.OPTIONAL)
EITHER = {"pass": active(), "expired": active(expired=True), "fail": fallen(), "unproven": CheckState()}


@pytest.mark.parametrize(("inline", "url"), list(product(EITHER, EITHER)))
def test_a_target_is_active_if_and_only_if_every_required_check_is_active_and_unexpired(inline: str, url: str) -> None:
    states = {"inline": EITHER[inline], "url": EITHER[url]}
    assert (assess(target(INLINE, URL), states).standing is ACTIVE) is (inline == url == "pass")


@pytest.mark.parametrize("large", EITHER)
def test_an_optional_check_decides_nothing(large: str) -> None:
    states = {"inline": active(), "large": EITHER[large]}
    assert assess(target(INLINE, LARGE), states).standing is ACTIVE


def test_a_required_check_without_a_state_was_never_proven() -> None:
    assessed = assess(target(INLINE, URL), {"inline": active()})
    assert (assessed.standing, assessed.reason) == (CATALOG_ONLY, "never_proven")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (CheckState(), "never_proven"),
        (_after(CheckState(), SILENT), "never_proven"),
        (_after(CheckState(), AGAINST), "dropped"),
        (fallen(), "dropped"),
        (active(expired=True), "proof_expired"),
        (active(), "seen"),
    ],
)
def test_the_reason_says_why_a_target_stands_as_it_does(state: CheckState, reason: str) -> None:
    assert assess(target(), {"inline": state}).reason == reason


def test_a_target_is_valid_until_its_first_proof_runs_out() -> None:
    patient = replace(URL, proof_ttl=timedelta(minutes=20))
    states = {"inline": active(last_proof_at=NOON), "url": active(last_proof_at=NOON - 16 * MINUTE)}
    assessed = assess(target(INLINE, patient), states)
    assert assessed.valid_until == NOON + 4 * MINUTE
    assert assessed.last_proof_at == NOON - 16 * MINUTE


def test_an_optional_check_does_not_shorten_validity() -> None:
    states = {"inline": active(), "large": active(last_proof_at=NOON - timedelta(days=1))}
    assert assess(target(INLINE, LARGE), states).valid_until == NOON + 5 * MINUTE


@pytest.mark.parametrize("state", [CheckState(), fallen(), active(expired=True)])
def test_a_catalog_only_target_is_valid_until_never(state: CheckState) -> None:
    assert assess(target(), {"inline": state}).valid_until is None


def test_the_last_proof_is_unknown_while_a_required_check_has_none() -> None:
    assert assess(target(INLINE, URL), {"inline": active()}).last_proof_at is None


@pytest.mark.parametrize("state", EITHER)
def test_a_capability_shows_the_state_of_its_check(state: str) -> None:
    shown = capability("inline", Gate.PATH, EITHER[state])
    assert (shown.check, shown.gate, shown.state) == ("inline", Gate.PATH, state)


def test_a_check_that_failed_before_any_proof_fails() -> None:
    assert capability("inline", Gate.PATH, _after(CheckState(), AGAINST)).state == "fail"


@pytest.mark.parametrize(
    ("state", "passing"), [("pass", True), ("expired", False), ("fail", False), ("unproven", False)]
)
def test_a_check_passes_while_active_and_unexpired(state: str, *, passing: bool) -> None:
    assert passes(EITHER[state]) is passing


def test_a_check_without_a_state_does_not_pass() -> None:
    assert not passes(None)


@pytest.mark.parametrize(
    ("inline", "large", "counts"), [("pass", "pass", True), ("pass", "fail", False), ("fail", "pass", False)]
)
def test_a_target_counts_in_a_group_while_active_and_all_that_it_requires_passes(
    inline: str, large: str, *, counts: bool
) -> None:
    grouped = target(INLINE, LARGE, groups=(GroupMembership("big", requires=("large",)), GroupMembership("any")))
    states = {"inline": EITHER[inline], "large": EITHER[large]}
    assert eligible_groups(grouped, states) == {"big": counts, "any": inline == "pass"}


# --- properties to keep -------------------------------------------------------------------------------------------

POLICIES = st.builds(Policy, fall=st.integers(1, 6), rise=st.integers(1, 4), tolerate=st.sampled_from([0.05, 0.2, 0.5]))


KINDS: st.SearchStrategy[Signal | type[Expired | ConfigChanged]] = st.sampled_from(
    [FOR, FOR, FOR, FOR, AGAINST, AGAINST, AGAINST, SILENT, SILENT, Expired, ConfigChanged]
)
GAPS = st.integers(1, 600)


def _dated(steps: list[tuple[Signal | type[Expired | ConfigChanged], int]]) -> tuple[Event, ...]:
    events: list[Event] = []
    at = NOON
    for kind, gap in steps:
        at += timedelta(minutes=gap)
        events.append(probed(kind, at) if isinstance(kind, Signal) else kind(at))
    return tuple(events)


EVENTS = st.lists(st.tuples(KINDS, GAPS), max_size=80).map(_dated)


def _course(events: Sequence[Event], policy: Policy) -> list[CheckState]:
    """A fresh state and the one after each event."""
    states = [CheckState()]
    for event in events:
        states.append(step(states[-1], event, policy))
    return states


@given(EVENTS, POLICIES, st.integers(0, 80))
def test_replay_from_any_checkpoint_is_the_stepwise_state(events: tuple[Event, ...], policy: Policy, cut: int) -> None:
    course = _course(events, policy)
    checkpoint = course[min(cut, len(events))]
    assert replay(events[cut:], policy, checkpoint) == course[-1]


@given(EVENTS, POLICIES)
def test_dropping_every_silent_event_leaves_the_same_standing(events: tuple[Event, ...], policy: Policy) -> None:
    loud = [event for event in events if not (isinstance(event, Probed) and event.signal is SILENT)]
    heard, dropped = replay(events, policy), replay(loud, policy)
    assert replace(heard, **{name: getattr(dropped, name) for name in NOT_EVIDENCE}) == dropped


@given(EVENTS, POLICIES)
def test_a_promotion_needs_an_unbroken_run_of_for(events: tuple[Event, ...], policy: Policy) -> None:
    run, needed = 0, 1
    for event, before, after in zip(events, *_pairs(_course(events, policy)), strict=True):
        match event:
            case Probed(signal=Signal.FOR):
                run += 1
            case Probed(signal=Signal.AGAINST):
                run, needed = 0, policy.rise
            case ConfigChanged():
                run, needed = 0, 1
        if (before.standing, after.standing) == (CATALOG_ONLY, ACTIVE):
            assert run >= needed * (1 << before.relapses)


@given(EVENTS, POLICIES)
def test_the_score_stays_within_zero_and_full(events: tuple[Event, ...], policy: Policy) -> None:
    assert all(0 <= state.score <= policy.full for state in _course(events, policy))


@given(EVENTS, POLICIES)
def test_active_implies_proven(events: tuple[Event, ...], policy: Policy) -> None:
    course = _course(events, policy)
    assert all(state.last_proof_at and state.last_promoted_at for state in course if state.standing is ACTIVE)


@given(EVENTS, POLICIES)
def test_only_a_probe_that_fills_the_bucket_demotes(events: tuple[Event, ...], policy: Policy) -> None:
    for event, before, after in zip(events, *_pairs(_course(events, policy)), strict=True):
        if (before.standing, after.standing) == (ACTIVE, CATALOG_ONLY) and not isinstance(event, ConfigChanged):
            assert after.score == policy.full


@given(EVENTS, POLICIES)
def test_every_event_makes_one_version(events: tuple[Event, ...], policy: Policy) -> None:
    assert [state.version for state in _course(events, policy)] == list(range(len(events) + 1))


def _pairs(course: list[CheckState]) -> tuple[list[CheckState], list[CheckState]]:
    return course[:-1], course[1:]


@given(EVENTS, EVENTS)
def test_checks_never_share_a_score(of_inline: tuple[Event, ...], of_url: tuple[Event, ...]) -> None:
    states = {"inline": replay(of_inline, POLICY), "url": replay(of_url, POLICY)}
    both = assess(target(INLINE, URL), states).standing is ACTIVE
    assert both is (passes(states["inline"]) and passes(states["url"]))
