"""One probe end to end. Talks to ports only, so that `visionpath probe` and the daemon run the very same code.

The order is fixed: send, read, compare, weigh against the text-only control, judge, step, commit; and only then tell.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.challenges import REGISTRY as CHALLENGES
from monitor.challenges import own
from monitor.challenges.drawn import drawn
from monitor.core import inquiry, records
from monitor.core.checks import check_of, is_own, own_of, wording
from monitor.core.examine import Sent, control_result, controls_of, examine, result_of, text_twin
from monitor.core.memory import CONTROL, TargetMemory
from monitor.core.ports import Clock, Ledger, Sink, Transport
from monitor.core.signals import signal_of
from monitor.core.types import (
    Answer,
    Committed,
    Finding,
    Form,
    Limits,
    Puzzle,
    Record,
    Target,
    TargetHealth,
    Twin,
    probe_id,
)
from monitor.core.verdict import judge, needs_twin
from monitor.dialects import REGISTRY as DIALECTS
from monitor.dialects.negotiation import renegotiated

log = logging.getLogger(__name__)

NOTHING_DRAWN = Puzzle(challenge="", seed=b"", images=(), question="", expected="")
"""The puzzle of a slot that passed before we came to it."""

Derive = Callable[[TargetMemory], Record]


@dataclass(frozen=True, slots=True)
class Probe:
    """A finished probe with all its evidence; `record` is what was committed."""

    sent: Sent
    finding: Finding
    record: Record


def compare(challenge: str, expected: str, text: str) -> Answer:
    """How `text` compares with what the named challenge expected."""
    if is_own(challenge):
        return own.match_pattern(expected, text)
    return CHALLENGES[challenge].check(expected, text)


def _limits(target: Target, check: str) -> Limits:
    """What an exchange of that check may cost; one that the target does not list (a control): what its first may."""
    return Limits(deadline=next((c.timeout for c in target.checks if c.name == check), target.checks[0].timeout))


class Runner:
    """Probes targets and commits what it finds. Nothing here assumes to be the only runner of a target.

    `secret` is the installation's; seeds are derived from it. `sinks` are told of committed records only.
    """

    def __init__(
        self, ledger: Ledger, transport: Transport, clock: Clock, secret: bytes, sinks: Sequence[Sink] = ()
    ) -> None:
        self._ledger = ledger
        self._transport = transport
        self._clock = clock
        self._secret = secret
        self._sinks = sinks
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._twins: dict[tuple[str, frozenset[Form]], tuple[inquiry.TwinOutcome, ...]] = {}
        self.sink_failures: Counter[str] = Counter()

    async def probe(self, target: Target, check: str, slot: datetime) -> Probe | None:
        """Probe now, for the slot; None when that slot is already in the ledger."""
        memory = await self._ledger.memory(target)
        puzzle = await self._draw(target, check, slot, memory)
        sent = await self._send(self._prepared(target, check, slot, puzzle, memory))
        return await self._conclude(sent, await self._weigh(sent))

    async def missed(self, target: Target, check: str, slot: datetime) -> Probe | None:
        """Record that the slot passed before we came to it; nothing is sent and the target is not blamed."""
        memory = await self._ledger.memory(target)
        unsent = self._prepared(target, check, slot, NOTHING_DRAWN, memory)
        return await self._conclude(unsent, examine(unsent, memory, compare))

    async def expire(self, target: Target, check: str, at: datetime) -> Record | None:
        """Record that the proof of a check ran out."""
        return await self._commit(target, lambda memory: records.expired(target, memory, check, at))

    async def start_over(self, target: Target, check: str, at: datetime) -> Record | None:
        """Record that the target is another one than was proven."""
        return await self._commit(target, lambda memory: records.config_changed(target, memory, check, at))

    async def reassess(self, target: Target, at: datetime) -> Record | None:
        """Write the target's row as the config now has it."""
        return await self._commit(target, lambda memory: records.reassessed(target, memory, at))

    async def retire(self, row: TargetHealth, at: datetime) -> Record | None:
        """Take a target that is no longer configured out of the routers' hands."""
        record = records.removed(row, at)
        if record is None or await self._ledger.commit(record) is not Committed.KEPT:
            return None
        self._tell(record)
        return record

    # --- sending --------------------------------------------------------------------------------------------------

    async def _draw(self, target: Target, check: str, slot: datetime, memory: TargetMemory) -> Puzzle:
        if brought := own_of(target, check):
            return own.puzzle(brought)
        row = check_of(target, check)
        challenge = inquiry.choose_challenge(row, memory.state(check))
        seed = inquiry.seed(self._secret, probe_id(target.id, check, slot))
        size = inquiry.image_size(target)
        if row.tests_the_file:
            return await asyncio.to_thread(drawn, row, challenge, seed, size)
        return drawn(row, challenge, seed, size)

    def _prepared(self, target: Target, check: str, slot: datetime, puzzle: Puzzle, memory: TargetMemory) -> Sent:
        return Sent(
            id=probe_id(target.id, check, slot),
            target=target,
            check=check,
            puzzle=puzzle,
            image_size=puzzle.images[0].width if puzzle.images else 0,
            ask=inquiry.ask(target, memory, puzzle, check_of(target, check)),
            scheduled_at=slot,
            finished_at=self._clock(),
        )

    async def _send(self, unsent: Sent) -> Sent:
        """Send; once more in another form if only the form of the request was refused."""
        sent = await self._attempt(unsent)
        target, ask = sent.target, sent.ask
        other = renegotiated(target.dialect, ask, sent.reply) if sent.reply and target.cap_parameter == "auto" else None
        if other is None:
            return sent
        refused = f"{ask.cap_parameter}: HTTP {sent.exchange.status if sent.exchange else None}"
        return await self._attempt(replace(unsent, ask=other, first_attempt=refused))

    async def _attempt(self, unsent: Sent) -> Sent:
        dialect = DIALECTS[unsent.target.dialect]
        request = dialect.build(unsent.ask)
        exchange = await self._transport.send(unsent.target, request, _limits(unsent.target, unsent.check))
        reply = dialect.parse(exchange) if exchange.status is not None else None
        return replace(unsent, request=request, exchange=exchange, reply=reply, finished_at=self._clock())

    # --- weighing -------------------------------------------------------------------------------------------------

    async def _weigh(self, sent: Sent) -> Finding:
        """The finding, after the text-only twin where the verdict needs one."""
        memory = await self._ledger.memory(sent.target)
        finding = examine(sent, memory, compare)
        if needs_twin(finding):
            return replace(finding, twin=await self._twin(sent))
        if self._control_due(sent, memory):
            await self._control(sent)
            return examine(sent, await self._ledger.memory(sent.target), compare)
        return finding

    def _control_due(self, sent: Sent, memory: TargetMemory) -> bool:
        if text_twin(sent) is not Twin.PASSED or sent.reply is None:
            return False
        return inquiry.control_due(controls_of(sent, memory), sent.reply.model, self._clock())

    async def _twin(self, sent: Sent) -> Twin:
        """How the same words without an image fare, asked at most once in ten minutes for an error and form."""
        status = sent.exchange.status if sent.exchange else None
        code = sent.reply.error.code if sent.reply and sent.reply.error else None
        same = (sent.target.id, sent.ask.forms)
        outcomes = self._twins.get(same, ())
        if known := inquiry.known_twin(outcomes, status, code, self._clock()):
            return known
        twin = text_twin(await self._control(sent))
        outcome = inquiry.TwinOutcome(status, code, self._clock(), twin)
        self._twins[same] = inquiry.keep_twin(outcomes, outcome)
        return twin

    async def _control(self, probe: Sent) -> Sent:
        """Send the text-only twin of a probe, in the same slot, and keep its result."""
        now = self._clock()
        control = await self._send(
            replace(
                probe,
                id=probe_id(probe.target.id, CONTROL, now),
                check=CONTROL,
                puzzle=replace(
                    probe.puzzle,
                    challenge=wording(probe.puzzle.challenge, probe.ask),
                    seed=b"",
                    images=(),
                    expected="",
                ),
                image_size=0,
                ask=replace(probe.ask, images=()),
                scheduled_at=now,
                first_attempt=None,
            )
        )
        result = control_result(control)
        await self._commit(probe.target, lambda memory: records.probed(probe.target, memory, result))
        return control

    # --- concluding -----------------------------------------------------------------------------------------------

    async def _conclude(self, sent: Sent, finding: Finding) -> Probe | None:
        judgement = judge(finding)
        signal = signal_of(judgement.verdict, check_of(sent.target, sent.check).gate)
        result = result_of(sent, finding, judgement, signal)
        record = await self._commit(sent.target, lambda memory: records.probed(sent.target, memory, result))
        return Probe(sent, finding, record) if record else None

    async def _commit(self, target: Target, derive: Derive) -> Record | None:
        """Step from the state as it is now and commit; again from the newer state if another writer was faster."""
        async with self._locks[target.id]:
            record = derive(await self._ledger.memory(target))
            while (outcome := await self._ledger.commit(record)) is Committed.CONFLICT:
                record = derive(await self._ledger.memory(target))
        if outcome is Committed.DUPLICATE:
            return None
        self._tell(record)
        return record

    def _tell(self, record: Record) -> None:
        for sink in self._sinks:
            try:
                sink(record)
            except Exception:
                self.sink_failures[sink.name] += 1
                log.exception("sink %s failed on a record of %s", sink.name, record.target_id)
