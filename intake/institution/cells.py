"""A value as a cell that no spreadsheet runs, and back."""

import re
from typing import Any

UNPRINTED = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]")  # what no workbook may hold
RISKY = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to calculate


def cell(value: Any) -> str:
    """A value as a cell: lists with semicolons; what a spreadsheet would calculate is made text."""
    text = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    text = UNPRINTED.sub("", text)
    return f"'{text}" if text.startswith(RISKY) or (text[:1] == "'" and text[1:2] in (*RISKY, "'")) else text


def uncell(text: str) -> str:
    """What `cell` was given."""
    return text[1:] if text[:1] == "'" and text[1:2] in (*RISKY, "'") else text
