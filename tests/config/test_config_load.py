from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from textwrap import indent

import pytest

from monitor.config.load import LARGEST_FILE, load, load_text
from monitor.config.problems import ConfigError
from monitor.config.settings import CanaryHost, Config, Group, Retention, Server
from monitor.core.canary import Networks
from monitor.core.types import GroupMembership, Mode, Policy, Prices, Secret, Target, TargetCheck

ENVIRON = {"KEY": "sk-planted", "NAME": "visionary"}
MINIMAL = """
providers:
  acme:
    base_url: https://api.example.com/v1
    dialect: openai-chat
    api_key: ${KEY}
    models:
      nano:
        model: gpt-nano
        input_modalities: [text, image]
"""


def loaded(text: str) -> Config:
    return load_text(text, "f", ENVIRON)


def with_model(lines: str, before: str = "") -> Config:
    return loaded(before + MINIMAL + indent(lines, " " * 8))


def with_provider(lines: str) -> Config:
    return loaded(MINIMAL.replace("    models:", indent(lines, " " * 4) + "\n    models:"))


def only_target(config: Config) -> Target:
    (target,) = config.targets
    return target


def only_check(config: Config) -> TargetCheck:
    (check,) = only_target(config).checks
    return check


# --- defaults -----------------------------------------------------------------------------------------------------


def test_a_minimal_file_has_every_default() -> None:
    config = loaded(MINIMAL)
    assert config == Config(
        database=Secret("sqlite:///visionpath.db"),
        server=Server("127.0.0.1", 9464, None),
        targets=(
            Target(
                id="acme/nano",
                provider="acme",
                model_ref="nano",
                model="gpt-nano",
                dialect="openai-chat",
                base_url="https://api.example.com/v1",
                key_ref="acme",
                checks=(
                    TargetCheck(
                        "inline", Mode.REQUIRED, timedelta(seconds=60), timedelta(seconds=30), timedelta(seconds=330)
                    ),
                ),
                policy=Policy(),
                prices=Prices(),
            ),
        ),
        credentials={"acme": (("authorization", Secret("Bearer sk-planted")),)},
        provider_concurrency={"acme": 8},
        groups=(),
        retention=Retention(timedelta(days=14), timedelta(days=90)),
        notes=(),
    )


def test_what_is_read_depends_on_nothing_but_text_and_environment() -> None:
    assert loaded(MINIMAL) == loaded(MINIMAL)


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [
        ("0.0.0.0:80", "0.0.0.0", 80),
        ('"[::1]:9464"', "::1", 9464),
        ("localhost:0", "localhost", 0),
        ("${NAME}:1", "visionary", 1),
    ],
)
def test_listen_is_a_host_and_a_port(listen: str, host: str, port: int) -> None:
    config = loaded(f"server:\n  listen: {listen}" + MINIMAL)
    assert (config.server.host, config.server.port) == (host, port)


def test_the_database_may_have_an_absolute_path() -> None:
    assert loaded("database: sqlite:////var/lib/v.db" + MINIMAL).database == Secret("sqlite:////var/lib/v.db")


def test_retention_is_taken_as_said() -> None:
    config = loaded("retention: {probes: 6h, failures: 1d}" + MINIMAL)
    assert config.retention == Retention(timedelta(hours=6), timedelta(days=1))


# --- the canary host ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("canary", ["", "canary: {}", "canary: {listen: 127.0.0.1:1, networks: {gateway: ['::1']}}"])
def test_without_a_public_url_there_is_no_canary_host(canary: str) -> None:
    assert loaded(canary + MINIMAL).canary is None


def test_the_canary_host_is_where_the_config_has_it() -> None:
    config = loaded("canary: {public_url: 'https://${NAME}.example.com/probe/'}" + MINIMAL)
    assert config.canary == CanaryHost("127.0.0.1", 9465, "https://visionary.example.com/probe", Networks(), ())


