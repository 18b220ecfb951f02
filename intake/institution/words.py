"""The facts of a supply in the reader's words: labels, readable values, and what a change changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.fields import Options
from intake.language import short_day
from matching.disciplines import vocabulary
from schemas.city_form import ANY
from schemas.parties import Offering, Organisation, Period
from schemas.supply import SupplyChange
from schemas.supply_form import EDITION, FIELDS, LIMIT, flat
from schemas.words import word, words

EVERY = {**FIELDS, **EDITION, **LIMIT}


def label(language: str, name: str) -> str:
    return word(language, f"supply.{name}.label")


def choice(language: str, name: str, value: str) -> str:
    """One choice in words; what is no choice, such as the code of a term, as it is."""
    if name == "disciplines":
        found = vocabulary().get(value)
        return str(found["nl" if language == "nl" else "en"]) if found else value
    if name == "periods" and value == ANY:
        return word(language, "supply.periods.any")
    return str(words(language)["supply"][name].get("choices", {}).get(value, value))


def readable(value: Any, name: str, house: Organisation, language: str) -> str:
    """One value as a person reads it."""
    if isinstance(value, list):
        return ", ".join(choice(language, name, str(one)) for one in value)
    if name == "unit":
        return str(house.data.get("units", {}).get(value, value))
    if EVERY[name].kind == "date":
        return short_day(date.fromisoformat(str(value)), language)
    return choice(language, name, str(value)) if EVERY[name].choices else str(value)


def fact_rows(offering: Offering, house: Organisation, language: str) -> list[dict[str, str]]:
    """All facts of an offering, in the order of the form."""
    facts = flat(offering)
    return [
        {"label": label(language, name), "value": readable(facts[name], name, house, language)}
        for name in FIELDS
        if name in facts
    ]


def change_row(row: SupplyChange, who: str, offering: str, house: Organisation, language: str) -> dict[str, Any]:
    """A change as a line of the history: who, when, what, and each field before and after."""
    names = [name for name in EVERY if name in row.before or name in row.after]
    return {
        "at": row.at, "who": who, "what": row.what, "offering": offering, "id": row.offering_id,
        "term": (row.term_id or "").partition(":")[2].replace(":", " "),
        "fields": [{"label": label(language, name), "before": _said(row.before, name, house, language),
                    "after": _said(row.after, name, house, language)} for name in names],
    }  # fmt: skip


def _said(values: Mapping[str, Any], name: str, house: Organisation, language: str) -> str:
    return readable(values[name], name, house, language) if name in values else "–"


async def form_options(session: AsyncSession, house: Organisation, language: str) -> Options:
    """The lists that an offering's form lets one choose from."""
    codes = sorted(set(await session.exec(select(Period.code).where(Period.institution_id == house.id))))
    return {
        "units": sorted(
            ((key, str(name)) for key, name in house.data.get("units", {}).items()), key=lambda one: one[1]
        ),
        "periods": [(ANY, choice(language, "periods", ANY)), *((code, code) for code in codes)],
        "disciplines": sorted(
            ((name, choice(language, "disciplines", name)) for name in vocabulary()), key=lambda one: one[1]
        ),
    }
