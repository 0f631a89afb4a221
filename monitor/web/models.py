"""The API's shapes for OpenAPI and the bounds of its inputs. `api` writes the answers; a test holds both together."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from monitor.core.types import Gate, Signal, Standing, Verdict
from monitor.web.problems import MEDIA_TYPE

MOST_ROWS = 500
"""Largest page of a history."""
MAX_CURSOR = 2**63 - 1
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/]+$")]
"""A part of a target id, a group or a check."""


class Shape(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


# --- inputs -------------------------------------------------------------------------------------------------------


class HealthQuery(Shape):
    """Which rows: all conditions hold."""

    standing: Standing | None = Field(None, description="Only targets that stand so.")
    group: Name | None = Field(None, description="Only members of this router group, eligible or not.")
    check: Name | None = Field(None, description="Only targets that run this check.")


class Paging(Shape):
    """A part of a history, newest first."""

    limit: int = Field(50, ge=1, le=MOST_ROWS, description="At most this many.")
    before: int | None = Field(None, ge=1, le=MAX_CURSOR, description="The `older` of the page before.")


class ProbesQuery(Paging):
    """Which probes."""

    check: Name | None = Field(None, description="Only this check; `control` for the text-only twins.")


# --- answers ------------------------------------------------------------------------------------------------------


class State(Shape):
    """How the daemon is."""

    state: Literal["healthy", "ready", "reloaded"]


class Capability(Shape):
    """One check as routers read it."""

    gate: Gate
    state: Literal["pass", "fail", "unproven", "expired", "unsupported"]


class Health(Shape):
    """The row that routers read. Past `valid_until`, or without one, it is to be read as catalog-only."""

    target_id: str
    provider: str
    model_ref: str
    model: str
    dialect: str
    standing: Standing
    reason: str
    since: datetime
    last_proof_at: datetime | None
    valid_until: datetime | None
    capabilities: dict[str, Capability]
    groups: dict[str, bool]
    media_path: str
    last_probe_id: UUID | None
    version: int
    updated_at: datetime


class HealthList(Shape):
    """The rows asked for, and the version of the row (of any) that changed last."""

    version: int
    targets: list[Health]


class Check(Shape):
    """What is believed of one check; at `full` the score flips an active check. `full` is null for a removed target."""

    standing: Standing
    reason: str
    score: int
    full: int | None
    since: datetime | None
    last_proof_at: datetime | None
    expired: bool
    last_probe_id: UUID | None


class Checks(Shape):
    """The checks of a target by name."""

    checks: dict[str, Check]


class Probe(Shape):
    """One probe. Seconds, tokens and USD; unknown is null. A control has neither verdict nor signal."""

    probe_id: UUID
    target: str
    check: str
    challenge: str
    seed: str
    scheduled_at: datetime
    verdict: Verdict | None
    signal: Signal | None
    reason: str
    http_status: int | None
    latency_s: float | None
    first_byte_s: float | None
    input_tokens: int | None
    control_tokens: int | None
    token_delta: int | None
    expected_tokens: int | None
    image_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    response_model: str | None
    response_id: str | None
    answer: str | None
    expected: str
    fetches: int | None
    cost_usd: float | None
    billed_usd: float | None


class Evidence(Probe):
    """All that is kept of one probe."""

    rule: str | None
    finished_at: datetime
    image_size: int
    output_cap: int
    cap_parameter: str
    failure: str | None
    reasoning_tokens: int | None
    answer_sane: bool | None
    body_digest: str | None
    image_cost_usd: float | None
    retry_after_s: float | None
    first_attempt: str | None


class ProbeList(Shape):
    """A part of the history, newest first. `older` is the `before` of the next part, null at the end."""

    probes: list[Probe]
    older: int | None


class Transition(Shape):
    """One change of standing."""

    transition_id: UUID
    target: str
    before: Standing
    after: Standing
    at: datetime
    reason: str
    detail: str
    probe_id: UUID | None
    actor: str


class TransitionList(Shape):
    """A part of the history, newest first. `older` is the `before` of the next part, null at the end."""

    transitions: list[Transition]
    older: int | None


class InputError(Shape):
    """One wrong input."""

    parameter: str
    problem: str


class Problem(Shape):
    """RFC 9457. `errors` lists wrong inputs, `allowed` the values that a parameter can have here."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[InputError] | None = None
    allowed: list[str] | None = None


# --- OpenAPI ------------------------------------------------------------------------------------------------------

Responses = dict[int | str, dict[str, Any]]


def _problem(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a problem, its one nested part put in place: a reference would lead out of the response."""
    error = schema.pop("$defs")["InputError"]
    schema["properties"]["errors"]["anyOf"][0]["items"] = error
    return schema


PROBLEMS: Responses = {
    "default": {
        "description": "What is wrong, whose fault it is and what is allowed",
        "content": {MEDIA_TYPE: {"schema": _problem(Problem.model_json_schema())}},
    }
}
NOT_MODIFIED: Responses = {304: {"description": "The client has it: If-None-Match names its ETag"}}
METRICS: Responses = {
    200: {"description": "Prometheus text, or OpenMetrics", "content": {"text/plain": {"schema": {"type": "string"}}}},
    **PROBLEMS,
}
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
IMAGE: Responses = {
    200: {
        "description": "The image",
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in IMAGE_TYPES},
    },
    **PROBLEMS,
}


def documented(answer: type[Shape], *, conditional: bool = False) -> Responses:
    """The `responses` of a route that answers with `answer` or a problem."""
    described: Responses = {200: {"model": answer, "description": "As asked"}}
    return described | PROBLEMS | (NOT_MODIFIED if conditional else {})
