"""A value as a cell that no spreadsheet runs, and back; what somebody typed in one, as a form would give it."""

import re
from collections.abc import Sequence
from typing import Any

from schemas.needs import Need
from schemas.words import languages, words

UNPRINTED = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]")  # what no workbook may hold
RISKY = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to calculate
YES = {"ja": "yes", "true": "yes", "1": "yes", "nee": "no", "false": "no", "0": "no"}


def cell(value: Any) -> str:
    """A value as a cell: lists with semicolons; what a spreadsheet would calculate is made text."""
    text = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    text = UNPRINTED.sub("", text)
    return f"'{text}" if text.startswith(RISKY) or (text[:1] == "'" and text[1:2] in (*RISKY, "'")) else text


def uncell(text: str) -> str:
    """What `cell` was given."""
    return text[1:] if text[:1] == "'" and text[1:2] in (*RISKY, "'") else text


def plain(text: str) -> str:
    """A name as it is compared: in small letters, without the marks that a form puts behind it."""
    return " ".join(text.casefold().split()).rstrip("*: ")


def given(name: str, need: Need, text: str) -> str:
    """A cell as a form would give it: the Dutch way to write a day, and choices by their names too."""
    text = text.replace("\r\n", "\n").strip()
    if need.kind == "date" and (found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text)):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    if need.choices:
        return "; ".join(_choice(name, need.choices, part) for part in re.split(r"[;\n]", text))
    return text


def _choice(name: str, choices: Sequence[str], text: str) -> str:
    wanted = plain(text)
    for choice in choices:
        named = {plain(str(words(one)["supply"][name]["choices"][choice])) for one in languages()}
        if wanted in {choice, *named}:
            return choice
    return YES.get(wanted, text.strip()) if "yes" in choices else text.strip()
