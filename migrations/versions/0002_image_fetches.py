"""Who asked for the image of a probe by URL.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# How a type is written depends on the database alone; the meaning stands in monitor/edge/schema.py.
MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
IDENTIFIER = sa.Text().with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "image_fetches",
        sa.Column("probe_id", IDENTIFIER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("fetcher", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text()),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("bytes_sent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("probe_id", "number", name="pk_image_fetches"),
    )
    op.create_index("ix_image_fetches_target_id_at", "image_fetches", ["target_id", "at"])
    op.create_index("ix_image_fetches_at", "image_fetches", ["at"])


def downgrade() -> None:
    op.drop_table("image_fetches")
