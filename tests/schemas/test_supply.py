"""Seats, own dates, closed editions, the limit on offers, and what loading a city leaves alone; on both databases."""

from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.disciplines import vocabulary
from schemas.cities import load_city
from schemas.city_form import City
from schemas.database import reading, writing
from schemas.ledger import Entry
from schemas.needs import FaultyNeeds
from schemas.parties import Offering, Organisation, Period
from schemas.subjects import Trajectory
from schemas.supply import Edition, OfferLimit, SupplyChange
from schemas.supply_form import flat
from schemas.supplying import Supplier
from stadsvraag.changing import dry_run
from tests.cast import PLACES, Cast
from tests.databases import TWENTE
from tests.story import Story

HERE = PLACES["ut"]


async def at_ut(session: AsyncSession, cast: Cast) -> Supplier:
    house = await session.get_one(Organisation, "ut")
    return Supplier(session, house, cast.femke.id, frozenset(vocabulary()))


async def refused(engine: AsyncEngine, tell: Story, step: str, code: str, **needs: object) -> None:
    """Offering, or placing, is refused for this reason, and nothing of it stays."""
    with pytest.raises(FaultyNeeds) as caught:
        await _tried(engine, tell, step, needs)
    assert [fault.code for fault in caught.value.faults] == [code]


async def _tried(engine: AsyncEngine, tell: Story, step: str, needs: Mapping[str, object]) -> None:
    async with writing(engine) as session:
        if step == "offer":
            await tell.offered(session)
        else:
            await tell.take(session, await tell.placing(session), step, tell.cast.femke, **needs)


async def said(engine: AsyncEngine, **facts: object) -> None:
    async with writing(engine) as session:
        session.add(Edition(offering_id=HERE.offering, term_id=HERE.term, **facts))


async def test_the_last_seat_goes_once_and_then_only_to_who_makes_room(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    await said(engine, seats=1)
    async with writing(engine) as session:
        await tell.agreeing(session)
    await refused(engine, tell, "place", "edition_full")
    await refused(engine, tell, "place", "edition_full", overbook="no")
    async with writing(engine) as session:
        one = await tell.placing(session)
        await tell.take(session, one, "place", cast.femke, overbook="yes")
    async with reading(engine) as session:
        query = select(Entry).where(Entry.trajectory_id == one.id, Entry.step == "place")
        assert (await session.exec(query)).one().needs["overbook"] == "yes"


async def test_a_seat_comes_free_when_a_trajectory_stops(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    await said(engine, seats=1)
    async with writing(engine) as session:
        await tell.cancelled(session)
        assert (await tell.agreeing(session)).state == "agreeing"


async def test_an_edition_gives_a_trajectory_its_own_days(engine: AsyncEngine, tell: Story) -> None:
    await said(engine, starts_on=date(2027, 2, 15), ends_on=date(2027, 4, 30))
    async with writing(engine) as session:
        one = await tell.agreeing(session)
    assert (one.starts_on, one.ends_on) == (date(2027, 2, 15), date(2027, 4, 30))


async def test_nothing_is_placed_in_a_closed_edition(engine: AsyncEngine, tell: Story) -> None:
    await said(engine, open=False)
    await refused(engine, tell, "place", "edition_closed", overbook="yes")


async def test_an_institution_gets_no_more_offers_at_once_than_it_said(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        session.add(OfferLimit(institution_id="ut", most=1))
        waiting = await tell.offered(session)
    await refused(engine, tell, "offer", "offers_full")
    async with writing(engine) as session:
        await tell.offered(session, at="saxion")  # the limit is of one institution
        await tell.take(session, await session.get_one(Trajectory, waiting.id), "take_on", cast.femke)
        assert (await tell.offered(session)).state == "offered"


async def test_what_people_changed_wins_over_the_files_and_the_dry_run_says_so(
    engine: AsyncEngine, cast: Cast, city: City
) -> None:
    async with writing(engine) as session:
        by = await at_ut(session, cast)
        mine = await session.get_one(Offering, HERE.offering)
        await by.save(flat(mine) | {"name_en": "Another name", "seats": 3, "disciplines": ""}, mine)
        new = await by.save(
            {
                "name_nl": "Stadslab!",
                "name_en": "City lab",
                "kind": "lab",
                "level": "wo",
                "languages": "nl",
                "periods": "S1",
            }
        )
        stopped = await session.get_one(Offering, "ut-bsc-atlas")
        await by.stop(stopped, date(2026, 11, 24))
        session.add(Edition(offering_id=HERE.offering, term_id=HERE.term, seats=2))
    lines = [line async for line in dry_run(engine, TWENTE)]
    assert sum("stays as Femke Smit left it" in line for line in lines) == 3
    assert any(line.startswith(HERE.offering) and "name_en, disciplines, seats" in line for line in lines)
    assert any(line.startswith("ut-stadslab ") and line.endswith("not in the file") for line in lines)
    assert any(line.startswith("ut-bsc-atlas ") and line.endswith("until, offered") for line in lines)
    async with writing(engine) as session:
        await load_city(session, city, people=True)
    async with reading(engine) as session:
        assert (await session.get_one(Offering, HERE.offering)).name_en == "Another name"
        assert new is not None
        assert (await session.get_one(Offering, new.id)).offered
        assert not (await session.get_one(Offering, "ut-bsc-atlas")).offered
        assert (await session.exec(select(Edition.seats))).all() == [2]


async def test_a_period_with_a_confirmed_edition_stays_when_it_leaves_the_calendar(
    engine: AsyncEngine, city: City
) -> None:
    await said(engine, seats=2)
    ut = city.calendar.institutions["ut"]
    shorter = ut.model_copy(update={"periods": [one for one in ut.periods if one.code not in ("2A", "2B")]})
    calendar = city.calendar.model_copy(update={"institutions": city.calendar.institutions | {"ut": shorter}})
    async with writing(engine) as session:
        await load_city(session, city.model_copy(update={"calendar": calendar}), people=True)
    async with reading(engine) as session:
        assert await session.get(Period, HERE.term)
        assert await session.get(Period, "ut:2026/27:2B") is None


async def test_every_change_is_kept_with_who_and_what_it_was(engine: AsyncEngine, cast: Cast) -> None:
    async with writing(engine) as session:
        by = await at_ut(session, cast)
        mine = await session.get_one(Offering, HERE.offering)
        before = mine.name_nl
        assert await by.save(flat(mine), mine) is None
        assert await by.save(flat(mine) | {"name_nl": "Nieuw"}, mine)
        await by.limit({"open_offers": 3})
        assert not await by.limit({"open_offers": "3"})
    async with reading(engine) as session:
        rows = (await session.exec(select(SupplyChange).order_by(SupplyChange.id))).all()  # type: ignore[arg-type]
    assert [(row.what, row.actor_id, row.before, row.after) for row in rows] == [
        ("changed", cast.femke.id, {"name_nl": before}, {"name_nl": "Nieuw"}),
        ("limit", cast.femke.id, {}, {"open_offers": 3}),
    ]
