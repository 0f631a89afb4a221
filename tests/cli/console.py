"""The command line as its users meet it: the real `main`, with what it printed and the code it ended with."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

from tests.e2e.processes import ROOT, until

TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line on stderr; AssertionError when there is another number of lines."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


Visionpath = Callable[..., Ended]
"""Runs `visionpath` with these arguments in an empty folder."""


def spelt(words: object) -> str | None:
    """The id of a case that is a command: its words."""
    return " ".join(words) if isinstance(words, tuple) else None


def process(*arguments: object, cwd: Path, env: dict[str, str] | None = None, wrapped: tuple[str, ...] = ()) -> Ended:
    """`visionpath` in a process of its own. `wrapped` is a command that runs another one."""
    command = [*wrapped, sys.executable, "-m", "monitor", *map(str, arguments)]
    ran = subprocess.run(
        command, cwd=cwd, env=environment(**(env or {})), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def environment(**more: str) -> dict[str, str]:
    """What a process of ours needs to run at all, and `more`."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more}


def without_roots_privilege() -> tuple[str, ...]:
    """Root writes where nobody may; this takes the privilege away. Nothing to do for anybody else."""
    if os.getuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    assert setpriv, "util-linux's setpriv is needed to test file permissions as root"
    lost = "-dac_override,-dac_read_search"
    return (setpriv, f"--bounding-set={lost}", f"--inh-caps={lost}")


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The URL of `app` on a free port of loopback, served by a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    thread = Thread(target=asyncio.run, args=(server.serve(),))
    thread.start()
    try:
        until(lambda: server.started or None, TIMEOUT_S, lambda: "the server starts")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def config(gateway: str, models: dict[str, str], *, store: Path | str = "visionpath.db", every: str = "60s") -> str:
    """A config with a target a model: `models` maps DIALECT or DIALECT/NAME to the sandbox's model."""
    providers = "".join(_provider(gateway, entry, model) for entry, model in models.items())
    return f"""\
database: sqlite:///{store}
server: {{listen: 127.0.0.1:0}}
defaults: {{every: {every}, timeout: 10s}}
providers:
{providers}"""


def _provider(gateway: str, dialect: str, model: str) -> str:
    base = f"{gateway}/v1" if dialect.startswith("openai") else gateway
    return f"""\
  {dialect}:
    base_url: {base}
    dialect: {dialect}
    api_key: key-of-the-test
    models: {{{model}: {{model: {model}, input_modalities: [text, image]}}}}
"""
