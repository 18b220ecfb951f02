"""What people tend to do where, how likely, and how long they take. Not what they may: that is for the process."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import NamedTuple


class Wish(NamedTuple):
    """Somebody with this role takes this step; the weight tells how often."""

    weight: int
    step: str
    role: str


def _wishes(rows: str) -> tuple[Wish, ...]:
    found = [row.split() for row in rows.split(",")]
    return tuple(Wish(int(weight), step, role) for weight, step, role in found)


QUESTION: Mapping[str, tuple[Wish, ...]] = {
    "draft": _wishes("90 submit submitter, 10 wait submitter"),
    "submitted": _wishes("80 confirm_ownership owner, 8 refuse_ownership owner, 12 wait owner"),
    "screening": _wishes(
        "38 put_forward coordinator, 30 accept coordinator, 8 ask_back coordinator, 3 reject coordinator, "
        "4 redirect coordinator, 4 hold coordinator, 2 withdraw owner, 2 suspend coordinator, 2 extend coordinator, "
        "2 prefer coordinator, 5 wait coordinator"
    ),
    "unclear": _wishes("80 clarify owner, 10 clarify submitter, 10 wait owner"),
    "parked": _wishes("40 clarify owner, 10 withdraw owner, 50 wait owner"),
    "triage": _wishes("90 vote committee, 3 ask_back coordinator, 2 split coordinator, 5 wait committee"),
    "matching": _wishes(
        "78 offer coordinator, 3 prefer coordinator, 3 hold coordinator, 2 unmatch coordinator, 2 extend coordinator, "
        "2 change_owner owner, 2 split coordinator, 8 wait coordinator"
    ),
    "underway": _wishes("2 withdraw owner, 3 change_deputy owner, 2 change_owner owner, 93 wait owner"),
    "on_hold": _wishes("30 wake coordinator, 20 postpone owner, 10 still_current owner, 40 wait owner"),
    "answered": _wishes("30 report_impact owner, 3 close coordinator, 67 wait owner"),
    "redirected": _wishes("50 pick_up partner, 20 hand_back partner, 30 wait partner"),
    "rejected": _wishes("4 reopen coordinator, 96 wait coordinator"),
    "withdrawn": _wishes("4 reopen coordinator, 96 wait coordinator"),
    "unmatched": _wishes("4 reopen coordinator, 96 wait coordinator"),
}
TRAJECTORY: Mapping[str, tuple[Wish, ...]] = {
    "offered": _wishes("65 take_on broker, 20 decline broker, 15 wait broker"),
    "placing": _wishes("85 place broker, 5 cancel broker, 10 wait broker"),
    "agreeing": _wishes("45 agree owner, 45 agree lecturer, 3 suspend coordinator, 7 wait owner"),
    "scheduled": _wishes("40 start lecturer, 3 cancel lecturer, 5 change_lecturer broker, 52 wait lecturer"),
    "running": _wishes("55 deliver lecturer, 20 report_midterm lecturer, 3 cancel broker, 22 wait lecturer"),
    "delivered": _wishes("60 accept_result owner, 12 ask_revision owner, 6 refuse_result deputy, 22 wait owner"),
    "completed": _wishes("40 clear owner, 40 clear lecturer, 20 wait owner"),
    "cancelled": _wishes("60 choose_way owner, 40 wait owner"),
    "not_usable": _wishes("60 choose_way owner, 40 wait owner"),
}
HURRIES = ("at once", "in days", "dawdles", "on holiday")


def patience(dice: Random) -> timedelta:
    """How long somebody takes before they act."""
    kind = dice.choices(HURRIES, (30, 45, 17, 8))[0]
    if kind == "at once":
        return timedelta(minutes=dice.randint(5, 600))
    days = {"in days": (1, 5), "dawdles": (5, 18), "on holiday": (14, 32)}[kind]
    return timedelta(days=dice.randint(*days), minutes=dice.randint(0, 540))


def chosen(dice: Random, wishes: tuple[Wish, ...]) -> Wish:
    """One of them."""
    return dice.choices(wishes, [one.weight for one in wishes])[0]
