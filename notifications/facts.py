"""What a letter may say: the facts frozen when it was owed, with every fact that a text may ask for present."""

from collections.abc import Mapping
from typing import Any

SIGNING_IN = frozenset({"sign-in", "invited"})
ABOUT_DRAFT = frozenset({"resume-draft", "draft-reminder"})
ABOUT_HAND_IN = frozenset({"hand-in-near"})  # one letter about several questions
ABOUT_MEETING = frozenset({"meeting-planned", "meeting-moved", "meeting-cancelled", "meeting-pack", "decision-list"})
GATHERED = frozenset({"digest"})  # says what others would have said
WITHOUT_CASE = frozenset({"new-link", "resume-draft"}) | SIGNING_IN | ABOUT_MEETING | ABOUT_HAND_IN | GATHERED
WITHOUT_STEP = frozenset({"mentioned", "reply-received"})  # about a question, but beside the process
_PERSONAL: dict[str, Any] = {"recipient": "", "role": "", "cooperation": "", "link_expires": None}
_CASE: dict[str, Any] = {
    "ref": "", "title": "", "city": "", "department": "", "situation": "", "wanted": "", "use": "", "needed_by": None,
    "owner": "", "submitter": "", "deputy": None, "actor": None, "actor_role": "", "step": "", "state": "",
    "state_label": "", "given": {}, "until": None,
}  # fmt: skip
_TRAJECTORY: dict[str, Any] = {
    "ref": "", "institution": "", "offering": "", "term": "", "starts_on": None, "ends_on": None, "lecturer": "",
    "lecturer_email": "", "message": "", "agreement": {}, "result": {}, "students": None, "earlier": {},
    "earlier_at": "", "agreed": False,
}  # fmt: skip
_WITHIN: Mapping[str, Mapping[str, Any]] = {
    "coordinator": {"name": "", "email": ""},
    "now": {"who": "", "what": "", "by": None},
    "task": {"what": "", "since": None, "by": None},
    "trajectory": _TRAJECTORY,
    "other": {"ref": "", "title": "", "owner": ""},
}
_REPLY: dict[str, Any] = {"name": "", "email": "", "files": 0}
_MEETING: dict[str, Any] = {
    "committee": "", "day": None, "begins": "", "ends": "", "place": "", "link": "", "reason": "", "was": "",
    "pack_day": None, "agenda": [], "decided": [],
}  # fmt: skip
_HAND_IN: dict[str, Any] = {"first": None, "count": 0, "more": 0, "questions": []}
_BESIDE: dict[str, Any] = {
    "in_place_of": None, "files": 0, "reach": None, "next": None, "questions": [], "count": 0,
}  # fmt: skip
KEYS = frozenset(_PERSONAL) | frozenset(_CASE) | frozenset(_WITHIN)


def complete(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with empty groups filled. Raises ValueError when a letter about a question lacks a fact.

    Letters without a question (signing in, a new link) may leave out everything but the recipient.
    """
    lacking = sorted((KEYS if name not in WITHOUT_CASE else {"recipient"}) - facts.keys())
    if lacking:
        raise ValueError(f"the letter {name!r} lacks: {', '.join(lacking)}")
    filled: dict[str, Any] = {**_BESIDE, **_PERSONAL, **_CASE, **facts}
    for group, within in _WITHIN.items():
        given = filled.get(group) or {}
        filled[group] = {**within, **{key: value for key, value in given.items() if value is not None}}
    filled["meeting"] = {**_MEETING, **(facts.get("meeting") or {})}
    filled["reply"] = {**_REPLY, **(facts.get("reply") or {})}
    filled["hand_in"] = {**_HAND_IN, **(facts.get("hand_in") or {})}
    filled["placed"], filled["merged_with"] = bool(facts.get("trajectory")), bool(facts.get("other"))
    filled["given"] = {key: value for key, value in (filled["given"] or {}).items() if value.get("value")}
    return filled
