"""What a configuration may say: every key with its meaning, range and default. Nothing here leaves `config/`.

Keys that we do not know are refused, except on providers, models, groups and their members (`Open`): those belong to
routers too, so that a router's file loads as it is. `LATER` names keys that a later version will act on; refusing
them now is better than a daemon that ignores them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from monitor.challenges.drawing import MAX_SIZE, MIN_SIZE
from monitor.config.fields import (
    AuthScheme,
    BaseUrl,
    CheckName,
    Database,
    DialectName,
    HeaderName,
    JsonObject,
    Keep,
    LabelName,
    Lifetime,
    Listen,
    ModeAlone,
    Name,
    NetworkText,
    Pace,
    PublicUrl,
    SecretText,
    Text,
    Timeout,
    read_duration,
)
from monitor.config.own_checks import GateName, ImageFile, OwnName, PatternText, Question
from monitor.core.types import Budget, Policy, Secret

_POLICY = Policy()
_BUDGET = Budget()


class Strict(BaseModel):
    """A section in which every key is ours."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)
    LATER: ClassVar[frozenset[str]] = frozenset()


class Open(Strict):
    """A section that we share with routers: their keys are accepted and kept as they are."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True, hide_input_in_errors=True)


class ServerSection(Strict):
    """The page, the API and `/metrics`."""

    LATER = frozenset({"read_token", "tls"})
    listen: Listen = Field(default="127.0.0.1:9464", description="HOST:PORT; port 0 takes any free one")
    token: SecretText | None = Field(default=None, description="bearer token of writes; without it they are refused")
    trusted_proxies: list[NetworkText] = Field(
        default_factory=list, description="networks whose X-Forwarded-For is believed, here and at the canary"
    )


class NetworksSection(Strict):
    """Whose a fetch of a test image is, by the address it comes from. The narrowest network decides."""

    gateway: list[NetworkText] = Field(default_factory=list, description="of the gateways before the models")
    upstream: list[NetworkText] = Field(default_factory=list, description="of the models' providers")


class CanarySection(Strict):
    """The host of test images for `url` checks; its own listener, which serves nothing else."""

    listen: Listen = Field(default="127.0.0.1:9465", description="HOST:PORT; port 0 takes any free one")
    public_url: PublicUrl | None = Field(default=None, description="how targets reach it; without it there is no host")
    networks: NetworksSection = NetworksSection()


class PolicySection(Strict):
    """The flip policy of VERDICTS.md §3. A model's own policy changes single values of the defaults."""

    LATER = frozenset({"forbid_captioning"})
    fall: Annotated[int, Field(ge=1, le=100)] = Field(
        default=_POLICY.fall, description="AGAINST in a row that make an active check catalog-only"
    )
    rise: Annotated[int, Field(ge=1, le=100)] = Field(
        default=_POLICY.rise,
        description="FOR in a row that make it active again; doubled with each relapse",
    )
    tolerate: Annotated[float, Field(ge=0.001, le=0.5)] = Field(
        default=_POLICY.tolerate, description="share of AGAINST that is borne for ever"
    )
    fast_every: Pace = Field(default=_POLICY.fast_every, description="pace under suspicion and while recovering")
    down_every: Pace = Field(
        default=_POLICY.down_every, description="pace after an AGAINST while catalog-only, and of a target that hangs"
    )


Usd = Annotated[float, Field(ge=0.01, le=1_000_000, allow_inf_nan=False)] | None
Count = Annotated[int, Field(ge=1, le=1_000_000_000_000)] | None


class BudgetSection(Strict):
    """What a target may spend in a UTC day, controls included; as it is used up, intervals and proof lifetimes stretch.

    A model's own budget changes single values of the defaults.
    """

    usd_per_day: Usd = Field(default=_BUDGET.usd_per_day, description="by the prices, or the provider's bill if larger")
    probes_per_day: Count = Field(default=_BUDGET.probes_per_day, description="requests, text-only controls included")
    tokens_per_day: Count = Field(default=_BUDGET.tokens_per_day, description="input and output")


class FleetBudgetSection(Strict):
    """What all targets together may spend in a UTC day; all are stretched alike. No limit where none is given."""

    usd_per_day: Usd = Field(default=None, description="as in `defaults.budget`")
    probes_per_day: Count = Field(default=None, description="as in `defaults.budget`")
    tokens_per_day: Count = Field(default=None, description="as in `defaults.budget`")


class CheckSection(Strict):
    """One check: whether it decides the standing, and its paces. A bare `required`, `optional` or `off` is its mode."""

    mode: Literal["required", "optional", "off"] = Field(default="required", description="`off` removes the check")
    every: Pace | None = Field(default=None, description="default: the target's `every`; 6h for `large`")
    timeout: Timeout | None = Field(default=None, description="first to last byte; default: the target's `timeout`")
    proof_ttl: Lifetime | None = Field(
        default=None, description="how long a proof lasts; default and least: max(3 × every, 5m) + timeout"
    )


Checks = dict[CheckName, Annotated[CheckSection, ModeAlone]]


def _inline_required() -> Checks:
    return {"inline": CheckSection()}


