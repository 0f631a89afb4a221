"""What a loaded configuration is to the rest of the program: frozen, complete, without pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monitor.config.problems import Problem
from monitor.core.budget import UNLIMITED
from monitor.core.canary import Network, Networks
from monitor.core.types import Budget, Secret, Target, TargetCheck

Headers = tuple[tuple[str, Secret], ...]
"""Header names in lower case, with their values."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the page, the API and `/metrics` are served. Port 0 is any free port; no token, no writes."""

    host: str
    port: int
    token: Secret | None

    @property
    def listen(self) -> tuple[str, int]:
        """Host and port."""
        return (self.host, self.port)


@dataclass(frozen=True, slots=True)
class CanaryHost:
    """Where test images are served, how the world reaches that, and whose networks fetches come from.

    `trusted_proxies` are believed about whom they heard.
    """

    host: str
    port: int
    public_url: str
    networks: Networks
    trusted_proxies: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long `db prune` keeps probes that saw, and all others."""

    probes: timedelta
    failures: timedelta


@dataclass(frozen=True, slots=True)
class Group:
    """A router's group: the ids of its vision targets, and the checks that each must pass to count there."""

    name: str
    requires: tuple[str, ...]
    target_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that can be run.

    `database` is a SQLAlchemy URL. `credentials` holds, by a target's `key_ref`, every header that its requests carry
    beside the dialect's own: the key in its auth scheme, then the provider's `headers`. `provider_concurrency` is in
    probes at once. `budget` is the fleet's. `extras` are the keys that routers put on a provider (by its name) or a
    model (by its id), as written. `notes` are worth a look but stop nothing. `own_checks` are the file's own, by name,
    as a target could run them that does not list them. Without a `canary` no image can be handed out by URL.
    """

    database: Secret
    server: Server
    targets: tuple[Target, ...]
    credentials: Mapping[str, Headers]
    provider_concurrency: Mapping[str, int]
    groups: tuple[Group, ...]
    retention: Retention
    notes: tuple[Problem, ...]
    budget: Budget = UNLIMITED
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    own_checks: Mapping[str, TargetCheck] = field(default_factory=dict)
    canary: CanaryHost | None = None
