"""References in the values of a configuration: `${NAME}` from the environment given, `file:PATH` for secrets.

They are expanded after the YAML is parsed, so that a value can never add structure, and once: what a variable holds
is taken as it is. `$${` stands for a literal `${`. Messages name variables and files, never what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.config.problems import UnfitError, spelt_key
from monitor.core.types import Secret

LARGEST_SECRET = 65_536
"""Bytes of a secret file."""
_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class References:
    """Where references lead: the environment, and the folder that relative paths start from.

    `own_checks` are the names of the checks that the file brings along, sound or not: other sections refer to them.
    """

    environ: Mapping[str, str]
    folder: Path
    own_checks: frozenset[str] = frozenset()

    def expand(self, text: str) -> str:
        """`text` with its variables. UnfitError names those that are missing."""
        faults = (self._fault(match) for match in _REFERENCE.finditer(text))
        if found := dict.fromkeys(fault for fault in faults if fault):
            raise UnfitError("; ".join(found))
        return _REFERENCE.sub(lambda match: "${" if match[1] is None else self.environ[match[1]], text)

    def expand_all(self, data: Any) -> Any:
        """Plain data with the variables of every text in it."""
        if isinstance(data, str):
            return self.expand(data)
        if isinstance(data, list):
            return [self.expand_all(item) for item in data]
        if isinstance(data, dict):
            return {key: self.expand_all(value) for key, value in data.items()}
        return data

    def secret(self, text: str) -> Secret:
        """The secret that `text` is or refers to. UnfitError says what is wrong with it without showing it."""
        value = self.expand(text)
        if text.startswith("file:"):
            value = _read(self.folder / value.removeprefix("file:"), spelt_key(text)).rstrip("\r\n")
        if not value.strip():
            raise UnfitError("the secret is empty")
        return Secret(value)

    def _fault(self, match: re.Match[str]) -> str | None:
        name = match[1]
        if name is None:
            return None
        if not match[0].endswith("}"):
            return "`${` has no closing brace; write `$${` for a literal one"
        if not _NAME.fullmatch(name):
            return "`${…}` takes the name of an environment variable: letters, digits and _"
        return None if name in self.environ else f"environment variable {name} is not set"


def _read(path: Path, written: str) -> str:
    try:
        if not path.is_file():
            raise UnfitError(f"no such file: {written} (a relative path starts at the configuration's folder)")
        with path.open("rb") as file:
            content = file.read(LARGEST_SECRET + 1)
    except OSError as error:
        raise UnfitError(f"cannot read {written}: {error.strerror}") from None
    if len(content) > LARGEST_SECRET:
        raise UnfitError(f"{written} is larger than {LARGEST_SECRET} bytes: no secret is")
    return content.decode("utf-8", "replace")
