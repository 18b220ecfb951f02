"""What an offer and a place take: an institution that takes one more offer, an edition that has a seat."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from schemas.asking_around import keep_turn
from schemas.case import Case
from schemas.effects import effect, future, organisation, refuse
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Offering, Period
from schemas.places import courses
from schemas.references import normal
from schemas.roles import person_named
from schemas.subjects import Trajectory
from schemas.supply import OfferLimit, edition_of, offers_open, seats_left

Given = Mapping[str, Any]


@effect("offer")
async def offer(case: Case, given: Given, role: str) -> None:
    attempt = case.attempt
    await organisation(case, given, "institution", {"wo", "hbo", "mbo", "art"})
    await _within_limit(case)
    if given.get("offering"):
        await _offering(case, given, attempt.institution_id)
        attempt.offering_id = given["offering"]
    if given.get("answer_by"):
        future(case, given, "answer_by")
    await keep_turn(case)
    attempt.message = given.get("message", "")
    if given.get("relay_from"):
        ref = normal(given["relay_from"])
        earlier = (await case.session.exec(select(Trajectory).where(Trajectory.ref == ref))).first()
        if earlier is None or earlier.id == attempt.id:
            raise refuse("relay_from", "unknown")
        if not earlier.result:
            raise refuse("relay_from", "no_result")
        attempt.relay_from_id = earlier.id


async def _within_limit(case: Case) -> None:
    """An institution gets no more offers at once than it has said. Raises FaultyNeeds."""
    here = case.attempt.institution_id
    # Two offers at the same moment count one after the other.
    limit = (
        await case.session.exec(select(OfferLimit).where(OfferLimit.institution_id == here).with_for_update())
    ).first()
    if limit and await offers_open(case.session, here) >= limit.most:
        raise FaultyNeeds([Fault("institution", "offers_full", str(limit.most))])


async def _offering(case: Case, given: Given, institution: str) -> Offering:
    found = (await courses(case.session)).get(given["offering"])
    if not found or not found.offered or found.institution_id != institution:
        raise refuse("offering", "unknown")
    return found


@effect("place")
async def place(case: Case, given: Given, role: str) -> None:
    attempt = case.attempt
    await _seat(case, await _offering(case, given, attempt.institution_id), given)
    lecturer = await person_named(case.session, given["lecturer_name"], given["lecturer_email"])
    attempt.lecturer_id, attempt.agreement, attempt.agreed_by = lecturer.id, {}, []


async def _seat(case: Case, offering: Offering, given: Given) -> None:
    """A seat in an edition, with the edition's own dates. In a full one only for who says so. Raises FaultyNeeds."""
    attempt, session = case.attempt, case.session
    term = await session.get(Period, given["term"])
    if not term or term.institution_id != attempt.institution_id:
        raise refuse("term", "unknown")
    edition = await edition_of(session, offering.id, term.id)
    starts = (edition.starts_on if edition else None) or term.starts_on
    ends = (edition.ends_on if edition else None) or term.ends_on
    if ends <= case.today:
        raise refuse("term", "not_in_future")
    if edition and not edition.open:
        raise refuse("term", "edition_closed")
    # Two who take the last seat at the same moment come one after the other.
    await session.exec(select(Offering.id).where(Offering.id == offering.id).with_for_update())
    left = await seats_left(session, offering, term, but=attempt.id)
    if left is not None and left <= 0 and given.get("overbook") != "yes":
        raise refuse("term", "edition_full")
    attempt.offering_id, attempt.term_id, attempt.starts_on, attempt.ends_on = offering.id, term.id, starts, ends
