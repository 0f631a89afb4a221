"""From the sections of a valid file to frozen targets: defaults are merged here, and only here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor.config.model import CheckSection, File, ModelSection, OwnCheckSection, ProviderSection, Strict
from monitor.config.settings import Headers
from monitor.core.auth import AUTH_SCHEMES
from monitor.core.checks import CATALOGUE, own_check
from monitor.core.types import Budget, GroupMembership, Mode, Policy, Prices, Secret, Target, TargetCheck
from monitor.dialects import REGISTRY

Entry = tuple[str, ProviderSection, str, ModelSection]
"""Provider name and section, model reference and section."""


def entries(file: File) -> Iterator[Entry]:
    """Every model of the file, target or not."""
    for provider, section in file.providers.items():
        for model_ref, model in section.models.items():
            yield provider, section, model_ref, model


def target_entries(file: File) -> Iterator[Entry]:
    """The models that take images."""
    return (entry for entry in entries(file) if "image" in (entry[3].input_modalities or ()))


def target_id(provider: str, model_ref: str) -> str:
    """The id under which everybody knows the target."""
    return f"{provider}/{model_ref}"


def build_target(file: File, entry: Entry, own: Mapping[str, TargetCheck]) -> Target:
    """The target of one entry, with everything that the defaults say and the entry does not. `own`: of `own_checks`."""
    provider, endpoint, model_ref, model = entry
    checks = merged_checks(file, model)
    return Target(
        id=target_id(provider, model_ref),
        provider=provider,
        model_ref=model_ref,
        model=model.model,
        dialect=endpoint.dialect,
        base_url=endpoint.base_url,
        key_ref=provider,
        checks=tuple(replace(check, own=own[check.name].own) if check.name in own else check for check in checks),
        policy=Policy(**{**said(file.defaults.policy), **said(model.policy)}),
        prices=_prices(model),
        groups=tuple(_memberships(file, provider, model_ref)),
        labels=model.labels,
        image_size=model.image.size,
        image_tokens=model.image.tokens,
        output_cap=model.output_cap,
        cap_parameter=endpoint.cap_parameter or "auto",
        api_version=endpoint.anthropic_version,
        extra_body=model.extra_body,
        budget=Budget(**{**said(file.defaults.budget), **said(model.budget)}),
    )


def said(section: Strict | None) -> dict[str, Any]:
    """What the file itself says in a section, without the defaults."""
    return {key: getattr(section, key) for key in section.model_fields_set} if section else {}


def merged_checks(file: File, model: ModelSection) -> Iterator[TargetCheck]:
    """The checks that run, in the order of the file. A check's own pace comes before the target's."""
    every, timeout = model.every or file.defaults.every, model.timeout or file.defaults.timeout
    for name in dict.fromkeys([*file.defaults.checks, *model.checks]):
        check = merged_check(file, name, model.checks.get(name), every=every, timeout=timeout)
        if check:
            yield check


def merged_check(
    file: File, name: str, special: CheckSection | None, *, every: timedelta, timeout: timedelta
) -> TargetCheck | None:
    """One check after its definition, the defaults and the model (`special`) had their say; None if it is off."""
    words = {
        "mode": "required",
        "every": every,
        "timeout": timeout,
        **_own_pace(file, name),
        **said(file.defaults.checks.get(name)),
        **said(special),
    }
    if words["mode"] == "off":
        return None
    ttl = words.get("proof_ttl", least_proof_ttl(words["every"], words["timeout"]))
    return TargetCheck(name, Mode(words["mode"]), words["every"], words["timeout"], ttl)


def _own_pace(file: File, name: str) -> dict[str, timedelta]:
    """What the check's definition, the file's or the catalogue's, says of its pace."""
    row = CATALOGUE.get(name)
    return {"every": row.every} if row and row.every else _paces(file.checks.get(name))


def own_checks(file: File) -> dict[str, TargetCheck]:
    """The file's own checks by name, as a target could run them that does not list them."""
    checks = {}
    for name, section in file.checks.items():
        paces = {"every": file.defaults.every, "timeout": file.defaults.timeout, **_paces(section)}
        own = own_check(name, section.image, section.question, section.answer)
        checks[name] = TargetCheck(name, Mode.OPTIONAL, **paces, proof_ttl=least_proof_ttl(**paces), own=own)
    return checks


def _paces(section: OwnCheckSection | None) -> dict[str, timedelta]:
    return {key: value for key, value in said(section).items() if key in ("every", "timeout")}


def least_proof_ttl(every: timedelta, timeout: timedelta) -> timedelta:
    """max(3 × every, 5 min) + timeout, of VERDICTS.md §3: two lost probes and a slow one must not expire a proof."""
    return max(3 * every, timedelta(minutes=5)) + timeout


def _prices(model: ModelSection) -> Prices:
    return Prices(
        input_per_million=model.input_price_per_million_usd,
        output_per_million=model.output_price_per_million_usd,
        image_per_million=model.image_input_price_per_million_tokens_usd,
        image_each=model.image_input_price_per_image_usd,
    )


def _memberships(file: File, provider: str, model_ref: str) -> Iterator[GroupMembership]:
    for name, group in file.models.items():
        for member in group.targets:
            if (member.provider, member.model_ref) == (provider, model_ref):
                yield GroupMembership(name, tuple(group.requires), member.weight)


def auth_header(provider: ProviderSection) -> tuple[str, str] | None:
    """The header that carries the provider's key and what stands before the key in it; None if no key is sent."""
    return AUTH_SCHEMES[provider.auth_scheme or REGISTRY[provider.dialect].auth_scheme]


def credentials(provider: ProviderSection) -> Headers:
    """The key in its header, then the provider's own headers."""
    own = tuple((name.lower(), value) for name, value in provider.headers.items())
    scheme = auth_header(provider)
    if scheme is None or provider.api_key is None:
        return own
    header, prefix = scheme
    return ((header, Secret(prefix + provider.api_key.reveal())), *own)
