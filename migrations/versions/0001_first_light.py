"""First light: every table, the view that routers read, and this installation's secret.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SECRET_BYTES = 32

# How a type is written depends on the database alone; the meaning stands in monitor/edge/schema.py.
MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
IDENTIFIER = sa.Text().with_variant(sa.Uuid(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

VIEW = """
CREATE VIEW routable_targets AS
SELECT target_id, provider, model_ref, model, dialect, standing, reason, since, last_proof_at, valid_until,
       capabilities, groups, honors_max_tokens, strict_answers, media_path, pinned_by, pin_expires_at,
       last_probe_id, version, updated_at
FROM target_health
WHERE standing = 'active'
  AND (valid_until > {now} OR (valid_until IS NULL AND pinned_by IS NOT NULL))
"""
# SQLite's clock has milliseconds: the zeros make its text as wide as the stored one, so that text compares as time.
NOW = {"sqlite": "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')", "postgresql": "now()"}


def upgrade() -> None:
    _create_installation()
    _create_probes()
    _create_events_and_transitions()
    _create_health()
    op.execute(VIEW.format(now=NOW[op.get_bind().dialect.name]))


def downgrade() -> None:
    op.execute("DROP VIEW routable_targets")
    for table in ("target_health", "check_health", "transitions", "events", "probes", "daemons", "installation"):
        op.drop_table(table)


def _create_installation() -> None:
    installation = op.create_table(
        "installation",
        _needed("id", sa.Integer()),
        _needed("secret", sa.LargeBinary()),
        _needed("commit_seq", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.bulk_insert(installation, [{"id": 1, "secret": secrets.token_bytes(SECRET_BYTES), "commit_seq": 0}])
    op.create_table(
        "daemons",
        _needed("role", sa.Text()),
        _needed("owner_id", sa.Text()),
        _needed("acquired_at", MOMENT),
        _needed("heartbeat_at", MOMENT),
        sa.PrimaryKeyConstraint("role", name="pk_daemons"),
    )


def _create_probes() -> None:
    op.create_table(
        "probes",
        *_record_key(),
        *_asked(),
        *_judged(),
        *_witnessed(),
        sa.PrimaryKeyConstraint("seq", name="pk_probes"),
        sa.UniqueConstraint("id", name="uq_probes_id"),
    )
    _index("probes", "target_id", "seq")
    _index("probes", "target_id", "check", "seq")
    _index("probes", "target_id", "verdict", "seq")
    _index("probes", "signal", "scheduled_at")
    _partial_index("answered", ["target_id", "check", "seq"], "http_status = 200")
    _partial_index("controls", ["target_id", "challenge", "seq"], "\"check\" = 'control'")
    _partial_index("capped", ["target_id", "output_cap", "seq"], "\"check\" != 'control'")


def _asked() -> list[sa.Column[Any]]:
    return [
        _needed("challenge", sa.Text()),
        _needed("seed", sa.LargeBinary()),
        _needed("image_size", sa.Integer()),
        _needed("scheduled_at", MOMENT),
        _needed("finished_at", MOMENT),
    ]


def _judged() -> list[sa.Column[Any]]:
    return [
        sa.Column("verdict", sa.Text()),
        sa.Column("signal", sa.Text()),
        sa.Column("rule", sa.Text()),
        _needed("reason", sa.Text()),
        _needed("expected", sa.Text()),
        _needed("output_cap", sa.Integer()),
        _needed("cap_parameter", sa.Text()),
    ]


def _witnessed() -> list[sa.Column[Any]]:
    counts = ["input", "control", "image", "output", "cached", "reasoning"]
    return [
        sa.Column("http_status", sa.Integer()),
        sa.Column("failure", sa.Text()),
        sa.Column("latency_s", sa.Double()),
        sa.Column("first_byte_s", sa.Double()),
        *(sa.Column(f"{count}_tokens", sa.BigInteger()) for count in counts),
        sa.Column("token_delta", sa.BigInteger()),
        sa.Column("expected_tokens", sa.BigInteger()),
        sa.Column("response_model", sa.Text()),
        sa.Column("response_id", sa.Text()),
        sa.Column("body_digest", sa.LargeBinary()),
        sa.Column("answer", sa.Text()),
        sa.Column("answer_sane", sa.Boolean()),
        sa.Column("fetches", sa.Integer()),
        sa.Column("cost_usd", sa.Double()),
        sa.Column("image_cost_usd", sa.Double()),
        sa.Column("billed_usd", sa.Double()),
        sa.Column("retry_after_s", sa.Double()),
        sa.Column("first_attempt", sa.Text()),
    ]


def _create_events_and_transitions() -> None:
    op.create_table(
        "events",
        _needed("seq", NUMBER),
        _needed("target_id", sa.Text()),
        _needed("check", sa.Text()),
        _needed("kind", sa.Text()),
        _needed("at", MOMENT),
        _needed("payload", sa.JSON()),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
    )
    _index("events", "target_id", "kind", "seq")
    op.create_table(
        "transitions",
        _needed("seq", NUMBER),
        _needed("id", IDENTIFIER),
        _needed("target_id", sa.Text()),
        _needed("before", sa.Text()),
        _needed("after", sa.Text()),
        _needed("at", MOMENT),
        _needed("reason", sa.Text()),
        _needed("detail", sa.Text()),
        sa.Column("probe_id", IDENTIFIER),
        _needed("actor", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name="pk_transitions"),
        sa.UniqueConstraint("id", name="uq_transitions_id"),
    )
    _index("transitions", "target_id", "seq")


def _create_health() -> None:
    op.create_table(
        "check_health",
        _needed("target_id", sa.Text()),
        _needed("check", sa.Text()),
        _needed("standing", sa.Text()),
        _needed("reason", sa.Text()),
        *(_needed(count, sa.Integer()) for count in ("score", "run", "relapses")),
        *(sa.Column(moment, MOMENT) for moment in ("since", "last_proof_at", "last_promoted_at")),
        _needed("against_before_proof", sa.Boolean()),
        _needed("expired", sa.Boolean()),
        *(_needed(count, sa.Integer()) for count in ("unsure_run", "timeouts_run", "streak")),
        *(sa.Column(word, sa.Text()) for word in ("last_signal", "last_verdict", "last_challenge")),
        _needed("version", sa.BigInteger()),
        sa.PrimaryKeyConstraint("target_id", "check", name="pk_check_health"),
    )
    op.create_table(
        "target_health",
        *(_needed(name, sa.Text()) for name in ("target_id", "provider", "model_ref", "model", "dialect")),
        _needed("standing", sa.Text()),
        _needed("reason", sa.Text()),
        _needed("since", MOMENT),
        sa.Column("last_proof_at", MOMENT),
        sa.Column("valid_until", MOMENT),
        _needed("capabilities", sa.JSON()),
        _needed("groups", sa.JSON()),
        sa.Column("honors_max_tokens", sa.Boolean()),
        sa.Column("strict_answers", sa.Boolean()),
        _needed("media_path", sa.Text()),
        sa.Column("pinned_by", sa.Text()),
        sa.Column("pin_expires_at", MOMENT),
        sa.Column("last_probe_id", IDENTIFIER),
        _needed("version", sa.BigInteger()),
        _needed("updated_at", MOMENT),
        sa.Column("identity", sa.Text()),
        sa.PrimaryKeyConstraint("target_id", name="pk_target_health"),
    )
    _index("target_health", "version")


def _record_key() -> list[sa.Column[Any]]:
    return [
        _needed("seq", NUMBER),
        _needed("id", IDENTIFIER),
        _needed("target_id", sa.Text()),
        _needed("check", sa.Text()),
    ]


def _needed(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, autoincrement=False)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"ix_probes_{name}", "probes", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
