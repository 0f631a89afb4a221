"""What the overview shows, from what is known: problems first, never a standing without its age. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core.checks import check_of
from monitor.core.health import NEVER_PROVEN, PROOF_EXPIRED, capability
from monitor.core.types import CheckState, ProbeResult, Standing, Target, TargetHealth

States = Mapping[str, Mapping[str, CheckState]]
LastResults = Mapping[tuple[str, str], ProbeResult]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check of a target; `capability` is its state as routers read it, `last` the newest probe."""

    name: str
    required: bool
    capability: str
    score: int
    full: int
    last_proof_at: datetime | None
    last: ProbeResult | None


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One target as routers read it now: past its `valid_until` it is catalog-only, whatever the row says."""

    id: str
    model: str
    dialect: str
    active: bool
    waiting: bool
    reason: str
    since: datetime | None
    groups: tuple[str, ...]
    checks: tuple[CheckLine, ...]


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A router group: how many of its members count."""

    name: str
    eligible: int
    members: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole page. `checked_at` is when the newest probe ended."""

    now: datetime
    checked_at: datetime | None
    groups: tuple[GroupLine, ...]
    targets: tuple[TargetLine, ...]

    @property
    def active(self) -> int:
        """Targets that may be routed to."""
        return sum(line.active for line in self.targets)

    @property
    def waiting(self) -> int:
        """Targets whose first probe has not ended."""
        return sum(line.waiting for line in self.targets)

    @property
    def catalog_only(self) -> int:
        """Targets that may not be routed to, those that wait for their first probe aside."""
        return len(self.targets) - self.active - self.waiting


def overview(
    targets: Sequence[Target], rows: Iterable[TargetHealth], states: States, last: LastResults, now: datetime
) -> Overview:
    """The page at `now` for the configured `targets`."""
    known = {row.target_id: row for row in rows}
    lines = [_target(target, known.get(target.id), states.get(target.id, {}), last, now) for target in targets]
    ended = (result.finished_at for result in last.values())
    return Overview(now, max(ended, default=None), _groups(targets, known, now), tuple(sorted(lines, key=_urgency)))


def _target(
    target: Target, row: TargetHealth | None, states: Mapping[str, CheckState], last: LastResults, now: datetime
) -> TargetLine:
    checks = tuple(_check(target, c.name, states.get(c.name, CheckState()), last) for c in target.checks)
    active = _active(row, now)
    return TargetLine(
        id=target.id,
        model=target.model,
        dialect=target.dialect,
        active=active,
        waiting=not active and all(check.last is None for check in checks),
        reason=_reason(row, active=active),
        since=_since(row, active=active),
        groups=tuple(m.group for m in target.groups),
        checks=checks,
    )


def _check(target: Target, name: str, state: CheckState, last: LastResults) -> CheckLine:
    return CheckLine(
        name=name,
        required=name in {check.name for check in target.required},
        capability=capability(name, check_of(target, name).gate, state).state,
        score=state.score,
        full=target.policy.full,
        last_proof_at=state.last_proof_at,
        last=last.get((target.id, name)),
    )


def _active(row: TargetHealth | None, now: datetime) -> bool:
    """As the contract tells routers to read the row."""
    if row is None or row.standing is not Standing.ACTIVE or row.valid_until is None:
        return False
    return now < row.valid_until


def _reason(row: TargetHealth | None, *, active: bool) -> str:
    if row is None:
        return NEVER_PROVEN
    return PROOF_EXPIRED if row.standing is Standing.ACTIVE and not active else row.reason


def _since(row: TargetHealth | None, *, active: bool) -> datetime | None:
    if row is None:
        return None
    return row.valid_until if row.standing is Standing.ACTIVE and not active else row.since


def _urgency(line: TargetLine) -> tuple[bool, bool, float, str]:
    """Catalog-only first, the newest change on top; then those that wait for a first probe; then active ones."""
    newest_first = -line.since.timestamp() if line.since and not line.active else 0.0
    return (line.active, line.waiting, newest_first, line.id)


def _groups(targets: Sequence[Target], rows: Mapping[str, TargetHealth], now: datetime) -> tuple[GroupLine, ...]:
    members: dict[str, list[bool]] = {}
    for target in targets:
        row = rows.get(target.id)
        for membership in target.groups:
            counts = row is not None and _active(row, now) and row.groups.get(membership.group, False)
            members.setdefault(membership.group, []).append(counts)
    lines = (GroupLine(name, sum(counted), len(counted)) for name, counted in members.items())
    return tuple(sorted(lines, key=lambda line: (line.eligible > 0, line.name)))
