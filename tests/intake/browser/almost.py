"""Questions that stand right before an end, for the browser to bring there."""

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.steps import CLOCK
from schemas.subjects import Question
from tests.story import Story

# Each is Amira's; its title says which end awaits it. Two that only the clock can end have ended. The phones are for
# `test_phone.py`: an offer is answered once.
BEFORE = {
    "rejected": "screening", "redirected": "screening", "handed_back": "screening", "merged": "screening",
    "withdrawn": "screening", "unmatched": "matching", "closed": "answered", "reopened": "rejected",
    "held": "screening",
    "declined": "offered", "phone": "offered", "old_phone": "offered", "lapsed": "lapsed", "cancelled": "running",
    "not_usable": "delivered", "completed": "delivered", "presumed": "delivered",
}  # fmt: skip


def titled(name: str) -> str:
    return f"Hoe eindigt dit: {name}?"


async def almost_ended(session: AsyncSession, tell: Story) -> None:
    """One question for each end, and one that another can be merged into."""
    await tell.matching(session, tell.cast.marloes, title=titled("target"))
    for name, state in BEFORE.items():
        if state in ("screening", "matching", "answered", "rejected"):
            await getattr(tell, state)(session, title=titled(name))
            continue
        question: Question = await tell.matching(session, title=titled(name))
        attempt = await getattr(tell, state)(session, question)
        if name == "presumed":
            await tell.take(session, attempt, "presume_accepted", CLOCK)
