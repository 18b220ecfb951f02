"""Papers as PDF. What people wrote reaches the template as data, never as source."""

import json
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst
import yaml
from babel.dates import format_date

HERE = Path(__file__).parent
TEMPLATE = HERE / "templates" / "paper.typ"
DATE = re.compile(r"\d{4}-\d\d-\d\d")
DAYS = {"day", "by", "since"}
ONE_AT_A_TIME = Lock()  # the compiler is one thing, and threads may ask for a paper at once
LOCALES = {"nl": "nl_NL", "en": "en_GB"}


def pdf(paper: dict[str, Any]) -> bytes:
    """A paper as a tagged PDF, the same for the same paper; its fonts are the ones that come with Typst."""
    language = paper["language"]
    data = {"data": json.dumps({**_written(paper, language), "words": words(language)})}
    with ONE_AT_A_TIME:
        try:
            made = _compiler().compile(sys_inputs=data, pdf_standards=["ua-1"])
        except typst.TypstError:  # a sign that these fonts do not have; a paper with a hole is better than none
            made = _compiler().compile(sys_inputs=data)
    return bytes(made)


def file_name(paper: dict[str, Any]) -> str:
    """`besluitenlijst-2027-01-12.pdf`, in the language of the paper."""
    title = words(paper["language"])[paper["kind"]].split()[0].lower()
    return f"{title}-{paper['meeting']['day']}.pdf"


@lru_cache
def words(language: str) -> dict[str, str]:
    """The words of the papers in a language."""
    read: dict[str, str] = yaml.safe_load((HERE / "words" / f"{language}.yaml").read_text("utf-8"))
    return read


@lru_cache
def _compiler() -> Any:
    return typst.Compiler(input=str(TEMPLATE), root=str(TEMPLATE.parent), ignore_system_fonts=True)


def _written(value: Any, language: str, key: str = "") -> Any:
    """The same with its dates written out."""
    if isinstance(value, dict):
        dated = value.get("date") is True
        return {name: _written(one, language, "day" if dated and name == "value" else name)
                for name, one in value.items()}  # fmt: skip
    if isinstance(value, list):
        return [_written(one, language) for one in value]
    if key in DAYS and isinstance(value, str) and DATE.fullmatch(value):
        return format_date(date.fromisoformat(value), "EEEE d MMMM y", locale=LOCALES.get(language, language))
    return value
