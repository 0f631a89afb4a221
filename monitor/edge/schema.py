"""THE schema: SQLAlchemy Core tables that mean the same on SQLite and PostgreSQL. Durations are seconds.

`seq` is the place of a record in the order of commits: one growing sequence over `probes`, `events`, `transitions` and
`target_health.version`, counted in `installation` so that pruned rows never hand their numbers out again.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    literal_column,
)

from monitor.core.canary import Fetcher
from monitor.core.types import FailureKind, Signal, Standing, Verdict
from monitor.edge.columns import Id, Moment, Prose, Seconds, Word

VIEW = "routable_targets"
"""The view that the first migration creates; views are invisible to Alembic's comparison."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


def _number() -> Column[int]:
    # Only a plain INTEGER primary key is SQLite's own row number, which needs no index beside the table.
    kind = BigInteger().with_variant(Integer(), "sqlite")
    return Column("seq", kind, primary_key=True, autoincrement=False)


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False),
    Column("commit_seq", BigInteger, nullable=False),
)

daemons = Table(
    "daemons",
    metadata,
    Column("role", Text, primary_key=True),
    Column("owner_id", Text, nullable=False),
    Column("acquired_at", Moment, nullable=False),
    Column("heartbeat_at", Moment, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    _number(),
    Column("id", Id, nullable=False, unique=True),
    Column("target_id", Text, nullable=False),
    Column("check", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("seed", LargeBinary, nullable=False),
    Column("image_size", Integer, nullable=False),
    Column("scheduled_at", Moment, nullable=False),
    Column("finished_at", Moment, nullable=False),
    Column("verdict", Word(Verdict)),
    Column("signal", Word(Signal)),
    Column("rule", Text),
    Column("reason", Prose, nullable=False),
    Column("expected", Prose, nullable=False),
    Column("output_cap", Integer, nullable=False),
    Column("cap_parameter", Text, nullable=False),
    Column("http_status", Integer),
    Column("failure", Word(FailureKind)),
    Column("latency_s", Double),
    Column("first_byte_s", Double),
    Column("input_tokens", BigInteger),
    Column("control_tokens", BigInteger),
    Column("token_delta", BigInteger),
    Column("expected_tokens", BigInteger),
    Column("image_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("cached_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("response_model", Prose),
    Column("response_id", Prose),
    Column("body_digest", LargeBinary),
    Column("answer", Prose),
    Column("answer_sane", Boolean),
    Column("fetches", Integer),
    Column("cost_usd", Double),
    Column("image_cost_usd", Double),
    Column("billed_usd", Double),
    Column("retry_after_s", Seconds, key="retry_after"),
    Column("first_attempt", Prose),
)

# Literals, not bound values: neither database uses a partial index unless it sees the same words in the query.
ANSWERED = probes.c.http_status == literal_column("200")
"""Probes and controls that were answered."""
CONTROLS = probes.c.check == literal_column("'control'")
"""The text-only twins."""
CAPPED = probes.c.check != literal_column("'control'")
"""Probes (no controls), each with the output cap that it was given."""


def _index_where(name: str, which: ColumnElement[bool], *columns: str) -> None:
    Index(name, *(probes.c[column] for column in columns), sqlite_where=which, postgresql_where=which)


Index(None, probes.c.target_id, probes.c.seq)
Index(None, probes.c.target_id, probes.c.check, probes.c.seq)
Index(None, probes.c.target_id, probes.c.verdict, probes.c.seq)
Index(None, probes.c.signal, probes.c.scheduled_at)
_index_where("ix_probes_answered", ANSWERED, "target_id", "check", "seq")
_index_where("ix_probes_controls", CONTROLS, "target_id", "challenge", "seq")
_index_where("ix_probes_capped", CAPPED, "target_id", "output_cap", "seq")

events = Table(
    "events",
    metadata,
    _number(),
    Column("target_id", Text, nullable=False),
    Column("check", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("payload", JSON, nullable=False),
    Index(None, "target_id", "kind", "seq"),
)

transitions = Table(
    "transitions",
    metadata,
    _number(),
    Column("id", Id, nullable=False, unique=True),
    Column("target_id", Text, nullable=False),
    Column("before", Word(Standing), nullable=False),
    Column("after", Word(Standing), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("detail", Prose, nullable=False),
    Column("probe_id", Id),
    Column("actor", Text, nullable=False),
    Index(None, "target_id", "seq"),
)

check_health = Table(
    "check_health",
    metadata,
    Column("target_id", Text, primary_key=True),
    Column("check", Text, primary_key=True),
    Column("standing", Word(Standing), nullable=False),
    Column("reason", Prose, nullable=False),
    Column("score", Integer, nullable=False),
    Column("run", Integer, nullable=False),
    Column("relapses", Integer, nullable=False),
    Column("since", Moment),
    Column("last_proof_at", Moment),
    Column("last_promoted_at", Moment),
    Column("against_before_proof", Boolean, nullable=False),
    Column("expired", Boolean, nullable=False),
    Column("unsure_run", Integer, nullable=False),
    Column("timeouts_run", Integer, nullable=False),
    Column("streak", Integer, nullable=False),
    Column("last_signal", Word(Signal)),
    Column("last_verdict", Word(Verdict)),
    Column("last_challenge", Text),
    Column("version", BigInteger, nullable=False),
)

# The columns that INTERFACES names, for routers; JSON and not JSONB, which would lose the order of the checks.
target_health = Table(
    "target_health",
    metadata,
    Column("target_id", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("model_ref", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("dialect", Text, nullable=False),
    Column("standing", Word(Standing), nullable=False),
    Column("reason", Prose, nullable=False),
    Column("since", Moment, nullable=False),
    Column("last_proof_at", Moment),
    Column("valid_until", Moment),
    Column("capabilities", JSON, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("honors_max_tokens", Boolean),
    Column("strict_answers", Boolean),
    Column("media_path", Text, nullable=False),
    Column("pinned_by", Text),
    Column("pin_expires_at", Moment),
    Column("last_probe_id", Id),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("identity", Text),
    Index(None, "version"),
)

# Who asked for the image of a probe by URL: not numbered with the records, it is stored after the fact and moves none.
image_fetches = Table(
    "image_fetches",
    metadata,
    Column("probe_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("target_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("address", Text),
    Column("fetcher", Word(Fetcher), nullable=False),
    Column("agent", Prose),
    Column("method", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("bytes_sent", BigInteger, nullable=False),
    Index(None, "target_id", "at"),
    Index(None, "at"),
)
