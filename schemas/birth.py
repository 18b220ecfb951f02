"""How questions, their parts and trajectories come into being, each with a reference of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case, cooperation_of, open_case, take_up
from schemas.effects import effect, organisation, refuse
from schemas.form import check_form
from schemas.ledger import Entry
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.places import houses
from schemas.references import next_reference
from schemas.roles import people_named
from schemas.rules import NEW
from schemas.running import set_going
from schemas.subjects import Question, Trajectory, apart


async def begin_draft(session: AsyncSession, language: str, form: Mapping[str, Any] | None = None) -> Question:
    """A new draft; nobody owns it yet, whoever holds its link may fill it in."""
    question = Question(language=language, form=dict(form or {}))
    session.add(question)
    await session.flush()
    case = await open_case(session, question, alone=True)
    question.process_id = case.cooperation.process_id
    set_going(case)
    return question


async def fill(session: AsyncSession, question: Question, form: Mapping[str, Any], at: datetime | None = None) -> None:
    """Turn a draft's form into the columns of a question with a reference. Raises FaultyNeeds with every fault."""
    clean = check_form(form)
    city = (await houses(session)).get(clean["city"])
    cooperation = await cooperation_of(session)
    faults = [] if city and city.kind == "municipality" else [Fault("city", "unknown")]
    known = {one["id"] for one in cooperation.data.get("challenges", [])} | {"unknown"}
    faults += [] if clean["challenge"] in known else [Fault("challenge", "unknown")]
    if faults or city is None:
        raise FaultyNeeds(faults)
    named = [role for role in ("submitter", "owner", "deputy", "manager") if clean.get(f"{role}_email")]
    names = [(str(clean[f"{role}_name"]), str(clean[f"{role}_email"])) for role in named]
    people = dict(zip(named, await people_named(session, names, question.language), strict=True))
    question.ref = await next_reference(session, city.prefix or city.id[:2].upper(), (at or now()).year)
    question.process_id = cooperation.process_id  # only now has anything been promised
    question.city_id, question.title, question.form = city.id, clean["title"], clean
    question.challenge = clean["challenge"]
    question.submitter_id, question.owner_id = people["submitter"].id, people["owner"].id
    question.deputy_id = people["deputy"].id
    question.manager_id = people["manager"].id if "manager" in people else None
    question.owner_confirmed = people["owner"].id == people["submitter"].id
    question.search = searchable(question)


def searchable(question: Question) -> str:
    """What the search box looks through."""
    parts = [
        question.ref or "",
        question.title,
        *(str(question.form.get(name, "")) for name in ("situation", "wanted", "use")),
    ]
    return " ".join([*parts, str(question.form.get("department", ""))]).lower()


async def new_trajectory(session: AsyncSession, question: Question, given: Mapping[str, Any]) -> Trajectory:
    """A trajectory that is about to be offered. Raises FaultyNeeds when the institution is not known."""
    return (await beginning(session, question, given)).attempt


async def beginning(session: AsyncSession, question: Question, given: Mapping[str, Any], *, held: bool = False) -> Case:
    """The case of a trajectory that is about to be offered. `held`: as `take_up`. Raises as `new_trajectory`."""
    institution = str(given.get("institution") or "")
    if not institution:
        raise refuse("institution", "missing")
    case = await take_up(session, question, held=held)  # two offers at once would count the same trajectories
    await organisation(case, {"institution": institution}, "institution", {"wo", "hbo", "mbo", "art"})
    trajectory = Trajectory(
        ref=f"{question.ref}.{len(case.trajectories) + 1}", question_id=question.id, institution_id=institution,
        state=NEW, process_id=question.process_id,
    )  # fmt: skip
    session.add(trajectory)
    await session.flush()
    case.trajectories.append(trajectory)
    return case.at(trajectory)


@effect("split")
async def split(case: Case, given: Mapping[str, Any], role: str) -> None:
    """Each part is a question of its own, in the same state, with the whole as its parent."""
    whole = case.question
    whole.lead_id = (await organisation(case, given, "lead", {"wo", "hbo", "mbo", "art"})).id
    city = (await houses(case.session))[whole.city_id or ""]
    for title in given["parts"]:
        part = apart(whole, id=None, import_mark=None, version=1, part_of_id=whole.id, title=title, since=case.now)
        part.ref = await next_reference(case.session, city.prefix or city.id[:2].upper(), case.today.year)
        part.form = whole.form | {"title": title}
        part.search = searchable(part)
        part.clock, part.due_n = {}, 0
        set_going(case.at(part))
        case.session.add(part)
        await case.session.flush()
        case.session.add(
            Entry(question_id=part.id, version=1, step="split", from_state=whole.state, to_state=part.state, role=role,
                  needs={"parts": [title], "lead": given["lead"]}, at=case.now, process_id=part.process_id)
        )  # fmt: skip
