"""Keys planted in every place that a config has for them are found in nothing that the program says or keeps, though
every target repeats them in every notation and place.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.dialects import REGISTRY
from tests.cli.console import Ended, process, served
from tests.e2e.hostile import PLACES, create_app, spellings
from tests.e2e.processes import free_port, serving, until

pytestmark = pytest.mark.integration

PLAIN = "sk-proj-Planted0123456789abcdefGHIJKL"
SPECIAL = 'pl/an+ted&key<with>"quotes"\\and=%25~chars'
FILED = "AIzaPlanted-0123456789_abcdefghijklm"
TEAM = "team-planted-77"
BASIC = "cGxhbnRlZDpwYXNzd29yZC1vZi10aGUtdGVzdA=="
TOKEN = "token-planted-0123456789"
PLANTED = (PLAIN, SPECIAL, FILED, TEAM, BASIC, TOKEN)

KEYS = {
    "openai-chat": "${PLAIN_KEY}",
    "openai-responses": "${SPECIAL_KEY}",
    "anthropic-messages": "${SPECIAL_KEY}",
    "gemini": "file:gemini.key",
}
HEADERS = {"openai-chat": f"x-team: {TEAM}", "gemini": f"x-basic: Basic {BASIC}"}
ENVIRON = {"PLAIN_KEY": PLAIN, "SPECIAL_KEY": SPECIAL, "SERVER_TOKEN": TOKEN}
WITHIN_S = 120


def traces(key: str) -> set[bytes]:
    """What must not be found: the key in any notation, and whatever is left of it when pieces are cut out of one."""
    pieces = [key[at : at + 12] for at in range(len(key) - 11)] if key != SPECIAL else []
    return {trace.encode() for trace in (key, *spellings(key)[:5], *pieces)}


def config(gateway: str, port: int, folder: Path) -> str:
    models = ", ".join(f"{name}: {{model: {name}, input_modalities: [text, image]}}" for name in PLACES)
    providers = "".join(_provider(gateway, dialect, models) for dialect in REGISTRY)
    return f"""
database: sqlite:///{folder / "visionpath.db"}
server: {{listen: "127.0.0.1:{port}", token: "${{SERVER_TOKEN}}"}}
defaults: {{every: 2s, timeout: 10s, policy: {{fast_every: 2s, down_every: 2s}}}}
providers:
{providers}"""


def _provider(gateway: str, dialect: str, models: str) -> str:
    base = f"{gateway}/v1" if dialect.startswith("openai") else gateway
    return f"""
  {dialect}:
    base_url: {base}
    dialect: {dialect}
    api_key: {KEYS[dialect]}
    headers: {{{HEADERS.get(dialect, "")}}}
    max_concurrency: 16
    models: {{{models}}}
"""


@dataclass(frozen=True)
class Told:
    """Everything that came out of the program, by where it came out."""

    outputs: dict[str, bytes]

    def leaks(self) -> list[tuple[str, bytes, bytes]]:
        """Where, which trace, and what stands around it."""
        return [
            (where, trace, said[max(said.find(trace) - 80, 0) : said.find(trace) + 80])
            for where, said in self.outputs.items()
            for key in PLANTED
            for trace in traces(key)
            if trace in said
        ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "gemini.key").write_text(FILED + "\n")
    return folder


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with served(create_app()) as url:
        yield url


@pytest.fixture(scope="module")
def daemon(folder: Path, gateway: str) -> dict[str, bytes]:
    """What a daemon said and kept while every target was probed, until it ended."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    file = folder / "monitor.yaml"
    file.write_text(config(gateway, port, folder))
    command = [sys.executable, "-m", "monitor", "run", "-c", str(file), "--debug"]
    log = folder / "daemon.log"
    with serving(command, f"{url}/-/ready", log, ENVIRON):
        until(lambda: all_probed(url), WITHIN_S, lambda: (unprobed(url), log.read_text()[-2000:]))
        pages = dict(crawl(url))
        kept = stored(folder)
    return {**pages, **kept, **stored(folder, "left by "), "the log": log.read_bytes()}


def get(url: str, path: str) -> Any:
    return httpx.get(f"{url}/api/v1/{path}", trust_env=False, timeout=30).json()


def targets(url: str) -> list[str]:
    return [row["target_id"] for row in get(url, "health")["targets"]]


def unprobed(url: str) -> list[str]:
    return [target for target in targets(url) if not get(url, f"targets/{target}/probes?check=inline")["probes"]]


def all_probed(url: str) -> bool | None:
    return None if len(targets(url)) < len(PLACES) * len(REGISTRY) or unprobed(url) else True


def stored(folder: Path, when: str = "") -> dict[str, bytes]:
    return {when + file.name: file.read_bytes() for file in folder.glob("visionpath.db*")}


