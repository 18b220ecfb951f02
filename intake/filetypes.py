"""What a file is, by its content: one of the kinds that we take, or why we do not take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

import puremagic

from intake.filenames import parts
from schemas.needs import Fault, FaultyNeeds

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
KINDS: Mapping[str, tuple[str, ...]] = {  # media type → extensions, the usual one first
    "application/pdf": (".pdf",),
    f"{OOXML}wordprocessingml.document": (".docx",),
    f"{OOXML}spreadsheetml.sheet": (".xlsx",),
    f"{OOXML}presentationml.presentation": (".pptx",),
    f"{ODF}text": (".odt",),
    f"{ODF}spreadsheet": (".ods",),
    f"{ODF}presentation": (".odp",),
    "text/csv": (".csv",),
    "text/plain": (".txt",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
}
ACCEPTED = ",".join(one for several in KINDS.values() for one in several)
# By what one sees that a file has been cut off. Behind a picture of a telephone there may be a film: no rule there.
ENDS: Mapping[str, bytes] = {"application/pdf": b"%%EOF", "image/png": b"IEND", "image/jpeg": b""}
HEAD, TAIL = 64 * 1024, 4 * 1024
MOST_PARTS, MOST_UNPACKED, MOST_SHRUNK, NO_BOMB = 5_000, 250 * 1024 * 1024, 200, 1024 * 1024
MANIFEST, LONGEST_MANIFEST = "[Content_Types].xml", 4 * 1024 * 1024
MACROS = ("vbaproject", "macroenabled", "vbadata", "basic/", "scripts/", "macrosheet", "activex")
TEXT_SIGNS = {*range(32, 256), 9, 10, 12, 13}


@dataclass(frozen=True)
class Zipped:
    """What a packed file says of itself."""

    names: tuple[str, ...]
    manifest: bytes


def refuse(field: str, code: str, limit: str = "") -> FaultyNeeds:
    return FaultyNeeds([Fault(field, code, limit)])


def check_content(content: BinaryIO, size: int, name: str) -> str:
    """The media type of a file. Raises FaultyNeeds: empty, not ours, broken, with macros, or not what its name says."""
    if not size:
        raise refuse("files", "file_empty")
    found = _kind(content, size, name)
    if parts(name)[1].lower() not in KINDS[found]:
        raise refuse("files", "file_extension", KINDS[found][0])
    return found


def _kind(content: BinaryIO, size: int, name: str) -> str:
    content.seek(0)
    head = content.read(HEAD)
    try:
        signs = {one.mime_type for one in puremagic.magic_string(head)}
    except puremagic.PureError:
        signs = set()
    plain = next((kind for kind in ENDS if kind in signs), None)
    if plain:
        content.seek(max(0, size - TAIL))
        if ENDS[plain] not in content.read(TAIL):
            raise refuse("files", "file_broken")
        return plain
    if head[:4] == b"PK\x03\x04":
        return _packed(content, size)
    if not signs or parts(name)[1].lower() in (".txt", ".csv"):
        return _text(content, name)
    raise refuse("files", "file_kind")


def _text(content: BinaryIO, name: str) -> str:
    content.seek(0)
    while piece := content.read(HEAD):
        if not TEXT_SIGNS.issuperset(piece):
            raise refuse("files", "file_kind")
    return "text/csv" if parts(name)[1].lower() == ".csv" else "text/plain"


def _packed(content: BinaryIO, size: int) -> str:
    try:
        content.seek(0)
        with ZipFile(content) as packed:
            inside = _unpacked(packed, size)
    except (BadZipFile, LargeZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise refuse("files", "file_broken") from None
    except Exception as error:
        if isinstance(error, FaultyNeeds):
            raise
        raise refuse("files", "file_broken") from None
    if any(sign in one.lower() for one in (*inside.names, inside.manifest.decode("latin-1")) for sign in MACROS):
        raise refuse("files", "file_macros")
    for kind in KINDS:
        if kind.startswith(OOXML) and f"{kind}.main+xml".encode() in inside.manifest:
            return kind
        if kind.startswith(ODF) and inside.manifest == kind.encode():
            return kind
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
