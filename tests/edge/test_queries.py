"""What the page, the API and the commands read, and that nothing is found by reading everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, Engine, event

from monitor.core.types import ProbeResult, Record, Transition, probe_id
from monitor.edge import queries
from monitor.edge.database import reading_engine
from monitor.edge.ledger import SqlLedger
from monitor.edge.queries import Page
from monitor.edge.recall import recall
from tests.edge.databases import migrated
from tests.edge.ledger_records import START, TARGET, control, health, probed, result, state, transition, with_ledger

T = TypeVar("T")


OTHER = "openai/other"


def write(url: str, *records: Record) -> None:
    async def story(ledger: SqlLedger) -> None:
        for record in records:
            await ledger.commit(record)

    with_ledger(url, story)


def read(url: str, query: Callable[[Connection], T]) -> T:
    return with_ledger(url, lambda ledger: ledger.read(query))


def walked(url: str, page_of: Callable[..., Page[T]]) -> list[list[T]]:
    """The pages of a history, followed to its end."""
    pages: list[list[T]] = []
    before: int | None = None
    while True:
        page = read(url, partial(page_of, before=before))
        pages.append(list(page.items))
        before = page.older
        if before is None:
            return pages


def numbers(pages: list[list[ProbeResult]]) -> list[list[int]]:
    return [[int.from_bytes(item.seed) for item in page] for page in pages]


def test_history_is_newest_first_and_pages_to_its_end(url: str) -> None:
    write(url, *(probed(result(n), n) for n in range(1, 6)), probed(result(9, OTHER), 1))
    pages = walked(url, partial(queries.probes_of, target_id=TARGET.id, limit=2))
    assert numbers(pages) == [[5, 4], [3, 2], [1]]


def test_a_last_page_that_is_full_has_no_successor(url: str) -> None:
    write(url, *(probed(result(n), n) for n in range(1, 5)))
    pages = walked(url, partial(queries.probes_of, target_id=TARGET.id, limit=2))
    assert numbers(pages) == [[4, 3], [2, 1]]


def test_history_may_be_of_one_check(url: str) -> None:
    write(url, probed(result(1), 1), probed(result(2, check="ocr"), 1), probed(result(3), 2), probed(control(4), None))
    page = read(url, lambda c: queries.probes_of(c, TARGET.id, check="inline"))
    assert numbers([list(page.items)]) == [[3, 1]]


def test_an_unknown_target_has_no_history(url: str) -> None:
    assert read(url, lambda c: queries.probes_of(c, "no/such")) == Page((), None)


def test_transitions_page_as_probes_do(url: str) -> None:
    write(url, *(probed(result(n), n, transition=transition(n)) for n in range(1, 4)))
    pages: list[list[Transition]] = walked(url, partial(queries.transitions_of, target_id=TARGET.id, limit=2))
    assert pages == [[transition(3), transition(2)], [transition(1)]]


def test_a_probe_that_never_was_is_none(url: str) -> None:
    assert read(url, lambda c: queries.probe(c, probe_id("no/such", "inline", START))) is None


def test_the_overview_has_the_newest_result_of_each_check(url: str) -> None:
    write(
        url,
        probed(result(1), 1),
        probed(result(2), 2),
        probed(result(3, check="ocr"), 1),
        probed(result(4, OTHER), 1),
        probed(control(5), None),
    )
    assert read(url, queries.last_results) == {
        (TARGET.id, "inline"): result(2),
        (TARGET.id, "ocr"): result(3, check="ocr"),
        (OTHER, "inline"): result(4, OTHER),
    }


def test_states_are_found_by_target_and_check(url: str) -> None:
    write(url, probed(result(1), 1), probed(result(2), 2), probed(result(3, check="ocr"), 1))
    assert read(url, queries.all_check_states) == {TARGET.id: {"inline": state(2), "ocr": state(1)}}


def test_the_states_of_one_target_are_found(url: str) -> None:
    write(url, probed(result(1), 1), probed(result(2, OTHER), 1))
    assert read(url, lambda c: queries.check_states(c, TARGET.id)) == {"inline": state(1)}


def test_health_is_found_by_target(url: str) -> None:
    write(url, probed(result(1), 1, health=health()))
    assert read(url, lambda c: queries.one_health(c, TARGET.id)) == replace(health(), version=1)


def test_a_target_without_health_is_none(url: str) -> None:
    assert read(url, lambda c: queries.one_health(c, TARGET.id)) is None


def test_health_comes_in_the_order_of_the_targets(url: str) -> None:
    write(url, probed(result(1, "b/x"), 1, health=health("b/x")), probed(result(1, "a/x"), 1, health=health("a/x")))
    assert [row.target_id for row in read(url, queries.all_health)] == ["a/x", "b/x"]


def test_no_version_comes_before_the_first(url: str) -> None:
    assert read(url, queries.health_version) == 0


def test_the_secret_stays_the_same_and_does_not_print(url: str) -> None:
    secrets = [read(url, queries.installation_secret) for _ in range(2)]
    assert secrets[0] == secrets[1]
    assert (len(bytes.fromhex(secrets[0].reveal())), str(secrets[0])) == (32, "***")


def test_a_reader_cannot_write(url: str) -> None:
    with pytest.raises(Exception, match=r"read-?only"):
        read(url, lambda c: c.exec_driver_sql("UPDATE installation SET commit_seq = 0"))


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Engine]:
    """A reader of a SQLite that has a little of everything."""
    url = migrated(f"sqlite:///{tmp_path / 'visionpath.db'}")
    write(url, *(probed(result(n), n, transition=transition(n), health=health()) for n in range(1, 30)))
    write(url, *(probed(control(n), None) for n in range(10)))
    engine = reading_engine(url)
    yield engine
    engine.dispose()


def plans(engine: Engine, query: Callable[[Connection], object]) -> list[str]:
    """The steps by which SQLite answers each statement of the query."""
    steps: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        cursor = connection.connection.cursor()
        steps.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
        cursor.close()

    with engine.connect() as connection:
        event.listen(engine, "before_cursor_execute", explain)
        query(connection)
        event.remove(engine, "before_cursor_execute", explain)
    return steps


@pytest.mark.parametrize(
    "query",
    [
        lambda c: recall(c, TARGET.id),
        lambda c: queries.probes_of(c, TARGET.id),
        lambda c: queries.probes_of(c, TARGET.id, before=20),
        lambda c: queries.probes_of(c, TARGET.id, check="inline", before=20),
        lambda c: queries.transitions_of(c, TARGET.id, before=20),
        lambda c: queries.probe(c, result(1).id),
        queries.last_results,
        queries.health_version,
    ],
    ids=["recall", "probes", "older", "of-check", "transitions", "probe", "overview", "version"],
)
def test_no_query_reads_or_sorts_a_whole_history(planned: Engine, query: Callable[[Connection], object]) -> None:
    steps = plans(planned, query)
    whole = {"SCAN probes", "SCAN transitions", "SCAN events", "SCAN target_health"}
    assert (steps != [], [step for step in steps if "TEMP B-TREE" in step or step in whole]) == (True, [])


@pytest.mark.parametrize("index", ["answered", "controls", "capped"])
def test_what_is_remembered_is_found_by_an_index_of_its_own(planned: Engine, index: str) -> None:
    steps = plans(planned, lambda connection: recall(connection, TARGET.id))
    assert any(f"INDEX ix_probes_{index} " in step for step in steps)
