"""Public references: `ES-2026-0001-K`, the last character guards against typing errors (ISO 7064 mod 37,36)."""

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from stdnum.iso7064 import mod_37_36

from schemas.access import Counter
from schemas.database import insert_once


async def next_reference(session: AsyncSession, prefix: str, year: int) -> str:
    """A reference never given before. The number is taken in the caller's transaction: rolled back, it comes again."""
    name = f"{prefix}-{year}"
    raised = update(Counter).where(col(Counter.name) == name).values(last=col(Counter.last) + 1)
    raise_by_one = raised.returning(col(Counter.last))
    number = (await session.exec(raise_by_one)).scalar()
    if number is None:
        # Two first questions of a year may meet here; the loser of the insert goes on with the winner's row.
        await insert_once(session, Counter, name=name, last=0)
        number = (await session.exec(raise_by_one)).scalar_one()
    return with_check(f"{name}-{number:04d}")


def with_check(body: str) -> str:
    """`ES-2026-0001` → `ES-2026-0001-K`."""
    return f"{body}-{mod_37_36.calc_check_digit(body.replace('-', ''))}"


def normal(ref: str) -> str:
    """A reference as somebody typed it, as we write it: capitals, no spaces."""
    return "".join(ref.replace("\x00", "").split()).upper()


def plausible(ref: str) -> bool:
    """Whether the check character fits; False for most typing errors."""
    return bool(mod_37_36.is_valid(normal(ref).split(".")[0].replace("-", "")))
