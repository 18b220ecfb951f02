"""One letter per person per event: of all that somebody is to get, the one that asks most, and it names the rest."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.letters import LANGUAGES, letters, render
from schemas.case import open_case
from schemas.database import writing
from schemas.kinds import CHOICES, INTERNAL, LETTERS, NOW, STAFF, How, kind_of, place_of
from schemas.ledger import Letter, LetterState
from schemas.letter_events import LetterEvent
from schemas.letters import folded
from schemas.parties import Person
from schemas.process import MACHINES, TRAJECTORY
from schemas.rules import Machine, Role, Tell
from schemas.steps import CLOCK
from schemas.subjects import Question
from schemas.wishes import how_for
from schemas.words import word
from tests.cast import Cast, Somebody
from tests.story import Story

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def events(machine: Machine) -> list[tuple[str, list[Tell]]]:
    """What each step may tell, by where it leads."""
    found = []
    for name, step in machine.steps.items():
        for state in {*step.moves.values()} & machine.states.keys():
            entered = machine.states[state].tell if {*step.moves} != {state} else ()
            found.append((f"{name} to {state}", [Tell(one.letter, one.to) for one in (*step.tell, *entered)]))
    return found


def combined(machine: Machine) -> Iterator[tuple[str, list[Tell], tuple[Role, ...]]]:
    """Every event with one, two or three of the roles that it is told to."""
    for name, tells in events(machine):
        roles = list(dict.fromkeys(role for one in tells for role in one.to))
        yield from ((name, tells, held) for n in (1, 2, 3) for held in combinations(roles, n))


async def letters_to(session: AsyncSession, who: Somebody, question: Question, step: str) -> list[Letter]:
    query = select(Letter).where(Letter.recipient_id == who.id, Letter.question_id == question.id)
    rows = list(await session.exec(query.order_by(col(Letter.id))))
    return [one for one in rows if one.facts["step"] == step]


def test_each_letter_of_the_process_and_each_text_has_a_row_in_the_table_of_kinds() -> None:
    owed = {letter for machine in MACHINES.values() for letter in machine.letters()}
    assert owed <= LETTERS.keys() == letters()
    assert [place_of(name) for name in LETTERS] == list(range(len(LETTERS)))


def test_what_can_be_switched_off_asks_nothing() -> None:
    for name, row in LETTERS.items():
        for kind in (row.kind, row.staff):
            assert (How.NEVER in CHOICES[kind].may) == (kind != "asks"), name
    asked = {tell.letter for machine in MACHINES.values() for state in machine.states.values() for tell in state.tell}
    assert {kind_of(name, role) for name in asked for role in Role} == {"asks"}, "who must act is always told at once"


@SQLITE
async def test_every_combination_of_roles_gets_one_letter(
    engine: AsyncEngine, tell: Story, cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = several = 0
    async with writing(engine) as session:
        amira = await session.get_one(Person, cast.amira.id)

        async def holders(_: Any, role: Role) -> list[Person]:
            return [amira] if role in held else []

        monkeypatch.setattr("schemas.letters._holders", holders)
        for machine in MACHINES.values():
            held: tuple[Role, ...] = ()
            case = await open_case(session, await (tell.completed if machine is TRAJECTORY else tell.underway)(session))
            for name, tells, held in combined(machine):
                meant = [(one.letter, role) for one in tells for role in one.to if role in held]
                [[first, *rest]] = await folded(case, tells, {}, None)
                assert sorted(meant) == sorted((one.letter, one.role) for one in (first, *rest)), name
                sooner = [one for one in meant if how_for(amira, kind_of(*one)) is NOW]
                assert place_of(first.letter) == min(place_of(one) for one, _ in sooner or meant), (name, held)
                tried, several = tried + 1, several + (len(meant) > 1)
    with capsys.disabled():
        print(f"\n{tried} combinations of roles and events, {several} of them with several letters: one each")  # noqa: T201
    assert several > 100


async def test_a_submitter_who_is_told_more_gets_it_in_one(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    """Bram is named as the owner of a question, and coordinates: he was to get three letters."""
    async with writing(engine) as session:
        question = await tell.asked(session, cast.jonas, cast.bram)
        [letter] = await letters_to(session, cast.bram, question, "submit")
    assert (letter.name, letter.role, letter.state) == ("confirm-ownership", "owner", LetterState.OWED)
    assert [(one["letter"], one["role"], one["asks"]) for one in letter.facts["also"]] == [
        ("new-question", "coordinator", True), ("receipt", "owner", False),
    ]  # fmt: skip
    for language in LANGUAGES:
        text = render(letter.name, language, letter.facts, {}).text
        assert word("nl", "roles.coordinator") in text
        said = {"nl": "Nieuwe vraag om te bekijken", "en": "A new question to look at"}[language]
        assert said in text


async def test_the_same_letter_in_two_roles_says_both_in_its_foot(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.asked(session)
        [letter] = await letters_to(session, cast.amira, question, "submit")
    text = render("receipt", "nl", letter.facts, {}).text
    assert "omdat je deze vraag hebt ingediend, en omdat je eigenaar bent van deze vraag." in text
    assert "Ook hierover" not in text


async def test_what_follows_by_itself_is_one_event(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    """A result that is taken to be accepted answers the question: two entries, one letter."""
    async with writing(engine) as session:
        attempt = await tell.delivered(session)
        question = await session.get_one(Question, attempt.question_id)
        await tell.take(session, attempt, "presume_accepted", CLOCK)
        rows = await session.exec(select(Letter).where(Letter.recipient_id == cast.amira.id).order_by(col(Letter.id)))
        last = list(rows)[-1]
        assert await letters_to(session, cast.amira, question, "conclude") == []
    assert last.name == "presumed-accepted"
    assert [(one["letter"], one["role"], one["facts"]["step"]) for one in last.facts["also"]] == [
        ("answered", "owner", "conclude"), ("answered", "submitter", "conclude"),
    ]  # fmt: skip
    assert "Als vraageigenaar, indiener: De vraag is beantwoord" in render(last.name, "nl", last.facts, {}).text


async def test_two_trajectories_that_stop_are_told_in_one_letter(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        first, second = await tell.offered(session, question), await tell.offered(session, question)
        await tell.take(session, question, "unmatch", cast.bram)
        [letter] = await letters_to(session, cast.femke, question, "stop")
    assert letter.trajectory_id == first.id
    assert [one["about"] for one in letter.facts["also"]] == [second.ref]
    assert f"({second.ref})" in render(letter.name, "nl", letter.facts, {}).text


async def test_a_letter_that_its_reader_switched_off_is_withheld_and_says_so(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        (await session.get_one(Person, cast.amira.id)).mail = {"told": "never"}
        attempt = await tell.offered(session)
        await tell.take(session, attempt, "take_on", cast.femke)
        query = select(Letter, LetterEvent).join(LetterEvent, col(LetterEvent.letter_id) == Letter.id)
        [(letter, event)] = list(await session.exec(query))
    assert (letter.name, letter.recipient_id, letter.state) == ("taken-on", cast.amira.id, LetterState.WITHHELD)
    assert event.what == "switched_off"


async def test_staff_keep_what_they_do_not_have_to_act_on(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        attempt = await tell.offered(session)
        await tell.take(session, attempt, "take_on", cast.femke)
        rows = list(await session.exec(select(Letter)))
    assert {(one.name, one.role) for one in rows if one.state == LetterState.KEPT} == {("taken-on", "coordinator")}
    assert all(kind_of(one.name, one.role) != INTERNAL for one in rows if one.role not in STAFF)
