"""Committing: whole or not at all, once, in the order of the states; over both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from monitor.core.types import Committed, FailureKind, ProbeResult, Record, Signal, Verdict
from monitor.edge import queries
from monitor.edge.commit import RecordRejected
from monitor.edge.database import LedgerUnavailable
from monitor.edge.ledger import SqlLedger
from tests.edge.ledger_records import (
    START,
    TARGET,
    bare,
    control,
    expired,
    health,
    probed,
    result,
    slot,
    state,
    transition,
    with_ledger,
)

TABLES = ("probes", "events", "transitions", "check_health", "target_health")

EVERY_FIELD = result(
    7,
    verdict=Verdict.UNREACHABLE,
    signal=Signal.SILENT,
    failure=FailureKind.CUT,
    latency_s=1.25,
    first_byte_s=0.0,
    input_tokens=2**40,
    control_tokens=0,
    token_delta=-3,
    expected_tokens=236,
    image_tokens=1,
    output_tokens=2,
    cached_tokens=3,
    reasoning_tokens=4,
    response_model="gpt-nano-2026",
    response_id="resp_1",
    body_digest=b"\x00\xff",
    answer="«K7» – 👁",
    answer_sane=False,
    fetches=0,
    cost_usd=1e-9,
    image_cost_usd=0.1,
    billed_usd=0.3,
    retry_after=timedelta(days=3, microseconds=1),
    first_attempt="cut: the peer closed",
)


USES: dict[str, Callable[[SqlLedger], Coroutine[None, None, object]]] = {
    "commit": lambda ledger: ledger.commit(probed(result(1), 1)),
    "memory": lambda ledger: ledger.memory(TARGET),
    "read": lambda ledger: ledger.read(queries.all_health),
}


def committed(url: str, *records: Record) -> list[Committed]:
    """The outcomes, one commit after the other."""

    async def story(ledger: SqlLedger) -> list[Committed]:
        return [await ledger.commit(record) for record in records]

    return with_ledger(url, story)


def committed_together(url: str, records: Sequence[Record]) -> list[Committed | BaseException]:
    """The outcomes of a batch."""

    async def story(ledger: SqlLedger) -> list[Committed | BaseException]:
        return await asyncio.gather(*map(ledger.commit, records), return_exceptions=True)

    return with_ledger(url, story)


def counts(url: str) -> dict[str, int]:
    """The rows of each table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in TABLES}  # noqa: S608 - our own names
    engine.dispose()
    return rows


def stored(url: str, probe_id: UUID) -> ProbeResult | None:
    return with_ledger(url, lambda ledger: ledger.read(lambda connection: queries.probe(connection, probe_id)))


@pytest.mark.parametrize(
    "given", [result(1), EVERY_FIELD, control(2, answer_sane=True)], ids=["seen", "every-field", "control"]
)
def test_a_committed_result_is_read_back_as_it_was(url: str, given: ProbeResult) -> None:
    committed(url, probed(given, 1))
    assert stored(url, given.id) == given


def test_a_record_leaves_a_row_in_every_table_it_speaks_of(url: str) -> None:
    assert committed(url, probed(result(1), 1, health=health(), transition=transition(1))) == [Committed.KEPT]
    assert counts(url) == {"probes": 1, "events": 0, "transitions": 1, "check_health": 1, "target_health": 1}


def test_an_expiry_is_kept_as_an_event(url: str) -> None:
    committed(url, expired(1, 1))
    assert counts(url) == {"probes": 0, "events": 1, "transitions": 0, "check_health": 1, "target_health": 0}


def test_a_control_moves_no_state(url: str) -> None:
    committed(url, probed(control(1), None))
    assert counts(url) == {"probes": 1, "events": 0, "transitions": 0, "check_health": 0, "target_health": 0}


def test_the_same_probe_commits_once(url: str) -> None:
    record = probed(result(1), 1)
    assert committed(url, record, record) == [Committed.KEPT, Committed.DUPLICATE]


def test_nothing_of_a_duplicate_is_kept(url: str) -> None:
    committed(url, probed(result(1), 1))
    before = counts(url)
    again = probed(result(1), 2, health=health(), transition=transition(1))
    assert committed(url, again) == [Committed.DUPLICATE]
    assert counts(url) == before


@pytest.mark.parametrize("version", [1, 3], ids=["a first state where there is one", "a state that skips one"])
def test_a_state_made_from_another_than_the_stored_one_conflicts(url: str, version: int) -> None:
    assert committed(url, probed(result(1), 1), probed(result(2), version))[1] is Committed.CONFLICT


def test_a_state_made_from_none_conflicts(url: str) -> None:
    assert committed(url, probed(result(1), 2)) == [Committed.CONFLICT]


def test_nothing_of_a_conflict_is_kept(url: str) -> None:
    committed(url, probed(result(1), 2, health=health(), transition=transition(1)))
    assert counts(url) == dict.fromkeys(TABLES, 0)


def test_an_event_conflicts_as_a_probe_does(url: str) -> None:
    assert committed(url, expired(1, 1), expired(2, 1)) == [Committed.KEPT, Committed.CONFLICT]


def test_a_batch_keeps_successive_states_of_a_check(url: str) -> None:
    outcomes = committed_together(url, [probed(result(n), n) for n in range(1, 601)])
    assert outcomes == [Committed.KEPT] * 600


def test_one_refused_record_costs_a_batch_no_other(url: str) -> None:
    batch = [probed(result(n, f"openai/m{n}"), 1) for n in range(5)]
    batch[1] = batch[0]
    batch[3] = probed(result(3, "openai/m3"), 9)
    kept = Committed.KEPT
    assert committed_together(url, batch) == [kept, Committed.DUPLICATE, kept, Committed.CONFLICT, kept]


