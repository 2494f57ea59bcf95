"""Make the tables of models that are asked: requests, replies, proposed codes, drafted words."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create what version 4 adds; nothing that is there changes."""
    op.create_table(
        "request",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("coder", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("n_units", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("seconds", sa.REAL),
        sa.Column("input_tokens", sa.Integer),
        sa.Column("output_tokens", sa.Integer),
        sa.Column("cached_tokens", sa.Integer),
        sa.Column("is_estimated", sa.Integer, nullable=False),
        sa.Column("cost_usd", sa.REAL),
        sa.Column("sent_sha256", sa.Text),
        sa.Column("n_bytes", sa.Integer, nullable=False),
        sa.Column("body_state", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("request_of_run", "request", ["run_id"])
    op.create_index("request_with_body", "request", ["sent_sha256"])
    op.create_table(
        "request_body",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("setup", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("coder", sa.Text, nullable=False),
        sa.Column("is_valid", sa.Integer, nullable=False),
        sa.Column("answer_json", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("raw_text", sa.Text, nullable=False),
        sa.Column("document_id", sa.Text, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("reply_of", "reply", ["key"])
    op.create_index("reply_on_document", "reply", ["document_id"])
    op.create_table(
        "candidate",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("quotes_json", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "narrative",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("sentences_json", sa.Text, nullable=False),
        sa.Column("n_removed", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("narrative_of", "narrative", ["kind", "target"])