def test_networks_and_trusted_proxies_are_read() -> None:
    config = loaded(
        """
server: {trusted_proxies: [127.0.0.1, "::1"]}
canary:
  listen: "[::]:80"
  public_url: http://probe.example.com
  networks: {gateway: [10.0.0.0/8, "2001:db8::/32"], upstream: [203.0.113.7]}
"""
        + MINIMAL
    )
    networks = Networks((ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")), (ip_network("203.0.113.7"),))
    proxies = (ip_network("127.0.0.1"), ip_network("::1"))
    assert config.canary == CanaryHost("::", 80, "http://probe.example.com", networks, proxies)


# --- targets ------------------------------------------------------------------------------------------------------


def test_everything_that_a_model_says_reaches_its_target() -> None:
    target = only_target(
        with_model(
            """
input_price_per_million_usd: 1
output_price_per_million_usd: 2.5
image_input_price_per_million_tokens_usd: 0
image_input_price_per_image_usd: 0.001
image: {size: 256, format: png, tokens: 77}
output_cap: 128
extra_body: {provider: {only: ["${NAME}"]}, temperature: 1, seed: null}
labels: {account: prod}
"""
        )
    )
    assert target.prices == Prices(1, 2.5, 0, 0.001)
    assert (target.image_size, target.image_tokens, target.output_cap) == (256, 77, 128)
    assert target.extra_body == {"provider": {"only": ["visionary"]}, "temperature": 1, "seed": None}
    assert target.labels == {"account": "prod"}


def test_a_trailing_slash_makes_no_other_endpoint() -> None:
    assert only_target(loaded(MINIMAL.replace("/v1", "/v1/"))).base_url == "https://api.example.com/v1"


def test_a_model_that_takes_no_images_is_no_target() -> None:
    config = loaded(MINIMAL + "      text:\n        model: t\n        input_modalities: [text]\n")
    assert [target.id for target in config.targets] == ["acme/nano"]
    assert config.notes == ()


def test_a_model_without_modalities_is_no_target_and_is_noted() -> None:
    config = loaded(MINIMAL + "      text:\n        model: t\n")
    assert [target.id for target in config.targets] == ["acme/nano"]
    assert [note.line_for("f") for note in config.notes] == [
        "f:11:7: providers.acme.models.text: is no target; say `input_modalities: [text, image]` if it takes images"
    ]


def test_a_model_is_named_by_the_key_as_it_is_written() -> None:
    assert only_target(loaded(MINIMAL.replace("nano:", "010:"))).id == "acme/010"


def test_the_version_of_the_anthropic_api_is_no_date() -> None:
    config = loaded(
        MINIMAL.replace("openai-chat", "anthropic-messages").replace(
            "    models", "    anthropic_version: 2023-06-01\n    models"
        )
    )
    assert only_target(config).api_version == "2023-06-01"


def test_the_cap_parameter_is_that_of_the_provider() -> None:
    assert only_target(with_provider("cap_parameter: max_tokens")).cap_parameter == "max_tokens"


# --- merging ------------------------------------------------------------------------------------------------------


def test_a_models_policy_changes_single_values_of_the_defaults() -> None:
    config = with_model("policy: {rise: 9}", "defaults: {policy: {fall: 7, rise: 5, down_every: 1m}}")
    assert only_target(config).policy == Policy(fall=7, rise=9, down_every=timedelta(minutes=1))


def test_a_models_check_changes_single_values_of_the_defaults() -> None:
    config = with_model(
        "checks: {inline: {timeout: 5s}}",
        "defaults: {checks: {inline: {every: 2m, timeout: 9s, proof_ttl: 1h}}}",
    )
    assert only_check(config) == TargetCheck(
        "inline", Mode.REQUIRED, timedelta(minutes=2), timedelta(seconds=5), timedelta(hours=1)
    )


PACES = [
    ("", "", 60),
    ("defaults: {every: 2m}", "", 120),
    ("defaults: {every: 2m}", "every: 3m", 180),
    ("defaults: {every: 2m, checks: {inline: {every: 4m}}}", "every: 3m", 240),
    ("defaults: {every: 2m, checks: {inline: {every: 4m}}}", "every: 3m\nchecks: {inline: {every: 5m}}", 300),
]


@pytest.mark.parametrize(("defaults", "model", "seconds"), PACES)
def test_a_checks_own_pace_comes_before_the_targets(defaults: str, model: str, seconds: int) -> None:
    assert only_check(with_model(model, defaults)).every == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("model", "defaults", "hours"),
    [
        ("checks: {large: optional}", "", 6),
        ("every: 3m\nchecks: {large: optional}", "defaults: {every: 2m}", 6),
        ("", "defaults: {checks: {inline: required, large: {mode: optional, every: 12h}}}", 12),
        ("checks: {large: {mode: optional, every: 1h}}", "defaults: {checks: {inline: required, large: off}}", 1),
    ],
)
def test_a_large_image_is_rare_unless_the_check_itself_says_otherwise(model: str, defaults: str, hours: int) -> None:
    check = only_target(with_model(model, defaults)).check("large")
    assert (check.every, check.proof_ttl) == (timedelta(hours=hours), timedelta(hours=3 * hours, seconds=30))


@pytest.mark.parametrize(("every", "ttl"), [("1s", "5m30s"), ("100s", "5m30s"), ("101s", "5m33s"), ("1h", "3h30s")])
def test_a_proof_lasts_three_intervals_or_five_minutes_and_a_timeout(every: str, ttl: str) -> None:
    hours, minutes, seconds = {"5m30s": (0, 5, 30), "5m33s": (0, 5, 33), "3h30s": (3, 0, 30)}[ttl]
    config = with_model(f"every: {every}")
    assert only_check(config).proof_ttl == timedelta(hours=hours, minutes=minutes, seconds=seconds)


def test_the_least_proof_ttl_is_allowed() -> None:
    config = with_model("checks: {inline: {every: 10m, timeout: 30s, proof_ttl: 1830s}}")
    assert only_check(config).proof_ttl == timedelta(seconds=1830)


# --- credentials --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "header", "value"),
    [
        ("openai-chat", "authorization", "Bearer sk-planted"),
        ("openai-responses", "authorization", "Bearer sk-planted"),
        ("anthropic-messages", "x-api-key", "sk-planted"),
        ("gemini", "x-goog-api-key", "sk-planted"),
    ],
)
def test_the_key_travels_as_the_dialects_maker_has_it(dialect: str, header: str, value: str) -> None:
    assert loaded(MINIMAL.replace("openai-chat", dialect)).credentials == {"acme": ((header, Secret(value)),)}


