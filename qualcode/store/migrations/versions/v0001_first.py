"""Make the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table of version 1."""
    op.execute("PRAGMA application_id = 1363365700")
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False, unique=True),
        sa.Column("path", sa.Text, nullable=False, unique=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("encoding", sa.Text, nullable=False),
        sa.Column("is_complete", sa.Integer, nullable=False),
        sa.Column("masked", sa.Integer, nullable=False),
        sa.Column("table_json", sa.Text),
        sa.Column("notes_json", sa.Text, nullable=False),
        sa.Column("added_at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("source_id", sa.Text, sa.ForeignKey("source.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("row", sa.Integer),
        sa.Column("external_id", sa.Text),
        sa.Column("participant_id", sa.Text),
        sa.Column("attributes_json", sa.Text, nullable=False),
        sa.Column("cells_json", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("source_id", "position"),
        sqlite_strict=True,
    )
    op.create_table(
        "document_edit",
        sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("from_version", sa.Integer, primary_key=True),
        sa.Column("edits_json", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "speaker",
        sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("label", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("participant_id", sa.Text),
        sa.Column("guessed", sa.Integer, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "turn",
        sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.Column("speaker", sa.Text),
        sa.Column("is_speech", sa.Integer, nullable=False),
        sa.Column("marks_json", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("turn_position", sa.Integer, nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.UniqueConstraint("document_id", "position"),
        sqlite_strict=True,
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("attributes_json", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "embedding",
        sa.Column("text_sha256", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("coder", sa.Text, nullable=False),
        sa.Column("parameters_json", sa.Text, nullable=False),
        sa.Column("codebook_fingerprint", sa.Text, nullable=False),
        sa.Column("code_version", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("counts_json", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("segment_id", sa.Text, sa.ForeignKey("segment.id"), nullable=False),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("coder", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("judgement_of_segment", "judgement", ["segment_id", "family", "coder"])
    op.create_table(
        "coding",
        sa.Column("judgement_id", sa.Integer, sa.ForeignKey("judgement.id"), primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("document_id", sa.Text, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("start_char", sa.Integer, nullable=False),
        sa.Column("end_char", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("score", sa.REAL, nullable=False),
        sa.Column("intensity", sa.Integer),
        sa.Column("valence", sa.REAL),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("rationale_json", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("coding_of_document", "coding", ["document_id"])
