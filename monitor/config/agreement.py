"""Whether the parts of a valid file agree with each other: what no section can know alone."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from datetime import timedelta
from typing import Any

from monitor.config.fields import spelt_duration
from monitor.config.groups import group_findings, watched
from monitor.config.model import DefaultsSection, File, ProviderSection
from monitor.config.problems import Path, closest
from monitor.config.targets import (
    Entry,
    auth_header,
    credentials,
    entries,
    least_proof_ttl,
    merged_check,
    merged_checks,
    said,
    target_entries,
    target_id,
)
from monitor.core.types import Mode, TargetCheck

Finding = tuple[Path, str]
"""A path to a key (or list item), and what is wrong there."""


def disagreements(file: File, data: Any, faulty: frozenset[Path]) -> Iterator[Finding]:
    """Findings between the parts of `file`, which is all of `data` but what is known to be `faulty`.

    What a fault may have caused is not reported beside it.
    """
    for name, provider in file.providers.items():
        yield from _provider(provider, ("providers", name), faulty)
    misspelt = tuple(_modalities(file))
    yield from misspelt
    sound = _sound(file, faulty)
    yield from _required(file.defaults, sound)
    yield from _proofs(file.defaults, sound, faulty)
    yield from _equal_targets(entry for entry in target_entries(file) if not _touched(faulty, ("providers", entry[0])))
    yield from group_findings(file, data, {_id(entry): _runs(file.defaults, entry) for entry in sound})
    if not (faulty or misspelt or any(target_entries(file))):
        yield ("providers",), "there is nothing to probe: no model lists `image` among its input_modalities"


def _sound(file: File, faulty: frozenset[Path]) -> list[Entry]:
    """The targets whose checks are known: neither they nor the defaults have a fault."""
    if _touched(faulty, ("defaults",)):
        return []
    return [entry for entry in target_entries(file) if not _touched(faulty, _path(entry))]


def _touched(faulty: frozenset[Path], part: Path) -> bool:
    return any(path[: len(part)] == part for path in faulty)


def _path(entry: Entry, *more: str | int) -> Path:
    return ("providers", entry[0], "models", entry[2], *more)


def _id(entry: Entry) -> str:
    return target_id(entry[0], entry[2])


def _runs(defaults: DefaultsSection, entry: Entry) -> frozenset[str]:
    return frozenset(check.name for check in merged_checks(defaults, entry[3]))


# --- providers ----------------------------------------------------------------------------------------------------


def _provider(provider: ProviderSection, path: Path, faulty: frozenset[Path]) -> Iterator[Finding]:
    scheme = auth_header(provider)
    if scheme and not provider.api_key and (*path, "auth_scheme") not in faulty:
        yield (*path, "api_key"), "is missing: ${NAME} or file:PATH; or say `auth_scheme: none` if none is needed"
    if provider.api_key and not scheme:
        yield (*path, "api_key"), "would never be sent with `auth_scheme: none`; remove one of them"
    if provider.anthropic_version and provider.dialect != "anthropic-messages":
        yield (*path, "anthropic_version"), "belongs to the dialect anthropic-messages; remove it"
    if provider.cap_parameter and provider.dialect != "openai-chat":
        yield (*path, "cap_parameter"), "belongs to the dialect openai-chat; remove it"
    yield from _repeated_headers(provider, scheme, path)


def _repeated_headers(provider: ProviderSection, scheme: tuple[str, str] | None, path: Path) -> Iterator[Finding]:
    taken = {scheme[0]} if scheme else set()
    for name in provider.headers:
        if name.lower() in taken:
            yield (*path, "headers", name), "is sent already, by the key's auth scheme or another line; remove one"
        taken.add(name.lower())


# --- models -------------------------------------------------------------------------------------------------------


def _modalities(file: File) -> Iterator[Finding]:
    for entry in entries(file):
        for index, modality in enumerate(entry[3].input_modalities or ()):
            if modality != "image" and closest(modality, ["image"]):
                yield _path(entry, "input_modalities", index), "unknown modality; did you mean `image`?"


def _required(defaults: DefaultsSection, sound: list[Entry]) -> Iterator[Finding]:
    for entry in sound:
        if not any(check.mode is Mode.REQUIRED for check in merged_checks(defaults, entry[3])):
            yield _path(entry, "checks"), "no check is required: nothing would decide the standing"


def _proofs(defaults: DefaultsSection, sound: list[Entry], faulty: frozenset[Path]) -> Iterator[Finding]:
    """A proof_ttl below its formula: where it is written, or at a target whose pace makes the defaults' too short."""
    if _touched(faulty, ("defaults",)):
        return
    hasty = {check.name: check for check in _default_checks(defaults) if _least(check) > check.proof_ttl}
    for name, check in hasty.items():
        yield ("defaults", "checks", name, "proof_ttl"), _too_short(check)
    for entry in sound:
        yield from _target_proofs(defaults, entry, hasty)


def _default_checks(defaults: DefaultsSection) -> Iterator[TargetCheck]:
    for name, section in defaults.checks.items():
        if check := merged_check(name, section, None, every=defaults.every, timeout=defaults.timeout):
            yield check


def _target_proofs(defaults: DefaultsSection, entry: Entry, hasty: Container[str]) -> Iterator[Finding]:
    for check in merged_checks(defaults, entry[3]):
        own = "proof_ttl" in said(entry[3].checks.get(check.name))
        if _least(check) > check.proof_ttl and (own or check.name not in hasty):
            yield _path(entry, "checks", check.name, "proof_ttl"), _too_short(check)


def _least(check: TargetCheck) -> timedelta:
    return least_proof_ttl(check.every, check.timeout)


def _too_short(check: TargetCheck) -> str:
    pace = f"every {spelt_duration(check.every)}, timeout {spelt_duration(check.timeout)}"
    return f"must be at least {spelt_duration(_least(check))} = max(3 × every, 5m) + timeout ({pace})"


def _equal_targets(candidates: Iterable[Entry]) -> Iterator[Finding]:
    first: dict[object, Entry] = {}
    for entry in candidates:
        _, endpoint, _, model = entry
        body = json.dumps(model.extra_body, sort_keys=True)
        same = (endpoint.base_url, endpoint.dialect, credentials(endpoint), model.model, body)
        other = first.setdefault(same, entry)
        if other is not entry:
            yield _path(entry), f"is the same model, endpoint and key as {_id(other)}; remove one"


# --- notes --------------------------------------------------------------------------------------------------------


def notes(file: File) -> Iterator[Finding]:
    """What stops nothing but may not be what was meant."""
    for entry in entries(file):
        if entry[3].input_modalities is None:
            yield _path(entry), "is no target; say `input_modalities: [text, image]` if it takes images"
    for group in watched(file):
        if not group.target_ids:
            yield ("models", group.name), "is not watched: no member takes images"
