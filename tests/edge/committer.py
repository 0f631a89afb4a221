"""A process that commits in a loop and says what was kept, to be killed or starved by a test.

`python -m tests.edge.committer URL [MAX_FILE_BYTES]` prints a line per kept record, and a last one when it gives up.
"""

from __future__ import annotations

import asyncio
import resource
import sys

from monitor.core.types import Committed
from monitor.edge.database import LedgerUnavailable
from monitor.edge.ledger import SqlLedger
from tests.edge.ledger_records import TARGET, health, probed, result, transition

TOGETHER = 20


async def commit_for_ever(url: str) -> None:
    async with SqlLedger(url) as ledger:
        version = (await ledger.memory(TARGET)).state("inline").version
        while True:
            numbers = range(version + 1, version + 1 + TOGETHER)
            outcomes = await asyncio.gather(*(_commit(ledger, number) for number in numbers))
            assert set(outcomes) == {Committed.KEPT}
            version += TOGETHER


async def _commit(ledger: SqlLedger, number: int) -> Committed:
    reason = "seen" if number % 2 else "blind"
    record = probed(result(number), number, health=health(reason=reason), transition=transition(number))
    outcome = await ledger.commit(record)
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
    return outcome


if __name__ == "__main__":
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    try:
        asyncio.run(commit_for_ever(sys.argv[1]))
    except LedgerUnavailable as fault:
        sys.stdout.write(f"unavailable: {fault}\n")
