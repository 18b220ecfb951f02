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


def ours(name: str | None, kind: str, _: object) -> bool:
    # On SQLite a search index looks like tables of which no code knows.
    return kind != "table" or not (name or "").startswith("question_words")


def fits(thing: object, _name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    # An index of a kind that only PostgreSQL has, where this is not PostgreSQL.
    other = connection.dialect.name != "postgresql"
    return not (
        other and kind == "index" and isinstance(thing, sa.Index) and thing.dialect_kwargs.get("postgresql_using")
    )


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_item=render,
    include_name=ours,
    include_object=fits,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
