"""In what capacity somebody acts: in a role of their own, else in the place of somebody who is away."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlmodel import col, select

from schemas.absence import away_on, in_whose_place
from schemas.case import Case
from schemas.ledger import Entry
from schemas.roles import memberships, roles_towards
from schemas.rules import Role, Step
from schemas.subjects import Trajectory


class Capacity(NamedTuple):
    """A role, and whose it is when it is not the actor's own."""

    role: Role
    for_id: int | None = None


async def capacities(case: Case, person_id: int) -> Sequence[Capacity]:
    """Every capacity that a person has towards the case's subject, their own first."""
    found = []
    away = await away_on(case.session, case.today)
    for holder in (person_id, *in_whose_place(away, person_id)):
        held = await memberships(case.session, holder, case.today)
        roles = roles_towards((holder,), held, case.question, case.concerned)
        found += [Capacity(role, holder if holder != person_id else None) for role in roles]
    return found


def fitting(case: Case, step: Step, may: Sequence[Role], mine: Collection[Capacity]) -> Capacity | None:
    """The capacity in which somebody takes a step: the first of the table, an own role before another's."""
    order = {role: n for n, role in enumerate(may)}
    able = sorted((one for one in mine if one.role in order), key=lambda one: (one.for_id or 0, order[one.role]))
    # Where each party has to agree, somebody who is both speaks for the one that has not spoken yet.
    if step.each and isinstance(case.subject, Trajectory):
        able.sort(key=lambda one: one.role in case.attempt.agreed_by)
    return able[0] if able else None


async def same_eyes(case: Case, step: Step, person_id: int, chosen: Capacity) -> bool:
    """Whether a human would be both of the two people that must look, because they stand in for one of them."""
    if not step.four_eyes or not isinstance(case.subject, Trajectory):
        return False
    query = select(Entry).where(
        Entry.trajectory_id == case.subject.id, col(Entry.step).in_(step.four_eyes.split()), Entry.role != chosen.role
    )
    latest = {(one.step, one.role): one for one in await case.session.exec(query.order_by(col(Entry.id)))}
    spoken = getattr(case.subject, step.done_by) if step.done_by else {role for _, role in latest}
    return any(
        one.actor_id == person_id and role in spoken and (one.for_id or chosen.for_id)
        for (_, role), one in latest.items()
    )
