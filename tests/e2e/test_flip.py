"""Visionpath beside LiteLLM's own health check while a deepseek deployment loses its sight and regains it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.daemon import Daemon, visionpath
from tests.e2e.litellm_proxy import ROUTES, Proxy, deployment, litellm_proxy
from tests.e2e.processes import free_port, until

pytestmark = pytest.mark.integration

PROVIDERS = ("chat", "responses", "messages")
TARGETS = frozenset(f"{provider}/{route}" for provider in PROVIDERS for route in ROUTES)
LOSING = frozenset({"chat/deepseek", "responses/deepseek"})
FALL = 4
SETTLES_S = 60
"""Enough for ten probes at the test's paces on two busy cores."""


@pytest.fixture
def gateway_port() -> int:
    """The port that every proxy of one story listens on in turn: the daemon's config names it once."""
    return free_port()


@pytest.fixture
def daemon(gateway_port: int, master_key: str, tmp_path: Path) -> Iterator[Daemon]:
    """Visionpath watching the gateway, which need not be up yet."""
    with visionpath(f"http://127.0.0.1:{gateway_port}", master_key, tmp_path) as running:
        yield running


def blind_targets(daemon: Daemon) -> frozenset[str]:
    """The targets that are catalog-only now."""
    return frozenset(target for target in TARGETS if daemon.row(target)["standing"] != "active")


def await_blind(daemon: Daemon, expected: frozenset[str]) -> None:
    """Wait until exactly the expected targets are catalog-only."""

    def settled() -> bool | None:
        return True if blind_targets(daemon) == expected else None

    until(settled, SETTLES_S, lambda: {target: daemon.row(target) for target in blind_targets(daemon) ^ expected})


def against_until(probes: list[dict[str, Any]], flip: datetime) -> int:
    """How many AGAINST the target had got at the flip since its last FOR; `probes` are newest first."""
    signals = [probe["signal"] for probe in probes if datetime.fromisoformat(probe["scheduled_at"]) <= flip]
    run = signals[: signals.index("for")] if "for" in signals else signals
    return run.count("against")


def assert_fell_within_fall_probes(daemon: Daemon, target: str) -> None:
    row = daemon.row(target)
    assert row["reason"] in {"dropped", "blind"}
    assert 0 < against_until(daemon.probes(target), datetime.fromisoformat(row["since"])) <= FALL


def assert_litellm_is_content(proxy: Proxy) -> None:
    health = proxy.health()
    assert health.healthy == {deployment(route) for route in ROUTES}
    assert health.unhealthy == frozenset()


def test_the_deepseek_route_falls_and_comes_back_while_litellm_stays_content(
    upstream: str, gateway_port: int, master_key: str, tmp_path: Path, daemon: Daemon
) -> None:
    with litellm_proxy(upstream, gateway_port, master_key, tmp_path, deepseek_sees=True) as proxy:
        await_blind(daemon, frozenset())
        assert_litellm_is_content(proxy)

    with litellm_proxy(upstream, gateway_port, master_key, tmp_path, deepseek_sees=False) as proxy:
        await_blind(daemon, LOSING)
        assert_litellm_is_content(proxy)
        for target in LOSING:
            assert_fell_within_fall_probes(daemon, target)

    with litellm_proxy(upstream, gateway_port, master_key, tmp_path, deepseek_sees=True) as proxy:
        await_blind(daemon, frozenset())
        assert_litellm_is_content(proxy)
