"""Mail that comes in: sorted, kept once with what follows from it, then put apart in the box.

A message leaves the box only when it is in the database. Whatever dies in between, it is taken again and found there.
"""

import asyncio
import logging

from prefect import flow, task

from flows.telling import FLOW, TASK, report
from flows.work import Work, at_work
from notifications.inbox import Inbox, Message
from notifications.inboxes import inbox_of
from notifications.message import mailbox
from notifications.sorting import Sorted, sort
from schemas.arriving import Clues, NotYet, keep
from schemas.database import UNREACHABLE, writing
from schemas.received import Kind, Received
from schemas.settings import settings
from schemas.subjects import Question

BATCH = 25
log = logging.getLogger(__name__)


@flow(name="receive", **FLOW)
async def receive() -> int:
    """Take what lies in the box; how many messages were kept."""
    async with at_work("receive") as work:
        if where := settings().inbox.get_secret_value():
            await empty(work, inbox_of(where))
        return await report(work)


@task(**TASK)
async def empty(work: Work, box: Inbox) -> None:
    """Batch by batch; what cannot be kept now is passed over, and waits for the next run."""
    passed_over: list[str] = []
    for _ in work.turns():
        taken = await asyncio.to_thread(box.take, BATCH, passed_over)
        if not taken:
            return
        kept = [one.key for one in taken if await keep_one(work, one)]
        passed_over += [one.key for one in taken if one.key not in kept]
        await asyncio.to_thread(box.done, kept)


async def keep_one(work: Work, message: Message) -> bool:
    """Whether it is in the database now, as what it is or else as unreadable."""
    sorted_ = await asyncio.to_thread(sort, message.raw, ours(), message.size)
    bare = Sorted(Kind.UNREADABLE, sorted_.digest, sorted_.size, cut=True)
    for one in (sorted_, bare):
        try:
            await _keep(work, one)
            return True
        except NotYet:
            return False
        except UNREACHABLE as error:
            log.warning("a message cannot be kept, the database is away: %s", type(error).__name__)
            return False
        except Exception:
            log.exception("a message of %s bytes could not be kept as %s", one.size, one.kind)
    return False


async def _keep(work: Work, one: Sorted) -> None:
    async with writing(work.engine) as session:
        row = await keep(session, received(one), Clues(one.about, one.refs, one.failed))
        question = await session.get(Question, row.question_id) if row and row.question_id else None
    if row:
        ref = question.ref if question else None
        log.info("received", extra={"ref": ref, "state": row.kind})
        work.note(ref or "", f"received: {row.kind}")


def received(one: Sorted) -> Received:
    """A message as its row, not placed yet."""
    return Received(
        digest=one.digest, message_id=one.message_id, kind=one.kind, state="", from_name=one.name, from_email=one.email,
        subject=one.subject, text=one.text, quoted=one.quoted, files=list(one.files), size=one.size, cut=one.cut,
    )  # fmt: skip


def ours() -> set[str]:
    """The addresses that we write from."""
    return {mailbox(settings().mail_from).addr_spec.lower(), settings().inbox_address.lower()} - {""}
