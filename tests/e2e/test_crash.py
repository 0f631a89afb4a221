"""A daemon killed with SIGKILL under load loses nothing that was committed and doubles nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import crash

pytestmark = pytest.mark.integration


def test_killing_a_busy_daemon_loses_and_doubles_nothing(tmp_path: Path) -> None:
    audit = crash.run(6, tmp_path)
    assert audit.clean, audit
    assert audit.probes > 100