class DefaultsSection(Strict):
    """What holds for every target that does not say otherwise."""

    every: Pace = Field(default=read_duration("60s"), description="from one probe of a check to the next")
    timeout: Timeout = Field(default=read_duration("30s"), description="of one exchange, first to last byte")
    checks: Checks = Field(default_factory=_inline_required, description="default: `inline: required`")
    policy: PolicySection = PolicySection()
    budget: BudgetSection = Field(default=BudgetSection(), description="of each target")
    max_concurrency: Annotated[int, Field(ge=1, le=1000)] = Field(default=8, description="probes at once, per provider")


class ImageSection(Strict):
    """What is drawn, and what it should cost; all by token family where not given."""

    size: Annotated[int, Field(ge=MIN_SIZE, le=MAX_SIZE)] | None = Field(default=None, description="side in pixels")
    format: Literal["png"] = "png"
    tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="input tokens of one image"
    )


Price = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None


class ModelSection(Open):
    """A model of a provider; a target if its input modalities list `image`."""

    LATER = frozenset({"direct_twin"})
    model: Text = Field(description="the name that requests carry")
    input_modalities: list[str] | None = Field(
        default=None, description="without it the model is no target, and a note says so"
    )
    input_price_per_million_usd: Price = Field(default=None, description="USD per million input tokens")
    output_price_per_million_usd: Price = Field(default=None, description="USD per million output tokens")
    image_input_price_per_million_tokens_usd: Price = Field(default=None, description="default: the input price")
    image_input_price_per_image_usd: Price = Field(default=None, description="instead of a price by tokens")
    every: Pace | None = Field(default=None, description="default: `defaults.every`")
    timeout: Timeout | None = Field(default=None, description="default: `defaults.timeout`")
    checks: Checks = Field(default_factory=dict, description="changes to `defaults.checks`, by name")
    policy: PolicySection = Field(default=PolicySection(), description="changes to `defaults.policy`")
    budget: BudgetSection = Field(default=BudgetSection(), description="changes to `defaults.budget`")
    image: ImageSection = ImageSection()
    output_cap: Annotated[int, Field(ge=16, le=100_000)] = Field(
        default=64, description="output tokens granted at first"
    )
    extra_body: JsonObject = Field(default_factory=dict, description="merged into every request")
    labels: dict[LabelName, Text] = Field(default_factory=dict, description="`label_*` of the target's info metric")


class ProviderSection(Open):
    """An endpoint, how it is spoken to, and its models."""

    LATER = frozenset({"proxy", "tls"})
    base_url: BaseUrl = Field(description="what request paths are appended to")
    dialect: DialectName
    api_key: SecretText | None = Field(
        default=None, description="${NAME}, file:PATH or the key; needed unless auth is `none`"
    )
    key_id: Text | None = Field(default=None, description="the key's name, for people and routers; it is not sent")
    auth_scheme: AuthScheme | None = Field(
        default=None, description="how the key travels; default: as the dialect's maker has it"
    )
    headers: dict[HeaderName, SecretText] = Field(default_factory=dict, description="sent with every request")
    anthropic_version: Text | None = Field(default=None, description="anthropic-messages only; default 2023-06-01")
    cap_parameter: Literal["max_tokens", "max_completion_tokens", "auto"] | None = Field(
        default=None, description="openai-chat only; `auto`, the default, learns from the endpoint's answer"
    )
    max_concurrency: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="default: `defaults.max_concurrency`"
    )
    models: dict[Name, ModelSection]


class MemberSection(Open):
    """A target in a router's group."""

    provider: Text
    model_ref: Text
    weight: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None


class GroupSection(Open):
    """A router's group: what it sends to any of several targets."""

    strategy: Text | None = Field(default=None, description="the router's; not used here")
    requires: list[CheckName] = Field(default_factory=list, description="checks that a target must pass to count here")
    targets: list[MemberSection]


class OwnCheckSection(Strict):
    """A check of the file's own: it runs where `checks` of a model or of the defaults list its name."""

    image: ImageFile = Field(description="PNG, JPEG, WebP or GIF by its bytes; relative to the configuration's folder")
    question: Question = Field(description="sent with the image, and without it as the text-only control")
    answer: PatternText = Field(description="regular expression (RE2) that a right answer has in it")
    every: Pace | None = Field(default=None, description="comes before the target's `every`")
    timeout: Timeout | None = Field(default=None, description="comes before the target's `timeout`")
    gate: GateName = Field(default="quality", description="an answer that never changes proves no path")


class RetentionSection(Strict):
    """How long `db prune` keeps probes."""

    LATER = frozenset({"hourly", "sample_successes"})
    probes: Keep = Field(default=read_duration("14d"), description="probes whose verdict is FOR, and controls")
    failures: Keep = Field(default=read_duration("90d"), description="all other probes")


class File(Strict):
    """The whole file."""

    LATER = frozenset({"publish", "maintenance"})
    database: Database = Field(
        default=Secret("sqlite:///visionpath.db"), description="SQLite; relative to where we run"
    )
    server: ServerSection = ServerSection()
    canary: CanarySection = CanarySection()
    defaults: DefaultsSection = DefaultsSection()
    providers: dict[Name, ProviderSection]
    models: dict[Name, GroupSection] = Field(default_factory=dict)
    checks: dict[OwnName, OwnCheckSection] = Field(default_factory=dict)
    budget: FleetBudgetSection = FleetBudgetSection()
    retention: RetentionSection = RetentionSection()
