"""In the demonstration only: be any example person with one click."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from intake.access import MaybeReader, NotForYou, sign_in
from intake.pages import page
from schemas.database import reading, writing
from schemas.parties import Membership, Organisation, Person

router = APIRouter(prefix="/demo")


@router.get("/people")
async def people(request: Request, reader: MaybeReader) -> Response:
    """Everybody in the example city, by organisation."""
    query = (
        select(Person, Membership, Organisation)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(col(Person.demo).is_(True))
        .order_by(Organisation.name_nl, col(Person.id), col(Membership.id))
    )
    async with reading(request.app.state.engine) as session:
        rows = (await session.exec(query)).all()
        known = {person.id for person, _, _ in rows}
        others = select(Person).where(col(Person.demo).is_(True), col(Person.id).not_in(known)).order_by(Person.name)
        outsiders = (await session.exec(others)).all()
    groups: dict[str, dict[int, tuple[Person, list[str]]]] = {}
    for person, membership, organisation in rows:
        group = groups.setdefault(organisation.name_nl, {})
        group.setdefault(person.id, (person, []))[1].append(membership.role)
    return page(request, "demo/people.html", reader, groups=groups, outsiders=outsiders)


@router.post("/people/{person_id}")
async def become(request: Request, person_id: int) -> Response:
    """Sign in as an example person; nobody else can be become this way."""
    async with writing(request.app.state.engine) as session:
        person = await session.get(Person, person_id)
        if person is None or not person.demo:
            raise NotForYou
        response = RedirectResponse("/desk", 303)
        await sign_in(request, response, person_id, session)
    return response
