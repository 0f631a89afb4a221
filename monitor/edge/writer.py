"""The one thread that writes. Jobs are done in the order handed in; commits that wait together go together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from monitor.edge.commit import commit_all
from monitor.edge.database import faults_named
from monitor.edge.rows import Entry

T = TypeVar("T")

BATCH = 500
"""Records in one transaction at most; beyond it latency grows and throughput no longer does."""


@dataclass(frozen=True, slots=True)
class _Job:
    """Either an `entry` to commit or a `call` in a transaction of its own.

    `settle` takes the outcome (an exception included) on the event loop, even when nobody waits for it any more.
    """

    work: Entry | Callable[[Connection], Any]
    settle: Callable[[Any], Any]
    future: asyncio.Future[Any]


class Writer:
    """Belongs to the event loop that made it; `submit` and `close` are called there."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self._engine = engine
        self._loop = loop
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def submit(self, work: Entry | Callable[[Connection], Any], settle: Callable[[Any], T]) -> asyncio.Future[T]:
        """Queue the work. The future resolves to what `settle` returns or raises."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Job(work, settle, future))
        return future

    async def close(self) -> None:
        """Do what was handed in, then end the thread. Nothing may be submitted after."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        running = True
        while running:
            waiting = self._drain()
            running = waiting[-1] is not None
            jobs = [job for job in waiting if job is not None]
            for is_commit, group in groupby(jobs, key=lambda job: isinstance(job.work, Entry)):
                self._do(list(group), is_commit=is_commit)

    def _drain(self) -> list[_Job | None]:
        jobs = [self._queue.get()]
        while jobs[-1] is not None and len(jobs) < BATCH:
            try:
                jobs.append(self._queue.get_nowait())
            except Empty:
                break
        return jobs

    def _do(self, jobs: Sequence[_Job], *, is_commit: bool) -> None:
        if is_commit:
            outcomes = _attempt(commit_all, self._engine, [job.work for job in jobs])
            each = [outcomes] * len(jobs) if isinstance(outcomes, Exception) else outcomes
        else:
            each = [_attempt(self._call, job.work) for job in jobs]
        self._loop.call_soon_threadsafe(_settle, jobs, each)

    def _call(self, work: Callable[[Connection], Any]) -> Any:
        with faults_named(self._engine), self._engine.begin() as connection:
            return work(connection)


def returned(outcome: Any) -> Any:
    """The plain way to settle: the outcome, raised if it is an exception."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _settle(jobs: Sequence[_Job], outcomes: Sequence[Any]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        result = _attempt(job.settle, outcome)
        if job.future.done():  # whoever waited was cancelled
            continue
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)


def _attempt(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except Exception as error:  # noqa: BLE001 - it goes to whoever waits; the thread must live on for the others
        return error
