"""Alembic's door: migrations run on the connection that `kernel.schema` hands over."""

from alembic import context

from lms.kernel.db import Model

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
