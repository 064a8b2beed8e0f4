"""Feeds by author and tag, and archive documents of feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Newer."""
    op.create_table(
        "label",
        sa.Column("feed", sa.String(length=60), nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "article"),
    )
    with op.batch_alter_table("label", schema=None) as batch_op:
        batch_op.create_index("label_by_date", ["feed", "published", "article"], unique=False)
        batch_op.create_index("label_by_article", ["article"], unique=False)

    op.create_table(
        "archived",
        sa.Column("feed", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("feed", "number", "article"),
    )
    with op.batch_alter_table("archived", schema=None) as batch_op:
        batch_op.create_index("archived_by_article", ["article"], unique=False)


def downgrade() -> None:
    """Older."""
    op.drop_table("archived")
    op.drop_table("label")
