"""The wheel is whole: what it needs at run time, migrations and pages among it, travels inside."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT

pytestmark = pytest.mark.integration

CONFIG = """
database: sqlite:///{folder}/visionpath.db
providers:
  box:
    base_url: http://127.0.0.1:9/v1
    dialect: openai-chat
    api_key: k
    models: {{sees: {{model: sees, input_modalities: [text, image]}}}}
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, away from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`visionpath` out of the unpacked wheel, the editable checkout out of sight."""
    start = f"import sys; sys.path.insert(0, {str(installed)!r}); from monitor.__main__ import main; main()"
    command = [sys.executable, "-c", start, *arguments]
    return subprocess.run(command, cwd=installed, capture_output=True, text=True, check=False)


def test_the_migrations_are_found_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "monitor.yaml").write_text(CONFIG.format(folder=tmp_path))
    upgraded = run(installed, "db", "upgrade", "-c", str(tmp_path / "monitor.yaml"))
    assert (upgraded.returncode, upgraded.stderr) == (0, "")
    checked = run(installed, "db", "check", "-c", str(tmp_path / "monitor.yaml"))
    assert (checked.returncode, checked.stdout) == (0, "no drift\n")


@pytest.mark.parametrize(
    "file",
    [
        "monitor/migrations/env.py",
        "monitor/web/templates/overview.html",
        "monitor/web/static/style.css",
        "monitor/sandbox/demo.yaml",
    ],
)
def test_the_wheel_holds(installed: Path, file: str) -> None:
    assert (installed / file).is_file()


def test_nothing_but_the_package_is_installed(installed: Path) -> None:
    assert {path.name.split("-")[0] for path in installed.iterdir()} == {"monitor", "visionpath_monitor"}
