"""People: for an administrator everybody, for an organisation's own contact those of the organisation."""

from datetime import timedelta
from typing import Any

from babel import Locale
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.fields import message
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.access import SignInLink
from schemas.case import cooperation_of
from schemas.database import reading, writing
from schemas.facts import named
from schemas.form import FIELDS
from schemas.handing_over import hand_over
from schemas.ledger import Letter
from schemas.letters import new_message_id
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, check, model_of
from schemas.parties import Membership, Organisation, Person
from schemas.people import GIVEN, PeopleChange, end_role, give, leave, may_give, note, open_work
from schemas.roles import person_named
from schemas.rules import Role
from schemas.steps import Actor
from schemas.subjects import Question
from schemas.words import languages, word

router = APIRouter(prefix="/people")
LASTS = timedelta(days=14)  # of the link in an invitation
ASKED = {"name": FIELDS["submitter_name"], "email": FIELDS["submitter_email"], "language": FIELDS["language"],
         "role": FIELDS["submitter_name"], "organisation": FIELDS["submitter_name"]}  # fmt: skip
INVITATION = model_of(ASKED, frozenset(ASKED), "Invitation")


def is_admin(reader: Reader) -> bool:
    return any(one.role == Role.ADMIN for one in reader.own)


def houses(reader: Reader) -> set[str]:
    """The organisations whose people this reader sees to, besides an administrator's all."""
    return {one.organisation_id for one in reader.own if one.role in (Role.BROKER, Role.PARTNER)}


def sees_to_people(reader: Reader) -> bool:
    return is_admin(reader) or bool(houses(reader))


async def _rows(session: AsyncSession, reader: Reader) -> list[tuple[Person, Membership, Organisation]]:
    query = select(Person, Membership, Organisation).join(Membership, col(Membership.person_id) == Person.id)
    query = query.join(Organisation, col(Organisation.id) == Membership.organisation_id)
    query = query.where(col(Membership.ended_on).is_(None), col(Person.left_on).is_(None))
    if not is_admin(reader):
        query = query.where(col(Organisation.id).in_(houses(reader)))
    return list(await session.exec(query.order_by(Organisation.name_nl, Person.name, col(Membership.id))))


@router.get("")
async def everybody(request: Request, reader: KnownReader) -> Response:
    """The list, and inviting somebody."""
    return await _list(request, reader, {}, [])


async def _list(request: Request, reader: Reader, typed: dict[str, str], faults: list[Fault]) -> Response:
    if not sees_to_people(reader):
        raise NotForYou
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        rows = [{"person": person, "house": named(house, language), "role": word(language, f"roles.{one.role}")}
                for person, one, house in await _rows(session, reader)]  # fmt: skip
        found = (await session.exec(select(Organisation).order_by(Organisation.name_nl))).all()
    mine = [one for one in found if is_admin(reader) or one.id in houses(reader)]
    roles = [role for role in GIVEN if any(may_give(reader.own, role, one) for one in mine)]
    said = {fault.field: message(language, fault) for fault in faults}
    return page(
        request, "people/list.html", reader, status=400 if faults else 200, rows=rows, typed=typed, said=said,
        houses=[{"value": one.id, "label": named(one, language)} for one in mine],
        roles=[{"value": one.value, "label": word(language, f"roles.{one}")} for one in roles],
        tongues=[{"value": one, "label": Locale.parse(one).get_display_name(language)} for one in languages()],
        faults=[{"href": f"#{field}", "text": text} for field, text in said.items()],
        done=request.query_params.get("done"),
    )  # fmt: skip


@router.post("")
async def invite(request: Request, reader: KnownReader) -> Response:
    """Give somebody a role and write to them; who is not known yet becomes known."""
    if not sees_to_people(reader):
        raise NotForYou
    async with request.form() as sent:
        typed = {name: str(sent.get(name, "")).strip() for name in ASKED}
    try:
        clean = check(INVITATION, typed)
        async with writing(request.app.state.engine) as session:
            house = await session.get(Organisation, clean["organisation"])
            role = Role(clean["role"]) if clean["role"] in list(Role) else Role.PUBLIC
            if house is None or not may_give(reader.own, role, house):
                raise FaultyNeeds([Fault("role", "not_given")])
            person = await person_named(session, clean["name"], clean["email"], clean["language"])
            if await give(session, reader.person.id, person, role, house):
                await _write(session, reader, person, role, house)
    except FaultyNeeds as error:
        return await _list(request, reader, typed, error.faults)
    return RedirectResponse("/people?done=invited", 303)


