"""Sets of facts that a letter must be able to speak about: as in the gallery, bare, full, and with marks on people."""

from collections.abc import Iterator, Mapping
from typing import Any

from notifications.gallery import LINKS, PEOPLE, example

PERSONAL = ("recipient", "title", "situation", "wanted", "use", "owner", "submitter", "deputy", "actor")
NOT_PERSONAL = frozenset({
    "ref", "institution", "offering", "term", "starts_on", "ends_on", "agreement", "result", "students", "earlier",
})  # fmt: skip
BESIDES = ("meeting", "hand_in", "questions", "count", "also")  # facts that only some letters have
Facts = dict[str, Any]
SETS_OF_LINKS: tuple[dict[str, str], ...] = (LINKS, {"act": LINKS["act"]}, {"status": LINKS["status"]}, {})


def bare(name: str, role: str) -> Facts:
    """Every fact that may be empty is empty."""
    facts = example(name, "nl", role)
    for key in ("department", "actor_role", "state_label", "step"):
        facts[key] = ""
    for key in ("needed_by", "deputy", "actor", "now", "task", "trajectory", "other", "until", "link_expires"):
        facts[key] = None
    rest = {"task": "", "now": {"who": "", "what": "", "by": None}}
    facts["questions"] = [one | rest for one in facts.get("questions", ())]
    return facts | {"given": {}, "coordinator": {"name": "", "email": ""}}


def full(name: str, role: str) -> Facts:
    """Every fact that may be there is there."""
    facts = example("delivered", "nl", role) | {"state": example(name, "nl", role)["state"], "until": "2027-02-01"}
    facts["other"] = {"ref": "ES-2026-0007-B", "title": "Wat maakt de route onveilig?", "owner": "Peter Nijland"}
    found = {"earlier": {"Samenvatting": "De oversteek is onveilig."}, "earlier_at": "de andere instelling"}
    facts["trajectory"] = {**facts["trajectory"], **found}
    facts["task"] = {"what": "bekijk het resultaat", "since": "2027-04-16", "by": "2027-04-30"}
    facts |= {key: value for key, value in example(name, "nl", role).items() if key in BESIDES}
    return facts | {"given": example(name, "nl", role)["given"] or {"reason": {"label": "Reden", "value": "Daarom."}}}


def marked(name: str, role: str, sign: str) -> Facts:
    """Everything that people filled in, and every name, carries a sign."""
    facts = full(name, role)
    facts |= {key: f"{sign}{facts[key]}" for key in PERSONAL}
    facts["given"] = {
        key: {"label": one["label"], "value": f"{sign}{one['value']}"} for key, one in facts["given"].items()
    }
    facts["coordinator"] = {key: f"{sign}{value}" for key, value in facts["coordinator"].items()}
    facts["other"] = {key: value if key == "ref" else f"{sign}{value}" for key, value in facts["other"].items()}
    facts["trajectory"] = {
        key: value if key in NOT_PERSONAL else f"{sign}{value}" for key, value in facts["trajectory"].items()
    }
    for part in ("agreement", "result", "earlier"):
        facts["trajectory"][part] = {key: f"{sign}{value}" for key, value in facts["trajectory"][part].items()}
    if near := facts.get("hand_in"):
        facts["hand_in"] = near | {"questions": [one | {"title": f"{sign}{one['title']}"} for one in near["questions"]]}
    return facts | {"meeting": _marked_meeting(facts.get("meeting", {}), sign)}


def _marked_meeting(meeting: Mapping[str, Any], sign: str) -> Facts:
    marks: Facts = {key: f"{sign}{meeting[key]}" for key in ("place", "link", "reason", "was") if key in meeting}
    for key in {"agenda", "decided"} & meeting.keys():
        marks[key] = [one | {"title": f"{sign}{one['title']}"} for one in meeting[key]]
    return {**meeting, **marks}


def every_set(name: str, role: str) -> Iterator[Facts]:
    """The sets that each letter is tried with."""
    yield example(name, "nl", role)
    yield bare(name, role)
    yield full(name, role)
    yield full(name, role) | {"state": "submitted", "step": "change_owner"}
    yield full(name, role) | {"actor": PEOPLE.get(role), "owner": PEOPLE.get(role), "submitter": PEOPLE.get(role)}
