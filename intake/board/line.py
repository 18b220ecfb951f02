"""Who stands in line for a question: those who were asked, those who wait, and the places that may fit, in words."""

from typing import Any

from sqlmodel import col, select

from intake.board.houses import houses_of
from intake.fitting import matches_for
from intake.hints import place_rows
from intake.language import translate as _
from intake.memory import Memory
from intake.rows import kind_of
from schemas.asking_around import goes_on, next_candidate, usual_answer
from schemas.candidates import candidates_of, room_for
from schemas.case import Case
from schemas.facts import named
from schemas.ledger import Entry
from schemas.parties import Offering, Organisation, Period
from schemas.process import TRAJECTORY
from schemas.standing import standing
from schemas.words import word

MOST = 10  # places to choose from


async def line_of(case: Case, language: str) -> list[dict[str, Any]]:
    """The order that holds, first to last, with what became of each; then who was asked beside it."""
    session, attempts = case.session, {one.id: one for one in case.trajectories}
    found, shown = [], set[int]()
    for turn, one in enumerate(await candidates_of(session, case.question), 1):
        attempt = attempts.get(one.trajectory_id or 0)
        shown |= {attempt.id} if attempt else set()
        room = await room_for(session, one, case.today) if attempt is None else None
        row = await _named_row(case, one.institution_id, one.offering_id, language)
        found.append(row | _state(case, one.trajectory_id, language) | {
            "turn": turn, "term": await _term(case, one.term_id), "waits": attempt is None,
            "why": room.why if room else "", "by_itself": one.by_itself,
            "hand_in_by": room.hand_in_by if room else None,
        })  # fmt: skip
    for other in case.trajectories:
        if other.id not in shown:
            row = await _named_row(case, other.institution_id, other.offering_id, language)
            found.append(row | _state(case, other.id, language) | {
                "turn": 0, "term": await _term(case, other.term_id), "waits": False, "why": "", "by_itself": False,
                "hand_in_by": None,
            })  # fmt: skip
    return found


async def _named_row(case: Case, institution: str, offering_id: str | None, language: str) -> dict[str, Any]:
    offering = await case.session.get(Offering, offering_id) if offering_id else None
    house = await case.session.get_one(Organisation, institution)
    return {"institution": named(house, language), "offering": named(offering, language) if offering else "",
            "offering_id": offering_id}  # fmt: skip


async def _term(case: Case, term_id: str | None) -> str:
    term = await case.session.get(Period, term_id) if term_id else None
    return f"{term.code} {term.year}" if term else ""


def _state(case: Case, trajectory_id: int | None, language: str) -> dict[str, Any]:
    attempt = next((one for one in case.trajectories if one.id == trajectory_id), None)
    if attempt is None:
        return {"state": _("waits its turn"), "kind": "waiting", "ref": "", "by": None}
    by = standing(case.at(attempt), language).by if attempt.state not in TRAJECTORY.ends else None
    return {"state": word(language, f"states.{attempt.state}.label"), "kind": kind_of(attempt.state),
            "ref": attempt.ref, "by": by}  # fmt: skip


async def refusal_of(case: Case, language: str) -> dict[str, Any] | None:
    """The last no, with its reason; or that nobody answered. None while somebody still has the question."""
    ended = [one for one in case.trajectories if one.state in ("declined", "lapsed")]
    if not ended or any(one.state not in TRAJECTORY.ends for one in case.trajectories):
        return None
    last = max(ended, key=lambda one: (one.since, one.id))
    query = select(Entry).where(Entry.trajectory_id == last.id, col(Entry.step).in_(("decline", "lapse")))
    entry = (await case.session.exec(query.order_by(col(Entry.id).desc()))).first()
    row = await _named_row(case, last.institution_id, last.offering_id, language)
    return row | {"reason": str(entry.needs.get("reason") or "") if entry else "", "state": last.state}


async def proposed(case: Case, language: str) -> dict[str, Any] | None:
    """Whose turn it is, with the days, when nobody else has the question and no clock makes the offer by itself."""
    found = await next_candidate(case)
    looked_for = case.question.state in ("matching", "underway")
    if found is None or not looked_for or any(one.state not in TRAJECTORY.ends for one in case.trajectories):
        return None
    one, hand_in_by = found
    return await _named_row(case, one.institution_id, one.offering_id, language) | {
        "hand_in_by": hand_in_by, "by_itself": goes_on(case, one),
        "answer_by": usual_answer(case, one.institution_id, hand_in_by, one.answer_days),
    }  # fmt: skip


async def places_of(case: Case, memory: Memory, language: str) -> list[dict[str, Any]]:
    """The places that may fit, best first, each with the day by which it would answer; and why it cannot be asked."""
    found = await matches_for(case.session, memory, case.question, case.today, MOST)
    busy = {one.offering_id for one in case.trajectories if one.state not in TRAJECTORY.ends}
    full = {one.id for one in await houses_of(case.session, language) if one.full}
    rows = await place_rows(case.session, found, language, staff=True)
    for row, match in zip(rows, found, strict=True):
        edition = match.reach.edition if match.reach.in_time or match.reach.why == "too_late" else None
        row["value"] = f"{row['offering']}@{edition.term}" if edition else ""
        row["busy"], row["full"] = row["offering"] in busy, match.institution in full
        row["answer_by"] = usual_answer(case, match.institution, edition.hand_in_by) if edition else None
    return rows