def crawl(url: str) -> Iterator[tuple[str, bytes]]:
    """Every answer of the web side: pages, metrics, every route of the API for every target, and errors."""
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        paths = ["/", "/metrics", "/openapi.json", "/-/ready", "/-/healthy", "/api/v1/health", "/nowhere"]
        for target in targets(url):
            history = get(url, f"targets/{target}/probes")["probes"]
            paths += [f"/api/v1/health/{target}", f"/api/v1/health/{target}/nothing"]
            paths += [f"/api/v1/targets/{target}/{part}" for part in ("checks", "probes", "transitions")]
            paths += [f"/api/v1/probes/{probe['probe_id']}" for probe in history[:3]]
        for path in paths:
            answer = client.get(path)
            yield path, repr(answer.headers.raw).encode() + answer.content
        for given in ("", "wrong"):
            answer = client.post("/-/reload", headers={"authorization": f"Bearer {given}"} if given else {})
            yield f"/-/reload {given}", repr(answer.headers.raw).encode() + answer.content


@pytest.fixture(scope="module")
def commands(folder: Path, daemon: dict[str, bytes]) -> dict[str, bytes]:
    """What every other command said, over the same targets and the database that the daemon left."""
    assert daemon
    lines = [
        ("probe", "--debug"),
        ("probe", "--debug", "--json"),
        ("probe",),
        ("status",),
        ("status", "--json"),
        ("check-config", "--debug"),
        ("db", "check", "--debug"),
        ("probe", "--debug", "--check", PLAIN[:5]),
    ]
    ran = {" ".join(line): process(*line, cwd=folder, env=_environ(folder)) for line in lines}
    full = process("probe", "--debug", "--json", cwd=folder, env=_environ(folder), wrapped=_into("/dev/full"))
    return {name: said(ended) for name, ended in (ran | {"no room": full}).items()}


def _environ(folder: Path) -> dict[str, str]:
    return {**ENVIRON, "VISIONPATH_CONFIG": str(folder / "monitor.yaml")}


def _into(device: str) -> tuple[str, ...]:
    return ("sh", "-c", f'exec "$@" > {device}', "sh")


def said(ended: Ended) -> bytes:
    return f"{ended.out}\n{ended.err}".encode()


def test_the_keys_reached_the_gateway_and_came_back(gateway: str) -> None:
    """Without this the others prove nothing."""
    answer = httpx.post(
        f"{gateway}/v1/chat/completions",
        headers={"authorization": f"Bearer {SPECIAL}"},
        json={"model": "denies", "messages": [{"role": "user", "content": "hello"}]},
        trust_env=False,
    )
    assert all(spelling in answer.json()["error"]["message"] for spelling in spellings(SPECIAL))


def test_no_key_is_in_anything_that_the_daemon_said_or_kept(daemon: dict[str, bytes]) -> None:
    assert Told(daemon).leaks() == []


def test_what_was_looked_through_is_what_the_targets_said(daemon: dict[str, bytes]) -> None:
    assert daemon["visionpath.db-wal"] or daemon["visionpath.db"]
    everything = b"".join(daemon.values())
    assert everything.count(b"***") > len(PLACES) * len(REGISTRY)
    assert b"Traceback" not in daemon["the log"]


def test_no_key_is_in_anything_that_a_command_printed(commands: dict[str, bytes]) -> None:
    assert Told(commands).leaks() == []


def test_debug_shows_the_echoes_with_the_keys_hidden(commands: dict[str, bytes]) -> None:
    shown = commands["probe --debug"]
    assert len(re.findall(rb"< x-you-sent-\d: \*\*\*\n", shown)) >= len(PLACES) * len(REGISTRY)
    assert b"> authorization: ***" in shown
    assert b"Traceback" in commands["no room"]


def test_no_core_dump_would_be_written(folder: Path, gateway: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    file = folder / "core.yaml"
    file.write_text(config(gateway, port, folder).replace("visionpath.db", "core.db"))
    command = [
        "sh",
        "-c",
        'ulimit -c unlimited; exec "$@"',
        "sh",
        sys.executable,
        "-m",
        "monitor",
        "run",
        "-c",
        str(file),
    ]
    with serving(command, f"{url}/-/ready", folder / "core.log", ENVIRON) as process:
        limits = Path(f"/proc/{process.pid}/limits").read_text()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4] == "0"


@pytest.mark.parametrize("slip", ["api_key: {key}\n    api_kye: {key}", "api_key: [{key}]", "base_url: {key}"])
def test_a_key_in_the_wrong_place_of_a_config_is_not_repeated(tmp_path: Path, slip: str) -> None:
    planted = slip.format(key=PLAIN)
    (tmp_path / "m.yaml").write_text(f"providers:\n  acme:\n    dialect: openai-chat\n    {planted}\n")
    ended = process("check-config", "m.yaml", "--debug", cwd=tmp_path)
    assert ended.code == 2
    assert PLAIN not in ended.out + ended.err
