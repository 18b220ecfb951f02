"""The committee's votes: recorded one by one or together in a meeting, decided as soon as the outcome is certain."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlmodel import col, select

from schemas.case import Case
from schemas.effects import effect, future, organisation
from schemas.ledger import Entry
from schemas.meetings import Decision, Meeting
from schemas.needs import Fault, FaultyNeeds
from schemas.process import QUESTION
from schemas.roles import in_office
from schemas.rules import Role, Step
from schemas.seats import seats_of
from schemas.subjects import Vote
from schemas.voting import NO_CHOICE, Voting

NUMBER = re.compile("[0-9]{1,9}")
DECIDABLE = QUESTION.steps["vote"].moves


class Won(NamedTuple):
    """The step that was decided on, what it needs, and whether it was the default of the city's rules."""

    step: str
    needs: dict[str, Any]
    by_default: bool = False


@effect("vote")
async def vote(case: Case, given: Mapping[str, Any], role: str) -> None:
    await _check_choice(case, given)


@effect("decide_in_meeting")
async def decide_in_meeting(case: Case, given: Mapping[str, Any], role: str) -> None:
    number = int(given["meeting"]) if NUMBER.fullmatch(given["meeting"]) else 0
    query = select(Meeting).where(Meeting.id == number).with_for_update()  # it is not closed meanwhile
    meeting = (await case.session.exec(query)).first()
    if meeting is None or not meeting.open:
        raise FaultyNeeds([Fault("meeting", "unknown" if meeting is None else "meeting_over")])
    allowed = {str(one.member.id) for one in await seats_of(case.session, case.today) if one.votes}
    present = allowed & {str(one) for one in meeting.present}
    faults = [Fault(f"ballots.{seat}", "not_present") for seat in given["ballots"] if seat not in present]
    if faults:
        raise FaultyNeeds(faults)
    for choice in sorted({one["vote"] for one in given["ballots"].values()}):
        await _check_choice(case, terms_of(given) | {"vote": choice})


def terms_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was agreed on together in a meeting: the reason, the form, the date."""
    return {name: value for name, value in given.items() if name not in ("meeting", "ballots", "vote")}


async def _check_choice(case: Case, given: Mapping[str, Any]) -> None:
    # Found only when it is carried out, a fault in one vote would be in the way of everybody else's.
    if given["vote"] in NO_CHOICE:
        return
    filled = with_advice(case, given)
    step = QUESTION.steps[given["vote"]]
    faults = [Fault(name, "missing") for name in sorted(step.required) if name not in filled]
    if faults:
        raise FaultyNeeds(faults)
    if "target" in filled:
        await organisation(case, filled, "target", {"partner"})
    if "until" in filled:
        future(case, filled, "until")


def with_advice(case: Case, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the step voted for needs, taken from the vote, else from the coordinator's advice."""
    step = QUESTION.steps[given["vote"]]
    advice = case.question.advice
    reason = given.get("reason") or advice.get("explanation")
    known = {"route": advice.get("route") or "any", "target": advice.get("target"), "reason": reason,
             "alternative": given.get("alternative") or case.cooperation.data.get("contact", {}).get("alternative")
             or case.cooperation.name_nl}  # fmt: skip
    known |= {key: value for key, value in given.items() if value}
    return {name: known[name] for name in step.need_names if known.get(name)}


async def record(case: Case, entry: Entry) -> None:
    """Keep the votes that an entry brings; a member's earlier one of this round makes way when it was another."""
    given = entry.needs
    if "vote" in given:
        seat = entry.for_id or entry.actor_id or 0
        await _record(case, entry, seat, given["vote"], given.get("reason", ""), given)
    for seat, ballot in given.get("ballots", {}).items():
        needs = terms_of(given) | {"vote": ballot["vote"]}
        await _record(case, entry, int(seat), ballot["vote"], ballot["reason"], needs)


