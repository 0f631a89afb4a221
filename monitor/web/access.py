"""Who may write: whoever carries the configured bearer token. Without one configured, nobody."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from monitor.web.ports import Fleet

_bearer = HTTPBearer(auto_error=False, description="The config's server.token")


def writes(fleet: Fleet) -> Any:
    """The dependency of every route that writes: 403 without a configured token, 401 without or with a wrong one."""

    def allow(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
        token = fleet.token
        if token is None:
            raise HTTPException(403, "writes are off: configure server.token")
        if given is None or not hmac.compare_digest(given.credentials.encode(), token.reveal().encode()):
            raise HTTPException(401, "a write needs Authorization: Bearer and the server.token", _CHALLENGE)

    return Depends(allow)


_CHALLENGE = {"www-authenticate": "Bearer"}
