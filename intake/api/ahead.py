"""Which letters a step would send to whom, without taking it. What depends on the needs stays open."""

from collections.abc import AsyncIterator, Iterator, Mapping

from intake.api.shapes import LetterAhead
from intake.sight import Reader
from schemas.case import Case
from schemas.guards import holds
from schemas.kinds import STAFF
from schemas.letters import Meant, weight
from schemas.process import MACHINES, QUESTION
from schemas.roles import people_of
from schemas.rules import BACK, NEW, Role, Step, Tell
from schemas.subjects import Trajectory

# Needs that decide who has a role afterwards.
DECIDES: Mapping[str, set[Role]] = {
    "owner_email": {Role.OWNER, Role.OLD_OWNER}, "target": {Role.PARTNER}, "institution": {Role.BROKER},
    "lecturer_email": {Role.LECTURER}, "other_question": {Role.OTHER_OWNER},
    "deputy_email": {Role.DEPUTY}, "lead": {Role.LEAD},
}  # fmt: skip


async def letters_ahead(case: Case, step: Step, reader: Reader, mine: set[Role]) -> list[LetterAhead]:
    """The letters of one step for a reader with these roles, each once per person."""
    found: dict[tuple[str, str], LetterAhead] = {}
    meant: dict[str, list[Meant]] = {}
    open_roles = {role for need in step.required for role in DECIDES.get(need, ())}
    waits = _waits(case, step, mine)
    for at, tell in _tells(case, step, waits):
        async for letter, one in _told(at, tell, open_roles):
            to_actor = letter.recipient == reader.person.email
            if not (to_actor and (waits or letter.role in STAFF)):
                found.setdefault((letter.letter, letter.recipient or letter.role), letter)
                if one and not letter.when:
                    meant.setdefault(one.person.email, []).append(one)
    for letter in _asked_around(step):
        found.setdefault((letter.letter, letter.role), letter)
    return _folded(found, meant)


def _asked_around(step: Step) -> Iterator[LetterAhead]:
    """The offers that are made at once when institutions are chosen; to whom, the choice decides."""
    if step.plan == "begin":
        offer = MACHINES["trajectory"].steps["offer"]
        for tell in offer.tell:
            for role in tell.to:
                yield LetterAhead(letter=tell.letter, role=role, recipient=None, name=None, when=None)


def _folded(found: dict[tuple[str, str], LetterAhead], meant: Mapping[str, list[Meant]]) -> list[LetterAhead]:
    """Each person one letter, as far as it is certain; it names what it says besides."""
    for email, several in meant.items():
        first, *rest = dict.fromkeys(one.letter for one in sorted(several, key=weight))
        for name in rest:
            del found[name, email]
        found[first, email].also = rest
    return list(found.values())


def _waits(case: Case, step: Step, mine: set[Role]) -> bool:
    """Whether the step would go on waiting for another party."""
    subject = case.subject
    if not step.each or not isinstance(subject, Trajectory):
        return False
    spoken = {*subject.agreed_by}
    now = next((role for role in step.by if role in mine and role not in spoken), None)
    return not {*step.by} <= spoken | ({now} if now else set())


def _tells(case: Case, step: Step, waits: bool) -> list[tuple[Case, Tell]]:
    before = case.subject.state if NEW not in step.moves else NEW
    machine = case.machine if NEW not in step.moves else MACHINES["trajectory"]
    if waits:
        return [(case, tell) for tell in machine.states[before].tell]
    after = step.moves[before]
    after = (case.question.back_to or "screening") if after == BACK else after
    skip = machine.states[after].skip
    after = skip[1] if skip and holds(skip[0], case, {}) else after
    entered = machine.states[after].tell if after != before else ()
    return [*((case, tell) for tell in (*step.tell, *entered)), *_following(case, step)]


def _following(case: Case, step: Step) -> list[tuple[Case, Tell]]:
    """What the question does by itself afterwards has letters too."""
    rule = QUESTION.steps.get(step.question or "")
    if rule is None or case.question.state not in rule.moves or not holds(rule.when, case, {}):
        return []
    return [(case.at(case.question), tell) for tell in rule.tell]


async def _told(case: Case, tell: Tell, open_roles: set[Role]) -> AsyncIterator[tuple[LetterAhead, Meant | None]]:
    when = None if holds(tell.when, case, {}) else tell.when
    for role in tell.to:
        if role in open_roles:
            yield LetterAhead(letter=tell.letter, role=role, recipient=None, name=None, when=when), None
            continue
        if role == Role.FOLLOWER and not case.is_target:
            continue
        for person in await people_of(case.session, role, case.question, case.concerned, case.today):
            ahead = LetterAhead(letter=tell.letter, role=role, recipient=person.email, name=person.name, when=when)
            yield ahead, Meant(tell.letter, role, person, None)