async def _record(case: Case, entry: Entry, seat: int, choice: str, reason: str, needs: Mapping[str, Any]) -> None:
    here = (Vote.question_id == case.question.id, Vote.round == case.question.round, Vote.person_id == seat)
    row = (await case.session.exec(select(Vote).where(*here))).first()
    if row and row.vote == choice and "ballots" in entry.needs and reason in ("", row.reason):
        return  # what somebody has voted themselves stays as they wrote it
    row = row or Vote(question_id=case.question.id, round=case.question.round, person_id=seat, vote="")
    row.vote, row.reason, row.needs, row.at = choice, reason, dict(needs), case.now
    row.recorded_by_id = entry.actor_id if "ballots" in entry.needs else None
    case.session.add(row)
    await case.session.flush()


async def votes_of(case: Case) -> Sequence[Vote]:
    """The votes of the present round, oldest first."""
    query = select(Vote).where(Vote.question_id == case.question.id, Vote.round == case.question.round)
    return (await case.session.exec(query.order_by(col(Vote.at), col(Vote.id)))).all()


async def members_of(case: Case) -> tuple[set[int], int | None]:
    """Who has a vote today, and who of them is the chair."""
    chairs = [one.id for one in await in_office(case.session, Role.CHAIR, case.today)]
    others = [one.id for one in await in_office(case.session, Role.COMMITTEE, case.today)]
    return {*chairs, *others}, chairs[0] if chairs else None


async def decision(case: Case, entry: Entry) -> Won | None:
    """What the votes have decided on after this entry. Unless somebody has just voted, no more votes are waited for."""
    members, chair = await members_of(case)
    votes = [one for one in await votes_of(case) if one.person_id in members]
    rules, cast = Voting.of(case.rules), {one.person_id: one.vote for one in votes}
    settle = rules.decided if "vote" in entry.needs else rules.outcome
    won = settle(cast, members, chair)
    if won is None:
        return by_default(case) if entry.role == Role.CLOCK else None
    winners = [one for one in votes if one.vote == won]
    leading = next((one for one in winners if one.person_id == chair), winners[0])
    together = terms_of(entry.needs) if "ballots" in entry.needs else {}
    needs = with_advice(case, leading.needs | together)
    if "until" in needs:  # a date that has gone by since the vote: held until tomorrow
        needs["until"] = max(needs["until"], (case.today + timedelta(days=1)).isoformat())
    return Won(won, needs)


async def why_undecided(case: Case) -> str:
    """Why the votes of this round would come to nothing if no more were cast; empty when they would decide."""
    members, chair = await members_of(case)
    cast = {one.person_id: one.vote for one in await votes_of(case) if one.person_id in members}
    return Voting.of(case.rules).lacks(cast, members, chair) or ""


def by_default(case: Case) -> Won | None:
    """The step that the city's rules take when the term of a vote ends without a decision, and what it needs."""
    name = case.rules.get("default_at_deadline", "none")
    if name == "none":
        return None
    filled = with_advice(case, {"vote": name})
    return Won(name, filled, True) if QUESTION.steps[name].required <= filled.keys() else None


def decides(step: Step, before: str) -> bool:
    """Whether this step ends a round: one that the committee may decide on, taken where it votes."""
    return Role.DECISION in step.by and before in DECIDABLE


async def keep_decision(case: Case, entry: Entry, because: Entry | None, *, default: bool) -> None:
    """Write down how this round ended. `because`: the entry that settled it; None for the coordinator alone."""
    members, _ = await members_of(case)
    votes = [{"person": one.person_id, "vote": one.vote, "reason": one.reason}
             for one in await votes_of(case) if one.person_id in members]  # fmt: skip
    meeting = because.needs.get("meeting") if because else None
    case.session.add(
        Decision(question_id=case.question.id, round=case.question.round, entry_id=entry.id, step=entry.step,
                 how=because.step if because else "", by_default=default, members=len(members), votes=votes,
                 meeting_id=int(meeting) if meeting else None, at=case.now)
    )  # fmt: skip
