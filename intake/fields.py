"""From needs to form fields and back: what the macro shows, and what a browser sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData

from schemas.needs import NEEDS, Fault, Need
from schemas.rules import Step
from schemas.words import words

Options = Mapping[str, Sequence[tuple[str, str]]]
AUTOCOMPLETE = {"submitter_name": "name", "submitter_email": "email"}
KINDS = {
    "pick": "choice", "suggest": "choice", "several": "choices", "lines": "text", "urls": "text", "words": "text",
    "whole": "number",
}  # fmt: skip
FEW_ROWS = {"urls": 3, "lines": 4, "words": 6}


def read_form(needs: Mapping[str, Need], form: FormData) -> dict[str, Any]:
    """What was typed, by the names of the needs; a date from its three boxes."""
    return {name: _read(name, need, form) for name, need in needs.items()}


def _read(name: str, need: Need, form: FormData) -> Any:
    if need.kind == "date":
        parts = [str(form.get(f"{name}-{part}", "")).strip() for part in ("year", "month", "day")]
        if not any(parts):
            return str(form.get(name, "")).strip()
        return "-".join(part.zfill(size) for part, size in zip(parts, (4, 2, 2), strict=True))
    if need.kind == "several":
        return [str(one) for one in form.getlist(name)]
    if need.kind == "scores":
        given = {key: str(form.get(f"{name}.{key}", "")) for key in need.choices}
        return {key: value for key, value in given.items() if value}
    # PostgreSQL keeps no NUL, and nobody types one.
    return str(form.get(name, "")).replace("\r\n", "\n").replace("\x00", "").strip()


def fields(
    language: str,
    needs: Mapping[str, Need],
    required: Iterable[str],
    values: Mapping[str, Any],
    faults: Iterable[Fault],
    options: Options,
    section: str = "needs",
) -> list[dict[str, Any]]:
    """The fields of a form, in order, as the macro wants them; `section` of the words names them."""
    said = {fault.field: message(language, _plainer(fault, needs)) for fault in faults}
    required = set(required)
    made: list[dict[str, Any]] = []
    for name, need in needs.items():
        if need.kind == "scores":
            made += _scores(language, name, need, values.get(name) or {}, said)
        else:
            known = words(language)[section][name]
            choices = _choices(language, known, name, need, options)
            made.append(_field(known, name, need, name in required, values.get(name), said.get(name), choices))
    return made


def _plainer(fault: Fault, needs: Mapping[str, Need]) -> Fault:
    """A choice that was not made: one chooses, one does not fill in."""
    need = needs.get(fault.field.partition(".")[0])
    choosing = need and need.kind in ("choice", "pick", "suggest", "scores", "several")
    return Fault(fault.field, "not_a_choice") if choosing and fault.code == "missing" else fault


def step_fields(
    language: str, step: Step, values: Mapping[str, Any], faults: Iterable[Fault], options: Options
) -> list[dict[str, Any]]:
    """The fields that a step needs."""
    return fields(language, {name: NEEDS[name] for name in step.need_names}, step.required, values, faults, options)


def _field(
    known: Mapping[str, Any], name: str, need: Need, required: bool, value: Any, error: str | None, choices: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": KINDS.get(need.kind, need.kind),
        "label": known["label"],
        "hint": known.get("hint", ""),
        "value": "\n".join(value) if isinstance(value, list) and need.kind != "several" else value,
        "error": error,
        "required": required,
        "max": need.max if need.kind == "text" else 0,
        "rows": FEW_ROWS.get(need.kind, 5),
        "choices": choices,
        "autocomplete": AUTOCOMPLETE.get(name, ""),
        "inputmode": "numeric" if need.kind == "whole" else "",
    }


def _choices(language: str, known: Mapping[str, Any], name: str, need: Need, options: Options) -> list[dict[str, str]]:
    if need.source in options:
        return [{"value": value, "label": label} for value, label in options[need.source]]
    labels = known.get("choices") or words(language)["extra"].get(name, {})
    return [{"value": choice, "label": str(labels.get(choice, choice))} for choice in need.choices]


def _scores(
    language: str, name: str, need: Need, values: Mapping[str, Any], said: Mapping[str, str]
) -> list[dict[str, Any]]:
    known = words(language)["needs"][name]
    missing = said.get(name)
    return [
        {
            "name": f"{name}.{key}", "kind": "choice", "label": known["choices"][key], "hint": known["hint"],
            "value": values.get(key), "required": True, "look": "sv-field--row",
            "error": said.get(f"{name}.{key}") or missing,
            "choices": [{"value": str(score), "label": str(score)} for score in range(4)],
        }
        for key in need.choices
    ]  # fmt: skip


def message(language: str, fault: Fault) -> str:
    """A fault as a sentence."""
    return str(words(language)["faults"][fault.code]).format(limit=fault.limit)


def summary(language: str, made: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The faults on top of the page: each names its field and leads to it."""
    return [
        {"href": f"#{one['name']}", "text": f"{_named(one['label'])} {one['error']}"}
        for one in made
        if one.get("error")
    ]


def _named(label: str) -> str:
    return label if label.endswith("?") else f"{label}:"


def told_faults(faults: Iterable[tuple[str, Fault]], language: str) -> list[dict[str, str]]:
    """Each fault with the name of its file, leading to where files are chosen."""
    return [
        {"href": "#files", "text": f"{name}: {message(language, fault)}".removeprefix(": ")} for name, fault in faults
    ]
