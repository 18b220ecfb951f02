"""The columns of the process table: what a state, a step, a letter owed and a due moment are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """In what capacity somebody acts or is told. CLOCK, PROCESS and DECISION are nobody in particular."""

    SUBMITTER = "submitter"
    OWNER = "owner"
    DEPUTY = "deputy"
    COORDINATOR = "coordinator"
    COMMITTEE = "committee"
    CHAIR = "chair"
    DECISION = "decision"  # the committee as one, once its votes have decided
    BROKER = "broker"
    LECTURER = "lecturer"
    STUDENT = "student_contact"
    PARTNER = "partner"
    PRIVACY = "privacy"
    EXECUTIVE = "executive"
    ADMIN = "admin"
    PUBLIC = "public"
    CLOCK = "clock"
    PROCESS = "process"
    OLD_OWNER = "old_owner"  # told once, when somebody else takes over
    OTHER_OWNER = "other_owner"  # owner of the question this one is merged into
    FOLLOWER = "follower"  # owner of a question that was merged into this one
    LEAD = "lead"  # broker of the institution that leads a question in parts
    MANAGER = "manager"  # of the owner; told when the owner stays silent


@dataclass(frozen=True, slots=True)
class Tell:
    """One letter and the roles it goes to; `when` names a guard that must hold."""

    letter: str
    to: tuple[Role, ...]
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What the clock does when a state has lasted: tell somebody, or take a step.

    `at` is read by `schemas.clock`: `5 wd` (working days since entering), `30 d`, `6 w`, `12 m`, or from an
    anchor of the subject: `until`, `until - 4 w`, `start`, `midway + 5 wd`, `end + 1 m`.
    """

    at: str
    tell: Tell | None = None
    take: str | None = None
    when: str | None = None
    again: bool = False  # comes round every `at`
    flag: str = ""  # what the subject is called from then on


@dataclass(frozen=True, slots=True)
class State:
    """A place where a question or trajectory can rest, and who is expected to act."""

    waits_for: tuple[Role, ...] = ()
    due: tuple[Due, ...] = ()
    tell: tuple[Tell, ...] = ()  # on entering
    end: bool = False
    skip: tuple[str, str] | None = None  # (guard, the state to go to instead)
    stops: bool = False  # waits for the other side: the clock of the state that it came from stands still meanwhile
    asks: str = ""  # the steps that are expected here, the likeliest first
    asks_when: str | None = None  # guard without which nothing is expected
    only: Mapping[Role, str] = field(
        default_factory=dict
    )  # role → what of the subject must be true, or it is not asked
    whole: str | None = None  # step that the process tries on the whole when a part comes here


@dataclass(frozen=True, slots=True)
class Step:
    """One row: from → to, by whom, what it needs, who is told, and what follows from it."""

    moves: Mapping[str, str]
    by: tuple[Role, ...]
    needs: str = ""  # names of schemas.needs, a `?` behind an optional one
    tell: tuple[Tell, ...] = ()
    each: bool = False  # moves only when every role of `by` has taken it
    when: str | None = None  # guard without which the step is not open
    then: str | None = None  # step of the same subject that the process tries next
    question: str | None = None  # step of the question that the process tries next
    trajectories: str | None = None  # step that the process takes on every open trajectory
    plan: str = ""  # what becomes of the candidates of the question then: a key of schemas.asking_around.PLANS
    done_by: str | None = None  # field of the trajectory that keeps which roles have taken it
    four_eyes: str = ""  # steps that another human must have taken in another role: nobody does both by standing in
    mandate: bool = False  # a coordinator takes it alone only where the city's mandate says so
    page: str = ""  # where it is taken, when not on a page of its own below the question
    secret: bool = False  # who voted what: not for the owner's side
    clock: str | None = None  # what it does to the running clock: a key of schemas.timing.CHANGES

    @property
    def need_names(self) -> tuple[str, ...]:
        return tuple(name.rstrip("?") for name in self.needs.split())

    @property
    def required(self) -> frozenset[str]:
        return frozenset(name for name in self.needs.split() if not name.endswith("?"))


BACK = "@back"  # to the state that `hold` was taken from
NEW = "@new"  # the state of a trajectory that is not there yet


@dataclass(frozen=True, slots=True)
class Machine:
    """States and steps of one kind of subject."""

    name: str
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    ends: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ends", frozenset(name for name, state in self.states.items() if state.end))

    @property
    def resuming(self) -> str:
        """The step that the clock takes when a suspension ends."""
        return next(name for name, step in self.steps.items() if step.clock == "resume")

    def letters(self) -> set[str]:
        """Every letter that this table can owe."""
        tells = [tell for step in self.steps.values() for tell in step.tell]
        tells += [tell for state in self.states.values() for tell in state.tell]
        tells += [due.tell for state in self.states.values() for due in state.due if due.tell]
        return {tell.letter for tell in tells}


def go(sources: str, target: str) -> dict[str, str]:
    """`go("screening triage", "matching")`: from each named state to one."""
    return dict.fromkeys(sources.split(), target)


def stay(sources: str) -> dict[str, str]:
    """From each named state to itself."""
    return {name: name for name in sources.split()}
