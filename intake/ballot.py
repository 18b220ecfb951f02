"""One question on the meeting screen: everybody's votes in one go, then the decision by the city's rules."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData

from intake.access import KnownReader
from intake.choices import step_options
from intake.fields import message, read_form, step_fields, summary
from intake.hosting import check_reader, is_host, meeting_seen, shown
from intake.language import language_of
from intake.pages import page
from intake.rows import reference
from intake.screen import STEP, Item, items_of, silent_seats, taken_seats
from intake.sight import Reader
from intake.trouble import NotFound
from reports.agenda import agenda_in
from reports.decided import decision_row
from schemas.case import Case, open_case
from schemas.committee import votes_of, why_undecided
from schemas.database import reading, writing
from schemas.meetings import Meeting
from schemas.needs import NEEDS, VOTES, Fault, FaultyNeeds
from schemas.process import QUESTION
from schemas.rules import Step
from schemas.steps import Actor, take_step
from schemas.subjects import Question
from schemas.words import choice_label, word

router = APIRouter(prefix="/meetings/{meeting_id}")
JOINT = [one for one in QUESTION.steps[STEP].needs.split() if one not in ("meeting", "ballots")]
TERMS = Step({}, (), " ".join(JOINT))  # what is agreed on together
Typed = dict[str, Any]


@router.get("/screen/{ref}")
async def ballot(request: Request, reader: KnownReader, meeting_id: int, ref: str) -> Response:
    """The question large, the votes below it."""
    return await _show(request, reader, meeting_id, ref, None, [])


@router.post("/screen/{ref}")
async def recorded(request: Request, reader: KnownReader, meeting_id: int, ref: str) -> Response:
    """Record everybody's votes."""
    check_reader(reader, host=True)
    meeting = await meeting_seen(request, reader, meeting_id)
    async with request.form() as sent:
        typed = _read(sent)
    try:
        async with writing(request.app.state.engine) as session:
            item = await _item(session, reader, meeting, ref)
            silent = [str(one.member.id) for one in await silent_seats(session, item.question, meeting)]
            given = typed["terms"] | {"meeting": str(meeting_id), "ballots": _ballots(typed, silent)}
            await take_step(session, item.question, STEP, Actor(reader.person.id), given)
    except FaultyNeeds as error:
        return await _show(request, reader, meeting_id, ref, typed, error.faults)
    return RedirectResponse(f"/meetings/{meeting_id}/screen/{reference(ref)}?done=1", 303)


def _read(sent: FormData) -> Typed:
    def texts(prefix: str) -> dict[str, str]:
        return {key.removeprefix(prefix): str(value).replace("\x00", "").strip()
                for key, value in sent.items() if key.startswith(prefix)}  # fmt: skip

    return {"votes": texts("ballot-"), "notes": texts("note-"), "all": str(sent.get("all", "")),
            "terms": read_form({name: NEEDS[name] for name in TERMS.need_names}, sent)}  # fmt: skip


def _ballots(typed: Typed, silent: list[str]) -> dict[str, dict[str, str]]:
    """What was chosen for each, and for those who have not voted what everybody voted, when that was pressed."""
    chosen = {seat: vote for seat, vote in typed["votes"].items() if vote}
    if typed["all"] in VOTES:
        chosen = dict.fromkeys(silent, typed["all"]) | chosen
    return {seat: {"vote": vote, "reason": typed["notes"].get(seat, "")} for seat, vote in chosen.items()}


async def _item(session: AsyncSession, reader: Reader, meeting: Meeting, ref: str) -> Item:
    found = [one for one in await items_of(session, reader, meeting) if one.question.ref == reference(ref)]
    if not found:
        raise NotFound("question", ref)
    return found[0]


async def _show(
    request: Request, reader: Reader, meeting_id: int, ref: str, typed: Typed | None, faults: list[Fault]
) -> Response:
    meeting = await meeting_seen(request, reader, meeting_id)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        items = await items_of(session, reader, meeting)
        item = await _item(session, reader, meeting, ref)
        case = await open_case(session, item.question)
        fields = step_fields(language, TERMS, (typed or {}).get("terms") or _advised(item.question), faults,
                             await step_options(case, TERMS, language))  # fmt: skip
        said = {fault.field: message(language, fault) for fault in faults}
        seats = await _seats(session, case, meeting, typed, said, language)
        return page(
            request, "meetings/ballot.html", reader, status=400 if faults else 200, theme_class="sv-screen",
            meeting=await shown(session, meeting, language),
            row=await (await agenda_in(session, language)).row(item.question),
            decided=await decision_row(session, item.decision, language) if item.decision else None,
            lacks=await why_undecided(case), seats=seats, fields=fields,
            choices=[{"value": one, "label": choice_label(language, "ballots", one)} for one in VOTES],
            host=is_host(reader) and meeting.open and item.decision is None, faults=_summary(said, fields, language),
            done=request.query_params.get("done"), **_around(items, item),
        )  # fmt: skip


def _advised(question: Question) -> Mapping[str, Any]:
    return {name: question.advice.get(name, "") for name in ("route", "target")}


async def _seats(
    session: AsyncSession, case: Case, meeting: Meeting, typed: Typed | None, said: Mapping[str, str], language: str
) -> list[dict[str, Any]]:
    """Each seat with its vote so far, and what has been typed for it."""
    votes = {one.person_id: one for one in await votes_of(case)}
    rows = []
    for seat, there in await taken_seats(session, meeting):
        key, vote = str(seat.member.id), votes.get(seat.member.id)
        chosen = typed["votes"].get(key, "") if typed else (vote.vote if vote else "")
        note = typed["notes"].get(key, "") if typed else (vote.reason if vote else "")
        rows.append({"seat": seat, "there": there, "key": key, "chosen": chosen, "note": note,
                     "personal": bool(vote and vote.recorded_by_id is None), "error": said.get(f"ballots.{key}", ""),
                     "voted": choice_label(language, "ballots", vote.vote) if vote else ""})  # fmt: skip
    return rows


def _summary(said: Mapping[str, str], fields: list[dict[str, Any]], language: str) -> list[dict[str, str]]:
    """Every fault, each leading to where it can be mended."""
    others = {field: text for field, text in said.items() if field not in TERMS.need_names}
    told = [{"href": f"#{field.replace('ballots.', 'ballot-')}", "text": f"{_label(field, language)}: {text}"}
            for field, text in others.items()]  # fmt: skip
    return told + summary(language, fields)


def _label(field: str, language: str) -> str:
    return word(language, f"needs.{field.partition('.')[0]}.label")


def _around(items: list[Item], item: Item) -> dict[str, Any]:
    refs = [one.question.ref or "" for one in items]
    at = refs.index(item.question.ref or "")
    return {"number": at + 1, "total": len(refs), "previous": refs[at - 1] if at else "",
            "next": refs[at + 1] if at + 1 < len(refs) else ""}  # fmt: skip
