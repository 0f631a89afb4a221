"""JSON lines on stderr, one a record. Secrets never reach a log because they never leave the transport."""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from monitor.core.types import Record, Signal

log = logging.getLogger("monitor.records")

NOISY = ("httpx", "httpcore", "apscheduler", "uvicorn", "alembic", "asyncio", "aiohttp")
"""Libraries that log whole URLs or every job: only their warnings are ours to pass on."""


def configure(level: str = "INFO") -> None:
    """Log to stderr as JSON: `timestamp`, `level`, `name`, `message` and whatever belongs to the record."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "timestamp", "levelname": "level"},
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


class RecordLog:
    """A sink: a line for every transition and for every probe that does not speak for the target."""

    name = "log"

    def __call__(self, record: Record) -> None:
        """Log what an operator would look for."""
        if record.transition is not None:
            change = record.transition
            log.warning(
                "%s: %s -> %s (%s)",
                change.target_id,
                change.before,
                change.after,
                change.reason,
                extra={"target": change.target_id, "actor": change.actor, "detail": change.detail},
            )
        result = record.result
        if result is not None and result.signal in (Signal.AGAINST, Signal.SILENT):
            log.info(
                "%s %s: %s",
                result.target_id,
                result.check,
                result.verdict,
                extra={"target": result.target_id, "probe_id": str(result.id), "reason": result.reason},
            )
