"""The committee's papers: the agenda as it stands is frozen and owed to everybody, once, when its day has come."""

from prefect import flow, task
from sqlmodel import col, select

from flows.telling import FLOW, SAFE, report
from flows.work import Work, at_work
from reports.papers import in_all_languages, pack
from schemas.database import reading, writing
from schemas.meeting_letters import owe_all
from schemas.meetings import Meeting, pack_due
from schemas.moment import now
from schemas.planning import locked


@flow(name="committee_pack", **FLOW)
async def committee_pack() -> int:
    """Owe the pack of every meeting that is near; how many meetings. The letters themselves go out with `deliver`."""
    async with at_work("committee_pack") as work:
        for meeting_id in await near(work):
            await freeze_and_owe(work, meeting_id)
        return await report(work)


@task(**SAFE)
async def near(work: Work) -> list[int]:
    """The meetings whose papers are due, soonest first."""
    async with reading(work.engine) as session:
        query = select(Meeting.id).where(pack_due(now())).order_by(col(Meeting.begins_at))
        return list(await session.exec(query))


@task(**SAFE)
async def freeze_and_owe(work: Work, meeting_id: int) -> None:
    """The papers, the letters and the stamp that they are owed, in one transaction: a crash leaves all or nothing."""
    async with writing(work.engine) as session:
        meeting = await locked(session, meeting_id)
        if meeting is None or meeting.pack_at is None or meeting.pack_at > now():  # another run was first, or it moved
            return
        meeting.pack = await in_all_languages(session, meeting, pack)
        meeting.pack_at, meeting.pack_sent_at = None, now()
        more = {
            language: {"paper": paper, "agenda": [{"ref": one["ref"], "title": one["title"]} for one in paper["items"]]}
            for language, paper in meeting.pack.items()
        }
        count = await owe_all(session, meeting, "meeting-pack", now(), more)
        session.add(meeting)
    work.note("", f"pack for {count} people")
