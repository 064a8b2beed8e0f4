"""What backfills have to do, and the day's budget for pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Newer."""
    op.create_table(
        "backfill",
        sa.Column("job", sa.String(length=100), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "id"),
    )
    with op.batch_alter_table("backfill", schema=None) as batch_op:
        batch_op.create_index("backfill_by_date", ["job", "found", "id"], unique=False)
    op.create_table(
        "backfill_file",
        sa.Column("job", sa.String(length=100), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "url"),
    )
    op.create_table(
        "media_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )


def downgrade() -> None:
    """Older."""
    op.drop_table("media_day")
    op.drop_table("backfill_file")
    op.drop_table("backfill")
