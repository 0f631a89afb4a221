"""What a loaded configuration is to the rest of the program: frozen, complete, without pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monitor.config.problems import Problem
from monitor.core.types import Secret, Target

Headers = tuple[tuple[str, Secret], ...]
"""Header names in lower case, with their values."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the page, the API and `/metrics` are served. Port 0 is any free port; no token, no writes."""

    host: str
    port: int
    token: Secret | None


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
    probes at once. `extras` are the keys that routers put on a provider (by its name) or a model (by its
    id), as written. `notes` are worth a look but stop nothing.
    """

    database: Secret
    server: Server
    targets: tuple[Target, ...]
    credentials: Mapping[str, Headers]
    provider_concurrency: Mapping[str, int]
    groups: tuple[Group, ...]
    retention: Retention
    notes: tuple[Problem, ...]
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
