"""Two to nine voters, every rule, in any order and at the same moment, with the clock and a coordinator in between:
exactly one decision per round. A thousand in every run, more than fifty thousand in the nightly one."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import cooperation_of
from schemas.database import reading, writing
from schemas.ledger import Entry
from schemas.meetings import Decision, Meeting
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.parties import Membership
from schemas.roles import person_named
from schemas.rules import Role
from schemas.steps import CLOCK, MovedOn, take_step
from schemas.subjects import Question
from tests.cast import Cast, Somebody, day
from tests.schemas.ballot_box import Round, played
from tests.schemas.test_committee import under
from tests.schemas.test_voting import outcome
from tests.sitting import sitting
from tests.story import Story

SEED = 20261126
COUNTED: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def counts(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\ninterleavings: " + ", ".join(f"{count} {what}" for what, count in sorted(COUNTED.items())))  # noqa: T201


def by_rule(first: int, last: int) -> None:
    """Rounds at the level of the rules: in each order at most one decision, and never one that could still change."""
    for number in range(first, last):
        one = Round.drawn(Random(SEED + number), number)
        decisions = [what for _, what in played(one) if what]
        assert len(decisions) <= 1, one
        # In another order, without clock and coordinator, the same final votes come to the same.
        votes = {who: what for who, what in one.events if isinstance(who, int)}
        rest = {who: "abstain" for who in range(one.members) if who not in votes}
        ends = set()
        for turn in range(2):
            order = list((votes | rest).items())
            Random(number + turn).shuffle(order)
            mixed = Round(one.members, one.rules, "none", one.chair, list(order))
            ends.add(next((what for _, what in played(mixed) if what), None))
        assert ends == {outcome(one.rules, votes | rest, one.members, one.chair)}, one
        COUNTED["by rule"] += 1
        COUNTED["of them decided"] += len(decisions)


def test_a_thousand_by_rule() -> None:
    by_rule(0, 960)


@pytest.mark.nightly
def test_sixty_thousand_by_rule() -> None:
    by_rule(960, 61_000)


async def seat(session: AsyncSession, cast: Cast, count: int, chair: int | None) -> list[Somebody]:
    """A committee of so many new members in the place of the old one."""
    offices = col(Membership.role).in_((Role.COMMITTEE, Role.CHAIR))
    await session.exec(update(Membership).where(offices).values(ended_on=now().date()))
    people = [await person_named(session, f"Lid {n}", f"lid{count}.{n}@example.org") for n in range(count)]
    for n, person in enumerate(people):
        role = Role.CHAIR if n == chair else Role.COMMITTEE
        session.add(Membership(person_id=person.id, organisation_id="enschede", role=f"{role}"))
    await session.flush()
    return [Somebody(one.id, None, one.name, one.email) for one in people]


class Hall:
    """One question before a committee, and everybody who wants something of it at the same moment."""

    def __init__(self, engine: AsyncEngine, tell: Story, cast: Cast, one: Round, dice: Random) -> None:
        self.engine, self.tell, self.cast, self.one, self.dice = engine, tell, cast, one, dice

    async def open(self, members: list[Somebody], meeting: Meeting) -> None:
        self.members, self.meeting = members, str(meeting.id)
        async with writing(self.engine) as session:
            question = await self.tell.triage(session)
            rules = self.one.rules
            cooperation = await cooperation_of(session)
            assert cooperation
            await under(session, question, quorum=rules.quorum, majority=rules.majority, veto=rules.veto,
                        default_at_deadline=self.one.default)  # fmt: skip
            self.question_id = question.id

    async def do(self, who: int | str, what: str) -> str:
        """One transaction of its own; what became of it."""
        await asyncio.sleep(self.dice.random() * 0.01)
        name, actor, given = self._step(who, what)
        try:
            async with writing(self.engine) as session:
                question = await session.get_one(Question, self.question_id)
                await take_step(session, question, name, actor, given)
        except (MovedOn, FaultyNeeds) as error:
            return type(error).__name__
        return "done"

    def _step(self, who: int | str, what: str) -> tuple[str, Somebody, dict[str, object]]:
        terms = {"reason": "Daarom.", "alternative": "Elders.", "until": day(60)}
        if who == "close":
            return "close_vote", CLOCK, {}  # type: ignore[return-value]
        if who == "alone":
            needed = {"accept": {"route": "any"}, "reject": {"reason": "Nee.", "alternative": "Elders."},
                      "hold": {"reason": "Later.", "until": day(60)}}  # fmt: skip
            return what, self.cast.bram, dict(needed[what])
        if who == "meeting":
            votes = {str(one.id): {"vote": self.dice.choice(("accept", "reject"))} for one in self.members}
            return "decide_in_meeting", self.cast.bram, {**terms, "meeting": self.meeting, "ballots": votes}
        return "vote", self.members[int(who)], {**terms, "vote": what}

    async def judged(self) -> int:
        """How many decisions there are: one when the question has left the committee, none when it has not."""
        async with reading(self.engine) as session:
            question = await session.get_one(Question, self.question_id)
            found = (await session.exec(select(Decision).where(Decision.question_id == question.id))).all()
            query = select(Entry).where(Entry.question_id == question.id, Entry.from_state == "triage")
            entries = (await session.exec(query.order_by(col(Entry.version)))).all()
        left = [one for one in entries if one.to_state != "triage"]
        assert len(found) == len(left) == (question.state != "triage"), (self.one, question.state, found)
        assert [one.version for one in entries] == sorted({one.version for one in entries})
        if left:
            assert entries[-1] is left[0], "something happened in the round after its decision"
            assert (found[0].entry_id, found[0].step) == (left[0].id, left[0].step)
            self._justified(found[0])
        return len(found)

    def _justified(self, one: Decision) -> None:
        """The votes that were kept with a decision bear it out, reckoned the other way."""
        if one.how == "" or one.by_default:
            return
        seats = {member.id: n for n, member in enumerate(self.members)}
        votes = {seats[vote["person"]]: vote["vote"] for vote in one.votes}
        assert outcome(self.one.rules, votes, self.one.members, self.one.chair) == one.step, (self.one, one)


async def at_once(engine: AsyncEngine, tell: Story, cast: Cast, count: int, first: int = 0) -> None:
    for members in range(2, 10):
        async with writing(engine) as session:
            people = await seat(session, cast, members, None)
            meeting = await sitting(session, cast, *people)
        chair: int | None = None
        for number in range(first + members, first + count * 8, 8):
            dice = Random(SEED + number)
            one = Round.drawn(dice, dice.randrange(10_000), members)
            if one.chair != chair:
                async with writing(engine) as session:
                    await seat_chair(session, people, one.chair)
                chair = one.chair
            if dice.random() < 0.25:
                one.events.append(("meeting", ""))
            hall = Hall(engine, tell, cast, one, dice)
            await hall.open(people, meeting)
            done = await asyncio.gather(*(hall.do(*event) for event in one.events))
            COUNTED[f"at once on {engine.dialect.name}"] += 1
            COUNTED[f"decisions on {engine.dialect.name}"] += await hall.judged()
            COUNTED["came too late"] += done.count("MovedOn")


async def seat_chair(session: AsyncSession, people: list[Somebody], chair: int | None) -> None:
    for n, person in enumerate(people):
        role = Role.CHAIR if n == chair else Role.COMMITTEE
        mine = (col(Membership.person_id) == person.id, col(Membership.ended_on).is_(None))
        await session.exec(update(Membership).where(*mine).values(role=f"{role}"))


async def test_at_the_same_moment(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    await at_once(engine, tell, cast, 4)


@pytest.mark.nightly
async def test_at_the_same_moment_for_long(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    await at_once(engine, tell, cast, 100, 10_000)
