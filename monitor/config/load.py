"""Reads a configuration file into a `Config`, or says everything that is wrong with it at once.

Three readings: the YAML, then each value against the model, then the parts against each other. What the second finds
faulty is left out of the third, so that a slip in one place hides none in another.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from itertools import chain, pairwise
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from monitor.config.agreement import disagreements, notes
from monitor.config.groups import watched
from monitor.config.keys import key_problems, removable
from monitor.config.model import File
from monitor.config.money import money_notes
from monitor.config.places import starved
from monitor.config.problems import ConfigError, Path, Problem, spelt_path
from monitor.config.references import References
from monitor.config.settings import CanaryHost, Config, Retention, Server
from monitor.config.targets import build_target, credentials, entries, own_checks, target_entries, target_id
from monitor.config.wording import located, value_problems
from monitor.config.yaml_source import Document, parse
from monitor.core.canary import Networks
from monitor.core.types import Budget

LARGEST_FILE = 4_000_000
"""Bytes of a configuration."""


def load(path: FilePath, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at `path`, its references looked up in `environ`. Raises ConfigError."""
    return load_text(_read(path), str(path), environ, path.parent)


def load_text(text: str, file: str, environ: Mapping[str, str], folder: FilePath = FilePath()) -> Config:
    """The configuration in `text`. `file` names it in errors; relative secret files are looked up from `folder`."""
    document = parse(text, file)
    model, problems = _examine(document, References(environ, folder, _own_names(document.data)))
    if problems or model is None:
        raise ConfigError(file, problems)
    config = _config(model, document)
    if crowded := list(starved(config.targets, config.provider_concurrency)):
        raise ConfigError(file, (document.at_key(path, message) for path, message in crowded))
    return config


def _own_names(data: Any) -> frozenset[str]:
    """The names of the file's own checks, as near as they can be told before the section is known to be sound."""
    checks = data.get("checks") if isinstance(data, dict) else None
    return frozenset(name for name in (checks if isinstance(checks, dict | list) else ()) if isinstance(name, str))


def _read(path: FilePath) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start})"
    else:
        if len(content) <= LARGEST_FILE:
            return text
        message = f"is larger than {LARGEST_FILE} bytes: no configuration is"
    raise ConfigError(str(path), [Problem(None, None, "", message)])


def _examine(document: Document, references: References) -> tuple[File | None, list[Problem]]:
    """The model of all that is sound in the document, and all problems."""
    data = {} if document.data is None else document.data
    strange = tuple(key_problems(data))
    problems = [document.at_key(problem.path, problem.message) for problem in strange]
    doubtful = frozenset(path for problem in strange for path in (problem.path, problem.meant))
    said = {spelt_path(path) for path in doubtful}
    model, error = _validated(data, references)
    left_out: frozenset[Path] = frozenset()
    if error:
        problems += _news(said, value_problems(error, document))
        left_out = frozenset(removable(located(detail)) for detail in error.errors(include_url=False))
        model = _validated(_without(data, left_out), references)[0] if () not in left_out else None
    if model:
        findings = disagreements(model, data, left_out | doubtful)
        problems += _news(said, (document.at_key(path, message) for path, message in findings))
    return model, problems


def _validated(data: Any, references: References) -> tuple[File | None, ValidationError | None]:
    try:
        return File.model_validate(data, context=references), None
    except ValidationError as error:
        return None, error


def _without(data: Any, paths: frozenset[Path]) -> Any:
    pruned = copy.deepcopy(data)
    for path in paths:
        _drop(pruned, path)
    return pruned


def _drop(data: Any, path: Path) -> None:
    """Takes the value at `path` out of `data`, or the nearest holder that holds nothing, such as a bare mode."""
    for step, _ in pairwise(path):
        inner = data[step] if isinstance(step, int) else data.get(step)
        if not isinstance(inner, dict | list):
            data.pop(step, None)
            return
        data = inner
    data.pop(path[-1], None)


def _news(said: set[str], found: Iterable[Problem]) -> list[Problem]:
    """What is found at paths of which nothing is said yet: the first reading's word on a path is the most exact."""
    news = [problem for problem in found if problem.path not in said]
    said.update(problem.path for problem in news)
    return news


def _config(file: File, document: Document) -> Config:
    own = own_checks(file)
    targets = tuple(build_target(file, entry, own) for entry in target_entries(file))
    budget = Budget(**file.budget.model_dump())
    return Config(
        database=file.database,
        server=Server(*_host_and_port(file.server.listen), file.server.token),
        targets=targets,
        credentials={name: credentials(provider) for name, provider in file.providers.items()},
        provider_concurrency={
            name: provider.max_concurrency or file.defaults.max_concurrency for name, provider in file.providers.items()
        },
        groups=tuple(watched(file)),
        retention=Retention(file.retention.probes, file.retention.failures),
        notes=tuple(
            document.at_key(path, message) for path, message in chain(notes(file), money_notes(targets, budget))
        ),
        budget=budget,
        extras=_extras(file),
        own_checks=own,
        canary=_canary(file),
    )


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def _canary(file: File) -> CanaryHost | None:
    canary = file.canary
    if canary.public_url is None:
        return None
    networks = Networks(tuple(canary.networks.gateway), tuple(canary.networks.upstream))
    return CanaryHost(*_host_and_port(canary.listen), canary.public_url, networks, tuple(file.server.trusted_proxies))


def _extras(file: File) -> dict[str, dict[str, Any]]:
    providers = {name: provider.model_extra or {} for name, provider in file.providers.items()}
    models = {target_id(name, model_ref): model.model_extra or {} for name, _, model_ref, model in entries(file)}
    return {name: extra for name, extra in (providers | models).items() if extra}
