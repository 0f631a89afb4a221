"""Kills a busy daemon with SIGKILL again and again and audits the database after each time.

`python -m tests.e2e.crash --kills 100` prints what it found; the test suite runs a few rounds of the same.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import httpx
from sqlalchemy import Connection, select

from monitor.config.load import load
from monitor.core.health import replay
from monitor.core.types import Policy
from monitor.edge import migrate, queries
from monitor.edge.database import reading_engine
from monitor.edge.schema import probes, transitions
from tests.e2e.processes import free_port, serving, until

MODELS = ("sees", "strips", "invents", "unmetered", "flat-usage", "leaks-reasoning", "misreads", "intermittent-10")
DIALECTS = {"chat": ("openai-chat", "/v1"), "responses": ("openai-responses", "/v1"), "gemini": ("gemini", "")}
READY_S = 60


@dataclass
class Audit:
    """What went wrong over all rounds; all zero is the bar."""

    kills: int = 0
    probes: int = 0
    lost: int = 0
    doubled: int = 0
    mismatched: int = 0
    drifted: int = 0
    known: set[str] = field(default_factory=set)

    @property
    def clean(self) -> bool:
        return self.lost == self.doubled == self.mismatched == self.drifted == 0

    def __str__(self) -> str:
        return (
            f"crash: {self.kills} kills, {self.probes} probes, {self.lost} lost, {self.doubled} doubled, "
            f"{self.mismatched} state mismatches, {self.drifted} schema drifts"
        )


def run(kills: int, folder: Path) -> Audit:
    """Kill the daemon that many times."""
    audit = Audit()
    gateway, port = free_port(), free_port()
    (folder / "monitor.yaml").write_text(_config(gateway, port, folder / "visionpath.db"))
    sandbox = [sys.executable, "-m", "uvicorn", "--factory", "monitor.sandbox:create_app", "--port", str(gateway)]
    with serving(sandbox, f"http://127.0.0.1:{gateway}/v1/models", folder / "gateway.log", {}):
        for number in range(kills):
            _one_life(number, port, folder)
            audit.kills += 1
            _examine(folder, audit)
    return audit


def _one_life(number: int, port: int, folder: Path) -> None:
    """Start the daemon, let it probe for a while that differs from round to round, kill it."""
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "monitor", "run", "-c", str(folder / "monitor.yaml")]
    with serving(command, f"{url}/-/ready", folder / f"daemon-{number}.log", {}, READY_S) as process:
        awaited = 1 + sha256(str(number).encode()).digest()[0] % 120
        until(lambda: True if _committed(url) >= awaited else None, READY_S, lambda: f"{awaited} commits")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _committed(url: str) -> int:
    metrics = httpx.get(f"{url}/metrics", trust_env=False, timeout=10).text
    line = next(line for line in metrics.splitlines() if line.startswith("visionpath_ledger_commit_seconds_count"))
    return int(float(line.split()[-1]))


def _examine(folder: Path, audit: Audit) -> None:
    config = load(folder / "monitor.yaml", {})
    engine = reading_engine(config.database.reveal())
    audit.drifted += len(migrate.check(engine))
    with engine.connect() as connection:
        ids = [str(row) for row in connection.execute(select(probes.c.id)).scalars()]
        audit.lost += len(audit.known - set(ids))
        audit.doubled += len(ids) - len(set(ids)) + _transitions_out_of_turn(connection)
        audit.known, audit.probes = set(ids), len(ids)
        for target in config.targets:
            audit.mismatched += _mismatches(connection, target.id, target.policy)
    engine.dispose()


def _mismatches(connection: Connection, target_id: str, policy: Policy) -> int:
    """Checks whose stored state is not what their stored events lead to."""
    states = queries.check_states(connection, target_id)
    return sum(
        replay(queries.history(connection, target_id, check), policy) != state for check, state in states.items()
    )


def _transitions_out_of_turn(connection: Connection) -> int:
    """Transitions that repeat the standing which the one before had led to."""
    rows = connection.execute(select(transitions.c.target_id, transitions.c.after).order_by(transitions.c.seq)).all()
    by_target: dict[str, list[str]] = {}
    for target_id, after in rows:
        by_target.setdefault(target_id, []).append(after)
    return sum(Counter(one == other for one, other in pairwise(afters))[True] for afters in by_target.values())


def _config(gateway: int, port: int, store: Path) -> str:
    models = ", ".join(f"{name}: {{model: {name}, input_modalities: [text, image]}}" for name in MODELS)
    providers = "".join(
        f"  {name}: {{base_url: 'http://127.0.0.1:{gateway}{base}', dialect: {dialect}, api_key: k, models: {{{models}}}}}\n"
        for name, (dialect, base) in DIALECTS.items()
    )
    return (
        f"database: sqlite:///{store}\nserver: {{listen: '127.0.0.1:{port}'}}\n"
        "defaults: {every: 500ms, timeout: 5s, policy: {fast_every: 200ms, down_every: 500ms},\n"
        "  budget: {probes_per_day: 100000000, tokens_per_day: 100000000000}}\n"
        f"providers:\n{providers}"
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    kills = parser.parse_args(arguments).kills
    with tempfile.TemporaryDirectory() as folder:
        audit = run(kills, Path(folder))
    print(audit)
    return 0 if audit.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
