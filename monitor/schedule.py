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
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

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


Key = tuple[str, str]
"""Target id and check name: what a slot belongs to, whatever the config now says of either."""


@dataclass(order=True, slots=True)
class _Due:
    """A slot in the heap. It is void once another was laid for the same check, or the check is configured no more."""

    at: datetime
    number: int
    key: Key = field(compare=False)


class Budgets(Protocol):
    """What targets may spend, as the pace that is left to them."""

    def paced(self, target: Target, now: datetime) -> Target:
        """The target with its intervals and the lifetimes of its proofs stretched as far as its budget asks."""

    def probing(self, target: Target, check: str, now: datetime) -> Target:
        """The same for a probe of `check` that begins now: a proof that it makes is given this lifetime."""


class Unlimited:
    """Budgets that never run out."""

    def paced(self, target: Target, now: datetime) -> Target:  # noqa: ARG002 the port's
        """As configured."""
        return target

    def probing(self, target: Target, check: str, now: datetime) -> Target:  # noqa: ARG002 the port's
        """As configured."""
        return target


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
        budgets: Budgets | None = None,
    ) -> None:
        self._configured = _by_key(targets)
        self._runner = runner
        self._ledger = ledger
        self._clock = clock
        self._global = asyncio.Semaphore(max_concurrency)
        self._limits = dict(provider_concurrency)
        self._providers = {name: asyncio.Semaphore(limit) for name, limit in provider_concurrency.items()}
        self._observe_lag = observe_lag
        self._budgets = budgets or Unlimited()
        self._heap: list[_Due] = []
        self._number = 0
        self._is_held = False
        self._laid: dict[Key, int] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
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
        for key in self._configured:
            await self._lay_first(key)

    async def replace(self, targets: Sequence[Target], provider_concurrency: Mapping[str, int]) -> None:
        """Probe these targets from now on. What is under way for a target that is gone, or is another one now, is
        cancelled; what did not change keeps its slots; what is new or has another pace starts in phase.
        """
        before, self._configured = self._configured, _by_key(targets)
        self._change_limits(provider_concurrency)
        await self._cancel([key for key in before if not _is_same_target(before[key], self._configured.get(key))])
        for key, new in self._configured.items():
            old = before.get(key)
            same_pace = old is not None and old[1].every == new[1].every
            if key not in self._tasks and not (same_pace and _is_same_target(old, new)):
                await self._lay_first(key)
        for key in before.keys() - self._configured.keys():
            self._laid.pop(key, None)

    def _change_limits(self, limits: Mapping[str, int]) -> None:
        for name, limit in limits.items():
            if self._limits.get(name) != limit:
                self._providers[name] = asyncio.Semaphore(limit)
        self._limits = dict(limits)

    async def _cancel(self, keys: Sequence[Key]) -> None:
        tasks = [self._tasks[key] for key in keys if key in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for key in keys:
            self._tasks.pop(key, None)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Dispatch nothing while inside; what is under way goes on."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False

    async def _lay_first(self, key: Key) -> None:
        target, check = self._configured[key]
        memory, now = await self._ledger.memory(target), self._clock()
        paced = self._budgets.paced(target, now).check(check.name)
        self._lay(first_slot(target, paced, memory.state(check.name), now), key)

    async def drain(self, deadline: timedelta) -> int:
        """Dispatch no more and let what is under way finish; returns how many had to be cancelled after `deadline`."""
        if self._scheduler.running:
            self._scheduler.pause()
        under_way = set(self._tasks.values())
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
        if self._is_held:
            return
        now = self._clock()
        while self._heap and self._heap[0].at <= now:
            due = heapq.heappop(self._heap)
            if self._laid.get(due.key) == due.number:
                self._dispatch(due)

    @property
    def next_at(self) -> datetime | None:
        """When the next probe is due; None while every check is under way."""
        return min((due.at for due in self._heap if self._laid.get(due.key) == due.number), default=None)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _lay(self, at: datetime, key: Key) -> None:
        self._number += 1
        self._laid[key] = self._number
        heapq.heappush(self._heap, _Due(at, self._number, key))

    def _dispatch(self, due: _Due) -> None:
        task = asyncio.create_task(self._run(due), name=" ".join(due.key))
        self._tasks[due.key] = task
        task.add_done_callback(_report)

    async def _run(self, due: _Due) -> None:
        """One slot: wait for a place, probe (or miss), lay the next slot, whatever happened."""
        target, check = self._configured[due.key]
        following = self._clock() + check.every
        try:
            async with AsyncExitStack() as places:
                await places.enter_async_context(self._providers[target.provider])
                await places.enter_async_context(self._global)
                following = await self._probe(target, check, due.at)
        finally:
            self._tasks.pop(due.key, None)
            await self._lay_following(due.key, check, following)

    async def _lay_following(self, key: Key, check: TargetCheck, following: datetime) -> None:
        """Lay the next slot; in phase if the config gave the check another pace meanwhile."""
        if key not in self._configured:
            return
        if self._configured[key][1].every == check.every:
            self._lay(following, key)
        else:
            await self._lay_first(key)

    async def _probe(self, target: Target, check: TargetCheck, slot: datetime) -> datetime:
        now = self._clock()
        lag = now - slot
        self._observe_lag(max(lag.total_seconds(), 0.0))
        paced = self._budgets.probing(target, check.name, now)
        send = self._runner.missed if lag > paced.check(check.name).every else self._runner.probe
        probe = await send(paced, check.name, slot)
        memory = await self._ledger.memory(target)
        result = probe.record.result if probe else None
        return slot_after(target, check, memory, result, self._clock(), paced=paced)

    # --- proofs ---------------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Expire the proofs that ran out; after a start each check first gets one cycle of grace."""
        if self._is_held:
            return
        now = self._clock()
        for target, check in list(self._configured.values()):
            memory = await self._ledger.memory(target)
            if not self._ran_out(memory, check, now):
                continue
            paced = self._budgets.paced(target, now)
            if self._ran_out(memory, paced.check(check.name), now):
                await self._runner.expire(paced, check.name, now)

    def _ran_out(self, memory: TargetMemory, check: TargetCheck, now: datetime) -> bool:
        state = memory.state(check.name)
        if state.standing is not Standing.ACTIVE or state.expired:
            return False
        end = expires_at(state, check)
        grace = self._started_at + check.every + check.timeout
        return end is not None and end < now and grace < now


def _by_key(targets: Sequence[Target]) -> dict[Key, tuple[Target, TargetCheck]]:
    return {(target.id, check.name): (target, check) for target in targets for check in target.checks}


def _is_same_target(old: tuple[Target, TargetCheck] | None, new: tuple[Target, TargetCheck] | None) -> bool:
    return old is not None and new is not None and new[0].identity == old[0].identity


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (fault := task.exception()):
        log.error("probe task %s failed: our own fault", task.get_name(), exc_info=fault)
