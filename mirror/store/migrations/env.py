"""What alembic runs; the connection comes from ``mirror.store.migrate``."""

from alembic import context

from mirror.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
