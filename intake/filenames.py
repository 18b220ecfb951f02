"""Names of files as we keep and give them: one line, no paths, no invisible signs, no surprises on any system."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 120
NOWHERE = re.compile(r'[<>:"|?*]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)  # Windows keeps these for itself


def clean_name(given: str) -> str:
    """A name without folders, control signs or signs that turn the reading direction; `file` when nothing is left."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    name = "".join(" " if unicodedata.category(sign)[0] == "Z" or sign in "\t\r\n" else sign for sign in name)
    # Category C: control signs, signs of direction, halves of pairs, what has no meaning yet.
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    name = " ".join(NOWHERE.sub("_", name).split()).strip(" .")
    name = DEVICES.sub(r"_\1", name, count=1) if DEVICES.match(name) else name
    return _shortened(name).strip(" .") or "file"


def _shortened(name: str) -> str:
    stem, extension = parts(name)
    return name if len(name) <= LONGEST else stem[: LONGEST - len(extension)].rstrip(" .") + extension


def parts(name: str) -> tuple[str, str]:
    """`("report", ".pdf")`; an extension is at most ten plain letters and digits."""
    found = re.fullmatch(r"(.+)(\.[A-Za-z0-9]{1,10})", name, re.DOTALL)
    return (found[1], found[2]) if found else (name, "")


def disposition(name: str) -> str:
    """The header that has a browser save a file, never show it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", plain).strip() or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