def test_a_row_that_no_database_takes_costs_a_batch_only_itself(url: str) -> None:
    batch = [probed(result(n, f"openai/m{n}"), 1) for n in range(3)]
    batch[1] = probed(result(1, "openai/m1", input_tokens=2**70), 1)
    outcomes = committed_together(url, batch)
    assert [type(outcome) for outcome in outcomes] == [Committed, RecordRejected, Committed]
    assert counts(url)["probes"] == 2


def test_a_naive_time_is_rejected(url: str) -> None:
    naive = replace(expired(1, 1), state=state(1, since=datetime(2026, 1, 1)))  # noqa: DTZ001 - the very fault
    with pytest.raises(RecordRejected, match="naive"):
        committed(url, naive)


@pytest.mark.parametrize(("said", "kept"), [("a\0b", "a␀b"), ("a\ud800b", "a?b"), ("a\N{EYE}b", "a\N{EYE}b")])
def test_text_that_no_database_takes_is_replaced(url: str, said: str, kept: str) -> None:
    committed(url, probed(result(1, answer=said), 1))
    read = stored(url, result(1).id)
    assert read is not None
    assert read.answer == kept


def test_a_commit_whose_caller_is_cancelled_is_kept_and_remembered(url: str) -> None:
    async def story(ledger: SqlLedger) -> tuple[bool, int]:
        await ledger.memory(TARGET)
        task = asyncio.create_task(ledger.commit(probed(result(1), 1)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await ledger.read(queries.all_health)
        await ledger.commit(probed(result(2), 2))
        return task.cancelled(), (await ledger.memory(TARGET)).state("inline").version

    assert with_ledger(url, story) == (True, 2)
    assert counts(url)["probes"] == 2


def test_a_cancelled_caller_keeps_no_other_waiting(url: str) -> None:
    async def story(ledger: SqlLedger) -> list[Committed]:
        tasks = [asyncio.create_task(ledger.commit(probed(result(n, f"openai/m{n}"), 1))) for n in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        return await asyncio.wait_for(asyncio.gather(*tasks[1:]), timeout=30)

    assert with_ledger(url, story) == [Committed.KEPT] * 2


def test_closing_keeps_what_was_handed_in(url: str) -> None:
    async def story() -> list[Committed]:
        ledger = SqlLedger(url)
        await ledger.start()
        tasks = [asyncio.create_task(ledger.commit(probed(result(n), n))) for n in range(1, 50)]
        await asyncio.sleep(0)
        await ledger.close()
        return await asyncio.gather(*tasks)

    assert asyncio.run(story()) == [Committed.KEPT] * 49


@pytest.mark.parametrize("verb", USES)
def test_a_ledger_that_is_not_open_is_unavailable(url: str, verb: str) -> None:
    ledger = SqlLedger(url)
    with pytest.raises(LedgerUnavailable, match="not open"):
        asyncio.run(USES[verb](ledger))


@pytest.mark.parametrize("verb", USES)
def test_a_closed_ledger_is_unavailable(url: str, verb: str) -> None:
    async def story() -> None:
        async with SqlLedger(url) as ledger:
            pass
        await USES[verb](ledger)

    with pytest.raises(LedgerUnavailable, match="not open"):
        asyncio.run(story())


@pytest.mark.integration
def test_a_database_that_somebody_holds_is_unavailable_and_then_goes_on(url: str) -> None:
    holder = create_engine(url)

    async def story(ledger: SqlLedger) -> Committed:
        with holder.begin() as connection:
            connection.execute(text("UPDATE installation SET commit_seq = commit_seq"))
            with pytest.raises(LedgerUnavailable, match="lock"):
                await ledger.commit(probed(result(1), 1))
        return await ledger.commit(probed(result(1), 1))

    assert with_ledger(url, story) is Committed.KEPT
    holder.dispose()


def test_an_unreachable_server_is_unavailable_without_its_password() -> None:
    with pytest.raises(LedgerUnavailable) as caught:
        with_ledger("postgresql+psycopg://me:planted@127.0.0.1:1/nowhere", lambda ledger: ledger.memory(TARGET))
    assert "planted" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "no url"])
def test_a_url_that_names_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(LedgerUnavailable, match="database"):
        SqlLedger(url)


def test_a_directory_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(LedgerUnavailable, match="unable to open"):
        with_ledger("sqlite:////nonexistent/visionpath.db", lambda ledger: ledger.memory(TARGET))


def test_a_record_may_carry_health_alone(url: str) -> None:
    record = replace(bare(TARGET.id, "", START), health=health())
    assert committed(url, record) == [Committed.KEPT]


def test_rows_are_numbered_in_the_order_of_commits(url: str) -> None:
    committed(url, probed(result(9), 1), expired(10, 2), probed(result(3), 3, transition=transition(3)))
    engine = create_engine(url)
    union = " UNION ALL ".join(f"SELECT seq, '{table}' FROM {table}" for table in ("probes", "events", "transitions"))  # noqa: S608 - our own names
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(f"SELECT * FROM ({union}) AS u ORDER BY 1, 2"))]  # noqa: S608 - the same
    engine.dispose()
    assert rows == [(1, "probes"), (2, "events"), (3, "probes"), (3, "transitions")]


def test_a_probe_is_found_by_its_slot(url: str) -> None:
    committed(url, probed(result(1), 1))
    assert stored(url, result(1).id) == replace(result(1), scheduled_at=slot(1))
