"""What a question can reach: the offerings that fit best, each with its next hand-in day, kept as rows."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.offerings import Known, Match, QuestionText, rank
from matching.rows import known_terms, needed_by, offered, preferred, question_text
from matching.terms import OfferingText, Term, next_edition
from schemas.case import Case
from schemas.prospects import HandInTold, Prospect, next_letter
from schemas.steps import LOOKED_AT

BEST = 5  # so many offerings that fit best are kept
WORTH = 0.6  # and of those the ones that fit at least this well compared with the best
UNPLACED = ("offered", "placing")  # states of a trajectory for which a hand-in day is still to be met
AGAIN = timedelta(days=7)  # at the latest


class Supply:
    """The offerings and terms as they are on one day: read once for many questions."""

    def __init__(self, today: date, offerings: Sequence[OfferingText], terms: Sequence[Term]) -> None:
        self.today, self.offerings, self.terms = today, offerings, terms
        self.by_id = {one.id: one for one in offerings}
        self._houses: dict[str, list[Term]] = {}
        for term in terms:
            self._houses.setdefault(term.institution, []).append(term)

    @classmethod
    async def of(cls, session: AsyncSession, today: date) -> "Supply":
        return cls(today, await offered(session), await known_terms(session, today))

    def terms_of(self, institution: str) -> list[Term]:
        """The terms of one institution, earliest first."""
        return self._houses.get(institution, [])


def best(question: QuestionText, supply: Supply, needed: date | None, known: Known) -> list[Match]:
    """The offerings within reach that fit best; none that fits much worse than the best."""
    found = [one for one in rank(question, supply.offerings, supply.today, needed, supply.terms, BEST, known)
             if one.reachable]  # fmt: skip
    top = max((one.score for one in found), default=0.0)
    return [one for one in found if one.score >= WORTH * top or one.offering in known.preferred]


async def work_out(case: Case, supply: Supply) -> list[Prospect]:
    """What a question can reach today; nothing for one that nobody looks for any more. Nothing is written."""
    question, session = case.question, case.session
    if question.state not in LOOKED_AT:
        return []
    known = Known(preferred=await preferred(session, question))
    # Comparing texts takes tens of milliseconds, in which others go on.
    found = await asyncio.to_thread(best, question_text(question), supply, needed_by(question.form), known)
    rows = {(row.offering_id, row.term_id): row for one in found if (row := _row(case, one))}
    rows |= {(row.offering_id, row.term_id): row for row in _on_offer(case, supply)} | rows
    await _when_to_tell(case, list(rows.values()))
    return list(rows.values())


async def _when_to_tell(case: Case, rows: Sequence[Prospect]) -> None:
    """A letter that is due already stays due; a new one waits for a morning, so that several come together."""
    session, today = case.session, case.today
    kept = await session.exec(select(Prospect).where(Prospect.question_id == case.question.id))
    due = {(one.offering_id, one.term_id, one.hand_in_by): one.tell_at for one in kept}
    told = (await session.exec(select(HandInTold).where(HandInTold.question_id == case.question.id))).all()
    tomorrow = case.calendar.morning(today + timedelta(days=1))
    for row in rows:
        weeks = [one.weeks for one in told if one.term_id == row.term_id]
        new = next_letter(row.hand_in_by, today, case.calendar, weeks)
        row.tell_at = due.get((row.offering_id, row.term_id, row.hand_in_by)) or (max(new, tomorrow) if new else None)


async def keep(case: Case, rows: Sequence[Prospect]) -> None:
    """Put this in the place of what was kept, and say when to look again."""
    question, session = case.question, case.session
    await session.exec(delete(Prospect).where(col(Prospect.question_id) == question.id))
    session.add_all(rows)
    question.hand_in_by = min((row.hand_in_by for row in rows), default=None)
    question.look_at = _again(case, question.hand_in_by) if question.state in LOOKED_AT else None


def _row(case: Case, one: Match) -> Prospect | None:
    edition = one.reach.edition
    if edition is None:
        return None
    return Prospect(
        question_id=case.question.id, institution_id=one.institution, offering_id=one.offering, term_id=edition.term,
        hand_in_by=edition.hand_in_by, score=one.score,
    )  # fmt: skip


def _on_offer(case: Case, supply: Supply) -> Iterator[Prospect]:
    """What has been offered but not placed yet counts, however well it fits."""
    for one in case.trajectories:
        text = supply.by_id.get(one.offering_id or "") if one.state in UNPLACED else None
        edition = next_edition(text, supply.terms_of(text.institution), supply.today, None)[0] if text else None
        if text and edition:
            yield Prospect(question_id=case.question.id, institution_id=text.institution, offering_id=text.id,
                           term_id=edition.term, hand_in_by=edition.hand_in_by, score=0.0)  # fmt: skip


def _again(case: Case, hand_in_by: date | None) -> datetime:
    """The morning after the hand-in day, within a week."""
    ahead = case.today + AGAIN
    return case.calendar.morning(min(ahead, hand_in_by + timedelta(days=1)) if hand_in_by else ahead)
