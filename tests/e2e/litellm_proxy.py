"""The real LiteLLM proxy, from its own environment (`make litellm`), in front of the OCR upstream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.e2e.processes import ROOT, ProcessFailedError, serving

LITELLM = ROOT / ".venv-litellm" / "bin" / "litellm"
MODEL = "ocr-reader"
"""A name that no model map of LiteLLM's knows."""

ROUTES = {
    "openai": "/v1",
    "hosted_vllm": "/v1",
    "anthropic": "",
    "gemini": "/v1beta",
    "deepseek": "/v1",
}
"""LiteLLM provider -> what its `api_base` ends with, so that its requests meet the upstream's paths."""


@dataclass(frozen=True, slots=True)
class Health:
    """What LiteLLM's own `/health` says: deployments as `provider/model`."""

    healthy: frozenset[str]
    unhealthy: frozenset[str]


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy and the key that it wants."""

    url: str
    master_key: str

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """One request with the master key, as a client of the gateway sends it."""
        return httpx.post(self.url + path, json=body, headers=self._auth(), timeout=30, trust_env=False)

    def health(self) -> Health:
        """The verdict of the gateway on its own deployments, each asked afresh."""
        answer = httpx.get(f"{self.url}/health", headers=self._auth(), timeout=60, trust_env=False)
        answer.raise_for_status()
        lists = answer.json()
        return Health(
            *(frozenset(entry["model"] for entry in lists[f"{state}_endpoints"]) for state in ("healthy", "unhealthy"))
        )

    def _auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.master_key}"}


def alias(route: str) -> str:
    """The model name that clients of the proxy use for a route."""
    return f"via-{route}"


def deployment(route: str) -> str:
    """The route's name in `/health`."""
    return f"{route}/{MODEL}"


def config(upstream: str, *, deepseek_sees: bool) -> str:
    """The proxy's YAML: the upstream once by each route; `supports_vision` declared for deepseek or left unsaid."""
    models = [
        {
            "model_name": alias(route),
            "litellm_params": {"model": deployment(route), "api_base": upstream + suffix, "api_key": "upstream-key"},
            "model_info": {"supports_vision": True} if route == "deepseek" and deepseek_sees else {},
        }
        for route, suffix in ROUTES.items()
    ]
    return yaml.safe_dump({"model_list": models, "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"}})


@contextmanager
def litellm_proxy(
    upstream: str, port: int, master_key: str, directory: Path, *, deepseek_sees: bool
) -> Iterator[Proxy]:
    """The proxy on loopback while it serves. Config and log are kept in `directory`, by the name of the case."""
    if not LITELLM.exists():
        raise ProcessFailedError(f"{LITELLM.relative_to(ROOT)} is missing: run `make litellm`")
    case = directory / f"litellm-{'sees' if deepseek_sees else 'unsaid'}"
    settings = case.with_suffix(".yaml")
    settings.write_text(config(upstream, deepseek_sees=deepseek_sees))
    url = f"http://127.0.0.1:{port}"
    env = {"LITELLM_MASTER_KEY": master_key, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONUNBUFFERED": "1"}
    command = [str(LITELLM), "--config", str(settings), "--host", "127.0.0.1", "--port", str(port)]
    with serving(command, f"{url}/health/liveliness", case.with_suffix(".log"), env):
        yield Proxy(url, master_key)
