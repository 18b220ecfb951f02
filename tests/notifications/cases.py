"""Sets of facts that letters must be able to speak about: full, bare, and with a sign on everything personal."""

from collections.abc import Iterator
from typing import Any

from notifications.gallery import LINKS, PEOPLE, example, roles
from notifications.letters import letters

ALL = [(name, role) for name in sorted(letters()) for role in roles(name)]
BESIDES = ("meeting", "questions", "count", "also")  # facts that only some letters have
PERSONAL = ("recipient", "title", "situation", "wanted", "use", "owner", "submitter", "deputy", "actor")


def bare(name: str, role: str) -> dict[str, Any]:
    """Every fact that may be empty is empty."""
    facts = example(name, "nl", role)
    for key in ("department", "actor_role", "state_label", "step"):
        facts[key] = ""
    for key in ("needed_by", "deputy", "actor", "now", "task", "trajectory", "other", "until", "link_expires"):
        facts[key] = None
    rest = {"task": "", "now": {"who": "", "what": "", "by": None}}
    facts["questions"] = [one | rest for one in facts.get("questions", ())]
    return facts | {"given": {}, "coordinator": {"name": "", "email": ""}}


def full(name: str, role: str) -> dict[str, Any]:
    """Every fact that may be there is there."""
    facts = example("delivered", "nl", role) | {"state": example(name, "nl", role)["state"], "until": "2027-02-01"}
    facts["other"] = {"ref": "ES-2026-0007-B", "title": "Wat maakt de route onveilig?", "owner": "Peter Nijland"}
    found = {"earlier": {"Samenvatting": "De oversteek is onveilig."}, "earlier_at": "ROC van Twente"}
    facts["trajectory"] = {**facts["trajectory"], **found}
    facts["task"] = {"what": "bekijk het resultaat", "since": "2027-04-16", "by": "2027-04-30"}
    facts |= {key: value for key, value in example(name, "nl", role).items() if key in BESIDES}
    return facts | {"given": example(name, "nl", role)["given"] or {"reason": {"label": "Reden", "value": "Daarom."}}}


def marked(name: str, role: str, sign: str) -> dict[str, Any]:
    """Everything that people filled in, and every name, carries a sign."""
    facts = full(name, role)
    facts |= {key: f"{sign}{facts[key]}" for key in PERSONAL}
    facts["given"] = {
        key: {"label": one["label"], "value": f"{sign}{one['value']}"} for key, one in facts["given"].items()
    }
    facts["coordinator"] = {key: f"{sign}{value}" for key, value in facts["coordinator"].items()}
    facts["other"] = {key: value if key == "ref" else f"{sign}{value}" for key, value in facts["other"].items()}
    kept = (
        "ref",
        "institution",
        "offering",
        "term",
        "starts_on",
        "ends_on",
        "agreement",
        "result",
        "students",
        "earlier",
    )
    facts["trajectory"] = {
        key: value if key in kept else f"{sign}{value}" for key, value in facts["trajectory"].items()
    }
    meeting = facts["meeting"] = dict(facts.get("meeting", {}))
    meeting |= {key: f"{sign}{meeting[key]}" for key in ("place", "link", "reason", "was") if key in meeting}
    for key in {"agenda", "decided"} & meeting.keys():
        meeting[key] = [one | {"title": f"{sign}{one['title']}"} for one in meeting[key]]
    for part in ("agreement", "result", "earlier"):
        facts["trajectory"][part] = {key: f"{sign}{value}" for key, value in facts["trajectory"][part].items()}
    return facts


def every_set(name: str, role: str) -> Iterator[dict[str, Any]]:
    yield example(name, "nl", role)
    yield bare(name, role)
    yield full(name, role)
    yield full(name, role) | {"state": "submitted", "step": "change_owner"}
    yield full(name, role) | {"actor": PEOPLE.get(role), "owner": PEOPLE.get(role), "submitter": PEOPLE.get(role)}


SETS_OF_LINKS: tuple[dict[str, str], ...] = (LINKS, {"act": LINKS["act"]}, {"status": LINKS["status"]}, {})
