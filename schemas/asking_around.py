"""Asking several institutions: `ask_around` keeps the order, and says who is asked next and whose offer ends.

What follows is told as steps, which `take_step` takes as any other: an offer to each whose turn it is, made by
whoever asked or by the process; the end of the offers that were made at once when one of them is taken on.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlmodel import func, select

from schemas.birth import new_trajectory
from schemas.candidates import Candidate, answer_day, asked_with, room_for, waiting
from schemas.case import Case
from schemas.clock import parse
from schemas.effects import effect
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Offering, Period
from schemas.process import TRAJECTORY
from schemas.subjects import Trajectory

Given = Mapping[str, Any]
AHEAD = "placing"  # before the hand-in day an institution needs the first term of this state


class Move(NamedTuple):
    """A step that follows. `own`: taken by whoever took the step that it follows from, else by the process."""

    subject: Trajectory
    step: str
    needs: dict[str, Any]
    own: bool = False


@effect("ask_around")
async def ask_around(case: Case, given: Given, role: str) -> None:
    """Keep a new order; whoever waited in the one before and has not had their turn is left out."""
    ranks = select(func.max(Candidate.rank)).where(Candidate.question_id == case.question.id)
    last = (await case.session.exec(ranks)).one() or 0
    rows = [await _read(case, chosen, n) for n, chosen in enumerate(given["candidates"], last + 1)]
    if len({one.offering_id for one in rows}) < len(rows):
        raise FaultyNeeds([Fault("candidates", "twice_asked")])
    now_asked = [one.offering_id for one in case.trajectories if one.state not in TRAJECTORY.ends]
    if any(one.offering_id in now_asked for one in rows):
        raise FaultyNeeds([Fault("candidates", "asked_already")])
    for one in await waiting(case.session, case.question):
        one.dropped = True
    at_once = given["order"] == "at_once"
    for row in rows:
        row.answer_days, row.message = given.get("answer_days"), given.get("message", "")
        row.others = at_once and given.get("others", "retract") == "retract"
        row.by_itself = not at_once and given.get("by_itself") == "yes"
        case.session.add(row)
    await case.session.flush()


async def _read(case: Case, chosen: str, rank: int) -> Candidate:
    """`offering` or `offering@term`, as a candidate in this place. Raises FaultyNeeds."""
    offering_id, _, term_id = chosen.partition("@")
    offering = await case.session.get(Offering, offering_id)
    term = await case.session.get(Period, term_id) if term_id else None
    if offering is None or not offering.offered or (term_id and not term):
        raise FaultyNeeds([Fault("candidates", "unknown")])
    if term and term.institution_id != offering.institution_id:
        raise FaultyNeeds([Fault("candidates", "unknown")])
    return Candidate(
        question_id=case.question.id, round=case.question.round, rank=rank, institution_id=offering.institution_id,
        offering_id=offering.id, term_id=term_id or None,
    )  # fmt: skip


async def next_candidate(case: Case, *, hold: bool = False) -> tuple[Candidate, date | None] | None:
    """The first in the order who can be asked now, with the hand-in day; the others keep their places."""
    for one in await waiting(case.session, case.question):
        room = await room_for(case.session, one, case.today)
        if not room.why:  # one place is held, never two: so that two orders cannot lock each other out
            room = await room_for(case.session, one, case.today, hold=True) if hold else room
            return None if room.why else (one, room.hand_in_by)
    return None


def goes_on(case: Case, one: Candidate) -> bool:
    """Whether the process asks this candidate without the coordinator: agreed on, and nobody else has the question."""
    looked_for = case.question.state in ("matching", "underway")
    return looked_for and one.by_itself and all(attempt.state in TRAJECTORY.ends for attempt in case.trajectories)


async def offer_needs(case: Case, one: Candidate, hand_in_by: date | None) -> dict[str, Any]:
    """What the `offer` to a candidate says."""
    needs: dict[str, Any] = {"institution": one.institution_id, "offering": one.offering_id}
    needs |= {"message": one.message} if one.message else {}
    day = usual_answer(case, one.institution_id, hand_in_by, one.answer_days)
    return needs | ({"answer_by": day.isoformat()} if one.answer_days or hand_in_by else {})


def usual_answer(case: Case, institution: str, hand_in_by: date | None, days: int | None = None) -> date:
    """By when an institution answers: as the process says unless asked otherwise, in time for the hand-in day."""
    offered, ahead = case.process.due("trajectory", "offered"), case.process.due("trajectory", AHEAD)
    longest = next((row.at for row in offered if row.take), "15 wd")
    calendar = case.at(Trajectory(ref="", question_id=0, institution_id=institution)).days_of("offered")
    return answer_day(
        calendar, case.today, days or parse(longest)[1], hand_in_by, parse(ahead[0].at)[1] if ahead else 0
    )


async def _offer_to(case: Case, one: Candidate, hand_in_by: date | None, *, own: bool) -> Move:
    needs = await offer_needs(case, one, hand_in_by)
    return Move(await new_trajectory(case.session, case.question, needs), "offer", needs, own)


async def _begin(case: Case, asked: Given) -> AsyncIterator[Move]:
    """Everybody at once, all or none; else the first in the order who can be asked."""
    if asked["order"] != "at_once":
        if found := await next_candidate(case, hold=True):
            yield await _offer_to(case, *found, own=True)
        return
    left = await waiting(case.session, case.question)
    rooms = {}
    for one in sorted(left, key=lambda one: one.institution_id):  # in one order for all who hold places
        rooms[one.id] = await room_for(case.session, one, case.today, hold=True)
        if rooms[one.id].why:
            raise FaultyNeeds([_refused(rooms[one.id].why, one.offering_id)])
    for one in left:
        yield await _offer_to(case, one, rooms[one.id].hand_in_by, own=True)


def _refused(why: str, offering: str) -> Fault:
    faults = (
        Fault("candidates", "cannot_not_offered", offering), Fault("candidates", "cannot_missed", offering),
        Fault("candidates", "cannot_closed", offering), Fault("candidates", "cannot_full", offering),
        Fault("candidates", "cannot_at_limit", offering),
    )  # fmt: skip
    return next(one for one in faults if one.code == f"cannot_{why}")


async def _next(case: Case, _: Given) -> AsyncIterator[Move]:
    """After a no or no answer: the next candidate, where the order goes on by itself."""
    found = await next_candidate(case, hold=True)
    if found and goes_on(case, found[0]):
        yield await _offer_to(case, *found, own=False)


async def _settle(case: Case, _: Given) -> AsyncIterator[Move]:
    """One has taken it on: the others that were asked at once with it need not answer any more."""
    for one in await asked_with(case.session, case.attempt):
        yield Move(one, "retract", {})


# Each step is taken before the next is told: a trajectory comes into being when it is its turn.
PLANS: Mapping[str, Callable[[Case, Given], AsyncIterator[Move]]] = {
    "begin": _begin, "next": _next, "settle": _settle,
}  # fmt: skip


async def keep_turn(case: Case) -> None:
    """An offer is made: the candidate who waited for just that has had its turn."""
    for one in await waiting(case.session, case.question):
        if one.offering_id == case.attempt.offering_id:
            one.trajectory_id = case.attempt.id
            return
