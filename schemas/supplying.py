"""What an institution does with its supply: offerings, editions, how many offers it takes. Each change is kept."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Cooperation, Offering, Organisation, Period
from schemas.prospects import look_again
from schemas.supply import Edition, OfferLimit, SupplyChange, edition_of
from schemas.supply_checks import Known, check_edition, check_limit, check_offering
from schemas.supply_facts import DATES, differing, own, slug
from schemas.supply_form import Flat, flat, put

IMPORTED = "imported"  # from a file, in which an edition that is as usual need not be confirmed
ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


class Supplier:
    """Somebody at work on the supply of one institution."""

    def __init__(self, session: AsyncSession, house: Organisation, actor_id: int, disciplines: frozenset[str]) -> None:
        self.session, self.house, self.actor_id, self.disciplines = session, house, actor_id, disciplines
        self._known: Known | None = None  # asked once: a file has many rows, and others wait for its transaction
        self._weeks: dict[str, int] | None = None

    async def known(self) -> Known:
        if self._known is None:
            codes = await self.session.exec(select(Period.code).where(Period.institution_id == self.house.id))
            self._known = Known(self.house.data.get("units", {}), set(codes), self.disciplines)
        return self._known

    async def save(self, given: Mapping[str, Any], offering: Offering | None = None) -> Offering | None:
        """Add an offering, or change one; None when nothing differs. Raises FaultyNeeds."""
        clean = check_offering(await self.known(), dict(given) | ({"id": offering.id} if offering else {}))
        before = flat(offering) if offering else {}
        offering = offering or await self._new(clean)
        clean = await self._usual(clean) | {"id": offering.id}
        if before and differing(before, clean) == ({}, {}):
            return None
        put(offering, clean)
        offering.data = offering.data | {"verified": True}  # by the institution itself
        self.session.add(offering)
        await self.session.flush()
        await self._keep("changed" if before else "added", offering.id, before, flat(offering))
        return offering

    async def _new(self, clean: Flat) -> Offering:
        key = clean.get("id") or await self._free(slug(f"{self.house.id} {clean['name_nl']}"))
        if not ID.match(key):
            raise FaultyNeeds([Fault("id", "not_an_id")])
        if await self.session.get(Offering, key):
            raise FaultyNeeds([Fault("id", "code_taken")])
        return Offering(id=key, institution_id=self.house.id, kind="", level="", name_nl="", name_en="")

    async def _free(self, wish: str) -> str:
        taken = set(await self.session.exec(select(Offering.id).where(col(Offering.id).startswith(wish))))
        return next(one for one in (wish, *(f"{wish}-{n}" for n in range(2, 1000))) if one not in taken)

    async def _usual(self, clean: Flat) -> Flat:
        """Who does not say how many weeks ahead a question must be handed in, follows the kind."""
        if "hand_in_weeks" in clean:
            return clean
        if self._weeks is None:
            cooperation = await self.session.get_one(Cooperation, self.house.cooperation_id)
            self._weeks = dict(cooperation.data.get("hand_in_weeks", {}))
        return clean | {"hand_in_weeks": self._weeks.get(clean["kind"], 10)}

    async def change(self, offering: Offering, given: Mapping[str, Any], today: date) -> bool:
        """Change only what is given; `offered` stops or resumes. False when nothing differs. Raises FaultyNeeds."""
        facts = {name: value for name, value in given.items() if name != "offered"}
        wish = given.get("offered", offering.offered)
        if not isinstance(wish, bool):
            raise FaultyNeeds([Fault("offered", "wrong")])
        saved = await self.save(flat(offering) | facts, offering) if facts else None
        if wish != offering.offered:
            await (self.resume(offering) if wish else self.stop(offering, today))
            return True
        return saved is not None

    async def stop(self, offering: Offering, today: date) -> None:
        """No longer offered from today on; it stays with the questions that were placed there."""
        await self._offer(offering, False, "stopped", today.isoformat())

    async def resume(self, offering: Offering) -> None:
        """Offered again."""
        await self._offer(offering, True, "resumed", None)

    async def _offer(self, offering: Offering, offered: bool, what: str, until: str | None) -> None:
        before = flat(offering)
        offering.offered = offered
        offering.data = {name: one for name, one in offering.data.items() if name != "until"} | (
            {"until": until} if until else {}
        )
        self.session.add(offering)
        await self._keep(what, offering.id, before, flat(offering))

    async def edition(
        self, offering: Offering, term: Period, given: Mapping[str, Any], usual: Flat, what: str = "edition"
    ) -> bool:
        """Confirm an edition, with what differs from `usual`: how it would be by itself. False when nothing differs.

        What is not given stays as it is, what is given as empty becomes as usual. Raises FaultyNeeds.
        """
        row = await edition_of(self.session, offering.id, term.id)
        before = usual | own(row)
        filled = {name: value for name, value in (before | dict(given)).items() if value not in ("", None)}
        after = check_edition(usual | filled)
        if before == after and (row or what == IMPORTED):
            return False
        row = row or Edition(offering_id=offering.id, term_id=term.id)
        for name in DATES:
            setattr(row, name, date.fromisoformat(after[name]) if after[name] != usual[name] else None)
        row.seats = after.get("seats") if after.get("seats") != usual.get("seats") else None
        row.open = after["open"] == "yes"
        self.session.add(row)
        await self.session.flush()
        await self._keep("edition" if what == IMPORTED else what, offering.id, before, after, term.id)
        return True

    async def limit(self, given: Mapping[str, Any]) -> bool:
        """How many offers the institution takes at once. False when nothing differs. Raises FaultyNeeds."""
        most = check_limit(given)
        row = await self.session.get(OfferLimit, self.house.id)
        before: Flat = {"open_offers": row.most} if row else {}
        after: Flat = {} if most is None else {"open_offers": most}
        if before == after:
            return False
        if most is None and row:
            await self.session.delete(row)
        elif most is not None:
            await self.session.merge(OfferLimit(institution_id=self.house.id, most=most))
        await self._keep("limit", None, before, after)
        return True

    async def _keep(self, what: str, offering: str | None, before: Flat, after: Flat, term: str | None = None) -> None:
        old, new = differing(before, after)
        self.session.add(
            SupplyChange(institution_id=self.house.id, offering_id=offering, term_id=term, actor_id=self.actor_id,
                         what=what, before=old, after=new)
        )  # fmt: skip
        await look_again(self.session)