def test_the_auth_scheme_can_be_chosen() -> None:
    assert with_provider("auth_scheme: api-key").credentials == {"acme": (("api-key", Secret("sk-planted")),)}


def test_without_a_scheme_no_key_is_needed_or_sent() -> None:
    assert loaded(MINIMAL.replace("api_key: ${KEY}", "auth_scheme: none")).credentials == {"acme": ()}


def test_headers_follow_the_key_in_lower_case() -> None:
    config = with_provider("headers: {X-Team: vision, x-org: '${NAME}'}")
    assert config.credentials["acme"][1:] == (("x-team", Secret("vision")), ("x-org", Secret("visionary")))


def test_a_key_can_come_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-file\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text(MINIMAL.replace("${KEY}", "file:key"), encoding="utf-8")
    config = load(tmp_path / "c.yaml", {})
    assert config.credentials["acme"] == (("authorization", Secret("Bearer sk-file")),)


def test_no_secret_is_in_what_a_configuration_prints() -> None:
    config = loaded("database: sqlite:///planted.db\nserver: {token: planted}" + MINIMAL)
    assert "planted" not in repr(config)


# --- providers and groups -----------------------------------------------------------------------------------------


def test_concurrency_is_the_providers_own_or_the_default() -> None:
    other = MINIMAL.replace("providers:\n", "").replace("acme", "other").replace("${KEY}", "another")
    other = other.replace("    models", "    max_concurrency: 2\n    models")
    config = loaded("defaults: {max_concurrency: 3}" + MINIMAL + other)
    assert config.provider_concurrency == {"acme": 3, "other": 2}


GROUPS = """
models:
  fast:
    requires: [inline]
    targets: [{provider: acme, model_ref: nano, weight: 8}, {provider: acme, model_ref: text}]
  blind:
    targets: [{provider: acme, model_ref: text}]
"""
TEXT_MODEL = "      text:\n        model: t\n        input_modalities: [text]\n"


def test_a_target_knows_its_groups() -> None:
    config = loaded(MINIMAL + TEXT_MODEL + GROUPS)
    assert only_target(config).groups == (GroupMembership("fast", ("inline",), 8.0),)


