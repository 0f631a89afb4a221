"""The kinds of values that a configuration holds: text with references, secrets, durations, addresses, names.

Each is read by one function that raises UnfitError with words for the person who wrote the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationInfo

from monitor.config.problems import UnfitError, did_you_mean
from monitor.config.references import References
from monitor.core.auth import AUTH_SCHEMES
from monitor.core.canary import Network, parse_network
from monitor.core.checks import CATALOGUE
from monitor.core.types import Secret
from monitor.dialects import REGISTRY

LONGEST_NAME = 128
"""Characters of a provider, model reference or group."""
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_LISTEN = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s\[\]:/]+):([0-9]{1,5})")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"})


# --- durations ----------------------------------------------------------------------------------------------------


def read_duration(value: Any) -> timedelta:
    """The duration in `60s`, `5m`, `6h`, `14d`, `250ms`. UnfitError otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise UnfitError("a number without a unit: write it as in 60s, 5m, 6h, 14d or 250ms")
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise UnfitError("must be a duration: a whole number and one unit, as in 60s, 5m, 6h, 14d or 250ms")
    return int(match[1]) * _UNITS[match[2]]


def spelt_duration(duration: timedelta) -> str:
    """`duration` as a configuration would say it, in the largest unit that divides it."""
    for unit, length in reversed(_UNITS.items()):
        if duration % length == timedelta():
            return f"{duration // length}{unit}"
    return f"{duration.total_seconds()}s"


def _within(least: str, most: str) -> Callable[[timedelta], timedelta]:
    low, high = read_duration(least), read_duration(most)

    def check(value: timedelta) -> timedelta:
        if not low <= value <= high:
            raise UnfitError(f"must be between {least} and {most}")
        return value

    return check


def _expanded_duration(value: Any, info: ValidationInfo) -> timedelta:
    return read_duration(references(info).expand(value) if isinstance(value, str) else value)


Duration = Annotated[timedelta, PlainValidator(_expanded_duration)]
Pace = Annotated[Duration, AfterValidator(_within("100ms", "30d"))]
Timeout = Annotated[Duration, AfterValidator(_within("100ms", "10m"))]
Lifetime = Annotated[Duration, AfterValidator(_within("1s", "100d"))]
Keep = Annotated[Duration, AfterValidator(_within("1h", "3650d"))]


# --- text and secrets ---------------------------------------------------------------------------------------------


def references(info: ValidationInfo) -> References:
    """What references in the file that is being validated lead to."""
    if not isinstance(info.context, References):
        raise TypeError("models of a configuration are validated with References as context")
    return info.context


def _text(value: str, info: ValidationInfo) -> str:
    text = references(info).expand(value)
    if not text.strip():
        raise UnfitError("is empty: give it a value or remove the line")
    if not text.isprintable():
        raise UnfitError("has a line break or a control character")
    return text


def _secret(value: Any, info: ValidationInfo) -> Secret:
    if not isinstance(value, str):
        raise UnfitError("must be text: ${NAME}, file:PATH, or the secret itself in quotes")
    return references(info).secret(value)


def _header_value(secret: Secret) -> Secret:
    if _UNPRINTABLE.search(secret.reveal()):
        raise UnfitError("the secret has a line break or another character that no header can carry")
    return secret


def _database(secret: Secret) -> Secret:
    url = secret.reveal()
    if not url.startswith("sqlite:"):
        raise UnfitError("this version keeps its records in SQLite only: write sqlite:///FILE")
    if not re.fullmatch(r"sqlite:///[^?#:]+", url) or not url.isprintable():
        raise UnfitError("must be sqlite:///FILE (three slashes; a fourth begins an absolute path), without options")
    return secret


Text = Annotated[str, AfterValidator(_text)]
SecretText = Annotated[Secret, PlainValidator(_secret), AfterValidator(_header_value)]
Database = Annotated[Secret, PlainValidator(_secret), AfterValidator(_database)]


# --- addresses ----------------------------------------------------------------------------------------------------


def _base_url(url: str) -> str:
    if surplus := _surplus(_parts(url, "https://api.example.com/v1"), url):
        raise UnfitError(f"must not have {surplus}")
    return url.rstrip("/")


