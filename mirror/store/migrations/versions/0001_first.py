"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Newer."""
    op.create_table(
        "address",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("logged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index("address_logged", ["logged"], unique=False)
        batch_op.create_index(batch_op.f("ix_address_article"), ["article"], unique=False)

    op.create_table(
        "alert",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index("article_by_date", ["published", "id"], unique=False)
        batch_op.create_index("article_by_language", ["language", "published", "id"], unique=False)
        batch_op.create_index("article_by_section", ["section", "published", "id"], unique=False)
        batch_op.create_index("article_pending", ["pending"], unique=False)

    op.create_table(
        "edition",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "file",
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("path", "article"),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index("file_by_article", ["article"], unique=False)

    op.create_table(
        "found",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("found", schema=None) as batch_op:
        batch_op.create_index("found_by_due", ["due"], unique=False)

    op.create_table(
        "kept",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "leaf",
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
        sa.UniqueConstraint("index"),
    )
    op.create_table(
        "listing",
        sa.Column("list", sa.String(length=60), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("list", "place"),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index("listing_by_article", ["article"], unique=False)

    op.create_table(
        "log",
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("signed", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin"),
    )
    op.create_table(
        "mirror",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("last_push", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("paused", sa.Integer(), nullable=False),
        sa.Column("resume", sa.Text(), nullable=False),
        sa.Column("listed_since", sa.BigInteger(), nullable=False),
        sa.Column("swept", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "mutable",
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )
    with op.batch_alter_table("mutable", schema=None) as batch_op:
        batch_op.create_index("mutable_by_since", ["since"], unique=False)

    op.create_table(
        "owed",
        sa.Column("mirror", sa.String(length=100), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("mirror", "path"),
    )
    op.create_table(
        "section",
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "source",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_ok", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "version",
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("raw", sa.String(length=64), nullable=False),
        sa.Column("raw_type", sa.String(length=200), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("article", "number"),
    )
    with op.batch_alter_table("version", schema=None) as batch_op:
        batch_op.create_index("version_by_status", ["status", "article"], unique=False)


def downgrade() -> None:
    """Older."""
    with op.batch_alter_table("version", schema=None) as batch_op:
        batch_op.drop_index("version_by_status")

    op.drop_table("version")
    op.drop_table("source")
    op.drop_table("section")
    op.drop_table("owed")
    with op.batch_alter_table("mutable", schema=None) as batch_op:
        batch_op.drop_index("mutable_by_since")

    op.drop_table("mutable")
    op.drop_table("mirror")
    op.drop_table("log")
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_index("listing_by_article")

    op.drop_table("listing")
    op.drop_table("leaf")
    op.drop_table("kept")
    with op.batch_alter_table("found", schema=None) as batch_op:
        batch_op.drop_index("found_by_due")

    op.drop_table("found")
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index("file_by_article")

    op.drop_table("file")
    op.drop_table("edition")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("article_pending")
        batch_op.drop_index("article_by_section")
        batch_op.drop_index("article_by_language")
        batch_op.drop_index("article_by_date")

    op.drop_table("article")
    op.drop_table("alert")
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_address_article"))
        batch_op.drop_index("address_logged")

    op.drop_table("address")
