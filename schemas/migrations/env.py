"""How Alembic meets our tables; called by schemas.migrate with a connection that is open already."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from schemas.tables import METADATA


def render(kind: str, thing: object, _: AutogenContext) -> str | Literal[False]:
    # SQLModel's own string type would be written without an import.
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    if kind == "type" and isinstance(thing, sa.types.TypeDecorator) and isinstance(thing.impl_instance, sa.DateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_item=render,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
