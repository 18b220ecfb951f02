"""The fence: a question or trajectory is written only while it is what it was when it was read."""

from functools import cache

from sqlalchemy import Table, Update, bindparam, inspect
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.subjects import Subject


async def fenced(session: AsyncSession, subject: Subject) -> bool:
    """Write all that has changed in one statement, and that it is a version further.

    False when a rival was first: then what was to be written is forgotten, and the subject is as the rival left it.
    """
    state = inspect(subject)
    touched = {*state.mapper.columns.keys()} - state.unmodified
    values = {name: getattr(subject, name) for name in touched if state.attrs[name].history.has_changes()}
    values["version"] = subject.version + 1
    known = {"its_id": subject.id, "its_version": subject.version}
    statement = _write(type(subject), frozenset(values))
    written = await (await session.connection()).execute(statement, known | values)
    if not written.rowcount:
        await session.refresh(subject)
        return False
    for name, value in values.items():
        set_committed_value(subject, name, value)  # the session need not write it once more
    return True


@cache  # a dozen sets of columns; to put one together costs more than to run it
def _write(kind: type[Subject], names: frozenset[str]) -> Update:
    table: Table = kind.__table__  # type: ignore[union-attr]
    here = (table.c.id == bindparam("its_id"), table.c.version == bindparam("its_version"))
    return table.update().where(*here).values({name: bindparam(name) for name in sorted(names)})
