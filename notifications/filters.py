"""How a fact is put on paper: cleaned, on one line or several, a date written out. One set per language and form."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from markupsafe import Markup, escape

# Control characters and the signs that turn the direction of writing can disguise a text; half surrogates break mail.
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
BREAK = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
ROW = Markup('<tr><th scope="row" align="left" valign="top">%s</th><td valign="top">%s</td></tr>')
LOCALES = {"nl": "nl_NL", "en": "en_GB"}


def clean(value: Any) -> str:
    """Whatever a person filled in as text that is safe to print; breaks become newlines."""
    if value is None:
        return ""
    words = "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if words.isprintable():  # nothing unwanted is, nor any break
        return words.strip()
    return BREAK.sub("\n", UNWANTED.sub("", words)).strip()


def line(value: Any) -> str:
    """On one line."""
    return " ".join(clean(value).split())


def lines(value: Any) -> str:
    """With its breaks, at most one empty line between."""
    return re.sub(r"\n\s*\n\s*", "\n\n", clean(value))


def html_lines(value: Any) -> Markup:
    return Markup("<br>").join(escape(one) for one in lines(value).split("\n"))


def quoted(words: str) -> str:
    """As words of somebody else, each line behind a `>`."""
    return "\n".join(f"> {one}".rstrip() for one in words.split("\n"))


def labelled(label: str) -> str:
    """A label with its colon; a question needs none."""
    return label if label.endswith("?") else f"{label}:"


def text_row(label: str, value: str) -> str:
    """`Label: value`, a long value indented below its label; nothing when there is no value."""
    if not value.strip():
        return ""
    if "\n" in value or len(label) + len(value) > 72:
        value = "\n" + "\n".join(f"  {one}".rstrip() for one in value.split("\n"))
        return f"{labelled(label)}{value}\n"
    return f"{labelled(label)} {value}\n"


def html_row(label: Markup, value: Markup) -> Markup:
    if not value.strip():
        return Markup("")
    return ROW % (labelled(label), value)


def upper_first(words: Any) -> str:
    text = line(words)
    return text[:1].upper() + text[1:]


def full_stop(words: Any) -> str:
    """The full stop that a sentence ending in these words still needs."""
    return "" if line(words).endswith((".", "?", "!", "…")) else "."


@lru_cache(maxsize=4096)
def _written_out(day: str, locale: str) -> str:
    try:
        return str(format_date(date.fromisoformat(day[:10]), "EEEE d MMMM y", locale=locale))
    except ValueError:
        return day


def day_in(language: str) -> Callable[[Any], str]:
    """`2027-01-12` as "dinsdag 12 januari 2027"; free text stays as it is."""
    locale = LOCALES.get(language, language)
    return lambda value: _written_out(line(value), locale)
