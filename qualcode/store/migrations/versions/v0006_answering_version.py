"""Say of each request which version of the model answered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add what version 6 adds: empty for requests of before, whose version nobody kept."""
    op.add_column("request", sa.Column("version", sa.Text, nullable=False, server_default=""))
