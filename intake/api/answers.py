"""What each call takes and may answer, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from schemas.needs import json_schema
from schemas.process import MACHINES

MEANINGS: Mapping[int, str] = {
    400: "Something is not right: every fault at once, each with its field.",
    401: "No token, or not a valid one.",
    403: "Known, but not for this reader, or not their step.",
    404: "Nothing has this reference.",
    409: "The step came too late (with what is true now), or the Idempotency-Key belongs to another request.",
}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
TAKES: dict[str, Any] = {
    "title": "TakeStep", "type": "object", "required": ["step"], "additionalProperties": False,
    "properties": {
        "step": {"type": "string", "description": "The name of one of the `steps` that are open now."},
        "needs": {"type": "object", "description": "What that step needs: see its JSON Schema in `steps`."},
    },
}  # fmt: skip


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Responses of these statuses, all of them problems."""
    return {status: {"description": MEANINGS[status], "content": PROBLEM} for status in statuses}


def made(body: Mapping[str, Any] | str) -> dict[str, Any]:
    """The body of a POST: a JSON Schema, the name of the step whose needs it is, or `Step` for any step."""
    if isinstance(body, str):
        steps = {name: step for machine in MACHINES.values() for name, step in machine.steps.items()}
        body = json_schema(steps[body]) | {"title": body.title()} if body in steps else TAKES
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}
