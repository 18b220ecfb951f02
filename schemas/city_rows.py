"""From a city's files to rows: each function makes one part of the tables equal to the files."""

from collections.abc import Iterator

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.city_form import City, OfferingRow
from schemas.clock import Calendar
from schemas.database import insert_once
from schemas.days_off import Closed
from schemas.parties import Closure, Cooperation, Membership, Offering, Organisation, Period, Person
from schemas.rules import Role
from schemas.subjects import Trajectory
from schemas.supply import Edition, SupplyChange, changed_by_people
from schemas.supply_form import FIELDS, flat
from schemas.versions import Rules, keep, rules_of

IN_COLUMNS = {"id", "name", "timezone", "municipalities", "partners"}


async def load_places(session: AsyncSession, city: City) -> None:
    """The cooperation, its organisations and what they offer. Raises ValueError when another one is there."""
    other = (await session.exec(select(Cooperation.id).where(Cooperation.id != city.city.id))).first()
    if other:
        raise ValueError(
            f"This installation serves {other!r} already and cannot serve {city.city.id!r} too: use another database"
        )
    await keep(session, rules_in(city))
    await session.merge(_cooperation(city))
    await session.flush()
    for organisation in _organisations(city):
        await session.merge(organisation)
    await session.flush()
    kept = set(await changed_by_people(session))  # whoever changed a row on the pages knows better than an older file
    for offering in offering_rows(city):
        if offering.id not in kept:
            await session.merge(offering)
    kept |= {row.id for row in city.catalogue.offerings}
    await session.exec(
        update(Offering).where(col(Offering.id).not_in(kept), col(Offering.offered)).values(offered=False)
    )


async def kept_rows(session: AsyncSession, city: City) -> list[tuple[str, SupplyChange, list[str]]]:
    """The offerings that loading leaves as people made them: the latest change, and in what the file differs."""
    files = {row.id: row for row in offering_rows(city)}
    found = []
    for key, change in (await changed_by_people(session)).items():
        mine, theirs = await session.get_one(Offering, key), files.get(key)
        ours, filed = flat(mine), flat(theirs) if theirs else {}
        names = [name for name in FIELDS if ours.get(name) != filed.get(name)] if theirs else ["not in the file"]
        names += ["offered"] if theirs and theirs.offered != mine.offered else []
        if names:
            found.append((key, change, names))
    return found


def _cooperation(city: City) -> Cooperation:
    own = city.city
    data = own.model_dump(mode="json", exclude=IN_COLUMNS)
    data["hand_in_weeks"] = dict(city.calendar.hand_in_weeks)
    return Cooperation(
        id=own.id, name_nl=own.name.nl, name_en=own.name.en, timezone=own.timezone, data=data,
        process_id=rules_of(data).id,
    )  # fmt: skip


def rules_in(city: City) -> Rules:
    """The version of the process that these files make."""
    return rules_of(_cooperation(city).data)


def _organisations(city: City) -> Iterator[Organisation]:
    for row in city.organisations:
        data = row.model_dump(
            mode="json", exclude={"id", "name", "kind", "prefix", "email", "website"}, exclude_none=True
        )
        calendar = city.calendar.institutions.get(row.id)
        if calendar:
            data["closed"] = [one.model_dump(mode="json") for one in calendar.closed]
            data["units"] = {unit.id: unit.name for unit in city.catalogue.units if unit.institution == row.id}
        yield Organisation(
            id=row.id,
            cooperation_id=city.city.id,
            kind=row.kind,
            name_nl=row.name.nl,
            name_en=row.name.en,
            prefix=row.prefix,
            email=row.email,
            website=str(row.website) if row.website else None,
            data=data,
        )


def offering_rows(city: City) -> Iterator[Offering]:
    """What is on offer, as rows."""
    for row in city.catalogue.offerings:
        yield Offering(
            id=row.id, institution_id=row.institution, kind=row.kind, level=row.level, name_nl=row.name.nl,
            name_en=row.name.en, offered=not row.historical, data=_details(city, row),
        )  # fmt: skip


def _details(city: City, row: OfferingRow) -> dict[str, object]:
    data = row.model_dump(mode="json", exclude={"id", "institution", "kind", "level", "name"}, exclude_none=True)
    if row.hand_in_weeks is None:
        data["hand_in_weeks"] = city.calendar.hand_in_weeks[row.kind]
    return data


async def load_terms(session: AsyncSession, city: City) -> None:
    """Periods and closed days; those that left the calendar go, unless an edition or a trajectory is in one."""
    kept = []
    for period in period_rows(city):
        kept.append(period.id)
        await session.merge(period)
    used = select(Trajectory.term_id).where(col(Trajectory.term_id).is_not(None))
    confirmed = select(Edition.term_id)
    await session.exec(
        delete(Period).where(col(Period.id).not_in(kept), col(Period.id).not_in(used), col(Period.id).not_in(confirmed))
    )
    await _load_closures(session, city)


def period_rows(city: City) -> Iterator[Period]:
    """The institutions' periods, as rows."""
    for institution, calendar in city.calendar.institutions.items():
        for row in calendar.periods:
            yield Period(id=f"{institution}:{row.year}:{row.code}", institution_id=institution, **row.model_dump())


async def _load_closures(session: AsyncSession, city: City) -> None:
    wanted = dict.fromkeys(closed_rows(city))
    there = await session.exec(select(Closure).where(Closure.cooperation_id == city.city.id))
    for row in there.all():
        key = Closed(row.starts_on, row.ends_on, row.name, row.name_en, row.kind, row.organisation_id), row.assumed
        if key in wanted:
            del wanted[key]
        else:
            await session.delete(row)
    for one, assumed in wanted:
        session.add(
            Closure(
                cooperation_id=city.city.id, organisation_id=one.of, kind=one.kind, name=one.name, name_en=one.name_en,
                starts_on=one.first, ends_on=one.last, assumed=assumed,
            )
        )  # fmt: skip


def calendar_in(city: City) -> Calendar:
    """The calendar that these files make."""
    return Calendar.made(city.city.timezone, [one for one, _ in closed_rows(city)])


def closed_rows(city: City) -> Iterator[tuple[Closed, bool]]:
    """Every span of closed days with whether it is assumed: everybody's, and each institution's own and exam weeks."""
    for row in city.calendar.closures:
        yield Closed(row.starts_on, row.ends_on, row.name, row.name_en or row.name), row.assumed
    for of, calendar in city.calendar.institutions.items():
        for row in calendar.closed:
            yield Closed(row.starts_on, row.ends_on, row.name, row.name_en or row.name, "closed", of), row.assumed
        for period in calendar.periods:
            if period.tests_from:
                yield Closed(period.tests_from, period.ends_on, "", "", "exams", of), period.assumed


async def load_people(session: AsyncSession, city: City) -> None:
    """People and their roles. Roles are only added: one that was ended in the meantime stays ended."""
    await session.flush()
    for row in city.people.people:
        email = row.email.lower()
        await insert_once(session, Person, name=row.name, email=email, language=row.language, demo=city.people.demo)
        person = (await session.exec(select(Person).where(Person.email == email))).one()
        person.name, person.language, person.phone = row.name, row.language, row.phone
        for role in row.roles:
            if row.organisation and role != Role.PUBLIC:
                await insert_once(
                    session, Membership, person_id=person.id, organisation_id=row.organisation, role=role.value
                )
