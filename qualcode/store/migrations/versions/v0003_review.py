"""Make the tables of the review: events, the drawn order, what was learnt, leases, sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create what version 3 adds; nothing that is there changes."""
    op.create_table(
        "review_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False, unique=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("start_char", sa.Integer),
        sa.Column("end_char", sa.Integer),
        sa.Column("value_json", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("is_blind", sa.Integer, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("undoes", sa.Text, unique=True),
        sqlite_strict=True,
    )
    op.create_index("review_event_on", "review_event", ["segment_id", "author"])
    op.create_index("review_event_by", "review_event", ["author", "id"])
    op.create_table(
        "draw",
        sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), primary_key=True),
        sa.Column("stratum", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("arm", sa.Text, nullable=False),
        sa.UniqueConstraint("stratum", "place"),
        sqlite_strict=True,
    )
    op.create_table(
        "learnt",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("learnt_json", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "lease",
        sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), primary_key=True),
        sa.Column("reviewer", sa.Text, primary_key=True),
        sa.Column("until", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "review_session",
        sa.Column("token_sha256", sa.Text, primary_key=True),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sqlite_strict=True,
    )
