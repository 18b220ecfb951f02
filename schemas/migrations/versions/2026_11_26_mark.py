"""A mark that the database renews with whatever each process keeps of it."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_mark"
down_revision = "2026_11_26_respect"
branch_labels = None
depends_on = None

TABLES = ("absence", "closure", "cooperation", "edition", "membership", "offering", "organisation", "period")
NEW = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}


def upgrade() -> None:
    op.create_table("mark", sa.Column("id", sa.Integer(), nullable=False), sa.Column("mark", sa.String(), nullable=False),
                    sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")))  # fmt: skip
    dialect = op.get_context().dialect.name
    op.execute(f"INSERT INTO mark (id, mark) VALUES (1, {NEW[dialect]})")
    renew = f"UPDATE mark SET mark = {NEW[dialect]} WHERE id = 1"
    if dialect == "postgresql":
        op.execute(
            f"CREATE FUNCTION renew_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {renew}; RETURN NULL; END $$"
        )
        for table in TABLES:
            when = "INSERT OR UPDATE OR DELETE OR TRUNCATE"
            op.execute(f"CREATE TRIGGER mark_{table} AFTER {when} ON {table} EXECUTE FUNCTION renew_mark()")
        op.execute("CREATE TRIGGER mark_person AFTER UPDATE OF left_on ON person EXECUTE FUNCTION renew_mark()")
        return
    for table in TABLES:
        for when in ("insert", "update", "delete"):
            op.execute(f"CREATE TRIGGER mark_{table}_{when} AFTER {when} ON {table} BEGIN {renew}; END")
    op.execute(f"CREATE TRIGGER mark_person_left AFTER UPDATE OF left_on ON person BEGIN {renew}; END")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table in (*TABLES, "person"):
            op.execute(f"DROP TRIGGER mark_{table} ON {table}")
        op.execute("DROP FUNCTION renew_mark()")
    else:
        for table in TABLES:
            for when in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER mark_{table}_{when}")
        op.execute("DROP TRIGGER mark_person_left")
    op.drop_table("mark")
