"""Whether the parts of a valid file agree with each other: what no section can know alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from monitor.challenges.own import match_pattern
from monitor.config.canary import canary_findings
from monitor.config.fields import spelt_duration
from monitor.config.groups import group_findings, watched
from monitor.config.model import File, ProviderSection
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
from monitor.core.checks import CATALOGUE
from monitor.core.types import Match, Mode, TargetCheck
from monitor.dialects import REGISTRY

Finding = tuple[Path, str]
"""A path to a key (or list item), and what is wrong there."""

_ONLY_OWN = "only checks of your own are required: a known answer is no proof that images arrive; require `inline` too"


def disagreements(file: File, data: Any, faulty: frozenset[Path]) -> Iterator[Finding]:
    """Findings between the parts of `file`, which is all of `data` but what is known to be `faulty`.

    What a fault may have caused is not reported beside it.
    """
    for name, provider in file.providers.items():
        yield from _provider(provider, ("providers", name), faulty)
    misspelt = tuple(_modalities(file))
    yield from misspelt
    sound = _sound(file, faulty)
    yield from _required(file, sound)
    yield from _forms(file, sound)
    yield from _proofs(file, sound, faulty)
    yield from _equal_targets(entry for entry in target_entries(file) if not _touched(faulty, ("providers", entry[0])))
    yield from _echoes(file)
    if not (_touched(faulty, ("canary",)) or _touched(faulty, ("server",))):
        yield from canary_findings(file)
    yield from group_findings(file, data, {_id(entry): _runs(file, entry) for entry in sound})
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


def _runs(file: File, entry: Entry) -> frozenset[str]:
    return frozenset(check.name for check in merged_checks(file, entry[3]))


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


def _required(file: File, sound: list[Entry]) -> Iterator[Finding]:
    for entry in sound:
        required = [check.name for check in merged_checks(file, entry[3]) if check.mode is Mode.REQUIRED]
        if not required:
            yield _path(entry, "checks"), "no check is required: nothing would decide the standing"
        elif not any(name in CATALOGUE for name in required):
            yield _path(entry, "checks"), _ONLY_OWN


def _forms(file: File, sound: list[Entry]) -> Iterator[Finding]:
    """Checks whose way to send an image the target's dialect does not have."""
    for entry in sound:
        dialect = REGISTRY[entry[1].dialect]
        for check in merged_checks(file, entry[3]):
            if check.name in CATALOGUE and not CATALOGUE[check.name].forms <= dialect.forms:
                what = f"the dialect {dialect.name} has no such request; say `{check.name}: off` for this model"
                yield _path(entry, "checks", check.name), what


def _proofs(file: File, sound: list[Entry], faulty: frozenset[Path]) -> Iterator[Finding]:
    """A proof_ttl below its formula: where it is written, or at a target whose pace makes the defaults' too short."""
    if _touched(faulty, ("defaults",)):
        return
    hasty = {check.name: check for check in _default_checks(file) if _is_hasty(check, faulty)}
    for name, check in hasty.items():
        yield ("defaults", "checks", name, "proof_ttl"), _too_short(check)
    for entry in sound:
        for check in merged_checks(file, entry[3]):
            special = "proof_ttl" in said(entry[3].checks.get(check.name))
            if _is_hasty(check, faulty) and (special or check.name not in hasty):
                yield _path(entry, "checks", check.name, "proof_ttl"), _too_short(check)


def _default_checks(file: File) -> Iterator[TargetCheck]:
    for name in file.defaults.checks:
        if check := merged_check(file, name, None, every=file.defaults.every, timeout=file.defaults.timeout):
            yield check


def _is_hasty(check: TargetCheck, faulty: frozenset[Path]) -> bool:
    return _least(check) > check.proof_ttl and not _touched(faulty, ("checks", check.name))


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


# --- own checks ---------------------------------------------------------------------------------------------------


def _echoes(file: File) -> Iterator[Finding]:
    for name, check in file.checks.items():
        if match_pattern(check.answer, check.question).match is Match.EXACT:
            yield ("checks", name, "answer"), "is found in the question: who only repeats that would pass"


# --- notes --------------------------------------------------------------------------------------------------------


def notes(file: File) -> Iterator[Finding]:
    """What stops nothing but may not be what was meant."""
    run = {name for entry in target_entries(file) for name in _runs(file, entry)}
    for name in file.checks:
        if name not in run:
            yield ("checks", name), "is run by no target: list it under `defaults.checks` or a model's `checks`"
    for entry in entries(file):
        if entry[3].input_modalities is None:
            yield _path(entry), "is no target; say `input_modalities: [text, image]` if it takes images"
    for group in watched(file):
        if not group.target_ids:
            yield ("models", group.name), "is not watched: no member takes images"