async def _write(session: AsyncSession, reader: Reader, person: Person, role: Role, house: Organisation) -> None:
    link = SignInLink(person_id=person.id, next="/desk", expires_at=now() + LASTS)
    session.add(link)
    await session.flush()
    cooperation = await cooperation_of(session)
    contact = cooperation.data.get("contact", {})
    facts = {
        "role": role.value, "coordinator": {name: str(contact.get(name, "")) for name in ("name", "email")},
        "recipient": person.name, "actor": reader.person.name, "actor_role": word(person.language, f"roles.{role}"),
        "cooperation": named(cooperation, person.language), "city": named(house, person.language),
        "sign_in_link_id": link.id, "link_expires": link.expires_at.date().isoformat(),
    }  # fmt: skip
    session.add(
        Letter(name="invited", recipient_id=person.id, email=person.email, language=person.language, facts=facts,
               message_id=new_message_id(), expires_at=link.expires_at)
    )  # fmt: skip
    note(session, reader.person.id, person.id, "invited")


async def _person(session: AsyncSession, reader: Reader, person_id: int) -> Person:
    person = await session.get(Person, person_id) if 0 < person_id < 2**31 else None
    if not sees_to_people(reader) or (not is_admin(reader) and person_id not in await _seen(session, reader)):
        raise NotForYou
    if person is None:
        raise NotFound("page")
    return person


async def _seen(session: AsyncSession, reader: Reader) -> set[int]:
    return {person.id for person, _, _ in await _rows(session, reader)}


@router.get("/{person_id}")
async def one(request: Request, reader: KnownReader, person_id: int) -> Response:
    """Somebody: roles, open work, and what was done to their rights."""
    return await _one(request, reader, person_id, [])


async def _one(request: Request, reader: Reader, person_id: int, faults: list[Fault], email: str = "") -> Response:
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        person = await _person(session, reader, person_id)
        held = [(row, house) for who, row, house in await _rows(session, reader) if who.id == person_id]
        work = await open_work(session, person_id) if is_admin(reader) else []
        history = select(PeopleChange, Person.name).join(Person, col(Person.id) == PeopleChange.actor_id)
        history = history.where(PeopleChange.person_id == person_id).order_by(col(PeopleChange.id).desc()).limit(50)
        past = [(row, name) for row, name in await session.exec(history)]
    roles: list[dict[str, Any]] = [
        {"id": row.id, "role": word(language, f"roles.{row.role}"), "house": named(house, language),
         "may": may_give(reader.own, Role(row.role), house)}
        for row, house in held
    ]  # fmt: skip
    return page(
        request, "people/one.html", reader, status=400 if faults else 200, who=person, roles=roles, past=past,
        work=[{"role": word(language, f"roles.{role}"), "ref": row.ref,
               "href": f"/{'questions' if isinstance(row, Question) else 'trajectories'}/{row.ref}"}
              for role, row in work],
        admin=is_admin(reader), done=request.query_params.get("done"),
        faults=[{"href": f"#{fault.field if fault.field == 'email' else 'roles'}", "text": message(language, fault)}
                for fault in faults],
        typed=email, email_error=next((message(language, one) for one in faults if one.field == "email"), ""),
    )  # fmt: skip


@router.post("/{person_id}/roles/{membership_id}/end")
async def role_ended(request: Request, reader: KnownReader, person_id: int, membership_id: int) -> Response:
    """End one role, from today on."""
    try:
        async with writing(request.app.state.engine) as session:
            await _person(session, reader, person_id)
            row = await session.get(Membership, membership_id) if 0 < membership_id < 2**31 else None
            if row is None or row.person_id != person_id or row.ended_on is not None:
                raise NotFound("page")
            house = await session.get_one(Organisation, row.organisation_id)
            if not may_give(reader.own, Role(row.role), house):
                raise NotForYou
            await end_role(session, reader.person.id, row, now().date())
    except FaultyNeeds as error:
        return await _one(request, reader, person_id, error.faults)
    return RedirectResponse("/people?done=ended", 303)


@router.post("/{person_id}/hand-over")
async def handed_over(request: Request, reader: KnownReader, person_id: int) -> Response:
    """Everything open that bears somebody's name goes to another person, by steps in the ledger."""
    if not is_admin(reader):
        raise NotForYou
    async with request.form() as sent:
        email = str(sent.get("email", "")).strip().lower()
    try:
        async with writing(request.app.state.engine) as session:
            leaver = await _person(session, reader, person_id)
            successor = (await session.exec(select(Person).where(Person.email == email))).first()
            if successor is None:
                raise FaultyNeeds([Fault("email", "nobody_known" if email else "missing")])
            await hand_over(session, Actor(reader.person.id), leaver, successor, now().date())
    except FaultyNeeds as error:
        return await _one(request, reader, person_id, error.faults, email)
    return RedirectResponse(f"/people/{person_id}?done=handed_over", 303)


@router.post("/{person_id}/leave")
async def left(request: Request, reader: KnownReader, person_id: int) -> Response:
    """Somebody leaves altogether: for an administrator to say."""
    if not is_admin(reader):
        raise NotForYou
    try:
        async with writing(request.app.state.engine) as session:
            await leave(session, reader.person.id, await _person(session, reader, person_id), now().date())
    except FaultyNeeds as error:
        return await _one(request, reader, person_id, error.faults)
    return RedirectResponse("/people?done=left", 303)
