"""Alembic's door: migrations run on the connection that `kernel.schema` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from lms.kernel.db import Instant, Model


def render_item(kind: str, thing: Any, _autogen: Any) -> str | Literal[False]:
    """Write our column types in plain SQLAlchemy words, so that a migration outlives our code."""
    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
