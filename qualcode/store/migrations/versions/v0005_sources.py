"""Make the tables of sources that were taken out of the study, and of people's notes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create what version 5 adds; nothing that is there changes."""
    op.create_table(
        "removed_source",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("decision_id", sa.Integer, sa.ForeignKey("decision.id"), nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("replaced_by", sa.Text),
        sa.Column("is_carried", sa.Integer, nullable=False),
        sa.Column("lost_json", sa.Text, nullable=False),
        sa.Column("source_json", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("removed_by", "removed_source", ["decision_id"])
    op.create_table(
        "removed_document",
        sa.Column("removed_id", sa.Integer, sa.ForeignKey("removed_source.id"), primary_key=True),
        sa.Column("document_id", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("rows_json", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("segment_id", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("note_on", "note", ["kind", "target"])
