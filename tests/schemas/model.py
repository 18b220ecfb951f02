"""A small model of the process, written by hand from its design, without a look at schemas.process.

A row: from which states, to which ("=": where it was, "<": where it was held), and by whom.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

ALIVE = "submitted screening unclear parked triage matching underway on_hold answered"
ENDED = "rejected redirected merged withdrawn unmatched closed"
STOPPABLE = "submitted screening unclear parked triage matching"
TIMED = "offered placing agreeing running delivered"
WORKING = ("scheduled", "running", "delivered")
QUESTION = {
    "submit": ("draft", "submitted", "submitter"),
    "discard": ("draft", "discarded", "submitter clock"),
    "confirm_ownership": ("submitted screening triage matching underway on_hold", "=", "owner"),
    "refuse_ownership": ("submitted", "unclear", "owner"),
    "ask_back": ("screening triage", "unclear", "coordinator"),
    "clarify": ("unclear parked", "submitted", "owner submitter"),
    "park": ("unclear", "parked", "clock"),
    "put_forward": ("screening", "triage", "coordinator"),
    "vote": ("triage", "=", "member"),
    "decide_in_meeting": ("triage", "=", "coordinator"),
    "close_vote": ("triage", "=", "clock"),
    "accept": ("screening triage", "matching", "coordinator"),
    "reject": ("screening triage matching", "rejected", "coordinator"),
    "redirect": ("screening triage matching", "redirected", "coordinator"),
    "pick_up": ("redirected", "=", "partner"),
    "hand_back": ("redirected", "screening", "partner clock"),
    "merge": ("screening triage matching", "merged", "coordinator"),
    "split": ("triage matching", "=", "coordinator"),
    "ask_around": ("matching underway", "=", "coordinator"),
    "prefer": ("screening triage matching", "=", "coordinator"),
    "hold": ("screening triage matching", "on_hold", "coordinator"),
    "still_current": ("on_hold", "=", "owner deputy"),
    "postpone": ("on_hold", "=", "owner deputy coordinator"),
    "wake": ("on_hold", "<", "coordinator clock"),
    "change_owner": (ALIVE, "=", "owner deputy coordinator admin"),
    "change_deputy": (ALIVE, "=", "owner deputy coordinator admin"),
    "correct_contact": (f"{ALIVE} redirected", "=", "owner submitter deputy partner"),
    "withdraw": (ALIVE, "withdrawn", "owner clock"),
    "report_impact": ("answered", "=", "owner"),
    "close": ("answered", "closed", "coordinator clock"),
    "unmatch": ("matching", "unmatched", "coordinator"),
    "reopen": (ENDED, "triage", "coordinator"),
    "suspend": (STOPPABLE, "=", "coordinator"),
    "resume": (STOPPABLE, "=", "coordinator clock"),
    "extend": (STOPPABLE, "=", "coordinator"),
    "adopt": (ALIVE, "=", "coordinator admin"),
}
TRAJECTORY = {
    "take_on": ("offered", "placing", "broker"),
    "decline": ("offered", "declined", "broker"),
    "retract": ("offered", "retracted", "coordinator"),
    "lapse": ("offered", "lapsed", "clock"),
    "place": ("placing", "agreeing", "broker"),
    "agree": ("agreeing", "=", "owner lecturer"),
    "start": ("scheduled", "running", "lecturer clock"),
    "report_midterm": ("running", "=", "owner lecturer"),
    "cancel": ("placing agreeing scheduled running", "cancelled", "broker lecturer coordinator"),
    "choose_way": ("cancelled not_usable", "=", "owner deputy"),
    "change_lecturer": ("agreeing scheduled running delivered completed", "=", "lecturer broker coordinator admin"),
    "change_student_contact": ("delivered completed", "=", "lecturer broker coordinator admin"),
    "correct_contact": (f"{TIMED} scheduled completed", "=", "broker lecturer owner deputy"),
    "deliver": ("running", "delivered", "lecturer"),
    "accept_result": ("delivered", "completed", "owner deputy"),
    "ask_revision": ("delivered", "running", "owner deputy"),
    "refuse_result": ("delivered", "not_usable", "owner deputy"),
    "presume_accepted": ("delivered", "completed", "clock"),
    "clear": ("completed", "=", "owner lecturer privacy"),
    "publish": ("completed", "=", "clock"),
    "suspend": (TIMED, "=", "coordinator"),
    "resume": (TIMED, "=", "coordinator clock"),
    "extend": (TIMED, "=", "coordinator"),
}
BY_ITSELF = {"begin", "fall_back", "conclude", "gather", "remind", "stop", "publish", "adopt"}
CLOSING = ("reject", "redirect", "merge", "withdraw", "unmatch")  # no trajectory goes on after these
TAKES_OVER = {"owner": ("amira", "marloes"), "deputy": ("hanna", "samir"), "lecturer": ("chen", "wouter")}


@dataclass
class Attempt:
    """What the model knows of a trajectory."""

    state: str = "offered"
    lecturer: str = "chen"
    agreed: set[str] = field(default_factory=set)
    cleared: set[str] = field(default_factory=set)
    embargo: bool = False
    published: bool = False
    suspended: bool = False
    together: bool = False  # offered at once with others: when one is taken on the rest are taken back

    @property
    def ended(self) -> bool:
        return self.state in ("completed", "declined", "lapsed", "cancelled", "not_usable", "retracted")


@dataclass
class Life:
    """What the model knows of one question, asked by Jonas in the name of Amira."""

    state: str = "draft"
    attempts: list[Attempt] = field(default_factory=list)
    owner: str = "amira"
    deputy: str = "hanna"
    confirmed: bool = False
    picked_up: bool = False
    asked: bool = False  # by the clock, whether it is still current
    suspended: bool = False
    older: bool = False
    parts: bool = False
    back: str = ""
    voted: list[str] = field(default_factory=list)
    in_line: int = 0  # how many are asked by themselves once nobody has the question any more

    def people(self, at: Attempt | None) -> dict[str, str]:
        """Who has which role here."""
        voter = next((one for one in ("lars", "mona", "niels", "olga") if one not in self.voted), "")
        found = {"submitter": "jonas", "owner": self.owner, "deputy": self.deputy, "coordinator": "bram",
                 "admin": "greta", "privacy": "els", "member": voter}  # fmt: skip
        if at:
            found |= {"broker": "femke"} | ({} if at.state in ("offered", "placing") else {"lecturer": at.lecturer})
        if self.state == "redirected":
            found["partner"] = "daan"
        return found

    def may(self, n: int | None, step: str, role: str) -> bool:
        """Whether a role may take this step now, on the question or on its n-th trajectory."""
        at = self.attempts[n] if n is not None else None
        table, here = (TRAJECTORY, at.state) if at else (QUESTION, self.state)
        if step == "offer":
            return at is None and role == "coordinator" and self.state in ("matching", "underway")
        states, _, by = table.get(step, ("", "", ""))
        return here in states.split() and role in by.split() and self._open(at, step)

    def _open(self, at: Attempt | None, step: str) -> bool:
        stopped = at.suspended if at else self.suspended
        rules = {
            "confirm_ownership": not self.confirmed, "pick_up": not self.picked_up, "still_current": self.asked,
            "suspend": not stopped, "resume": stopped, "extend": not stopped, "adopt": self.older,
            "choose_way": self.state in ("matching", "underway"), "clear": bool(at and not at.published),
        }  # fmt: skip
        return rules.get(step, True)

    @property
    def asks_at_once(self) -> bool:  # every other time; else one after the other
        return len(self.attempts) % 2 == 1

    def moves(self) -> Iterator[tuple[int | None, str, str]]:
        """Everything that somebody may do now."""
        for n in (None, *range(len(self.attempts))):
            people = self.people(self.attempts[n] if n is not None else None)
            for step in [*(TRAJECTORY if n is not None else QUESTION), "offer"]:
                yield from ((n, step, role) for role in people if people[role] and self.may(n, step, role))

    def take(self, n: int | None, step: str, role: str, *, embargo: bool = False) -> None:
        """What a step makes of it."""
        if step == "offer":
            self.attempts.append(Attempt())
        elif n is None:
            self._question(step, role)
        else:
            self._trajectory(self.attempts[n], step, role, embargo)

    def _question(self, step: str, role: str) -> None:  # noqa: C901 - the whole of it at a glance
        before, to = self.state, QUESTION[step][1]
        if step == "ask_around":
            self.in_line = 0 if (at_once := self.asks_at_once) else 1
            self.attempts += [Attempt(together=at_once) for _ in range(2 if at_once else 1)]
        self.state = {"=": before, "<": self.back}.get(to, to)
        changes = {"confirm_ownership": ("confirmed", True), "pick_up": ("picked_up", True),
                   "suspend": ("suspended", True), "resume": ("suspended", False), "adopt": ("older", False),
                   "split": ("parts", True), "still_current": ("asked", False), "postpone": ("asked", False),
                   "redirect": ("picked_up", False), "hold": ("back", before)}  # fmt: skip
        if step in changes:
            setattr(self, *changes[step])
        if step == "change_owner":
            self.owner, self.confirmed = _other("owner", self.owner), False
        if step == "change_deputy":
            self.deputy = _other("deputy", self.deputy)
        if step == "submit":
            self.older = False
        if self.state == "submitted" and self.confirmed:
            self.state = "screening"
        if step == "vote":
            self.voted.append(self.people(None)["member"])
        if step in ("close_vote", "decide_in_meeting") or len(self.voted) == 4:
            self.state = "matching"
        if step in CLOSING:
            for one in self.attempts:
                one.state = one.state if one.ended else "cancelled"
        if step == "wake" and self.state == "matching" and any(one.state in WORKING for one in self.attempts):
            self.state = "underway"
        if self.state != before:
            self.suspended = self.asked = False
            self.voted = []
            self.in_line = 0 if self.state == "triage" else self.in_line

    def _trajectory(self, at: Attempt, step: str, role: str, embargo: bool) -> None:
        before, to = at.state, TRAJECTORY[step][1]
        at.state = before if to == "=" else to
        if step in ("suspend", "resume"):
            at.suspended = step == "suspend"
        if step == "change_lecturer":
            at.lecturer = _other("lecturer", at.lecturer)
            at.agreed -= {"lecturer"} if before == "agreeing" else set()
        if step == "agree":
            at.agreed.add(role)
            at.state = "scheduled" if len(at.agreed) == 2 else before
        if step == "clear":
            at.cleared.add(role)
            # Who clears a second time takes back what they said the first time.
            at.embargo = embargo or (at.embargo and role != "owner")
            at.published = {"owner", "lecturer"} <= at.cleared and not at.embargo
        at.published = at.published or step == "publish"
        if at.state != before:
            at.suspended = False
        if step == "take_on" and at.together:
            for one in (one for one in self.attempts if one.together and one.state == "offered"):
                one.state = "retracted"
        self._with_education(at, before)
        looked_for = self.state in ("matching", "underway") and all(one.ended for one in self.attempts)
        if step in ("decline", "lapse") and looked_for and self.in_line:
            self.attempts, self.in_line = [*self.attempts, Attempt()], 0

    def _with_education(self, at: Attempt, before: str) -> None:
        """The question follows its trajectories."""
        before_question = self.state
        if at.state == "completed" and before == "delivered" and self.state in ("matching", "underway", "on_hold"):
            self.state = "answered"
        if at.state == "scheduled" and self.state == "matching":
            self.state = "underway"
        gone = at.ended and at.state != before and not any(one.state in WORKING for one in self.attempts)
        if gone and self.state == "underway":
            self.state = "matching"
        if self.state != before_question:
            self.suspended = self.asked = False

    def parts_answered(self) -> None:
        """All parts of a split question have come to rest, one of them with an answer."""
        if self.state in ("screening", "triage", "matching", "underway", "on_hold"):
            self.state, self.suspended, self.asked = "answered", False, False
        self.parts = False


def _other(role: str, name: str) -> str:
    first, second = TAKES_OVER[role]
    return second if name == first else first
