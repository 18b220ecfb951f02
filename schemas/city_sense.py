"""What must hold between the rows of a city's files: one small check each, every fault with its row and its mend."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from schemas.city_form import ANY, City
from schemas.clock import parse
from schemas.process import MACHINES, QUESTION
from schemas.rules import Role


def senseless(city: City) -> list[str]:
    """Every fault between rows, in the order of the files."""
    checks = (_twice, _steps_and_terms, _units, _offerings, _calendars, _people, _roles_filled)
    return [fault for check in checks for fault in check(city)]


def _doubles(file: str, what: str, values: Iterable[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{file}: {what} {value!r} is there {count} times; keep one"


def _twice(city: City) -> Iterator[str]:
    yield from _doubles("city.yaml and catalogue.yaml", "organisation", (row.id for row in city.organisations))
    yield from _doubles("city.yaml", "prefix", (row.prefix for row in city.city.municipalities))
    yield from _doubles("city.yaml", "challenge", (row.id for row in city.city.challenges))
    yield from _doubles("catalogue.yaml", "unit", (row.id for row in city.catalogue.units))
    yield from _doubles("catalogue.yaml", "offering", (row.id for row in city.catalogue.offerings))
    yield from _doubles("people.yaml", "address", (row.email.lower() for row in city.people.people))
    for name, calendar in city.calendar.institutions.items():
        yield from _doubles(
            "calendar.yaml", f"period of {name}", (f"{row.year} {row.code}" for row in calendar.periods)
        )


def _steps_and_terms(city: City) -> Iterator[str]:
    mandated = [name for name, step in QUESTION.steps.items() if step.mandate]
    for step in city.city.mandate:
        if step not in mandated:
            yield f"city.yaml, mandate: there is no step {step!r} to mandate; choose from {', '.join(mandated)}"
    states = {name: state for machine in MACHINES.values() for name, state in machine.states.items()}
    for name, terms in city.city.terms.items():
        known = len(states[name].due) if name in states else 0
        if name not in states:
            yield f"city.yaml, terms: there is no state {name!r}; choose from {', '.join(states)}"
        elif len(terms) > known:
            yield f"city.yaml, terms, {name}: has {len(terms)} terms where the process has {known}; leave out the last"
        yield from (f"city.yaml, terms, {name}: {fault}" for fault in _unreadable(terms))


def _unreadable(terms: Sequence[str]) -> Iterator[str]:
    for term in terms:
        try:
            parse(term)
        except ValueError as error:
            yield str(error)


def _units(city: City) -> Iterator[str]:
    institutions = {row.id for row in city.catalogue.institutions}
    for n, row in enumerate(city.catalogue.units, start=1):
        if row.institution not in institutions:
            where = f"catalogue.yaml, units, row {n} ({row.id})"
            yield f"{where}: no institution {row.institution!r}; add it or correct the id"


def _offerings(city: City) -> Iterator[str]:
    institutions = {row.id for row in city.catalogue.institutions}
    units = {(row.institution, row.id) for row in city.catalogue.units}
    codes = {name: {one.code for one in of.periods} for name, of in city.calendar.institutions.items()}
    for n, row in enumerate(city.catalogue.offerings, start=1):
        where = f"catalogue.yaml, offerings, row {n} ({row.id})"
        for name in (row.institution, *row.joint_with):
            if name not in institutions:
                yield f"{where}: no institution {name!r}; add it or correct the id"
        if row.unit and (row.institution, row.unit) not in units:
            yield f"{where}: {row.institution} has no unit {row.unit!r}; add it to units or leave it out"
        for code in row.periods:
            if code != ANY and code not in codes.get(row.institution, set()):
                yield f"{where}: calendar.yaml has no period {code!r} for {row.institution}; add it or use {ANY!r}"
        if row.weeks and row.weeks[0] > row.weeks[1]:
            yield f"{where}: weeks {list(row.weeks)}; write the shortest first"
        if row.hand_in_weeks is None and row.kind not in city.calendar.hand_in_weeks:
            yield f"{where}: no hand_in_weeks here nor for {row.kind!r} in calendar.yaml; add one of them"


def _calendars(city: City) -> Iterator[str]:
    institutions = {row.id for row in city.catalogue.institutions}
    for name in city.calendar.institutions.keys() - institutions:
        yield f"calendar.yaml, institutions, {name}: catalogue.yaml has no such institution; add it or correct the id"
    for name in sorted(institutions - city.calendar.institutions.keys()):
        yield f"calendar.yaml, institutions: {name} has no periods; add them"


def _people(city: City) -> Iterator[str]:
    known = {row.id for row in city.organisations}
    for n, row in enumerate(city.people.people, start=1):
        where = f"people.yaml, people, row {n} ({row.name})"
        if row.organisation and row.organisation not in known:
            yield f"{where}: no organisation {row.organisation!r}; add it or correct the id"
        if not row.organisation and row.roles != [Role.PUBLIC]:
            yield f"{where}: {', '.join(row.roles)} of what? Add an organisation"
        for role in {Role.CLOCK, Role.PROCESS, Role.OLD_OWNER, Role.OTHER_OWNER} & set(row.roles):
            yield f"{where}: nobody can be given the role {role}; take it out"


def _roles_filled(city: City) -> Iterator[str]:
    """People may be entered later; once some are here, the process must not wait for somebody who is not."""
    held = {(role, row.organisation) for row in city.people.people for role in row.roles}
    if not held:
        return
    for role in (Role.COORDINATOR, Role.CHAIR):
        if not any(one == role for one, _ in held):
            yield f"people.yaml: nobody is {role}; give somebody that role"
    for row in city.catalogue.institutions:
        if (Role.BROKER, row.id) not in held:
            yield f"people.yaml: {row.id} has no broker, so nobody would get its offers; add one"
