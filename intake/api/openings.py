"""The steps that a reader may take now: what each needs, as JSON Schema, and who would be written to."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from intake.api.ahead import letters_ahead
from intake.api.shapes import OpenStep
from intake.choices import step_options
from intake.fields import Options
from intake.sight import Reader, roles_here
from intake.taking import steps_for
from schemas.case import Case
from schemas.needs import NEEDS, json_schema
from schemas.rules import NEW, Step
from schemas.words import word, words


async def open_steps(case: Case, reader: Reader, language: str) -> list[OpenStep]:
    """In the order of the table; on a question also the offer of a new trajectory."""
    mine = roles_here(reader, case)
    found = []
    for name, step in (await steps_for(case, reader)).items():
        # Brokers of earlier offers have no part in a new one.
        at = replace(case, trajectories=[]) if NEW in step.moves else case
        found.append(
            OpenStep(
                name=name,
                label=word(language, f"steps.{name}.label"),
                hint=word(language, f"steps.{name}.hint"),
                needs=described(step, language, await step_options(case, step, language)),
                letters=await letters_ahead(at, step, reader, mine),
            )
        )
    return found


def described(step: Step, language: str, options: Options) -> dict[str, Any]:
    """What a step needs, with labels, and with the choices that the lists of the moment leave."""
    schema = deepcopy(json_schema(step)) | {"title": "needs"}
    for name in step.need_names:
        schema["properties"][name] = _property(schema["properties"][name], name, language, options)
    known = words(language)["needs"]
    for scores in schema.get("$defs", {}).values():
        for key, row in scores["properties"].items():
            row["title"] = str(known["scores"]["choices"].get(key) or known[key]["label"])
    return schema


def _property(row: dict[str, Any], name: str, language: str, options: Options) -> dict[str, Any]:
    # An optional need may be left out; that null is taken for left out need not be said.
    row = {**row, **next((one for one in row.get("anyOf", ()) if one.get("type") != "null"), {})}
    row.pop("anyOf", None)
    row.pop("default", None)
    known = words(language)["needs"][name]
    row["title"] = str(known["label"])
    if known.get("hint"):
        row["description"] = str(known["hint"])
    source = NEEDS[name].source
    labels = dict(options[source]) if source in options else known.get("choices") if "enum" in row else None
    if labels:
        row |= {"enum": list(labels), "x-labels": {str(key): str(label) for key, label in labels.items()}}
    return row
