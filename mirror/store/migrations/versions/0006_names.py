"""Lists of every author and tag."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Newer."""
    op.create_table(
        "name",
        sa.Column("list", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("shelf", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list"),
    )
    with op.batch_alter_table("name", schema=None) as batch_op:
        batch_op.create_index("name_by_shelf", ["shelf", "place"], unique=False)
        batch_op.create_index("name_by_due", ["due"], unique=False)


def downgrade() -> None:
    """Older."""
    op.drop_table("name")
