"""Sending letters that a run has taken: over a few connections, outside any transaction.

Each connection carries one letter at a time. Between two of them there is one stamp: it says what became of the last
letter and that the next is being handed over. So at a kill at most as many letters of a run are open, and can end as
uncertain, as it has connections.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack

from sqlalchemy import ColumnElement

from flows import pace
from flows.claims import claim_letters
from flows.in_hand import Posted, Ready, Stamp
from flows.links import links_of, off_link
from flows.stamps import Stamps
from flows.work import Work
from notifications.calendar import trajectory_dates
from notifications.letters import render
from notifications.meetings import meeting_dates
from notifications.message import Attachment, compose
from notifications.postbox import Outcome, Postbox
from reports.pdf import file_name, pdf
from schemas.database import writing
from schemas.ledger import Letter
from schemas.letter_texts import Own, own_text, own_texts
from schemas.settings import settings

BATCH = 40
log = logging.getLogger(__name__)


async def send(work: Work, which: ColumnElement[bool], *, note: bool = False) -> None:
    """Take and send the letters that are due, batch by batch. `note`: they are what the run is about."""
    async with AsyncExitStack() as stack:
        # Each connects when it is used.
        boxes = [await stack.enter_async_context(_postbox()) for _ in range(settings().mail_connections)]
        for _ in work.turns():
            letters, own = await _claim(work, which)
            if not letters:
                break
            for letter in letters if note else ():
                work.note(letter.facts.get("ref") or "", letter.name)
            await _send_batch(work, boxes, letters, own)
            if len(letters) < BATCH and not pace.is_set():  # there were no more: asking again has its price
                break


def _postbox() -> Postbox:
    url, known = settings().smtp_url.get_secret_value(), settings()
    return Postbox(url, timeout=known.mail_timeout, patience=known.mail_patience, sender=known.inbox_address)


async def _claim(work: Work, which: ColumnElement[bool]) -> tuple[list[Letter], Own]:
    async with writing(work.engine) as session:
        letters = await claim_letters(session, work.token, BATCH, which)
        return letters, await own_texts(session, {letter.name for letter in letters})


async def _send_batch(work: Work, boxes: Sequence[Postbox], letters: list[Letter], own: Own) -> None:
    # All are written before the first is handed over, so that a crash while writing leaves nothing uncertain.
    ready, failed = _written(letters, own)
    waiting = deque(ready)
    async with Stamps(work) as stamps:
        lanes = (_send_over(work, box, waiting, stamps) for box in boxes[: len(ready)])
        ended = await asyncio.gather(*lanes, return_exceptions=True)  # a fault of one leaves the others their last word
        await stamps.write(Stamp(failed, unsent=[one.letter for one in waiting]))
    for fault in ended:
        if fault is not None:
            raise fault


async def _send_over(work: Work, box: Postbox, waiting: deque[Ready], stamps: Stamps) -> None:
    """One connection takes letters until none is left."""
    posted: list[Posted] = []
    while waiting and not work.hands.leaving.is_set():
        one = waiting.popleft()
        if fault := await box.trouble():
            posted.append(Posted(one.letter, Outcome("owed", fault)))
            continue
        mine = await stamps.write(Stamp(posted, following=one))
        posted = [Posted(one.letter, await box.post(one.message, one.letter.email))] if mine else []
    await stamps.write(Stamp(posted))


def _written(letters: list[Letter], own: Own) -> tuple[list[Ready], list[Posted]]:
    ready, failed = [], []
    for letter in letters:
        try:
            ready.append(write(letter, own_text(letter, own)))
        except Exception as fault:  # a fault of ours: it waits for the next version, and holds up no other letter
            log.exception("letter %s (%s) could not be written", letter.id, letter.name)
            failed.append(Posted(letter, Outcome("owed", f"The letter could not be written: {fault}")))
    return ready, failed


def write(letter: Letter, own: str | None = None) -> Ready:
    """The letter in its envelope, from its frozen facts, with the city's own text when it has one.

    Raises ValueError or LookupError when the facts do not suffice.
    """
    links = links_of(letter)
    rendered = render(letter.name, letter.language, letter.facts, links, own)
    attached = [*_dates(letter, links), *_paper(letter)]
    reply_to = settings().inbox_address or (letter.facts.get("coordinator") or {}).get("email") or None
    message = compose(letter, rendered, settings().mail_from, reply_to, attached, off_link(letter))
    return Ready(letter, rendered, message)


def _dates(letter: Letter, links: dict[str, str]) -> list[Attachment]:
    dates = meeting_dates(letter.name, letter.facts, links)
    dates = dates or trajectory_dates(letter.name, letter.language, letter.facts, links)
    return [dates] if dates else []


def _paper(letter: Letter) -> list[Attachment]:
    paper = (letter.facts.get("meeting") or {}).get("paper")
    return [Attachment(file_name(paper), pdf(paper), "application/pdf")] if paper else []
