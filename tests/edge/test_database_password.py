"""The password of a database's URL is in no message and no traceback, however the URL is misspelt."""

from __future__ import annotations

import re
import traceback

import pytest

from monitor.edge import migrate
from monitor.edge.database import LedgerUnavailable, writing_engine

NOWHERE = "127.0.0.1:1"
URLS = {
    "a server that is away": f"postgresql+psycopg://user:PLANTED@{NOWHERE}/db",
    "a password among the options": f"postgresql+psycopg://user@{NOWHERE}/db?password=PLANTED",
    "the password of a key": f"postgresql+psycopg://user@{NOWHERE}/db?sslpassword=PLANTED",
    "no URL": "postgresql+psycopg//user:PLANTED@host/db",
    "a port that is no number": "postgresql+psycopg://user:PLANTED@host:PLANTED/db",
    "a password with an unquoted @ and :": "postgresql+psycopg://user:PLA@SS:PLANTED@host/db",
    "a bracket that is not closed": "postgresql+psycopg://user:PLANTED@[::1/db",
    "another make": "mysql://user:PLANTED@host/db",
    "a driver that is not there": "postgresql+nosuch://user:PLANTED@host/db",
}


@pytest.mark.parametrize("url", URLS.values(), ids=list(URLS))
def test_a_password_is_not_told(url: str) -> None:
    with pytest.raises(LedgerUnavailable) as raised:
        migrate.upgrade(writing_engine(url))
    told = "".join(traceback.format_exception(raised.value))
    assert "PLANTED" not in told
    assert re.match(r"database\b[^\n]*$", str(raised.value))


def test_the_words_about_a_server_that_is_away_name_it() -> None:
    with pytest.raises(LedgerUnavailable, match=r"postgresql\+psycopg://user:\*\*\*@127\.0\.0\.1:1/db: "):
        migrate.upgrade(writing_engine(URLS["a server that is away"]))