def test_a_group_counts_its_vision_targets_only() -> None:
    config = loaded(MINIMAL + TEXT_MODEL + GROUPS)
    assert config.groups == (Group("fast", ("inline",), ("acme/nano",)), Group("blind", (), ()))


def test_a_group_without_vision_targets_is_noted() -> None:
    config = loaded(MINIMAL + TEXT_MODEL + GROUPS)
    assert [(note.path, note.message) for note in config.notes] == [
        ("models.blind", "is not watched: no member takes images")
    ]


def test_equal_models_with_other_bodies_are_other_targets() -> None:
    config = loaded(
        MINIMAL
        + "      pinned:\n        model: gpt-nano\n        input_modalities: [image]\n        extra_body: {a: 1}\n"
    )
    assert [target.id for target in config.targets] == ["acme/nano", "acme/pinned"]


def test_equal_models_with_other_keys_are_other_targets() -> None:
    other = MINIMAL.replace("providers:\n", "").replace("acme", "other").replace("${KEY}", "another")
    assert len(loaded(MINIMAL + other).targets) == 2


def test_the_keys_of_routers_are_kept_as_they_are_written() -> None:
    text = (
        MINIMAL.replace("    models:", "    rpm: 500\n    models:")
        + "        tier: '${UNSET}'\n        tool_support: true\n"
    )
    assert loaded(text).extras == {"acme": {"rpm": 500}, "acme/nano": {"tier": "${UNSET}", "tool_support": True}}


# --- files that cannot be read ------------------------------------------------------------------------------------


def complaint(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, ENVIRON)
    return str(caught.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none.yaml") == f"{tmp_path}/none.yaml: cannot be read: No such file or directory"


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"database: \xff")
    assert complaint(tmp_path / "c.yaml") == f"{tmp_path}/c.yaml: is not UTF-8 text (byte 10)"


def test_a_file_of_absurd_size_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"#" * (LARGEST_FILE + 1))
    assert complaint(tmp_path / "c.yaml") == f"{tmp_path}/c.yaml: is larger than 4000000 bytes: no configuration is"


def test_an_error_carries_no_other_error_that_could_repeat_a_value() -> None:
    with pytest.raises(ConfigError) as caught:
        loaded("server: {listen: planted}" + MINIMAL)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


# --- one fault hides no other, and causes no other ----------------------------------------------------------------


def test_a_missing_variable_hides_no_disagreement() -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(MINIMAL.replace("${KEY}", "${UNSET}") + "        checks: {inline: {proof_ttl: 5m}}\n")
    assert [problem.path for problem in caught.value.problems] == [
        "providers.acme.api_key",
        "providers.acme.models.nano.checks.inline.proof_ttl",
    ]


def test_a_faulty_default_causes_no_complaint_about_targets() -> None:
    with pytest.raises(ConfigError) as caught:
        with_model("checks: {inline: {proof_ttl: 90s}}", "defaults: {timeout: 5}")
    assert [problem.path for problem in caught.value.problems] == ["defaults.timeout"]


HARMLESS = [
    (MINIMAL.replace("api_key: ${KEY}", "auth_scheme: nonne"), "providers.acme.auth_scheme"),
    (MINIMAL.replace("api_key: ${KEY}", "auth_shceme: none"), "providers.acme.auth_shceme"),
    (
        MINIMAL
        + "      pinned:\n        model: gpt-nano\n        input_modalities: [image]\n        extra_body: [a]\n",
        "providers.acme.models.pinned.extra_body",
    ),
]


@pytest.mark.parametrize(("text", "path"), HARMLESS)
def test_a_fault_causes_no_other(text: str, path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(text)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_a_fault_in_a_group_hides_no_unknown_member() -> None:
    members = "[{provider: acme, model_ref: gone}, {provider: acme, model_ref: nano, weight: -1}]"
    with pytest.raises(ConfigError) as caught:
        loaded(MINIMAL + f"models: {{fast: {{targets: {members}}}}}")
    assert [problem.path for problem in caught.value.problems] == [
        "models.fast.targets[0]",
        "models.fast.targets[1].weight",
    ]


def test_a_faulty_model_is_still_there_for_its_group() -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(MINIMAL.replace("gpt-nano", "1") + "models: {fast: {targets: [{provider: acme, model_ref: nano}]}}")
    assert [problem.path for problem in caught.value.problems] == ["providers.acme.models.nano.model"]
