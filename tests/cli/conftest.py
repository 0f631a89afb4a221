"""A command line in an empty folder, and a gateway to probe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.sandbox.app import create_app
from tests.cli.console import Ended, Visionpath, served


@pytest.fixture
def visionpath(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Visionpath:
    """The real `main` in this process: a process of its own costs a second."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VISIONPATH_CONFIG", raising=False)

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["visionpath", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out, err)

    return run


@pytest.fixture(scope="session")
def gateway() -> Iterator[str]:
    """The sandbox's root URL."""
    with served(create_app(slow_s=0.01)) as url:
        yield url
