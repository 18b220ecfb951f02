"""What is possible after a trajectory that did not go ahead: three ways, each a link that leads straight to it."""

from urllib.parse import urlencode

from intake.sight import Reader
from intake.taking import steps_for
from schemas.case import Case
from schemas.needs import WAYS
from schemas.rules import Role
from schemas.subjects import Question, Trajectory
from schemas.words import choice_label


def way_of(attempt: Trajectory, question: Question, way: str) -> str:
    """Where whoever looks for a new place goes for one of the ways."""
    if way == "next_term":
        known = {"institution": attempt.institution_id, "offering": attempt.offering_id or ""}
        return f"/questions/{question.ref}/steps/offer?{urlencode(known)}"
    return f"/questions/{question.ref}" + ("/steps/offer" if way == "other_institution" else "#matches")


async def ways_for(case: Case, reader: Reader, base: str, language: str) -> list[dict[str, str]]:
    """The ways that this reader may go from a trajectory that has ended, or none."""
    found = await steps_for(case, reader) if isinstance(case.subject, Trajectory) else {}
    desk = Role.COORDINATOR in reader.roles and case.question.state in ("matching", "underway")
    if not isinstance(case.subject, Trajectory) or case.subject.state not in ("cancelled", "not_usable"):
        return []
    if "choose_way" not in found and not desk:
        return []
    return [
        {"label": choice_label(language, "way", way), "hint": "",
         "href": way_of(case.subject, case.question, way) if desk else f"{base}/steps/choose_way?way={way}"}
        for way in WAYS if not desk or way != "stop"
    ]  # fmt: skip
