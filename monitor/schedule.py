"""Which probe is sent when: one APScheduler job ticks over a heap of due checks; one more watches proofs run out.

Rules of this file. A check's ordinary slots lie on its stable grid. At most one probe of a check is under way, at most
`max_concurrency` of a provider. A slot that we come to more than one interval late is recorded as missed, and the
target is not blamed. Jobs live in memory: the config is the source of schedules.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.core.health import expires_at
from monitor.core.memory import TargetMemory
from monitor.core.pacing import first_slot, slot_after
from monitor.core.ports import Clock, Ledger
from monitor.core.types import Standing, Target, TargetCheck
from monitor.runner import Runner

log = logging.getLogger(__name__)

TICK = timedelta(milliseconds=100)
"""How often due probes are dispatched; bursts cost half of what an even drip costs."""
SWEEP = timedelta(seconds=1)
"""How often proofs are looked through for one that ran out."""


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    number: int
    target: Target = field(compare=False)
    check: TargetCheck = field(compare=False)


class Schedule:
    """Drives a runner over the configured targets until it is drained."""

    def __init__(  # noqa: PLR0913 the parts that the composition root hands in
        self,
        targets: Sequence[Target],
        runner: Runner,
        ledger: Ledger,
        clock: Clock,
        *,
        provider_concurrency: Mapping[str, int],
        max_concurrency: int,
        observe_lag: Callable[[float], None],
    ) -> None:
        self._targets = targets
        self._runner = runner
        self._ledger = ledger
        self._clock = clock
        self._global = asyncio.Semaphore(max_concurrency)
        self._providers = {name: asyncio.Semaphore(limit) for name, limit in provider_concurrency.items()}
        self._observe_lag = observe_lag
        self._heap: list[_Due] = []
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._started_at = clock()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self.job_events: Counter[str] = Counter()

    # --- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Lay every check on its first slot and start to tick."""
        await self.lay_out()
        self._scheduler.add_listener(self._note, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)
        self._scheduler.add_job(self.tick, "interval", seconds=TICK.total_seconds(), id="tick")
        self._scheduler.add_job(self.sweep, "interval", seconds=SWEEP.total_seconds(), id="sweep")
        self._scheduler.start()

    async def lay_out(self) -> None:
        """Lay every check on its first slot, counting from now."""
        self._started_at = self._clock()
        for target in self._targets:
            memory = await self._ledger.memory(target)
            for check in target.checks:
                self._lay(first_slot(target, check, memory.state(check.name), self._started_at), target, check)

    async def drain(self, deadline: timedelta) -> int:
        """Dispatch no more and let what is under way finish; returns how many had to be cancelled after `deadline`."""
        if self._scheduler.running:
            self._scheduler.pause()
        under_way = set(self._tasks)
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=deadline.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        return sum(task.cancelled() for task in under_way)

    def _note(self, event: JobExecutionEvent) -> None:
        self.job_events[event.job_id] += 1
        log.error("job %s did not run as planned: %s", event.job_id, getattr(event, "exception", None) or event.code)

    # --- dispatch -------------------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Dispatch what is due."""
        now = self._clock()
        while self._heap and self._heap[0].at <= now:
            self._dispatch(heapq.heappop(self._heap))

    @property
    def next_at(self) -> datetime | None:
        """When the next probe is due; None while every check is under way."""
        return self._heap[0].at if self._heap else None

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _lay(self, at: datetime, target: Target, check: TargetCheck) -> None:
        self._number += 1
        heapq.heappush(self._heap, _Due(at, self._number, target, check))

    def _dispatch(self, due: _Due) -> None:
        task = asyncio.create_task(self._run(due), name=f"{due.target.id} {due.check.name}")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log.error("probe task %s failed: our own fault", task.get_name(), exc_info=fault)

    async def _run(self, due: _Due) -> None:
        """One slot: wait for a place, probe (or miss), lay the next slot, whatever happened."""
        following = self._clock() + due.check.every
        try:
            async with AsyncExitStack() as places:
                await places.enter_async_context(self._providers[due.target.provider])
                await places.enter_async_context(self._global)
                following = await self._probe(due)
        finally:
            self._lay(following, due.target, due.check)

    async def _probe(self, due: _Due) -> datetime:
        lag = self._clock() - due.at
        self._observe_lag(max(lag.total_seconds(), 0.0))
        send = self._runner.missed if lag > due.check.every else self._runner.probe
        probe = await send(due.target, due.check.name, due.at)
        memory = await self._ledger.memory(due.target)
        result = probe.record.result if probe else None
        return slot_after(due.target, due.check, memory, result, self._clock())

    # --- proofs ---------------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Expire the proofs that ran out; after a start each check first gets one cycle of grace."""
        now = self._clock()
        for target in self._targets:
            memory = await self._ledger.memory(target)
            for check in target.checks:
                if self._ran_out(memory, check, now):
                    await self._runner.expire(target, check.name, now)

    def _ran_out(self, memory: TargetMemory, check: TargetCheck, now: datetime) -> bool:
        state = memory.state(check.name)
        if state.standing is not Standing.ACTIVE or state.expired:
            return False
        end = expires_at(state, check)
        grace = self._started_at + check.every + check.timeout
        return end is not None and end < now and grace < now
