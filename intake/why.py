"""Why this date: the page that tells day by day which days counted, for a question or a trajectory."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from intake.access import KnownReader
from intake.attempt import TrajectoryId
from intake.language import day, language_of, lasting, speaking
from intake.language import translate as _
from intake.pages import page
from intake.question import QuestionId
from schemas.case import Case, open_case
from schemas.clock import parse
from schemas.database import reading
from schemas.days_off import Rest
from schemas.explain import Day, Term, terms_of
from schemas.facts import named
from schemas.parties import Organisation
from schemas.rules import Due
from schemas.subjects import Question, Subject, Trajectory
from schemas.words import word

router = APIRouter()


@router.get("/questions/{ref}/clock")
async def of_question(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """The terms of a question's present state."""
    return await _show(request, reader, Question, subject_id)


@router.get("/trajectories/{ref}/clock")
async def of_trajectory(request: Request, reader: KnownReader, ref: str, subject_id: TrajectoryId) -> Response:
    """The terms of a trajectory's present state."""
    return await _show(request, reader, Trajectory, subject_id)


async def _show(request: Request, reader: KnownReader, table: type[Subject], subject_id: int) -> Response:
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(table, subject_id))
        house = ""
        if isinstance(case.subject, Trajectory):
            house = named(await session.get_one(Organisation, case.subject.institution_id), language)
        with speaking(language):
            terms = [_told(case, term, house, language) for term in terms_of(case)]
        subject, path = case.subject, "questions" if case.subject is case.question else "trajectories"
        return page(
            request, "clock.html", reader, question=case.question, subject=subject, back=f"/{path}/{subject.ref}",
            terms=terms, timing=case.timing, rules=case.process, current=case.cooperation.process_id,
            state=word(language, f"states.{subject.state}.label"), since=case.calendar.local(subject.since),
        )  # fmt: skip


def _told(case: Case, term: Term, house: str, language: str) -> dict[str, Any]:
    return {
        "what": what(term.row, language), "rule": _rule(term), "ends": term.ends, "begins": term.begins,
        "extra": term.extra, "status": "done" if term.done else "idle" if term.idle else "next" if term.next else "",
        "every": parse(term.row.at)[2] != "wd", "rows": list(_rows(term, house, language)),
        "paused": case.timing.until if term.next else None,
    }  # fmt: skip


def what(row: Due, language: str) -> str:
    """What happens when a term ends, in a few words."""
    if row.take:
        return word(language, f"steps.{row.take}.label")
    to = ", ".join(word(language, f"roles.{role}") for role in (row.tell.to if row.tell else ()))
    if row.tell and row.tell.letter == "reminder":
        return _("Reminder to: %(people)s") % {"people": to}
    return _("Letter to: %(people)s") % {"people": to}


def _rule(term: Term) -> str:
    anchor, n, unit = parse(term.row.at)
    length = lasting(f"{abs(n)} {unit}") if n else ""
    said = {
        "since": _("%(length)s after it came here"), "until": _("%(length)s before the agreed date"),
        "start": _("%(length)s after the start"), "end": _("%(length)s after the end of the course"),
        "midway": _("%(length)s after half-way"),
    }  # fmt: skip
    days = {
        "until": _("On the agreed date"), "start": _("On the first day of the course"),
        "end": _("On the last day of the course"), "midway": _("Half-way through the course"),
    }  # fmt: skip
    return said[anchor] % {"length": length} if n else days.get(anchor, "")


def _rows(term: Term, house: str, language: str) -> Iterator[dict[str, Any]]:
    """A row for each day that counts, and one for every run of days that do not for the same reason."""
    every = parse(term.row.at)[2] != "wd"
    for (counts, rest), found in groupby(term.days, key=lambda one: (one.number is not None, one.rest)):
        days = list(found)
        if counts and not every:
            yield from (_row([one], "", term) for one in days)
        else:
            yield _row(days, _why(rest, house, language) if rest else "", term)


def _row(days: list[Day], why: str, term: Term) -> dict[str, Any]:
    first, last = days[0].day, days[-1].day
    said = day(first) if first == last else _("%(first)s to %(last)s") % {"first": day(first), "last": day(last)}
    return {"days": said, "number": days[-1].number, "why": why, "last": last == term.ends}


def _why(rest: Rest, house: str, language: str) -> str:
    name = rest.name_en if language == "en" and rest.name_en else rest.name
    if rest.why == "exams":
        return _("exam weeks of %(institution)s") % {"institution": house}
    if rest.why == "closed":
        return f"{name} ({house})"
    return name or {"weekend": _("weekend"), "suspended": _("the clock stood still")}.get(rest.why, "")
