"""Mirrors that retire, and files that mirrors lost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Newer."""
    for name in ("retiring", "audited"):
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("mirror", column)
    op.create_table(
        "loss",
        sa.Column("mirror", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mirror", "path"),
    )


def downgrade() -> None:
    """Older."""
    op.drop_table("loss")
    with op.batch_alter_table("mirror", schema=None) as batch_op:
        batch_op.drop_column("audited")
        batch_op.drop_column("retiring")
