"""Every frozen dataclass and enum that the storeys share. Nothing here decides; all datetimes are aware and in UTC,
all durations are `timedelta`, and `None` always means "not known", never 0.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Never
from uuid import UUID, uuid5

PROBE_NAMESPACE = UUID("6b1d2f0e-6a52-5a0e-9d3c-7669736e7061")
"""uuid5 namespace of probe ids: the same (target, check, slot) is the same probe, however often it is written."""


class Standing(StrEnum):
    """What a router may do with a target. Why is in the reason beside it."""

    ACTIVE = "active"
    CATALOG_ONLY = "catalog-only"


class Signal(StrEnum):
    """What a verdict says about *vision*. SILENT moves no score: an outage is no evidence of blindness."""

    FOR = "for"
    AGAINST = "against"
    SILENT = "silent"


class Gate(StrEnum):
    """What a check stands for; it decides how a verdict turns into a signal."""

    PATH = "path"
    QUALITY = "quality"
    CONTRACT = "contract"
    SECURITY = "security"


class Verdict(StrEnum):
    """The outcome of one probe. Meaning and order of precedence stand in `core.verdict.RULES`."""

    MISSED = "missed"
    UNREACHABLE = "unreachable"
    PROBE_INVALID = "probe_invalid"
    TEXTIFIED = "textified"
    REJECTED = "rejected"
    DENIED = "denied"
    THROTTLED = "throttled"
    PROVIDER_ERROR = "provider_error"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    OVER_CAP = "over_cap"
    LEAKED = "leaked"
    SEEN_UNMETERED = "seen_unmetered"
    SEEN = "seen"
    REFUSED = "refused"
    OUT_OF_BUDGET = "out_of_budget"
    REPLAYED = "replayed"
    BLIND = "blind"
    PARTIAL = "partial"
    SUBSTITUTED = "substituted"
    DEGRADED = "degraded"
    MISREAD = "misread"
    GARBLED = "garbled"
    DROPPED = "dropped"
    UNSURE = "unsure"
    UNCLASSIFIED = "unclassified"


class Mode(StrEnum):
    """Whether a check decides the standing of its target (`required`) or only shows a capability (`optional`)."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class Placement(StrEnum):
    """Where in the request the image stands."""

    USER = "user"
    TOOL_RESULT = "tool_result"


class Form(StrEnum):
    """A way for an ask to travel other than as a plain request with inline images in the user's message."""

    STREAM = "stream"
    URL = "url"
    TOOL_RESULT = "tool_result"
    WITH_TOOLS = "with_tools"


class Match(StrEnum):
    """How near an answer came to the expected characters; NONE when there was no answer text."""

    EXACT = "exact"
    NEAR = "near"
    FAR = "far"
    NONE = "none"


class Finish(StrEnum):
    """Why the model stopped, in one vocabulary for all dialects."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "filter"
    REFUSAL = "refusal"
    TOOL_CALLS = "tool_calls"
    OTHER = "other"


class FailureKind(StrEnum):
    """What went wrong below HTTP (or after its headers: CUT, TOO_LARGE, and DEADLINE when a status is known)."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    DEADLINE = "deadline"
    PROTOCOL = "protocol"
    CUT = "cut"
    TOO_LARGE = "too_large"


class Twin(StrEnum):
    """How the text twin of a failed probe fared: it separates "the image was refused" from "everything fails"."""

    PASSED = "passed"
    CLIENT_ERROR = "client_error"
    FAILED = "failed"


class ClaimKind(StrEnum):
    """How an answer says that no image came."""

    SENTINEL = "sentinel"
    PLACEHOLDER = "placeholder"
    ABSENCE = "absence"


class Committed(StrEnum):
    """What became of a commit: kept, already there, or built on a state that another writer has moved."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


def utc(moment: datetime) -> datetime:
    """`moment` in UTC. Raises ValueError for a naive datetime, which would be somebody's local time by accident."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: visionpath keeps aware UTC times only")
    return moment.astimezone(UTC)