def _public_url(url: str) -> str:
    if "@" in _parts(url, "https://probe.example.com").netloc or "?" in url or "#" in url:
        raise UnfitError("must be a scheme, a host and at most a port and a path: targets are told it as it stands")
    return url.rstrip("/")


def _parts(url: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnfitError(f"must be a URL such as {example}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or " " in url:
        raise UnfitError(f"must be a URL such as {example}")
    return parts


def _surplus(parts: SplitResult, url: str) -> str | None:
    if "@" in parts.netloc:
        return "a user or password in it: give the key as `api_key` or in `headers`"
    if "?" in url:
        return "a query: requests add their own path; keys and versions travel in `headers`"
    return "a fragment (`#…`)" if "#" in url else None


def _listen(address: str) -> str:
    match = _LISTEN.fullmatch(address)
    if not match or int(match[2]) > 65_535:
        raise UnfitError("must be HOST:PORT, such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464 (all interfaces)")
    return address


def _network(text: Any, info: ValidationInfo) -> Network:
    if not isinstance(text, str):
        raise UnfitError("must be text: a network such as 10.0.0.0/8, or an address")
    try:
        return parse_network(references(info).expand(text))
    except UnfitError:
        raise
    except ValueError:
        raise UnfitError(
            "must be a network such as 10.0.0.0/8 or 2001:db8::/32, with no bit set beyond its prefix, or an address"
        ) from None


BaseUrl = Annotated[Text, AfterValidator(_base_url)]
Listen = Annotated[Text, AfterValidator(_listen)]
PublicUrl = Annotated[Text, AfterValidator(_public_url)]
NetworkText = Annotated[Network, PlainValidator(_network)]


# --- names --------------------------------------------------------------------------------------------------------


def _name(name: str) -> str:
    if "/" in name:
        raise UnfitError("must not contain `/`: a target id is PROVIDER/MODEL_REF; write `.` for it")
    if not name or not name.isprintable() or " " in name or len(name) > LONGEST_NAME:
        raise UnfitError(f"must be a name without spaces, of 1 to {LONGEST_NAME} characters")
    return name


def _label(name: str) -> str:
    if not _LABEL.fullmatch(name):
        raise UnfitError("must be a Prometheus label name: letters, digits and _, no digit first, not __ first")
    return name


def _header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise UnfitError("must be the name of an HTTP header")
    if name.lower() in _OURS:
        raise UnfitError("is a header that the monitor itself sends; remove it")
    if name.lower() == "anthropic-version":
        raise UnfitError("has a key of its own: `anthropic_version` of the provider")
    return name


def _check_name(name: str, info: ValidationInfo) -> str:
    known = sorted(CATALOGUE.keys() | references(info).own_checks)
    if name not in known:
        raise UnfitError(f"no check of this version; {did_you_mean(name, known)}")
    return name


def _dialect(name: str) -> str:
    if name not in REGISTRY:
        raise UnfitError(f"no dialect of this version; {did_you_mean(name, list(REGISTRY))}")
    return name


def _auth_scheme(name: str) -> str:
    if name not in AUTH_SCHEMES:
        raise UnfitError(f"no auth scheme of this version; {did_you_mean(name, list(AUTH_SCHEMES))}")
    return name


Name = Annotated[str, AfterValidator(_name)]
LabelName = Annotated[str, AfterValidator(_label)]
HeaderName = Annotated[str, AfterValidator(_header)]
CheckName = Annotated[str, AfterValidator(_check_name)]
DialectName = Annotated[Text, AfterValidator(_dialect)]
AuthScheme = Annotated[Text, AfterValidator(_auth_scheme)]


# --- JSON for a request -------------------------------------------------------------------------------------------


def _json(data: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    expanded: dict[str, Any] = references(info).expand_all(data)
    try:
        json.dumps(expanded, allow_nan=False)
    except ValueError:
        raise UnfitError("has .inf or .nan in it, which JSON has no words for") from None
    return expanded


JsonObject = Annotated[dict[str, Any], AfterValidator(_json)]


def _mode_alone(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise UnfitError(
            "must be `required`, `optional` or `off`, or a mapping with `mode`, `every`, `timeout`, `proof_ttl`"
        )
    return {"mode": value} if isinstance(value, str) else value


ModeAlone = BeforeValidator(_mode_alone)
"""`required` is short for `{mode: required}`."""
