"""The facts of a letter, frozen when it is owed: everything its text may say, labels in the recipient's language."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from schemas.attachments import count_of
from schemas.case import Case
from schemas.form import FIELDS
from schemas.ledger import Entry
from schemas.meetings import Meeting, on_day
from schemas.needs import NEEDS
from schemas.parties import Organisation, Person
from schemas.places import courses, houses, periods
from schemas.roles import ids_of, in_office, offices, people
from schemas.rules import Role
from schemas.settings import settings
from schemas.standing import standing
from schemas.subjects import Question, Trajectory, handed_on
from schemas.words import choice_label, word

Source = Callable[[Case, str], Awaitable[dict[str, Any]]]
SOURCES: dict[str, Source] = {}


def facts_for(*letters: str) -> Callable[[Source], Source]:
    """Register what another room knows that these letters say; the rooms that owe letters import it."""

    def register(source: Source) -> Source:
        SOURCES.update(dict.fromkeys(letters, source))
        return source

    return register


async def more_facts(case: Case, letter: str, language: str) -> dict[str, Any]:
    """What other rooms know for a letter of this name."""
    return await SOURCES[letter](case, language) if letter in SOURCES else {}


async def facts_of(case: Case, entry: Entry, person: Person, role: Role, term: str | None = None) -> dict[str, Any]:
    """Facts as the mail room expects them; `term` is the one that ran out, for reminders."""
    common = await common_facts(case, entry, person.language, term)
    return {"recipient": person.name, "role": role.value, **common}


async def common_facts(case: Case, entry: Entry, language: str, term: str | None = None) -> dict[str, Any]:
    """The facts that are the same for everybody who reads this language."""
    question = case.question
    await meet(case, entry)
    form = question.form
    city = (await houses(case.session)).get(question.city_id or "")
    other = await case.session.get(Question, question.merged_into_id) if question.merged_into_id else None
    return {
        "cooperation": named(case.cooperation, language),
        "coordinator": await _coordinator(case),
        "ref": question.ref or "",
        "title": question.title,
        "city": named(city, language) if city else "",
        "department": form.get("department", ""),
        **{name: form.get(name, "") for name in ("situation", "wanted", "use")},
        "needed_by": form.get("needed_by"),
        "owner": await _name(case, question.owner_id),
        "submitter": await _name(case, question.submitter_id),
        "deputy": await _name(case, question.deputy_id),
        "actor": await _actor(case, entry, language),
        "actor_role": word(language, f"roles.{entry.role}"),
        "step": entry.step,
        "state": case.subject.state,
        "state_label": word(language, f"states.{case.subject.state}.label"),
        "given": await given_in_words(case, entry.needs, language),
        "now": standing(case.at(question), language).as_facts(),
        "task": _task(case, language, term),
        "trajectory": await _trajectory(case, language),
        "other": await _other(case, other),
        "files": await _files(case),
        "until": question.until.isoformat() if question.until else None,
        "version": case.subject.version,
        "timezone": case.cooperation.timezone,
        "link_expires": (case.today + timedelta(days=settings().link_days)).isoformat(),
    }


def named(thing: Any, language: str) -> str:
    """The name of an organisation, offering or cooperation in a language that it has a name in."""
    return str(getattr(thing, f"name_{language}", None) or thing.name_nl)


async def meet(case: Case, entry: Entry, roles: Iterable[Role] = ()) -> None:
    """Read everybody at once whom letters to these roles may go to or name; after this the session knows them."""
    asked, known = case.question, await offices(case.session, case.today)
    ids = {asked.owner_id, asked.submitter_id, asked.deputy_id, entry.actor_id, entry.for_id}
    ids |= {case.subject.lecturer_id} if isinstance(case.subject, Trajectory) else set()
    for role in (*roles, Role.COORDINATOR):
        ids |= {*ids_of(known, role, asked, case.concerned)}
    await people(case.session, ids)


async def _name(case: Case, person_id: int | None) -> str | None:
    person = await case.session.get(Person, person_id) if person_id else None
    return person.name if person else None


async def _actor(case: Case, entry: Entry, language: str) -> str | None:
    name, absent = await _name(case, entry.actor_id), await _name(case, entry.for_id)
    return f"{name} ({word(language, 'instead')} {absent})" if absent else name


async def _coordinator(case: Case) -> dict[str, str]:
    found = await case.once(Role.COORDINATOR, lambda: in_office(case.session, Role.COORDINATOR, case.today))
    contact = case.cooperation.data.get("contact", {})
    if found:
        return {"name": found[0].name, "email": found[0].email}
    return {"name": str(contact.get("name", "")), "email": str(contact.get("email", ""))}


async def _files(case: Case) -> int:
    attempt = case.subject.id if isinstance(case.subject, Trajectory) else None
    if not case.has_files:
        return 0
    return await case.once(f"files {attempt}", lambda: count_of(case.session, case.question.id, attempt))


def _task(case: Case, language: str, term: str | None) -> dict[str, Any]:
    day = case.day(term) if term else None
    return {
        "what": word(language, f"states.{case.subject.state}.task"),
        "since": case.calendar.local(case.subject.since).isoformat(),
        "by": day.isoformat() if day else None,
    }


async def _other(case: Case, other: Question | None) -> dict[str, Any] | None:
    return {"ref": other.ref, "title": other.title, "owner": await _name(case, other.owner_id)} if other else None


async def given_in_words(case: Case, needs: Mapping[str, Any], language: str) -> dict[str, dict[str, str]]:
    """Needs as labels and readable values, in the order of the table."""
    return {
        name: {
            "label": word(language, f"needs.{name}.label"),
            "value": await readable(case, name, value, language),
        }
        for name, value in needs.items()
        if name in NEEDS
    }


async def readable(case: Case, name: str, value: Any, language: str) -> str:
    """One value as a person would read it."""
    if NEEDS.get(name, NEEDS["note"]).kind == "ballots":
        return await _ballots(case, value, language)
    if isinstance(value, dict):
        return ", ".join(f"{choice_label(language, name, key)}: {one}" for key, one in value.items())
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    need = NEEDS.get(name) or FIELDS[name]
    if need.source in ("institutions", "targets", "cities", "offerings"):
        table: Mapping[str, Any] = await (courses if need.source == "offerings" else houses)(case.session)
        return named(table[value], language) if value in table else str(value)
    if need.source == "meetings":
        meeting = await case.session.get(Meeting, int(value))
        return on_day(meeting, case.cooperation.timezone).isoformat() if meeting else str(value)
    if need.source == "terms":
        found_term = (await periods(case.session)).get(value)
        return f"{found_term.code} {found_term.year}" if found_term else str(value)
    return choice_label(language, name, str(value))


async def _ballots(case: Case, ballots: Mapping[str, Mapping[str, str]], language: str) -> str:
    told = []
    for seat, ballot in ballots.items():
        vote = choice_label(language, "ballots", ballot["vote"])
        note = f" ({ballot['reason']})" if ballot["reason"] else ""
        told.append(f"{await _name(case, int(seat))}: {vote}{note}")
    return "; ".join(told)


async def _trajectory(case: Case, language: str) -> dict[str, Any] | None:
    if not isinstance(case.subject, Trajectory):
        return None
    one, session = case.subject, case.session
    offering = (await courses(session)).get(one.offering_id or "")
    term = (await periods(session)).get(one.term_id or "")
    lecturer = await session.get(Person, one.lecturer_id) if one.lecturer_id else None
    students = sum(one.result.get(f"students_{level}", 0) for level in ("mbo", "hbo", "wo"))
    return {
        "ref": one.ref,
        "institution": named((await houses(session))[one.institution_id], language),
        "offering": named(offering, language) if offering else None,
        "term": f"{term.code} {term.year}" if term else None,
        "starts_on": one.starts_on.isoformat() if one.starts_on else None,
        "ends_on": one.ends_on.isoformat() if one.ends_on else None,
        "lecturer": lecturer.name if lecturer else None,
        "lecturer_email": lecturer.email if lecturer else None,
        "message": one.message,
        **await _earlier(case, one, language),
        "agreed": {Role.OWNER, Role.LECTURER} <= {*one.agreed_by},
        "agreement": await _labelled(case, one.agreement, language),
        "result": await _labelled(case, one.result, language),
        "students": students or one.students_expected,
    }


async def _earlier(case: Case, one: Trajectory, language: str) -> dict[str, Any]:
    """What an earlier trajectory found, which this one goes on with."""
    earlier = await case.session.get(Trajectory, one.relay_from_id) if one.relay_from_id else None
    if earlier is None:
        return {"earlier": {}, "earlier_at": ""}
    house = await case.session.get_one(Organisation, earlier.institution_id)
    return {"earlier": await _labelled(case, handed_on(earlier), language), "earlier_at": named(house, language)}


async def _labelled(case: Case, needs: Mapping[str, Any], language: str) -> dict[str, str]:
    return {row["label"]: row["value"] for row in (await given_in_words(case, needs, language)).values()}
