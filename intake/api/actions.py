"""The body of a POST that does something about a letter or a message: an `action`, and the `needs` of that action."""

from collections.abc import Collection, Mapping
from typing import Any

from intake.api.faults import not_asked
from schemas.needs import Fault, FaultyNeeds


def action_body(title: str, actions: Collection[str], what: str, needs: str) -> dict[str, Any]:
    """The JSON Schema of such a body; `what` and `needs` say in words what the action is about and what it needs."""
    return {
        "title": title, "type": "object", "required": ["action"], "additionalProperties": False,
        "properties": {
            "action": {"enum": list(actions), "description": f"What to do about the {what}."},
            "needs": {"type": "object", "description": needs},
        },
    }  # fmt: skip


def action_asked(body: Mapping[str, Any], actions: Collection[str]) -> tuple[str, Mapping[str, Any]]:
    """The action that a body asks for, with its needs as they came. Raises FaultyNeeds."""
    action, needs = body.get("action"), body.get("needs") or {}
    faults = not_asked(body, {"action", "needs"})
    if not isinstance(action, str) or action not in actions:
        faults.append(Fault("action", "not_a_choice" if action else "missing"))
    if not isinstance(needs, Mapping):
        faults.append(Fault("needs", "wrong"))
    if faults:
        raise FaultyNeeds(faults)
    return str(action), needs
