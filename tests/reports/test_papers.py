"""The papers: what the agenda holds, what the PDF says, and that nothing people wrote is read as anything but text."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from reports.agenda import agenda_in
from reports.papers import decision_list, pack
from reports.pdf import file_name, pdf, words
from schemas.database import reading, writing
from schemas.moment import now
from schemas.planning import close
from schemas.words import languages
from tests.cast import Cast
from tests.sitting import ballots, sitting
from tests.story import Story

NASTY = 'Kijk: #panic("x") *vet* _schuin_ $1+1$ `code` @ref <lab> // weg /* = Kop \\ - punt "aanhaling" é € 你'
TITLE = "Waar stallen wij fietsen? #evil[*x*]"


def text_of(paper: dict[str, Any], folder: Path) -> str:
    """The words of a PDF, as a reader of PDFs finds them."""
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext; to run this too: apt-get install poppler-utils")
    (folder / "paper.pdf").write_bytes(pdf(paper))
    done = subprocess.run(
        ["pdftotext", "-raw", "paper.pdf", "-"], cwd=folder, capture_output=True, text=True, check=True
    )
    return re.sub(r"\s+", " ", done.stdout)


async def test_the_agenda_builds_itself(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        before = await tell.triage(session, title=TITLE)
        await tell.take(session, before, "vote", cast.lars, vote="reject", reason="Te groot.")
        await tell.screening(session)
        await tell.rejected(session)
        twice = await tell.matching(session)
        for house in ("ut", "saxion"):
            await tell.declined(session, twice, house)
        await tell.declined(session)
        risky = await tell.running(session)
        await tell.take(session, risky, "report_midterm", cast.chen, progress="at_risk", note="Geen toestemming.")
        await tell.running(session)
    async with reading(engine) as session:
        agenda = await agenda_in(session, "nl")
        [row] = await agenda.to_decide()
        assert (row["ref"], row["title"], row["advice"]) == (before.ref, TITLE, "Aannemen")
        assert row["votes"] == [{"person": cast.lars.id, "name": cast.lars.name, "vote": "reject", "label": "Afwijzen",
                                 "reason": "Te groot."}]  # fmt: skip
        assert [(one["ref"], one["times"]) for one in await agenda.declined_twice()] == [(twice.ref, 2)]
        assert [(one["ref"], one["note"]) for one in await agenda.at_risk()] == [(risky.ref, "Geen toestemming.")]
        assert await agenda.waits_for_education() == []


async def test_what_waits_long_for_a_course_is_told(engine: AsyncEngine, tell: Story, clock: Any) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
    clock.shift(35 * 86400)
    async with reading(engine) as session:
        assert [one["ref"] for one in await (await agenda_in(session, "en")).waits_for_education()] == []
    clock.shift(21 * 86400)  # the Christmas holidays did not count
    async with reading(engine) as session:
        assert [one["ref"] for one in await (await agenda_in(session, "en")).waits_for_education()] == [question.ref]


@pytest.mark.parametrize("language", languages())
async def test_the_pack_says_it_as_it_was_written(
    engine: AsyncEngine, tell: Story, cast: Cast, tmp_path: Path, language: str, clock: Any
) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session, title=TITLE, situation=NASTY)
        await tell.take(session, question, "vote", cast.lars, vote="reject", reason=NASTY)
        meeting = await sitting(session, cast)
        paper = await pack(session, meeting, language)
    text = text_of(paper, tmp_path)
    shown = NASTY.replace("你", "")  # a sign that the fonts of the paper do not have
    assert text.count(re.sub(r"\s+", " ", shown).strip()) >= 1
    assert b"pdfuaid" in pdf(paper | {"items": []})
    assert TITLE in text
    by = {"nl": "Beslissen uiterlijk: dinsdag 15 december 2026", "en": "To be decided by: Tuesday 15 December 2026"}
    assert by[language] in text
    assert pdf(paper) == pdf(paper)
    assert file_name(paper).endswith(f"{paper['meeting']['day']}.pdf")


@pytest.mark.parametrize("language", languages())
async def test_the_decision_list_has_the_minority_and_what_is_still_open(
    engine: AsyncEngine, tell: Story, cast: Cast, tmp_path: Path, language: str
) -> None:
    async with writing(engine) as session:
        meeting = await sitting(session, cast)
        first, second, third = [await tell.triage(session) for _ in range(3)]
        votes = ballots("accept", *cast.committee[:4]) | ballots("reject", cast.olga, olga=NASTY)
        await tell.take(session, first, "decide_in_meeting", cast.bram, meeting=str(meeting.id), ballots=votes)
        few = ballots("accept", cast.lars)
        await tell.take(session, second, "decide_in_meeting", cast.bram, meeting=str(meeting.id), ballots=few)
        await tell.take(session, third, "reject", cast.bram)
        close(meeting, now())
        await session.flush()
        paper = await decision_list(session, meeting, language)
    assert [one["ref"] for one in paper["decided"]] == [first.ref]
    assert [one["ref"] for one in paper["open"]] == [second.ref]
    assert [(one["ref"], one["how"]) for one in paper["between"]] == [(third.ref, "")]
    [one] = paper["decided"]
    assert (one["for"], one["against"], one["votes"], one["members"]) == (4, 1, 5, 6)
    assert [(who["name"], who["reason"]) for who in one["minority"]] == [(cast.olga.name, NASTY)]
    text = text_of(paper, tmp_path)
    assert words(language)["minority"] in text
    assert words(language)["by_mandate"] in text


def test_both_languages_have_the_same_words() -> None:
    assert words("nl").keys() == words("en").keys()
    assert all(all(words(language).values()) for language in languages())
