"""Meetings: planned with every fault named, on the wall clock across its changes; the papers' day counted in work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.absence import Absence, go_away
from schemas.database import writing
from schemas.meetings import on_day
from schemas.needs import FaultyNeeds
from schemas.planning import cancel, close, move, plan, read_plan, take_seats
from schemas.seats import seats_of
from tests.cast import Cast, Somebody
from tests.conftest import TODAY
from tests.sitting import PLAN, sitting

ZONE = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"day": "2026-11-23"}, "day: not_in_future"),
        ({"day": "2026-02-30"}, "day: not_a_date"),
        ({"begins": "25:00"}, "begins: not_a_time"),
        ({"ends": "14:00"}, "ends: ends_before"),
        ({"place": ""}, "place: place_or_link"),
        ({"link": "javascript:alert(1)"}, "link: not_a_link"),
        ({"day": "2027-03-28", "begins": "02:30"}, "begins: no_such_time"),
        ({"begins": "", "place": "a\x00b"}, "place: not_accepted, begins: missing"),
    ],
)
def test_what_cannot_be_planned_is_told(changes: dict[str, str], fault: str) -> None:
    with pytest.raises(FaultyNeeds) as told:
        read_plan(PLAN | {"day": "2027-01-12"} | changes, ZONE, TODAY)
    assert str(told.value) == fault


@given(st.dates(date(2026, 11, 26), date(2036, 12, 31)), st.integers(4, 22))
def test_a_meeting_is_at_its_hour_on_the_wall_all_year(day: date, hour: int) -> None:
    when = read_plan({"day": day.isoformat(), "begins": f"{hour}:00", "ends": "23:30", "place": "x"}, ZONE, TODAY)
    # Summer time by its own rule: from the last Sunday of March to that of October.
    first, last = (max(date(day.year, m, d) for d in range(25, 32) if date(day.year, m, d).weekday() == 6)
                   for m in (3, 10))  # fmt: skip
    offset = 2 if first <= day < last else 1
    assert when.begins_at == datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=offset)


async def test_the_papers_go_out_five_working_days_before(engine: AsyncEngine, cast: Cast, clock: object) -> None:
    async with writing(engine) as session:
        meeting = await plan(session, PLAN | {"day": "2027-01-12"}, cast.bram.id, TODAY)
        # Tuesday; Monday 11, Friday 8, Thursday 7, Wednesday 6, Tuesday 5 January. The holidays end on the third.
        assert meeting.pack_at == datetime(2027, 1, 5, 7, 0, tzinfo=UTC)
        over = await plan(session, PLAN | {"day": "2027-01-05"}, cast.bram.id, TODAY)
        assert over.pack_at is not None
        assert over.pack_at.date() == date(2026, 12, 15)  # two weeks of holidays in between


async def test_a_move_keeps_the_uid_and_sends_papers_again_only_when_there_is_time(
    engine: AsyncEngine, cast: Cast, clock: object
) -> None:
    async with writing(engine) as session:
        meeting = await plan(session, PLAN | {"day": "2027-01-12"}, cast.bram.id, TODAY)
        uid, due = meeting.uid, meeting.pack_at
        assert not await move(session, meeting, PLAN | {"day": "2027-01-12"}, TODAY)
        meeting.pack_at, meeting.pack_sent_at = None, due
        later = datetime(2027, 1, 6, 9, 0, tzinfo=UTC)
        assert await move(session, meeting, PLAN | {"day": "2027-01-13"}, later)
        assert (meeting.uid, meeting.sequence, meeting.pack_at, meeting.pack_sent_at) == (uid, 1, None, due)
        assert await move(session, meeting, PLAN | {"day": "2027-02-09"}, later)
        assert (meeting.sequence, meeting.pack_sent_at, on_day(meeting, ZONE)) == (2, None, date(2027, 2, 9))
        assert meeting.pack_at == datetime(2027, 2, 2, 7, 0, tzinfo=UTC)


async def test_what_is_over_cannot_be_changed(engine: AsyncEngine, cast: Cast, clock: object) -> None:
    async with writing(engine) as session:
        ahead = await plan(session, PLAN | {"day": "2027-01-12"}, cast.bram.id, TODAY)
        with pytest.raises(FaultyNeeds, match="not_begun"):
            close(ahead, TODAY)
        cancel(ahead, TODAY)
        assert (ahead.sequence, ahead.pack_at) == (1, None)
        for change in (lambda: cancel(ahead, TODAY), lambda: close(ahead, TODAY)):
            with pytest.raises(FaultyNeeds, match="meeting_over"):
                change()
        with pytest.raises(FaultyNeeds, match="meeting_over"):
            await move(session, ahead, PLAN | {"day": "2027-02-12"}, TODAY)


async def test_a_substitute_takes_one_seat_and_a_member_keeps_their_own(
    engine: AsyncEngine, cast: Cast, clock: object
) -> None:
    today = TODAY.date()

    def away(who: Somebody, by: Somebody) -> Absence:
        last = today + timedelta(days=9)
        return Absence(person_id=who.id, substitute_id=by.id, starts_on=today, ends_on=last, made_by_id=who.id)

    async with writing(engine) as session:
        for who, by in ((cast.lars, cast.dirk), (cast.mona, cast.dirk), (cast.niels, cast.olga)):
            await go_away(session, away(who, by), today)
        seats = {one.member.id: one for one in await seats_of(session, today)}
        told = {cast.lars: (cast.dirk.id, True), cast.mona: (cast.dirk.id, False), cast.niels: (cast.olga.id, False)}
        for member, (by, votes) in told.items():
            seat = seats[member.id]
            assert (seat.by and seat.by.id, seat.votes) == (by, votes), member.name
        assert seats[cast.olga.id].votes
        assert seats[cast.eva.id].chair
        meeting = await sitting(session, cast, cast.eva)
        await take_seats(session, meeting, {cast.lars.id, cast.olga.id}, today)
        with pytest.raises(FaultyNeeds, match="present: not_a_member"):
            await take_seats(session, meeting, {cast.mona.id}, today)
