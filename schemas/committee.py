"""The committee's votes: recorded one by one, decided as soon as the outcome is certain."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from schemas.case import Case
from schemas.effects import effect, future, organisation
from schemas.needs import Fault, FaultyNeeds
from schemas.process import QUESTION
from schemas.roles import people_of
from schemas.rules import Role
from schemas.subjects import Vote
from schemas.voting import NO_CHOICE, Voting


@effect("vote")
async def vote(case: Case, given: Mapping[str, Any], role: str) -> None:
    if given["vote"] not in NO_CHOICE:
        await _check_choice(case, given)


async def _check_choice(case: Case, given: Mapping[str, Any]) -> None:
    # Found only when it is carried out, a fault in one vote would be in the way of everybody else's.
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


async def record_vote(case: Case, given: Mapping[str, Any], person_id: int) -> None:
    """Keep this member's vote of this round, in place of an earlier one."""
    query = select(Vote).where(
        Vote.question_id == case.question.id, Vote.round == case.question.round, Vote.person_id == person_id
    )
    row = (await case.session.exec(query)).first()
    row = row or Vote(question_id=case.question.id, round=case.question.round, person_id=person_id, vote="")
    row.vote, row.reason, row.needs, row.at = given["vote"], given.get("reason", ""), dict(given), case.now
    case.session.add(row)
    await case.session.flush()


async def votes_of(case: Case) -> Sequence[Vote]:
    """The votes of the present round, oldest first."""
    query = select(Vote).where(Vote.question_id == case.question.id, Vote.round == case.question.round)
    return (await case.session.exec(query.order_by(col(Vote.at), col(Vote.id)))).all()


async def decision(case: Case, *, closing: bool = False) -> tuple[str, dict[str, Any]] | None:
    """The step that the votes have decided on and what it needs, or None. `closing`: no more votes are waited for."""
    members = {
        one.id
        for role in (Role.COMMITTEE, Role.CHAIR)
        for one in await people_of(case.session, role, case.question, [], case.today)
    }
    chairs = [one.id for one in await people_of(case.session, Role.CHAIR, case.question, [], case.today)]
    votes = [one for one in await votes_of(case) if one.person_id in members]
    rules, cast = Voting.of(case.rules), {one.person_id: one.vote for one in votes}
    settle = rules.outcome if closing else rules.decided
    won = settle(cast, members, chairs[0] if chairs else None)
    if won is None:
        return by_default(case) if closing else None
    winners = [one for one in votes if one.vote == won]
    leading = next((one for one in winners if one.person_id in chairs), winners[0])
    needs = with_advice(case, leading.needs)
    if "until" in needs:  # a date that has gone by since the vote: held until tomorrow
        needs["until"] = max(needs["until"], (case.today + timedelta(days=1)).isoformat())
    return won, needs


def by_default(case: Case) -> tuple[str, dict[str, Any]] | None:
    """The step that the city's rules take when the term of a vote ends without a decision, and what it needs."""
    name = case.rules.get("default_at_deadline", "none")
    if name == "none":
        return None
    filled = with_advice(case, {"vote": name})
    return (name, filled) if QUESTION.steps[name].required <= filled.keys() else None
