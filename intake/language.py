"""Which language a page is in, and how dates and texts are written in it."""

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from fastapi import Request

from intake.body_limit import MEGABYTE
from intake.sight import Reader
from schemas.words import languages

COOKIE = "language"
LOCALES = Path(__file__).parent / "locales"
_HERE = {"zone": ZoneInfo("Europe/Amsterdam")}
CURRENT: ContextVar[str] = ContextVar("language", default="nl")


def language_of(request: Request, reader: Reader | None) -> str:
    """Asked for, else chosen earlier, else the reader's own, else the browser's, else Dutch."""
    wishes = [request.query_params.get("lang"), request.cookies.get(COOKIE), reader.person.language if reader else None]
    wishes += [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((wish for wish in wishes if wish in languages()), languages()[0])


@lru_cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The page texts of a language, built from its .po in memory; English is the source itself."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    buffer = BytesIO()
    with path.open("rb") as file:
        write_mo(buffer, read_po(file, locale=language))
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)


def translate(text: str) -> str:
    return catalogue(CURRENT.get()).gettext(text)


def translate_plural(one: str, many: str, count: int) -> str:
    return catalogue(CURRENT.get()).ngettext(one, many, count)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within this block texts and dates are in this language."""
    token = CURRENT.set(language)
    try:
        yield
    finally:
        CURRENT.reset(token)


def lasting(term: str) -> str:
    """`5 wd` as `5 working days`; empty for a term that leans on another day than the one it began on."""
    found = re.fullmatch(r"(\d+) (wd|d|w|m)", term)
    if not found:
        return ""
    count, ngettext = int(found[1]), translate_plural
    unit = {
        "wd": ngettext("%(num)s working day", "%(num)s working days", count),
        "d": ngettext("%(num)s day", "%(num)s days", count),
        "w": ngettext("%(num)s week", "%(num)s weeks", count),
        "m": ngettext("%(num)s month", "%(num)s months", count),
    }[found[2]]
    return unit % {"num": count}


def day(value: date | datetime | str | None) -> str:
    """`maandag 12 januari 2027`."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    if isinstance(value, datetime):
        value = local(value)
    return format_date(value, "EEEE d MMMM y", locale=CURRENT.get())


def short_day(value: date | datetime | None, language: str = "") -> str:
    """`12 jan 2027`, in the language of the page or the one that is named."""
    if not value:
        return ""
    value = local(value) if isinstance(value, datetime) else value
    return format_date(value, "d MMM y", locale=language or CURRENT.get())


def moment(value: datetime | None) -> str:
    """`12 jan 2027, 14:05`."""
    return format_datetime(local(value), "d MMM y, HH:mm", locale=CURRENT.get()) if value else ""


def decimal(value: float) -> str:
    """`1,5` or `1.5`."""
    return str(format_decimal(value, "0.#", locale=CURRENT.get()))


def share(percent: float) -> str:
    """`98,7 %`."""
    return format_percent(percent / 100, "0.# %", locale=CURRENT.get())


def size(count: int) -> str:
    """So many bytes: `3 kB`, begun ones counted, or `1,5 MB`."""
    _ = translate
    if count >= MEGABYTE:
        return _("%(size)s MB") % {"size": decimal(count / MEGABYTE)}
    return _("%(size)s kB") % {"size": ceil(count / 1024)}


def live_in(timezone: str) -> None:
    """Tell moments by the clock of this place from now on: an installation serves one cooperation."""
    _HERE["zone"] = ZoneInfo(timezone)


def local(value: datetime) -> datetime:
    return value.astimezone(_HERE["zone"])
