"""Routers' groups: what they name must exist, and run the checks that they require."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config.model import File, GroupSection, MemberSection
from monitor.config.problems import Path, closest, spelt_key
from monitor.config.settings import Group
from monitor.config.targets import target_entries, target_id


def group_findings(file: File, data: Any, runs: Mapping[str, frozenset[str]]) -> Iterator[tuple[Path, str]]:
    """What is wrong with the groups. `data` tells which models are written, faulty ones included; `runs`, which
    checks each sound target runs.
    """
    written = _written(data)
    for name, group in file.models.items():
        path = ("models", name)
        yield from _members(group, path, written)
        for index, check in enumerate(group.requires):
            lacking = sorted(member_id(m) for m in group.targets if check not in runs.get(member_id(m), {check}))
            if lacking:
                yield (*path, "requires", index), f"{', '.join(lacking)} does not run this check and could never count"


def member_id(member: MemberSection) -> str:
    """The id of the target that a member names."""
    return target_id(member.provider, member.model_ref)


def watched(file: File) -> Iterator[Group]:
    """The groups, with those of their members that are vision targets."""
    targets = {target_id(provider, model_ref) for provider, _, model_ref, _ in target_entries(file)}
    for name, group in file.models.items():
        ids = tuple(member_id(member) for member in group.targets if member_id(member) in targets)
        yield Group(name, tuple(group.requires), ids)


def _members(group: GroupSection, path: Path, written: frozenset[str]) -> Iterator[tuple[Path, str]]:
    seen: set[str] = set()
    for index, member in enumerate(group.targets):
        here = (*path, "targets", index)
        name = member_id(member)
        if name not in written:
            near = closest(name, sorted(written))
            yield here, f"there is no model {spelt_key(name)}" + (f"; did you mean {spelt_key(near)}?" if near else "")
        if name in seen:
            yield here, f"{spelt_key(name)} is a member already; remove one"
        seen.add(name)


def _written(data: Any) -> frozenset[str]:
    """The ids of all models in the raw file; its shape is only known to be right where the model took it."""
    return frozenset(
        target_id(provider, model_ref)
        for provider, section in _mapping(data, "providers").items()
        for model_ref in _mapping(section, "models")
    )


def _mapping(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}