class Secret:
    """The one type that carries a secret: constant, and printed, formatted, logged or pickled it is `***`.

    JSON refuses it. A copy is the secret itself. `reveal()` is for the transport.
    """

    __slots__ = ("_value",)
    _value: str

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        """The secret itself. Only the edge that puts it on the wire, or looks for it to hide it, may call this."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"a secret is constant: {name} cannot be set")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"a secret is constant: {name} cannot be deleted")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: object) -> Secret:
        return self

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return (Secret, ("***",))

    def __eq__(self, other: object) -> bool:
        """Takes as long for a near miss as for a far one."""
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(other), _bytes(self))

    def __hash__(self) -> int:
        return hash(self._value)


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode(errors="surrogatepass")


# --- what is configured -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Policy:
    """The flip policy of VERDICTS.md §3. `tolerate` is the share of AGAINST that is borne for ever, in (0, 0.5]."""

    fall: int = 4
    rise: int = 3
    fast_every: timedelta = timedelta(seconds=5)
    down_every: timedelta = timedelta(seconds=120)
    tolerate: float = 0.05
    forbid_captioning: bool = False

    @property
    def weight(self) -> int:
        """What one AGAINST adds to the score, so that a share of `tolerate` drifts neither way."""
        return round((1 - self.tolerate) / self.tolerate)

    @property
    def full(self) -> int:
        """The score at which an active check falls: `fall` AGAINST without a FOR between."""
        return self.fall * self.weight


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per million tokens, and per image. With neither image price, image tokens cost the input rate."""

    input_per_million: float | None = None
    output_per_million: float | None = None
    image_per_million: float | None = None
    image_each: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a target may spend in a UTC day, controls and follow-ups included; None is no limit. See `core.budget`."""

    usd_per_day: float | None = 2.0
    probes_per_day: int | None = 3000
    tokens_per_day: int | None = 3_000_000


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """What a check from the config asks: always the same image and question. `core.checks.own_check` makes one.

    `challenge` names the wording, `digest` is the SHA-256 of the image's bytes. A right answer has `pattern`, a regular
    expression in RE2's syntax, in it.
    """

    challenge: str
    image: Image
    digest: bytes
    question: str
    pattern: str


@dataclass(frozen=True, slots=True)
class TargetCheck:
    """One check as one target runs it. `proof_ttl` counts from the slot of the last proof; `own` is of own checks."""

    name: str
    mode: Mode
    every: timedelta
    timeout: timedelta
    proof_ttl: timedelta
    own: OwnCheck | None = None


@dataclass(frozen=True, slots=True)
class GroupMembership:
    """A router group that the target belongs to; it counts there while active and all of `requires` pass."""

    group: str
    requires: tuple[str, ...] = ()
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One vision target: a model at an endpoint in a dialect. Holds no secret; `key_ref` names one.

    `image_size` (pixels, square) and `image_tokens` are overrides; None leaves them to the token family.
    `output_cap` is in tokens. `cap_parameter` is `auto` or a parameter's name and matters to openai-chat only.
    """

    id: str
    provider: str
    model_ref: str
    model: str
    dialect: str
    base_url: str
    key_ref: str
    checks: tuple[TargetCheck, ...]
    policy: Policy = Policy()
    prices: Prices = Prices()
    groups: tuple[GroupMembership, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    image_size: int | None = None
    image_tokens: int | None = None
    output_cap: int = 64
    cap_parameter: str = "auto"
    api_version: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    budget: Budget = Budget()

    def check(self, name: str) -> TargetCheck:
        """The configured check of that name; KeyError when the target does not run it."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(name)

    @property
    def required(self) -> tuple[TargetCheck, ...]:
        """The checks that decide the standing, in the order of the config."""
        return tuple(check for check in self.checks if check.mode is Mode.REQUIRED)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What the target *is*: when this changes, old proofs prove nothing."""
        return (self.base_url, self.model, self.dialect)


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the catalogue: what a probe asks and what its verdict stands for.

    `challenges` take turns while a target is under suspicion; `corroborating` ones join only once it was proven,
    because a guess passes them too often to be believed alone. `images` is how many a puzzle of it has.

    `stream`, `placement` and `with_tools` are those of the `Ask`. With a `media_type` the image travels as that, else
    as PNG; `large` makes it one of about 1.8 MB. `every` is its own default pace, None for the target's.
    """

    name: str
    gate: Gate
    challenges: tuple[str, ...]
    corroborating: tuple[str, ...] = ()
    images: int = 1
    stream: bool = False
    placement: Placement = Placement.USER
    with_tools: bool = False
    media_type: str | None = None
    large: bool = False
    every: timedelta | None = None

    @property
    def forms(self) -> frozenset[Form]:
        """What a dialect must have for this check."""
        return _forms(self)

    @property
    def tests_the_file(self) -> bool:
        """Is the image's format or size the subject, so that an error about it is no fault of ours?"""
        return self.large or self.media_type is not None


def _forms(sent: Check | Ask) -> frozenset[Form]:
    needed = {
        Form.STREAM: sent.stream,
        Form.TOOL_RESULT: sent.placement is Placement.TOOL_RESULT,
        Form.WITH_TOOLS: sent.with_tools,
    }
    return frozenset(form for form, is_needed in needed.items() if is_needed)


# --- what is sent and what comes back -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Image:
    """An encoded image; `width` and `height` in pixels. With a `url` it travels by reference, not as bytes."""

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Puzzle:
    """What one probe shows and what must be read. The question is the same for every seed of a challenge."""

    challenge: str
    seed: bytes
    images: tuple[Image, ...]
    question: str
    expected: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything a dialect needs to write a request; no images makes it the text-only control. `cap` in tokens.

    `with_tools` puts a system prompt and tools into the request, as agents send it.
    """

    model: str
    question: str
    images: tuple[Image, ...]
    cap: int
    cap_parameter: str
    api_version: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    stream: bool = False
    placement: Placement = Placement.USER
    with_tools: bool = False

    @property
    def forms(self) -> frozenset[Form]:
        """How its text travels: two asks compare when both question and forms are the same."""
        return _forms(self)


@dataclass(frozen=True, slots=True)
class WireRequest:
    """An HTTP request relative to the target's base URL. Never contains a secret: the transport adds the key."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost: wall time from first to last byte, and bytes of the (decoded) body."""

    deadline: timedelta
    max_bytes: int = 2_000_000


@dataclass(frozen=True, slots=True)
class Failure:
    """A fault below or after HTTP, with the words of the library that saw it (never a secret)."""

    kind: FailureKind
    detail: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What happened on the wire. `status` is None when no HTTP answer came; header names are lower case.

    `elapsed_s` runs from the call to the last byte, `first_byte_s` to the response headers; seconds.
    """

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    failure: Failure | None
    elapsed_s: float
    first_byte_s: float | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the target reported them. Each is None when unreported: None is not 0."""

    input_total: int | None = None
    output: int | None = None
    image: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    billed_usd: float | None = None


@dataclass(frozen=True, slots=True)
class ReplyError:
    """An error as the target worded it, out of any of the five body shapes of WIRE.md."""

    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = None
    retry_after: timedelta | None = None

    @property
    def words(self) -> str:
        """Everything it said, for matching."""
        return " ".join(part for part in (self.type, self.code, self.param, self.message) if part)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response read in its dialect. `malformed` says what was wrong with its shape; then nothing else is known.

    `truncated` says how a stream is known to be incomplete; what came of it is kept, but may be only a part.
    """

    text: str | None = None
    finish: Finish | None = None
    refusal: str | None = None
    reasoning: str | None = None
    usage: Usage = Usage()
    model: str | None = None
    response_id: str | None = None
    error: ReplyError | None = None
    malformed: str | None = None
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How an answer compares with the expected characters. `bare`: nothing else was said (markup aside).

    `parts_seen` counts the parts that were read exactly or nearly. `extracted` is what was read, in the answer's order,
    and `places`, of an answer that read some of several parts, which of them, from 0. `reordered`: all parts were, but
    not in the order of the images.
    """

    match: Match
    parts_seen: int
    parts_total: int
    extracted: str | None
    bare: bool
    reordered: bool = False
    places: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Words of the answer that say no image came."""

    kind: ClaimKind
    words: str


# --- evidence, result, standing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TokenEvidence:
    """The usage arithmetic of one probe, in tokens. `delta` is input minus the median text-only control."""

    input: int | None = None
    control: int | None = None
    delta: int | None = None
    expected: int | None = None
    tolerance: int | None = None
    image_reported: int | None = None
    output: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """All the evidence of one probe; `exchange` is None when nothing was sent because the slot had passed.

    `images` is how many were sent. `fine_print`: large print stood over small. `tests_the_file`: format or size is the
    subject of the check.
    """

    model: str
    known_echoes: frozenset[str]
    cap: int
    expected: str
    question: str
    base64_length: int
    exchange: Exchange | None
    reply: Reply | None
    answer: Answer | None
    claim: Claim | None
    tokens: TokenEvidence
    twin: Twin | None = None
    replayed_from: UUID | None = None
    garbled: bool = False
    control_sane: bool | None = None
    unsure_before: int = 0
    images: int = 1
    fine_print: bool = False
    tests_the_file: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the name of the rule that fired, and one sentence with the figures to paste into an incident."""

    verdict: Verdict
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One probe as it is stored, exported and shown. `verdict` and `signal` are None for a text-only control."""

    id: UUID
    target_id: str
    check: str
    challenge: str
    seed: bytes
    image_size: int
    scheduled_at: datetime
    finished_at: datetime
    verdict: Verdict | None
    signal: Signal | None
    rule: str | None
    reason: str
    expected: str
    output_cap: int
    cap_parameter: str
    http_status: int | None = None
    failure: FailureKind | None = None
    latency_s: float | None = None
    first_byte_s: float | None = None
    input_tokens: int | None = None
    control_tokens: int | None = None
    token_delta: int | None = None
    expected_tokens: int | None = None
    image_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    response_model: str | None = None
    response_id: str | None = None
    body_digest: bytes | None = None
    answer: str | None = None
    answer_sane: bool | None = None
    fetches: int | None = None
    cost_usd: float | None = None
    image_cost_usd: float | None = None
    billed_usd: float | None = None
    retry_after: timedelta | None = None
    first_attempt: str | None = None

    def __post_init__(self) -> None:
        utc(self.scheduled_at)
        utc(self.finished_at)


@dataclass(frozen=True, slots=True)
class CheckState:
    """What is believed of one (target, check). Only `core.health.step` makes a new one."""

    standing: Standing = Standing.CATALOG_ONLY
    reason: str = "never_proven"
    score: int = 0
    run: int = 0
    relapses: int = 0
    since: datetime | None = None
    last_proof_at: datetime | None = None
    last_promoted_at: datetime | None = None
    against_before_proof: bool = False
    expired: bool = False
    unsure_run: int = 0
    timeouts_run: int = 0
    streak: int = 0
    last_signal: Signal | None = None
    last_verdict: Verdict | None = None
    last_challenge: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Probed:
    """A probe was judged. `at` is its slot; `timed_out` tells a deadline from other silences."""

    at: datetime
    verdict: Verdict
    signal: Signal
    challenge: str
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Expired:
    """The last proof became older than the check's proof_ttl."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """The target's endpoint, model or dialect is another one: it was never proven."""

    at: datetime


Event = Probed | Expired | ConfigChanged
"""All that can move a standing."""


@dataclass(frozen=True, slots=True)
class Capability:
    """One check of a target as routers read it. State: unproven, pass, fail, expired or unsupported."""

    check: str
    gate: Gate
    state: str


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """The row that routers read. Past `valid_until` it is to be read as catalog-only; so is a row without one."""

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
    capabilities: tuple[Capability, ...]
    groups: Mapping[str, bool]
    media_path: str
    last_probe_id: UUID | None
    updated_at: datetime
    version: int = 0

    @property
    def visible(self) -> tuple[object, ...]:
        """What a change of makes routers reload: the row's version moves when this does, not with every proof."""
        groups = tuple(sorted(self.groups.items()))
        return (self.model, self.dialect, self.standing, self.reason, self.capabilities, groups, self.media_path)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the states of its checks make of a target. `valid_until` is None while catalog-only."""

    standing: Standing
    reason: str
    last_proof_at: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Transition:
    """A target's standing changed. `actor` is `probe`, `expiry` or `config`."""

    id: UUID
    target_id: str
    before: Standing
    after: Standing
    at: datetime
    reason: str
    detail: str
    probe_id: UUID | None
    actor: str


@dataclass(frozen=True, slots=True)
class Record:
    """THE event: everything that one probe (or expiry, or change of config) leaves behind, committed as one.

    The row, the metric, the log line and the page are all derived from it. A control moves no state.
    `health` is the row to be written, None when what routers read need not change; `assessment` is always current.
    """

    target_id: str
    check: str
    at: datetime
    result: ProbeResult | None
    event: Event | None
    state: CheckState | None
    health: TargetHealth | None
    transition: Transition | None
    assessment: Assessment | None = None


def probe_id(target_id: str, check: str, scheduled_at: datetime) -> UUID:
    """The id of the probe in that slot: writing it twice is writing it once."""
    return uuid5(PROBE_NAMESPACE, f"{target_id}|{check}|{utc(scheduled_at).isoformat(timespec='microseconds')}")
