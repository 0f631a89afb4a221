"""Starting and stopping the real processes of an end-to-end test: each in its own group, with its own log, on loopback,
with an environment that holds nothing but what the test puts there.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import httpx

ROOT = Path(__file__).parents[2]
LOG_TAIL = 4000
GRACE_S = 15

T = TypeVar("T")


class ProcessFailedError(Exception):
    """A process ended early or was not ready in time. The message ends with the tail of its log."""


def free_port() -> int:
    """A port that nobody listens on, below the ephemeral range: a client that tries the port while its server restarts
    cannot be given that very port and connect to itself.
    """
    for port in secrets.SystemRandom().sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ProcessFailedError("no free port between 20000 and 32000")


@contextmanager
def serving(
    command: Sequence[str], ready: str, log: Path, env: Mapping[str, str], deadline_s: float = 90
) -> Iterator[subprocess.Popen[bytes]]:
    """The process while it serves: entered once the URL `ready` answers 200, left once its whole group has ended."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, stdout=sink, stderr=subprocess.STDOUT, env=inherited | dict(env), cwd=ROOT, start_new_session=True
        )
    try:
        _await_ready(process, ready, log, deadline_s)
        yield process
    finally:
        _end_group(process)


def until(condition: Callable[[], T | None], deadline_s: float, what: Callable[[], object]) -> T:
    """What `condition` returns once it is not None. AssertionError with `what()` after `deadline_s` seconds."""
    end = time.monotonic() + deadline_s
    while (found := condition()) is None:
        assert time.monotonic() < end, f"not within {deadline_s} s: {what()}"
        time.sleep(0.1)
    return found


def tail(log: Path) -> str:
    """The end of a log."""
    return log.read_text(errors="replace")[-LOG_TAIL:]


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path, deadline_s: float) -> None:
    def state() -> str | None:
        if process.poll() is not None:
            return f"ended with exit code {process.returncode}"
        with suppress(httpx.TransportError):
            return "ready" if httpx.get(url, trust_env=False, timeout=5).status_code == 200 else None
        return None

    reached = until(state, deadline_s, lambda: f"{url} answers 200\n{tail(log)}")
    if reached != "ready":
        raise ProcessFailedError(f"{process.args!r} {reached}\n{tail(log)}")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
