"""Packed files, as Office and OpenDocument make them: looked into for no longer than an honest file takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from schemas.needs import Fault, FaultyNeeds

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
OFFICE = tuple(
    f"{OOXML}{one}" for one in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
OPEN = tuple(f"{ODF}{one}" for one in ("text", "spreadsheet", "presentation"))
MOST_PARTS, MOST_UNPACKED, MOST_SHRUNK, NO_BOMB = 5_000, 250 * 1024 * 1024, 200, 1024 * 1024
MANIFEST, LONGEST_MANIFEST = "[Content_Types].xml", 4 * 1024 * 1024
MACROS = ("vbaproject", "macroenabled", "vbadata", "basic/", "scripts/", "macrosheet", "activex")


def refuse(field: str, code: str, limit: str = "") -> FaultyNeeds:
    return FaultyNeeds([Fault(field, code, limit)])


@dataclass(frozen=True)
class Zipped:
    """What a packed file says of itself."""

    names: tuple[str, ...]
    manifest: bytes


def packed_kind(content: BinaryIO, size: int) -> str:
    """The media type of a packed file. Raises FaultyNeeds: broken, a bomb, with macros, or not ours."""
    try:
        content.seek(0)
        with ZipFile(content) as packed:
            inside = _unpacked(packed, size)
    except FaultyNeeds:
        raise
    except Exception:  # whoever means to break us chooses which of zipfile's and zlib's faults it is
        raise refuse("files", "file_broken") from None
    if any(sign in one.lower() for one in (*inside.names, inside.manifest.decode("latin-1")) for sign in MACROS):
        raise refuse("files", "file_macros")
    found = [kind for kind in OFFICE if f"{kind}.main+xml".encode() in inside.manifest]
    found += [kind for kind in OPEN if inside.manifest == kind.encode()]
    if found:
        return found[0]
    raise refuse("files", "file_kind")


def _unpacked(packed: ZipFile, size: int) -> Zipped:
    """Looks into every part, for no longer than an honest file takes."""
    rows = packed.infolist()
    unpacked = sum(one.file_size for one in rows)
    if len(rows) > MOST_PARTS or unpacked > min(MOST_UNPACKED, max(NO_BOMB, size * MOST_SHRUNK)):
        raise refuse("files", "file_bomb")
    if any(one.flag_bits & 1 for one in rows):
        raise refuse("files", "file_broken")
    if packed.testzip():  # reads no more of a part than it says it holds
        raise refuse("files", "file_broken")
    names = tuple(one.filename for one in rows)
    return Zipped(names, _manifest(packed, {one.filename: one for one in rows}))


def _manifest(packed: ZipFile, rows: Mapping[str, ZipInfo]) -> bytes:
    """The list of content types of Office; the media type of OpenDocument, which has a manifest besides."""
    name = MANIFEST if MANIFEST in rows else "mimetype" if "META-INF/manifest.xml" in rows else ""
    if name not in rows or rows[name].file_size > LONGEST_MANIFEST:
        return b""
    return packed.read(name).strip()
