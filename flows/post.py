"""Sending letters that a run has taken: one after the other over one connection, outside any transaction.

Between two posts there is one commit: it says what became of the last letter and that the next is being handed
over. So at any moment at most one letter of a run is open, and only that one can end as uncertain.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from email.message import EmailMessage
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from flows.claims import claim_letters
from flows.links import links_of
from flows.outcomes import give_back, hand_over, settle, state_after
from flows.work import Work
from notifications.calendar import METHOD, invitation
from notifications.letters import Rendered, render
from notifications.meetings import meeting_dates
from notifications.message import Attachment, compose
from notifications.postbox import Outcome, Postbox
from reports.pdf import file_name, pdf
from schemas.database import writing
from schemas.ledger import Letter
from schemas.moment import now
from schemas.settings import settings

BATCH = 20
WAITS = (0.2, 1.0, 4.0)  # seconds between tries to write a stamp that must not be lost
Letters = Sequence[Letter]
log = logging.getLogger(__name__)


class Ready(NamedTuple):
    """A letter, written and in its envelope."""

    letter: Letter
    rendered: Rendered
    message: EmailMessage


class Posted(NamedTuple):
    """A letter, and what became of it."""

    letter: Letter
    outcome: Outcome


async def send(work: Work, which: ColumnElement[bool], *, note: bool = False) -> None:
    """Take and send the letters that are due, batch by batch. `note`: they are what the run is about."""
    async with Postbox(settings().smtp_url.get_secret_value()) as box:
        for _ in work.turns():
            if not (letters := await _claim(work, which)):
                break
            for letter in letters if note else ():
                work.note(letter.facts.get("ref") or "", letter.name)
            await _send_batch(work, box, letters)


async def _claim(work: Work, which: ColumnElement[bool]) -> list[Letter]:
    async with writing(work.engine) as session:
        return await claim_letters(session, work.token, BATCH, which)


async def _send_batch(work: Work, box: Postbox, letters: list[Letter]) -> None:
    # All are written before the first is handed over, so that a crash while writing leaves nothing uncertain.
    ready, posted = _written(letters)
    while ready and not work.hands.leaving.is_set():
        one = ready.pop(0)
        if fault := await box.trouble():
            posted.append(Posted(one.letter, Outcome("owed", fault)))
            continue
        mine = await _stamp(work, posted, following=one)
        posted = [Posted(one.letter, await box.post(one.message, one.letter.email))] if mine else []
    await _stamp(work, posted, unsent=[one.letter for one in ready])


def _written(letters: list[Letter]) -> tuple[list[Ready], list[Posted]]:
    ready, failed = [], []
    for letter in letters:
        try:
            ready.append(write(letter))
        except Exception as fault:  # a fault of ours: it waits for the next version, and holds up no other letter
            log.exception("letter %s (%s) could not be written", letter.id, letter.name)
            failed.append(Posted(letter, Outcome("owed", f"The letter could not be written: {fault}")))
    return ready, failed


def write(letter: Letter) -> Ready:
    """The letter in its envelope, from its frozen facts. Raises ValueError or LookupError when they do not suffice."""
    links = links_of(letter)
    rendered = render(letter.name, letter.language, letter.facts, links)
    attached = [*_dates(letter, links), *_paper(letter)]
    reply_to = (letter.facts.get("coordinator") or {}).get("email") or None
    return Ready(letter, rendered, compose(letter, rendered, settings().mail_from, reply_to, attached))


def _dates(letter: Letter, links: dict[str, str]) -> list[Attachment]:
    if meeting := meeting_dates(letter.name, letter.facts, links):
        return [meeting]
    dates = invitation(letter.name, letter.language, letter.facts, links)
    return [Attachment("stadsvraag.ics", dates, "text/calendar", METHOD)] if dates else []


def _paper(letter: Letter) -> list[Attachment]:
    paper = (letter.facts.get("meeting") or {}).get("paper")
    return [Attachment(file_name(paper), pdf(paper), "application/pdf")] if paper else []


async def _stamp(work: Work, posted: list[Posted], following: Ready | None = None, unsent: Letters = ()) -> bool:
    """What became of the last, and that the following one is being handed over: False when that is not ours."""
    at = now()

    async def stamps(session: AsyncSession) -> bool:
        for letter, outcome in posted:
            await settle(session, letter, work.token, outcome)
        if unsent:
            await give_back(session, unsent, work.token)
        return following is not None and await hand_over(session, following.letter, work.token, following.rendered, at)

    mine = await _durably(work, stamps) if posted or unsent or following else False
    for letter, outcome in posted:
        work.count(state_after(letter, outcome))
        work.hands.mail = outcome.state in ("sent", "refused"), outcome.reply
    return mine


async def _durably(work: Work, stamps: Callable[[AsyncSession], Awaitable[bool]]) -> bool:
    # A database that is away for a moment must not make a letter uncertain that we know all about.
    for wait in WAITS:
        try:
            async with writing(work.engine) as session:
                return await stamps(session)
        except (DBAPIError, OSError):
            await asyncio.sleep(wait)
    async with writing(work.engine) as session:
        return await stamps(session)
